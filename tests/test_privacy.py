"""No identifier where it is not meant to be, and nothing that others on the machine can read."""

import json
import re
import shutil
import sys
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "synth"))

from reading_worlds import read_cdrs  # noqa: E402

IDENTIFIERS = ("imsi", "msisdn", "imei", "iccid")
DIGITS = re.compile(r"[0-9]{10,}")


@pytest.fixture(scope="module")
def identifiers(sample) -> set[str]:
    """Every IMSI, number, IMEI and ICCID of the sample, as the files write it; IMEIs also by their first 14 digits."""
    frames = [read_cdrs(sample)]
    frames += [
        pl.read_csv(sample / f"{name}.csv", infer_schema=False) for name in ("subscribers", "gateways", "reports")
    ]
    held = chain.from_iterable(
        frame[name].drop_nulls().to_list()
        for frame in frames
        for name in (*IDENTIFIERS, "other_party")
        if name in frame.columns
    )
    texts = set(held)
    return {text[:14] for text in texts if len(text) in (14, 15, 16)} | {text for text in texts if len(text) >= 10}


def leaks(text: str, identifiers: set[str]) -> list[str]:
    """The runs of digits in a text that are identifiers, or hold one."""
    return [run for run in DIGITS.findall(text) if any(part in identifiers for part in parts(run))]


def parts(run: str) -> set[str]:
    return {run[start:end] for start in range(len(run)) for end in range(start + 10, len(run) + 1)}


def test_the_search_finds_what_is_there(identifiers):
    one = next(text for text in sorted(identifiers) if text.startswith("401") and len(text) == 15)
    assert len(identifiers) > 20_000
    assert leaks(f"SIM {one}: listed", identifiers) == [one]
    assert leaks(f"x{one}9", identifiers)
    assert not leaks("R20260513-a3ed7d5b1c 2026-05-14 120,826", identifiers)


def test_nothing_printed_names_anybody(sample_on_one_thread, identifiers):
    _, printed = sample_on_one_thread
    assert printed.code == 0
    assert "rigs" in printed.out
    assert leaks(printed.out + printed.err, identifiers) == []


@pytest.mark.parametrize("name", ["manifest.json", "timings.json", "files.parquet", "coverage.parquet"])
def test_no_file_for_everybody_names_anybody(sample_run, identifiers, name):
    path = sample_run.out / name
    text = path.read_text() if path.suffix != ".parquet" else _as_text(pl.read_parquet(path))
    # Hashes are hexadecimal: a run of ten digits in one is chance.
    shown = re.sub(r"\b[0-9a-f]{64}\b", "", text)
    assert leaks(shown, identifiers) == []


def test_rejected_rows_name_somebody_in_their_raw_bytes_only(sample_run, identifiers):
    rejects = pl.read_parquet(sample_run.out / "rejects.parquet")
    assert leaks(_as_text(rejects), identifiers)
    assert leaks(_as_text(rejects.drop("raw")), identifiers) == []


def _as_text(frame: pl.DataFrame) -> str:
    return frame.select(pl.exclude(pl.List).cast(pl.String)).write_csv()


def test_warnings_and_names_of_rigs_tell_nothing(sample_run, identifiers):
    warnings = [*sample_run.scan.taken.warnings, *sample_run.scan.warnings]
    names = pl.read_parquet(sample_run.out / "rigs.parquet")["rig_id"].to_list()
    assert warnings
    assert names
    assert leaks("\n".join(warnings + names), identifiers) == []
    assert all(re.fullmatch(r"R[0-9]{8}-[0-9a-f]{10}", name) for name in names)


def test_errors_tell_nothing(sample, simbox, identifiers, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(sample, source)
    subscribers = source / "subscribers.csv"
    rows = subscribers.read_text().splitlines()
    subscribers.write_text("\n".join([rows[0], *(row.replace(",registered,", ",registerd,") for row in rows[1:])]))
    printed = simbox("scan", source, "-o", tmp_path / "out")
    assert printed.code == 5
    assert leaks(printed.out + printed.err, identifiers) == []


def test_asking_for_a_sim_that_was_not_seen_does_not_repeat_it(sample_run, simbox):
    for wrong in ("401719999999999", "40171"):
        printed = simbox("explain", wrong, "--run", sample_run.out)
        assert printed.code == 2
        assert wrong not in printed.out + printed.err


@pytest.mark.parametrize("how", ["in the process", "by the command line"])
def test_only_the_owner_can_read_a_run(sample_run, sample_on_one_thread, how):
    out: Path = sample_run.out if how == "in the process" else sample_on_one_thread[0]
    found = {path: path.stat().st_mode & 0o777 for path in [out, *out.rglob("*")]}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}


def test_only_the_owner_can_read_a_store_elsewhere(simbox, drawn_source, tmp_path):
    printed = simbox("scan", drawn_source(), "-o", tmp_path / "out", "--store", tmp_path / "deep" / "store")
    assert printed.code == 0, printed.err
    store = tmp_path / "deep" / "store"
    found = {path: path.stat().st_mode & 0o777 for path in [store, *store.rglob("*")]}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["store"] == "../deep/store"
