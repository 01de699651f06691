"""A bundle made again from the operators' files: rows read anew, features, scores and rigs derived anew, compared."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from simbox.cases import OUTSIDE, SIGNER, Bundle, Header
from simbox.config import config_from
from simbox.errors import DamagedError, SimboxError
from simbox.handover import CaseOptions, case_files, read_run, sim_files
from simbox.intake import Allowances
from simbox.manifest import installed_versions, sha256_of
from simbox.nightly import run_scan
from simbox.pipeline import Progress
from simbox.store import Memory
from simbox.verification.bundle import Finding
from simbox.verification.tables import compare_tables, read_table

CHECKS = ("inputs", "rows", "features", "scores", "the rig")
# What another version of simbox may word otherwise; what it says stands in the tables.
WORDED = ("README.txt", "report.html", "columns.csv")
# What a scan says of the files that it took itself.
OF_THE_SCAN = ("warnings", "rejected_by_rule")
_KIND = {"source_rows.csv": "rows", "features.csv": "features", "scores.csv": "scores", "reasons.csv": "scores"}


class Remade(NamedTuple):
    """Files of the bundle made again, and whether the rig was found so that these are all of them."""

    files: dict[str, bytes]
    rig_is_found: bool


def check_source(
    bundle: Bundle, source: Path, scratch: Path, progress: Progress, memory: Memory | None = None
) -> list[Finding]:
    """Each check with its faults, from a scan of those files in `source` that the bundle names, in an empty folder.

    Files that the bundle does not name are left out; one that is missing or has other bytes is a fault, and the scan is
    made with what there is, so that it shows what the change does.
    """
    found = {name: list[str]() for name in CHECKS}
    folder = scratch / "source"
    try:
        about = dict(json.loads(bundle.files["case.json"]))
        found["inputs"] += _gather(read_table(bundle, "inputs.csv"), source, folder)
    except (KeyError, ValueError, TypeError, pl.exceptions.PolarsError) as error:
        raise DamagedError("case.json or inputs.csv of the bundle can't be read") from error
    try:
        remade = _make_again(bundle, about, folder, scratch, progress, memory)
    except SimboxError as error:
        found["rows"].append(f"the source can't be scanned as the bundle says: {error.summary}")
        return [Finding(name, faults) for name, faults in found.items()]
    for name, faults in compare_files(bundle, remade).items():
        found[name] += faults
    return [Finding(name, faults) for name, faults in found.items()]


def other_versions(bundle: Bundle) -> list[str]:
    """What the bundle was made with that is of another version here: no fault, and where to look if there are any."""
    made_with = json.loads(bundle.files["case.json"])["versions"]
    here = installed_versions()
    return [
        f"{name} {made_with[name]}, here {here.get(name)}"
        for name in sorted(made_with)
        if made_with[name] != here.get(name)
    ]


def compare_files(bundle: Bundle, remade: Remade) -> dict[str, list[str]]:
    """Where files of the bundle differ from those made again, by check."""
    found = {name: list[str]() for name in CHECKS}
    worded_otherwise = any(version.startswith("simbox ") for version in other_versions(bundle))
    if not remade.rig_is_found:
        found["the rig"].append("the source gives no list on which SIMs of this rig stand")
    names = {*bundle.files, *remade.files} if remade.rig_is_found else remade.files.keys()
    for name in sorted(names - {*OUTSIDE, SIGNER}):
        there, here = bundle.files.get(name), remade.files.get(name)
        if there == here or (name in WORDED and worded_otherwise):
            continue
        check = found[_KIND.get(name, "the rig")]
        if there is None or here is None:
            check.append(f"{name} is {'not in the bundle' if there is None else 'not made from the source'}")
        elif name.endswith(".csv"):
            check += compare_tables(name, there, here) or [f"{name} is written otherwise"]
        else:
            check += _compare_documents(name, there, here)
    return found


def _gather(inputs: pl.DataFrame, source: Path, folder: Path) -> list[str]:
    """Link the named files into a folder of their own; what is missing or has other bytes."""
    faults = []
    for name, sha256 in inputs.select("file", "sha256").sort("file").iter_rows():
        path, link = source / name, folder / name
        # A bundle may name any path: only what lies below the source is looked at, or linked.
        if ".." in Path(name).parts or Path(name).is_absolute() or not path.is_file():
            faults.append(f"{name} is not in the source")
            continue
        if sha256_of(path) != sha256:
            faults.append(f"{name} has other bytes than those that were handed over")
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
    return faults


def _make_again(
    bundle: Bundle, about: dict[str, Any], folder: Path, scratch: Path, progress: Progress, memory: Memory | None
) -> Remade:
    """The files of the bundle, made from a scan with its configuration, scorecard and nights."""
    configuration, card = scratch / "configuration.toml", scratch / "scorecard.toml"
    configuration.write_bytes(bundle.files["configuration.toml"])
    card.write_bytes(bundle.files["scorecard.toml"])
    config_from(tomllib.loads(configuration.read_text(encoding="utf-8")), configuration.name)
    nights = {date.fromisoformat(night) for night in about["nights"]}
    out = scratch / "out"
    folder.mkdir(exist_ok=True)
    inputs = read_table(bundle, "inputs.csv")
    is_salvaged = "tail_bytes" in inputs.columns and inputs["tail_bytes"].cast(pl.Int64, strict=False).sum() > 0
    run_scan(
        folder,
        out,
        progress,
        config_file=configuration,
        card_file=card,
        judged=lambda held: [night for night in held if night in nights],
        memory=memory,
        allowed=Allowances(salvage=is_salvaged),
    )
    run = read_run(out)
    header = Header(**{name: str(about[name]) for name in Header._fields})
    measured = {name.removeprefix("measured/"): bundle.files[name] for name in bundle.files if "/" in name}
    redacted = bool(about["redacted"])
    rig_is_found = run.listed.filter(pl.col("rig_id") == str(about["rig_id"])).height > 0
    if rig_is_found:
        return Remade(case_files(run, str(about["rig_id"]), CaseOptions(header, redacted, measured)), True)
    # Its SIMs can still be looked up one by one, unless only part of their digits is known.
    imsis = read_table(bundle, "listed.csv")["imsi"]
    packed = imsis.cast(pl.Int64, strict=False).drop_nulls()
    return Remade(sim_files(run, packed, redact=redacted) if not redacted else {}, False)


def _compare_documents(name: str, there: bytes, here: bytes) -> list[str]:
    """The keys of a JSON document whose values differ; other files as a whole."""
    if not name.endswith(".json"):
        return [f"{name} is not what the source gives"]
    bundled, remade = json.loads(there), json.loads(here)
    if name == "limits.json" and _took_in_part(bundled):
        bundled, remade = (one | dict.fromkeys(OF_THE_SCAN) for one in (bundled, remade))
    keys = [key for key in sorted({*bundled, *remade}) if bundled.get(key) != remade.get(key)]
    faults = [f"{name}: {key} is not what the source gives" for key in keys if key != "versions"]
    return faults or ([] if "versions" in keys or bundled == remade else [f"{name} is written otherwise"])


def _took_in_part(limits: dict[str, Any]) -> bool:
    """Whether the scan found some of the files in its store, taken by an earlier one that told of their rejects."""
    return sum(int(said.split()[0]) for said in limits["rejected_by_rule"]) != limits["rows_rejected"]
