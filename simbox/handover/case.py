"""A rig of a run to its case bundle."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simbox.cases import (
    AlternativeEvidence,
    Claims,
    Header,
    describe_limits,
    describe_measured,
    find_missing,
    judge_alternatives,
    link_claims,
    link_rows,
    number_claims,
    number_rows,
    pack,
    rig_claims,
    seal,
)
from simbox.errors import InputError, UsageError
from simbox.features import FEATURES
from simbox.handover.columns import describe_columns
from simbox.handover.readme import case_readme
from simbox.handover.run import Run, choose_rigs, count_outside, known_files, last_scored, read_records
from simbox.handover.sim_claims import sim_claims
from simbox.reasons import say_reason
from simbox.report import read_run_tables, render_rig_page
from simbox.tables.evidence import SOURCE_ROWS
from simbox.telecom.printing import csv_text

# Where the reasons against a claim come from, besides negative points.
NEGATIVE = pl.col("points") < 0


class CaseOptions(NamedTuple):
    """What the case says of itself, and files of measured error rates (name to bytes) that go with it."""

    header: Header = Header()
    redact: bool = False
    measured: Mapping[str, bytes] = {}


def make_case(run: Run, rig_id: str, out: Path, key: Ed25519PrivateKey, options: CaseOptions) -> None:
    """Write the bundle of a rig, signed; the same run, options and key make the same bytes."""
    choose_rigs(run, (rig_id,))
    files = case_files(run, rig_id, options)
    pack(seal(files, {"rig_id": rig_id, "redacted": options.redact}, key), out)


def read_measured(paths: Sequence[Path]) -> dict[str, bytes]:
    """Files of measured error rates by name; InputError names those that neither evaluate nor match wrote."""
    found: dict[str, bytes] = {}
    problems = []
    for path in paths:
        try:
            content = path.read_bytes()
            describe_measured(path.name, content)
        except (OSError, ValueError, KeyError, TypeError):
            problems.append(f"{path.name} is neither evaluation.json nor match.json")
            continue
        if path.name in found:
            problems.append(f"{path.name} is given twice: rename one")
        found[path.name] = content
    if problems:
        raise InputError("the measured error rates can't be used:", problems)
    return found


def case_files(run: Run, rig_id: str, options: CaseOptions) -> dict[str, bytes]:
    """All files of a rig's bundle but its seal, by name."""
    listed = run.listed.filter(pl.col("rig_id") == rig_id).sort("rank")
    if listed.is_empty():
        raise UsageError("no SIM of that rig is on the list: there is nothing to make a case of")
    members = run.members.filter(pl.col("rig_id") == rig_id).sort("imsi")
    exempt = run.review.filter(pl.col("rig_id") == rig_id)
    sites = run.sites.filter(pl.col("rig_id") == rig_id).sort("place_rank")
    imsis = listed["imsi"].sort()
    own = pl.col("imsi").is_in(imsis.implode())
    records = read_records(run, imsis)
    links = run.links.filter(
        pl.col("imsi_a").is_in(members["imsi"].implode()) & pl.col("imsi_b").is_in(members["imsi"].implode())
    ).sort("imsi_a", "imsi_b", "comparison")
    files = known_files(run)
    numbered = number_rows(records, files, run.store().senders())
    reasons = run.reasons.filter(own).sort("imsi", "expert", "code", "window_nights")
    claims, claim_rows = _claims(run, records, reasons, link_claims(links, imsis), sites, numbered)
    evidence = AlternativeEvidence(
        records=records,
        listed=listed,
        members=members,
        exempt=exempt,
        links=links,
        sites=sites,
        outside=count_outside(run, records["imei"].drop_nulls().unique(), run.members["imsi"]),
        missing=find_missing(run.manifest["inputs"]),
    )
    alternatives = judge_alternatives(evidence)
    limits = describe_limits(
        files, run.rejects, run.manifest["inputs"], list(run.manifest["warnings"]), records, options.measured
    )
    damage = run.damage.filter(pl.col("rig_id") == rig_id)
    rig = run.rigs.filter(pl.col("rig_id") == rig_id)
    tables = {
        "rig.csv": rig,
        "sites.csv": sites,
        "damage.csv": damage,
        "listed.csv": listed,
        "members.csv": _with_entries(members, exempt),
        **_sim_tables(run, imsis),
        "links.csv": links,
        "claims.csv": claims,
        "claim_rows.csv": claim_rows,
        "source_rows.csv": numbered.select(SOURCE_ROWS.names),
        "counter_evidence.csv": _counter_evidence(reasons, links, listed),
        "alternatives.csv": alternatives,
        "inputs.csv": _inputs(files, run.manifest["inputs"]),
    }
    tables["columns.csv"] = describe_columns(tables)
    page = render_rig_page(read_run_tables(run.folder), rig_id, options.redact)
    texts = {
        "README.txt": case_readme(rig_id, options.redact),
        "report.html": page,
        "case.json": _json(_about(run, rig_id, options)),
        "limits.json": _json(limits),
        "configuration.toml": str(run.manifest["configuration"]),
        "scorecard.toml": str(run.manifest["scorecard"]),
    }
    return (
        {name: csv_text(table, redact=options.redact).encode() for name, table in tables.items()}
        | {name: text.encode() for name, text in texts.items()}
        | {f"measured/{name}": content for name, content in options.measured.items()}
    )


def sim_files(run: Run, imsis: pl.Series, *, redact: bool) -> dict[str, bytes]:
    """Of the files of a bundle those about single SIMs: their source rows, features, scores and reasons."""
    records = read_records(run, imsis)
    numbered = number_rows(records, known_files(run), run.store().senders())
    tables = _sim_tables(run, imsis) | {"source_rows.csv": numbered.select(SOURCE_ROWS.names)}
    return {name: csv_text(table, redact=redact).encode() for name, table in tables.items()}


def _sim_tables(run: Run, imsis: pl.Series) -> dict[str, pl.DataFrame]:
    """Scores, reasons with their sentences, and FEATURES of those that were active in the last night."""
    own = pl.col("imsi").is_in(imsis.implode())
    reasons = run.reasons.filter(own).sort("imsi", "expert", "code", "window_nights")
    features = pl.scan_parquet(run.folder / str(FEATURES.file), glob=False).filter(own).collect()
    return {
        "scores.csv": run.scores.filter(own).sort("imsi"),
        "reasons.csv": reasons.with_columns(pl.Series("sentence", _say(reasons), dtype=pl.String)),
        "features.csv": features.sort("imsi", "window_nights"),
    }


def _claims(
    run: Run,
    records: pl.DataFrame,
    reasons: pl.DataFrame,
    links: pl.DataFrame,
    sites: pl.DataFrame,
    numbered: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    parts: list[Claims] = [sim_claims(reasons, records, last_scored(records, run.nights))]
    parts.append(link_rows(links, records, parts[0].claims.height))
    parts.append(rig_claims(records, sites, sum(part.claims.height for part in parts)))
    return number_claims(parts, numbered)


def _about(run: Run, rig_id: str, options: CaseOptions) -> dict[str, Any]:
    return options.header._asdict() | {
        "rig_id": rig_id,
        "redacted": options.redact,
        "nights": run.manifest["nights"],
        "versions": run.manifest["versions"],
        "times_are": "UTC, but for nights, which are local dates, and raid windows, which name their zone",
    }


def _say(reasons: pl.DataFrame) -> list[str]:
    return [say_reason(*row) for row in reasons.select("code", "value", "beside", "window_nights").iter_rows()]


def _with_entries(members: pl.DataFrame, exempt: pl.DataFrame) -> pl.DataFrame:
    """MEMBERS with the list entry that exempts one, if any."""
    return members.join(exempt.select("imsi", "list_entry", "author"), on="imsi", how="left", maintain_order="left")


def _counter_evidence(reasons: pl.DataFrame, links: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """What speaks for the SIMs: reasons and links with points against guilt, and a name on the card."""
    by_reason = reasons.filter(NEGATIVE & (pl.col("code") != "BASE"))
    by_link = links.filter(pl.col("weight") < 0)
    named = listed.filter(pl.col("registration").is_in(["registered", "corporate", "m2m", "test", "roamer"]))
    parts = [
        by_reason.select(
            imsi_a="imsi",
            code="code",
            sentence=pl.Series(_say(by_reason), dtype=pl.String),
            points=pl.col("points").cast(pl.Float64),
            counted="counted",
        ),
        by_link.select("imsi_a", "imsi_b", code="comparison", sentence=pl.lit("do not fit together"), points="weight"),
        named.select(
            imsi_a="imsi",
            code=pl.lit("REGISTERED"),
            sentence=pl.format(
                "the card is {}: its owner is to be heard first", pl.col("registration").cast(pl.String)
            ),
        ),
    ]
    columns = ["imsi_a", "imsi_b", "code", "sentence", "points", "counted"]
    return pl.concat(parts, how="diagonal_relaxed").select(columns).sort(columns, nulls_last=True)


def _inputs(files: pl.DataFrame, inputs: Mapping[str, str]) -> pl.DataFrame:
    """Every file that the run could know, as received: CDR files with their rows, reference tables with their hash."""
    taken = {*files["sha256"]}
    # The scorecard lies in the bundle.
    beside = [(name, one) for name, one in sorted(inputs.items()) if one not in taken and name != "scorecard"]
    return pl.concat(
        [
            files.drop("file_number").sort("file", "sha256"),
            pl.DataFrame(beside, schema={"file": pl.String, "sha256": pl.String}, orient="row"),
        ],
        how="diagonal_relaxed",
    )


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
