"""One run: scan a source folder and leave a finished OUT, or nothing."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import polars as pl

from simbox.cases import estimate_damage
from simbox.config import Config, load_config, show_config
from simbox.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_REFUSED, DamagedError, InputError, UsageError
from simbox.features import FEATURES
from simbox.intake import NO_ALLOWANCES, Allowances
from simbox.manifest import TIMINGS, read_manifest, sha256_of, write_manifest
from simbox.pipeline import Progress, Scan, scan
from simbox.report import write_report
from simbox.scoring import load_scorecard
from simbox.store import Memory, open_store
from simbox.tables.cdrs import FILES, REJECTS
from simbox.tables.declare import Table
from simbox.tables.evidence import DAMAGE
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reading import read_run_table as read_run_table
from simbox.tables.reference import PLACES
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES, USUAL
from simbox.tables.shown import ACTIVITY, COVERAGE
from simbox.tables.writing import guard_formula, replacing, write_table, write_text
from simbox.telecom.identifiers import print_imsi

STORE = "store"
SCRATCH = ".scratch"
# Without these the answer itself has holes: nobody can be called unregistered, nothing can be located.
NEEDED = ("subscribers", "cells")


def run_scan(
    source: Path,
    out: Path,
    progress: Progress,
    *,
    config_file: Path | None = None,
    store_path: Path | None = None,
    card_file: Path | None = None,
    judged: Callable[[list[date]], list[date]] = lambda nights: nights,
    memory: Memory | None = None,
    redact: bool = False,
    allowed: Allowances = NO_ALLOWANCES,
) -> tuple[Scan, int]:
    """Scan SOURCE into OUT and say how it ended: 0; 3 where a missing reference table leaves holes in the answer; 4
    where a feed or one of its files was refused, and the others were scanned.

    Everything is written beside OUT and takes its name at the end; a finished run that stands there is replaced,
    anything else that stands there is refused. `memory` limits what records may take, by default to half of the
    machine's; LockedError where another run works on the store. With `redact` the page masks identifiers.
    `allowed` is what intake lets through this time.
    """
    if not source.is_dir():
        raise InputError(f"{source} is not a folder")
    out = Path(os.path.abspath(out))
    _refuse_foreign(out)
    if store_path and Path(os.path.abspath(store_path)).is_relative_to(out):
        raise UsageError(f"the store can't be inside {out}, which is replaced as a whole; leave --store out for that")
    config = load_config(config_file or source / "simbox.toml")
    card = load_scorecard(card_file, frozenset(FEATURES.names))
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    try:
        store = open_store(store_path or partial / STORE, create=True, memory=memory)
        scratch = partial / SCRATCH
        scratch.mkdir(mode=0o700)
        with store.locked():
            result = scan(source, store, partial / "features.parquet", scratch, config, card, progress, judged, allowed)
        shutil.rmtree(scratch)
        # Relative to OUT, so that a run can be read from any folder.
        store_in_run = os.path.relpath(store_path, out) if store_path else STORE
        inputs = _hash_inputs(source, result) | ({"scorecard": sha256_of(card_file)} if card_file else {})
        files_held = store.files().select(pl.col("file_number").max().fill_null(0)).item()
        _write_outputs(result, partial, inputs, config, store_in_run, _card_text(card_file), files_held)
        write_report(partial, redact=redact)
        _put_in_place(partial, out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if result.taken.refused:
        return result, EXIT_REFUSED
    incomplete = any(name in result.taken.references.missing for name in NEEDED)
    return result, EXIT_INCOMPLETE if incomplete else EXIT_DONE


def _card_text(card_file: Path | None) -> str:
    return (card_file or resources.files("simbox.scoring").joinpath("scorecard.toml")).read_text(encoding="utf-8")


def _write_outputs(
    result: Scan,
    run: Path,
    inputs: dict[str, str],
    config: Config,
    store: str,
    card: str,
    files_held: int,
) -> None:
    found, listed = result.last.found, result.last.listed
    tables: list[tuple[Table, pl.DataFrame]] = [
        (SCORES, result.scores),
        (HISTORY, result.history),
        (REASONS, result.reasons),
        (LINKS, found.links),
        (RIGS, found.rigs),
        (SITES, found.sites),
        (MEMBERS, found.members),
        (DAMAGE, estimate_damage(found.rigs, config.damage)),
        (ACTIVITY, result.last.activity),
        (COVERAGE, result.coverage),
        (PLACES, result.places),
        (USUAL, result.usual),
        (REJECTS, result.taken.rejects),
        (FILES, result.taken.files),
    ]
    for table, frame in tables:
        write_table(table, frame, run / str(table.file))
    _write_list(SEIZURE_LIST, listed.seizure_list, run)
    _write_list(REVIEW, listed.review, run)
    rows = {table.name: frame.height for table, frame in tables}
    rows |= {"SEIZURE_LIST": listed.seizure_list.height, "REVIEW": listed.review.height}
    nights = [night.isoformat() for night in result.nights]
    warnings = [*result.taken.warnings, *result.warnings]
    text = show_config(config)
    write_manifest(run, text, inputs, rows, nights, store, warnings=warnings, scorecard=card, files_held=files_held)
    write_text(json.dumps({stage: round(s, 3) for stage, s in result.seconds.items()}) + "\n", run / TIMINGS)


def _write_list(table: Table, frame: pl.DataFrame, run: Path) -> None:
    """Write a list as CSV: identifiers as digits, text that a spreadsheet would run made harmless."""
    guarded = [
        guard_formula(pl.col(column.name)).alias(column.name) for column in table.columns if column.dtype == pl.String
    ]
    shown = frame.with_columns(*guarded).with_columns(print_imsi(pl.col("imsi")))
    instants = [column.name for column in table.columns if column.name.endswith("_at")]
    shown = shown.with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    with replacing(run / str(table.file)) as partial:
        shown.write_csv(partial)


def _hash_inputs(source: Path, result: Scan) -> dict[str, str]:
    taken = dict(result.taken.files.select("file", "sha256").iter_rows())
    beside = [
        path for path in sorted(source.iterdir()) if path.is_file() and path.name.split(".")[0] in _reference_names()
    ]
    profiles = {f"operators/{path.name}": sha256_of(path) for path in sorted((source / "operators").glob("*.toml"))}
    return taken | {path.name: sha256_of(path) for path in beside} | profiles


def _reference_names() -> tuple[str, ...]:
    return ("subscribers", "cells", "gateways", "exemptions", "ported", "reports", "simbox")


def _refuse_foreign(out: Path) -> None:
    """Only an empty folder or a finished run may be replaced: many programs keep a manifest.json."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        is_run = "simbox" in read_manifest(out)["versions"]
    except (DamagedError, KeyError, TypeError):
        is_run = False
    if not is_run:
        raise UsageError(f"{out} exists and is no run of simbox: choose another folder")


def _put_in_place(partial: Path, out: Path) -> None:
    """Rename the finished run to OUT; a run that stands there goes aside first and is deleted last."""
    for path in partial.rglob("*"):
        os.chmod(path, 0o700 if path.is_dir() else 0o600)
    aside = out.with_name(f".{out.name}.replaced")
    shutil.rmtree(aside, ignore_errors=True)
    if out.exists():
        out.rename(aside)
    try:
        partial.rename(out)
    except BaseException:
        if aside.exists() and not out.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
