"""The page: the same bytes from the same tables, nothing fetched from elsewhere, nothing run."""

import re
from datetime import date
from html.parser import HTMLParser

import polars as pl
import pytest

from simbox.listing import NOTHING_LISTED
from simbox.report import write_report
from simbox.rigs import NO_RIGS
from simbox.tables.cdrs import FILES


def page(tmp_path, found, listed, files, warnings=(), nights=(date(2026, 5, 14),)) -> str:
    write_report(tmp_path / "report.html", nights, found, listed, files, warnings)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def made(sample_run, tmp_path):
    scan = sample_run.scan
    return page(tmp_path, scan.last.found, scan.last.listed, scan.taken.files, nights=scan.nights)


def test_the_same_tables_give_the_same_bytes(sample_run, tmp_path):
    scan = sample_run.scan
    found, listed = scan.last.found, scan.last.listed
    mixed = found._replace(rigs=found.rigs.reverse())
    backwards = listed._replace(seizure_list=listed.seizure_list.reverse())
    pages = {page(tmp_path, one, other, scan.taken.files) for one, other in ((found, listed), (mixed, backwards))}
    assert len(pages) == 1


def test_every_rig_with_a_listed_sim_has_its_row(made, sample_run):
    listed = sample_run.scan.last.listed.seizure_list
    for rig_id in listed["rig_id"].unique():
        assert made.count(f"<td>{rig_id}</td>") == 1
    assert f"{listed.filter(pl.col('decision') != 'watch').height} SIMs listed" in made
    assert "2026-05-14" in made


def test_nothing_is_fetched_and_nothing_runs(made):
    assert not re.search(
        r"(src|href|action|srcset|data)\s*=|url\(|@import|<script|<link|<iframe|<object|javascript:|https?:", made
    )
    assert "default-src 'none'" in made


def test_every_tag_is_closed(made):
    class Checker(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed(made)
    assert checker.open == []


def test_text_is_text(sample_run, tmp_path):
    scan = sample_run.scan
    evil = "<img src=x onerror=alert(1)>&\"'"
    found = scan.last.found._replace(
        rigs=scan.last.found.rigs.with_columns(operators=pl.lit(evil)),
        sites=scan.last.found.sites.with_columns(cells=pl.lit(evil), raid_windows=pl.lit(evil)),
    )
    shown = page(tmp_path, found, scan.last.listed, scan.taken.files, [evil])
    assert "<img" not in shown
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;&amp;&#34;&#39;") > 3


def test_a_night_without_rigs_says_so(tmp_path):
    shown = page(tmp_path, NO_RIGS, NOTHING_LISTED, FILES.empty())
    assert "No rig was found." in shown
    assert "0 rigs, 0 SIMs listed" in shown


def test_what_could_not_be_done_is_said(tmp_path):
    assert "there is no cells table" in page(
        tmp_path, NO_RIGS, NOTHING_LISTED, FILES.empty(), ["there is no cells table"]
    )
