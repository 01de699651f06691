"""simbox explain: the reasons add up, and lead back to lines of the input."""

import gzip
import re
import shutil

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import DamagedError, UsageError


def explain(imsi: object, run: object):
    return CliRunner().invoke(cli, ["explain", str(imsi), "--run", str(run)], standalone_mode=False)


@pytest.fixture(scope="module")
def told(sample_run) -> dict[str, str]:
    """What is said of the first SIM on the list, of one of the operator that sends CSV, and of somebody clear."""
    listed = pl.read_csv(sample_run.out / "seizure_list.csv", infer_schema=False)
    scores = pl.read_parquet(sample_run.out / "scores.parquet")
    imsis = {
        "first": listed["imsi"][0],
        "csv": listed.filter((pl.col("operator") == "altyn") & (pl.col("decision") != "watch"))["imsi"][0],
        "clear": str(scores.filter((pl.col("band") == "clear") & (pl.col("operator") == "altyn"))["imsi"][0]),
    }
    results = {name: explain(imsi, sample_run.out) for name, imsi in imsis.items()}
    for name, result in results.items():
        assert result.exception is None, name
        assert f"SIM {imsis[name]} of" in result.output
    return {name: result.output for name, result in results.items()}


@pytest.mark.parametrize("name", ["first", "csv", "clear"])
def test_the_counted_points_add_up(told, name):
    evidence = int(re.search(r"evidence (-?[0-9]+) points", told[name]).group(1))
    counted = told[name].split("Counted, adding up to the evidence:")[1].split("\n\n")[0]
    points = [int(line.split()[0]) for line in counted.strip().splitlines()]
    assert sum(points) == evidence
    assert "BASE (base)" in counted


def test_every_sim_s_reasons_add_up_and_nobody_on_the_list_is_told_in_short(sample_run):
    reasons = sample_run.scan.reasons
    sums = reasons.filter("counted").group_by("imsi").agg(pl.col("points").sum()).sort("imsi")
    assert sums["points"].to_list() == sample_run.scan.scores.sort("imsi")["evidence"].to_list()
    in_short = set(reasons.filter(pl.col("code") == "ORDINARY")["imsi"])
    scores = sample_run.scan.scores
    named = {*sample_run.scan.last.found.members["imsi"], *scores.filter(pl.col("band") != "clear")["imsi"]}
    assert named
    assert in_short
    assert not named & in_short


def test_a_clear_sim_is_told_reason_by_reason(told):
    assert "ORDINARY" not in told["clear"]
    assert "EVERYDAY_HABITS" in told["clear"]
    assert told["clear"].count(" nights]") > 3


# As the feed of that operator's profile writes them.
LEGS = {
    "MOC": ("voice", "mo"),
    "MTC": ("voice", "mt"),
    "SMO": ("sms", "mo"),
    "SMT": ("sms", "mt"),
    "FWD": ("voice", "cf"),
}


def test_a_listed_sim_has_its_rig_and_links(told):
    assert re.search(r"Rig R[0-9]{8}-[0-9a-f]{10} \(", told["first"])
    assert "MEMBER_OF_RIG (rig)" in told["first"]
    assert 1 <= told["first"].split("Strongest links:")[1].split("\n\n")[0].strip().count("\n") + 1 <= 5


def test_nobody_clear_has_a_rig(told):
    assert "Rig R" not in told["clear"]
    assert "band clear" in told["clear"]


def test_witnesses_are_lines_of_the_input(told, sample_run):
    witnesses = re.findall(r"  (cdr/\S+\.csv\.gz) line ([0-9]+): (\S+ \S+) local, (\w+) (\w+), ([0-9]+) s", told["csv"])
    assert 1 <= len(witnesses) <= 10
    imsi = re.match(r"SIM ([0-9]+) of", told["csv"]).group(1)
    msisdn = pl.read_csv(sample_run.source / "subscribers.csv", infer_schema=False).filter(pl.col("imsi") == imsi)[
        "msisdn"
    ]
    for name, line, at, service, direction, duration in witnesses:
        row = gzip.decompress((sample_run.source / name).read_bytes()).decode().splitlines()[int(line) - 1].split("|")
        assert imsi in row or msisdn[0] in row
        assert LEGS[row[0]] == (service, direction)
        assert re.sub("[^0-9]", "", at) in row
        assert duration in row or duration == "0"


def test_values_and_limits_are_those_of_the_reasons(told, sample_run):
    imsi = int(re.match(r"SIM ([0-9]+) of", told["first"]).group(1))
    reasons = pl.read_parquet(sample_run.out / "reasons.parquet").filter(pl.col("imsi") == imsi)
    lines = told["first"]
    assert all(f"{points:+5d}  {code} ({expert})" in lines for code, expert, points in
               reasons.select("code", "expert", "points").iter_rows())  # fmt: skip
    assert "% of its peers (" in lines


def test_a_run_elsewhere_still_leads_to_its_store(drawn_source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = drawn_source()
    arguments = ["scan", str(source), "-o", "runs/out", "--store", "kept"]
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).return_value == 0
    monkeypatch.chdir(source)
    assert "cdr/a.csv line" in explain("401770000000001", tmp_path / "runs" / "out").output


def test_an_earlier_night_is_shown_by_its_own_records(drawn_source, tmp_path):
    source = drawn_source()
    arguments = ["scan", str(source), "-o", str(tmp_path / "out"), "--night", "2025-03-01"]
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).return_value == 0
    output = explain("401770000000001", tmp_path / "out").output
    assert "2025-03-01 12:00:00 local" in output
    assert "2025-03-02" not in output.split("Source rows")[1]


@pytest.mark.parametrize("imsi", ["", "abc", "401", "4017700000000010", "٤٠١٧٧٠٠٠٠٠٠٠٠٠١", "401770000000099"])
def test_what_is_no_imsi_of_the_run_is_refused(sample_run, imsi):
    result = explain(imsi, sample_run.out)
    assert isinstance(result.exception, UsageError)
    assert not imsi or imsi not in str(result.exception)


@pytest.mark.parametrize("missing", ["scores.parquet", "manifest.json", "features.parquet", "members.parquet"])
def test_a_damaged_run_is_called_so(sample_run, tmp_path, missing):
    run = tmp_path / "run"
    shutil.copytree(sample_run.out, run, ignore=shutil.ignore_patterns(missing))
    imsi = pl.read_parquet(sample_run.out / "scores.parquet")["imsi"][0]
    result = explain(imsi, run)
    assert isinstance(result.exception, DamagedError)
    assert result.exception.exit_code == 8
    assert missing in str(result.exception)
