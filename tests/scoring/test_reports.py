"""Reports weigh in as of their date, by IMSI or number, and never for more than their cap."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from simbox.reasons import REASONS as CODES
from simbox.scoring import score_reports
from simbox.scoring.reports import MOST_POINTS
from simbox.tables.reference import REPORTS

NUMBERS = pl.DataFrame({"imsi": [1, 2, 2], "msisdn": [71, 72, 73]})


def reports(*rows):
    """REPORTS of (imsi, msisdn, day of March, kind)."""
    return REPORTS.conform(
        pl.DataFrame(
            [(imsi, msisdn, datetime(2025, 3, day, 12, tzinfo=UTC), kind) for imsi, msisdn, day, kind in rows],
            schema={"imsi": pl.Int64, "msisdn": pl.Int64, "reported_at": REPORTS.schema["reported_at"],
                    "kind": REPORTS.schema["kind"]},
            orient="row",
        )
    )  # fmt: skip


def given(*rows, night=5):
    points, reasons = score_reports(reports(*rows), NUMBERS, date(2025, 3, night))
    sums = reasons.group_by("imsi").agg(total=pl.col("points").sum())
    assert points.join(sums, on="imsi", how="full").filter(pl.col("reported").ne_missing(pl.col("total"))).is_empty()
    assert set(reasons["code"]) <= set(CODES)
    return dict(points.iter_rows())


def test_a_number_stands_for_its_sim():
    assert given((None, 72, 3, "complaint"), (1, None, 3, "complaint")) == {1: 6, 2: 6}


@pytest.mark.parametrize(("night", "found"), [(2, {}), (3, {1: 30}), (9, {1: 30})])
def test_a_report_counts_from_its_day(night, found):
    assert given((1, None, 3, "test_call"), night=night) == found


def test_many_complaints_are_worth_two():
    assert given(*[(1, None, 3, "complaint")] * 20) == {1: 12}


def test_all_kinds_together_are_capped():
    rows = [(1, None, 3, kind) for kind in ("complaint", "test_call", "antifraud_centre") for _ in range(9)]
    assert given(*rows) == {1: MOST_POINTS}


def test_nobody_is_named():
    assert given() == {}
    assert given((None, 99, 3, "complaint")) == {}
