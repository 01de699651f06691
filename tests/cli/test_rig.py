"""simbox rig: one rig's page, or the report again."""

import re
import shutil

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import DamagedError, UsageError
from simbox.handover import read_records, read_run
from simbox.manifest import read_manifest, sha256_of
from simbox.report import read_run_tables, render_report, render_rig_page
from simbox.rigs import port_chains


def rig(*arguments: object):
    return CliRunner().invoke(cli, ["rig", *map(str, arguments)], standalone_mode=False)


@pytest.fixture
def run(sample_run, tmp_path):
    """The sample's run without its store, to be written into."""
    return shutil.copytree(sample_run.out, tmp_path / "out", ignore=shutil.ignore_patterns("store"))


def test_the_report_made_again_is_the_same(run, sample_run):
    (run / "report.html").unlink()
    result = rig("--run", run)
    assert result.output == f"{run / 'report.html'}\n"
    assert (run / "report.html").read_bytes() == (sample_run.out / "report.html").read_bytes()
    assert (run / "manifest.json").read_bytes() == (sample_run.out / "manifest.json").read_bytes()


def test_a_masked_report_is_an_output_of_the_run_too(run):
    assert rig("--run", run, "--redact").exception is None
    assert "Identifiers are masked." in (run / "report.html").read_text()
    assert read_manifest(run)["outputs"]["report.html"] == sha256_of(run / "report.html")


def test_a_report_elsewhere_leaves_the_run_alone(run, tmp_path):
    before = (run / "report.html").read_bytes()
    assert rig("--run", run, "--redact", "-o", tmp_path / "masked.html").exception is None
    assert (tmp_path / "masked.html").read_text() == render_report(read_run_tables(run), redact=True)
    assert (tmp_path / "masked.html").stat().st_mode & 0o777 == 0o600
    assert (run / "report.html").read_bytes() == before


@pytest.mark.parametrize("options", [(), ("--redact",)])
def test_one_rig_is_written_where_one_is(run, tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    tables = read_run_tables(run)
    rig_id = tables.rigs["rig_id"][0]
    assert rig(rig_id, "--run", run, *options).output.endswith(f"\n\n{rig_id}.html\n")
    page = (tmp_path / f"{rig_id}.html").read_text()
    assert page == render_rig_page(tables, rig_id, redact=bool(options))


def test_a_rig_is_told_with_its_places_members_and_pairs(sample_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = sample_run.scan.last.found
    row = found.rigs.sort("sim_count", descending=True).row(0, named=True)
    result = rig(row["rig_id"], "--run", sample_run.out)
    assert result.exception is None
    facts, places, members, ports, pairs = result.output.split("\n\n")[:5]
    assert f"Rig {row['rig_id']}: a rig with probability {row['probability']:.2f}, {row['kind']}" in facts
    assert f"{row['sim_count']} SIMs of {row['operators']}: {row['live_count']} live" in facts
    assert re.search(r"called or written to: [0-9,]+ numbers", facts)
    sites = found.sites.filter(pl.col("rig_id") == row["rig_id"])
    assert places.count("% of its events") == sites.height
    assert all(f"cells {cells}" in places for cells in sites["cells"])
    mine = found.members.filter(pl.col("rig_id") == row["rig_id"])
    order = mine.sort("probability", "imsi", descending=[True, False])["imsi"].cast(pl.String).to_list()
    shown = re.findall(r"^ +([0-9]+)  ([0-9]{5})[*]{8}([0-9]{2})  ", members, re.MULTILINE)
    assert shown == [(str(place + 1), imsi[:5], imsi[-2:]) for place, imsi in enumerate(order[:20])]
    run = read_run(sample_run.out)
    chains = port_chains(read_records(run, mine["imsi"]))
    assert f"({chains['port'].n_unique()} IMEIs)" in ports
    first = [str(order.index(str(imsi)) + 1) for imsi in chains.filter(pl.col("port") == 1)["imsi"]]
    assert f"    1  {len(first)} turns: {', '.join(first[:12])}" in ports
    totals = [int(total) for total in re.findall(r"^  [0-9]+ and [0-9]+: ([+-][0-9]+)", pairs, re.MULTILINE)]
    assert len(totals) == 10
    assert totals == sorted(totals, reverse=True)
    steps = re.split(r"\n  [0-9]+ and ", pairs)[1:]
    assert [
        sum(int(points) for points in re.findall(r"^    +([+-][0-9]+)  ", each, re.MULTILINE)) for each in steps
    ] == (totals)


def test_what_is_printed_of_a_rig_names_nobody(sample_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for rig_id in sample_run.scan.last.found.rigs["rig_id"]:
        assert not re.search(r"[0-9]{11}", rig(rig_id, "--run", sample_run.out).output.replace(rig_id, ""))


def test_what_is_no_rig_or_no_run_is_refused(run, tmp_path):
    assert isinstance(rig("R1", "--run", run).exception, UsageError)
    (run / "activity.parquet").unlink()
    assert isinstance(rig("--run", run).exception, DamagedError)
    assert isinstance(rig("--run", tmp_path).exception, DamagedError)
