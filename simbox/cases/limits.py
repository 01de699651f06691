"""What a case can't say: what was rejected or missing, how often the method errs, and how its words are to be read."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

STATEMENTS = (
    "Cell-site evidence supports a finding; it is not to be the only one.",
    "A place is where the radio of the gateway is, as far as the masts tell: the cards may be kept elsewhere.",
    "'Used cell X at or before T': a record's time is that of its answer or start, its cell that of its begin.",
    "First and last seen mean in the records that were given.",
    "Clocks of the operators' switches were taken as they are: their offsets were not measured.",
    "A SIM's probability comes from the scorecard in this bundle; its origin line says whether it was estimated.",
)
REFERENCES = ("subscribers", "cells", "gateways", "exemptions", "ported", "reports")
SHARES = {"cell": "without_cell_share", "imei": "without_imei_share", "answered": "without_answered_share"}


def find_missing(inputs: Mapping[str, str]) -> tuple[str, ...]:
    """The reference tables that a run was not given, from the names of its inputs."""
    given = {name.split(".")[0] for name in inputs if "/" not in name}
    return tuple(name for name in REFERENCES if name not in given)


def describe_limits(
    files: pl.DataFrame,
    rejects: pl.DataFrame,
    inputs: Mapping[str, str],
    warnings: list[str],
    records: pl.DataFrame,
    measured: Mapping[str, bytes],
) -> dict[str, Any]:
    """The limits as a document: reject rates, missing tables and fields, measured error rates with their dates.

    `measured` holds by name files that `simbox evaluate` or `simbox match` wrote.
    """
    rows_in, rejected = int(files["rows_in"].sum()), int(files["rows_rejected"].sum())
    by_rule = rejects.group_by("rule", "field").len().sort("rule", "field")
    return {
        "rows_in": rows_in,
        "rows_rejected": rejected,
        "reject_share": _share(rejected, rows_in),
        "rejected_by_rule": [f"{count} rows: {rule} ({field})" for rule, field, count in by_rule.iter_rows()],
        "missing_tables": list(find_missing(inputs)),
        "warnings": warnings,
        "listed_sims_rows": records.height,
        **{title: _share(records[name].null_count(), records.height) for name, title in SHARES.items()},
        "rows_without_local_time_share": _share(records["utc_offset_min"].null_count(), records.height),
        "measured_error_rates": [describe_measured(name, content) for name, content in sorted(measured.items())]
        or "none were handed over with this case",
        "statements": list(STATEMENTS),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def describe_measured(name: str, content: bytes) -> dict[str, Any]:
    """The figures of the list as a file of `simbox evaluate` or `simbox match` has them; KeyError for another."""
    found: dict[str, Any] = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    document = json.loads(content)
    if "seized" in document:
        return found | {key: document[key] for key in ("seized_from", "seized_to", "precision", "recall")}
    lists = [one for one in document["list"] if one["list"] == "to act on"]
    return (
        found
        | {"nights": document["world"]["nights"]}
        | {key: one[key] for one in lists for key in ("precision", "recall", "innocent_share_at_most")}
    )
