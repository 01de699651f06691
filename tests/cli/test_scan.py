"""simbox scan: which nights, what it prints, and how quickly it helps."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli import COMMANDS, cli
from simbox.cli.scan import _span
from simbox.errors import InputError


def scan(source: Path, out: Path, *more: str) -> object:
    return CliRunner().invoke(cli, ["scan", str(source), "-o", str(out), *more], standalone_mode=False)


@pytest.mark.parametrize(
    ("options", "judged"),
    [
        ((), ["2025-03-01", "2025-03-02"]),
        (("--night", "2025-03-02"), ["2025-03-02"]),
        (("--night", "2025-03-01"), ["2025-03-01"]),
        (("--nights", "2025-03-01..2025-03-02"), ["2025-03-01", "2025-03-02"]),
        (("--nights", "2025-02-01..2025-03-01"), ["2025-03-01"]),
    ],
)
def test_nights_are_chosen(drawn_source, tmp_path, options, judged):
    result = scan(drawn_source(), tmp_path / "out", *options)
    assert result.return_value == 0, result.exception
    assert f"{len(judged)} nights, 36 rows in 1 files, 0 rejected, 3 SIMs seen" in result.output
    assert f"<title>simbox: {judged[-1]}</title>" in (tmp_path / "out" / "report.html").read_text()


def test_the_last_of_all_nights_is_the_same_alone_as_its_windows_say(drawn_source, tmp_path):
    source = drawn_source()
    scan(source, tmp_path / "all")
    scan(source, tmp_path / "last", "--night", "2025-03-02")
    for name in ("features", "scores", "rejects"):
        both = [pl.read_parquet(tmp_path / run / f"{name}.parquet") for run in ("all", "last")]
        assert both[0].drop("peak_night", strict=False).equals(both[1].drop("peak_night", strict=False))


def test_a_night_that_is_not_there(drawn_source, tmp_path):
    result = scan(drawn_source(), tmp_path / "out", "--night", "2024-01-01")
    assert isinstance(result.exception, InputError)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("night", "nights"),
    [(date(2025, 3, 1), "2025-03-01..2025-03-02"), (None, "2025-03-02..2025-03-01"), (None, "march"), (None, "..")],
)
def test_nights_that_make_no_sense(night, nights):
    with pytest.raises(click.UsageError):
        _span(night, nights)


def test_one_night_after_the_other_is_the_same_as_both_at_once(drawn_source, tmp_path):
    whole = drawn_source()
    assert scan(whole, tmp_path / "whole").return_value == 0
    text = (whole / "cdr" / "a.csv").read_text().splitlines(keepends=True)
    (whole / "cdr" / "a.csv").write_text("".join(line for line in text if "2025-03-02T" not in line))
    assert scan(whole, tmp_path / "first", "--store", str(tmp_path / "store")).return_value == 0
    (whole / "cdr" / "b.csv").write_text(text[0] + "".join(line for line in text if "2025-03-02T" in line))
    assert scan(whole, tmp_path / "second", "--store", str(tmp_path / "store")).return_value == 0
    for name in ("features", "scores", "history", "reasons", "links", "rigs", "members"):
        once, twice = (pl.read_parquet(tmp_path / run / f"{name}.parquet") for run in ("whole", "second"))
        assert once.equals(twice), name


def test_the_summary_says_what_a_person_asks(sample_on_one_thread):
    _, printed = sample_on_one_thread
    out, _ = sample_on_one_thread
    rigs = pl.read_parquet(out / "rigs.parquet")
    listed = pl.read_csv(out / "seizure_list.csv", infer_schema=False)
    shown = listed.filter(pl.col("decision") != "watch")["rig_id"].unique()
    assert all(name in printed.out for name in shown)
    largest = rigs.filter(pl.col("rig_id").is_in(shown.implode())).sort("sim_count", "rig_id", descending=[True, False])
    assert f"the largest, {largest['rig_id'][0]}: radio within" in printed.out
    seize = listed.filter(pl.col("decision") == "seize").height
    assert f"{seize} to seize" in printed.out
    assert all(f"{stage} " in printed.out for stage in ("intake", "features", "scoring", "rigs", "listing"))
    assert printed.err == ""


def test_square_brackets_are_text(drawn_source, tmp_path):
    assert f"written to {tmp_path}/[bold]out" in scan(drawn_source(), tmp_path / "[bold]out").output


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys; from simbox.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "heavy = {'polars', 'numba', 'pyarrow', 'networkx', 'matplotlib', 'numpy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
