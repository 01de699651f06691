"""Broken input gives one clear message and the right exit code, and leaves nothing half written."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import SimboxError

CARD = """
name = "mine"
origin = "a test"
[bands]
watch = 1
suspect = 2
strong = 3
[calibration]
[[expert]]
name = "loud"
term = [{ code = "CALLS_MADE", feature = "calls_of_mine", edges = [2, 1], points = [0] }]
"""
GOOD = gzip.compress(b"operator,service\n" * 999, mtime=0)
ZONE = '[operators.alpha]\ntimezone = "Asia/Atlantis"\n'


def text(content: str) -> bytes:
    return content.encode()


def scan(source: Path, out: Path, *more: object) -> tuple[int, str]:
    """Exit code and message of a scan through the command line, in this process."""
    result = CliRunner().invoke(
        cli, ["scan", str(source), "-o", str(out), *(str(part) for part in more)], standalone_mode=False
    )
    if isinstance(result.exception, SimboxError):
        return result.exception.exit_code, str(result.exception)
    if result.exception is not None:
        exit_code = getattr(result.exception, "exit_code", None)
        if exit_code is None:
            raise result.exception
        return exit_code, result.exception.format_message()
    return result.return_value, result.output


BROKEN = {
    "missing column": (
        {"cdr/a.csv": "operator,service,direction,imsi,other_party\n"},
        5,
        "column started_at is missing",
    ),
    "wrong type": ({"cdr/a.parquet": b"imsi as float"}, 5, "column imsi is Float64"),
    "empty folder": ({"cdr/a.csv": None}, 5, "no CDR files"),
    "truncated gzip": ({"cdr/b.csv.gz": GOOD[:-9]}, 5, "cdr/b.csv.gz: the gzip data is truncated or damaged"),
    "only empty files": ({"cdr/a.csv": ""}, 5, "no row of the CDR files can be used"),
    "unknown key": ({"simbox.toml": "[rigs]\nlargest = 3\n"}, 6, "unknown key rigs.largest; did you mean largest_rig?"),
    "no such zone": ({"simbox.toml": ZONE}, 6, "operators.alpha.timezone: there is no zone 'Asia/Atlantis'"),
    "not TOML": ({"simbox.toml": "operators ="}, 6, "simbox.toml is not TOML"),
    "reference without a column": ({"cells.csv": "cell,lat\n"}, 5, "cells.csv: column lon is missing"),
    "reference with a wrong value": (
        {"subscribers.csv": "imsi,msisdn,operator,registration,activated_on\n40177x,,alpha,registered,\n"},
        5,
        "subscribers.csv: column imsi: 1 row has no usable value (line 2)",
    ),
}


@pytest.mark.parametrize(("changes", "code", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_input_is_named_and_nothing_is_left(drawn_source, tmp_path, changes, code, message):
    source = drawn_source(changes)
    for path in source.rglob("*.parquet"):
        pl.DataFrame({"operator": ["alpha"], "imsi": [4.0177e14]}).write_parquet(path)
    (tmp_path / "work").mkdir()
    found, said = scan(source, tmp_path / "work" / "out")
    assert (found, message in said) == (code, True), said
    assert list((tmp_path / "work").iterdir()) == []


def test_every_problem_is_named_at_once(drawn_source, tmp_path):
    source = drawn_source({"simbox.toml": f"{ZONE}\n[rig]\n[listing]\nseize_probability = 2.0\n"})
    code, said = scan(source, tmp_path / "out")
    assert code == 6
    assert all(part in said for part in ("unknown key rig;", "listing.seize_probability"))


def test_an_unreadable_scorecard_is_refused(drawn_source, tmp_path):
    card = tmp_path / "card.toml"
    card.write_text(CARD)
    code, said = scan(drawn_source(), tmp_path / "out", "--card", card)
    assert code == 6
    assert all(part in said for part in ("no feature calls_of_mine", "edges must ascend", "2 edges need 3 points"))
    card.write_bytes(b"\xff\xfe")
    assert scan(drawn_source(), tmp_path / "out", "--card", card)[0] == 6
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [{"notes.txt": "mine"}, {"manifest.json": "{}"}, {"manifest.json": '{"name": "x"}'}]
)
def test_what_is_not_ours_is_never_replaced(drawn_source, tmp_path, content):
    out = tmp_path / "work" / "out"
    out.mkdir(parents=True)
    for name, words in content.items():
        (out / name).write_text(words)
    code, said = scan(drawn_source(), out)
    assert (code, "is no run of simbox" in said) == (2, True)
    assert {path.name: path.read_text() for path in out.iterdir()} == content
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_file_in_the_way_is_refused(drawn_source, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert scan(drawn_source(), tmp_path / "out")[0] == 2
    assert (tmp_path / "out").read_text() == "mine"


def test_a_store_inside_the_run_is_refused(drawn_source, tmp_path):
    code, said = scan(drawn_source(), tmp_path / "out", "--store", tmp_path / "out" / "store")
    assert (code, "store can't be inside" in said) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_failure_leaves_the_finished_run_as_it_was(drawn_source, tmp_path):
    source, out = drawn_source(), tmp_path / "out"
    assert scan(source, out)[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (source / "cdr" / "b.csv.gz").write_bytes(GOOD[:-9])
    assert scan(source, out)[0] == 5
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]


def test_a_finished_run_is_replaced(drawn_source, tmp_path):
    source, out = drawn_source(), tmp_path / "out"
    assert scan(source, out)[0] == 0
    (out / "old").write_text("of the run before")
    assert scan(source, out)[0] == 0
    assert not (out / "old").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]


def test_an_empty_folder_and_the_one_we_stand_in_will_do(drawn_source, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    source = drawn_source()
    monkeypatch.chdir(tmp_path / "here")
    assert scan(source, Path())[0] == 0
    assert (tmp_path / "here" / "manifest.json").exists()


WITHOUT = {
    "subscribers": (3, "no SIM is known to be unregistered"),
    "cells": (3, "nothing can be located"),
    "gateways": (0, "lawful gateways can't be told"),
    "exemptions": (0, "no SIM is exempt"),
    "ported": (0, "numbers that changed operator"),
    "reports": (0, "complaints and test calls"),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_a_missing_reference_table_is_a_warning(drawn_source, tmp_path, name):
    code, said = scan(drawn_source({f"{name}.csv": None}), tmp_path / "out")
    expected, words = WITHOUT[name]
    assert code == expected
    assert f"warning: there is no {name} table" in said
    assert words in said
    assert words in (tmp_path / "out" / "report.html").read_text().replace("&#39;", "'")


def test_a_source_with_records_only_is_scanned(drawn_source, tmp_path):
    source = drawn_source({name: None for name in (*(f"{name}.csv" for name in WITHOUT), "simbox.toml")})
    code, said = scan(source, tmp_path / "out")
    assert code == 3
    assert said.count("warning: there is no") == len(WITHOUT)


def test_a_night_on_which_nobody_was_active(drawn_source, tmp_path):
    cdrs = (
        "operator,service,direction,started_at,imsi,other_party\n"
        "alpha,voice,mt,2025-03-01T12:00:00+05:00,401770000000001,77020000002\n"
    )
    assert scan(drawn_source({"cdr/a.csv": cdrs}), tmp_path / "out")[0] == 0
    scores = pl.read_parquet(tmp_path / "out" / "scores.parquet")
    assert scores["band"].to_list() == ["clear"]
    assert pl.read_parquet(tmp_path / "out" / "features.parquet").is_empty()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("scan", "nowhere", "-o", "out"), 5, "nowhere is not a folder"),
        (("scan", "."), 2, "Missing option"),
        (("scan", ".", "-o", "out", "--threads", "0"), 2, "--threads"),
        (("scan", ".", "-o", "out", "--night", "yesterday"), 2, "--night"),
        (("scan", ".", "-o", "out", "--config", "nothing.toml"), 2, "nothing.toml"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_the_real_program_says_one_thing_and_leaves(simbox, tmp_path, arguments, code, words):
    printed = simbox(*arguments, folder=tmp_path)
    assert (printed.code, words in printed.err, "Traceback" in printed.err) == (code, True, False), printed
    assert list(tmp_path.iterdir()) == []
