"""COVERAGE and ACTIVITY of drawn records."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.report import count_records, join_coverage, member_activity

CALLS = """
    imsi at        service direction other imei cell
    1    1T09:10   voice   mo        2     H1   A
    1    1T09:50   voice   mo        x1    H1   A
    1    1T09:55   voice   mo        x1    H3   B
    1    1T10:05   sms     mo        x1    H1   a
    1    1T23:59   voice   mt        x2    H2   B
    1    2T00:01   sms     mt        BANK  -    -
    2    1T09:10   voice   mt        1     H1   Z
    2    1T12:00   data    mo        -     H1   A
"""


@pytest.fixture
def records(drawing):
    return drawing.records(CALLS)


def test_coverage_counts_records_and_sims_by_night_and_operator(drawing, records):
    first, second = count_records(records, drawing.places()).to_dicts()
    assert (first["night"], first["operator"]) == (drawing.night(1), "alpha")
    assert [first[name] for name in ("records", "with_imei", "with_cell", "located")] == [7, 7, 7, 6]
    assert [first[name] for name in ("sims", "active_sims", "detectable_sims")] == [2, 1, 0]
    assert [second[name] for name in ("records", "with_imei", "with_cell", "located")] == [1, 0, 0, 0]
    # A code received is what an SMS farm's card is active by.
    assert second["active_sims"] == 1


def test_five_events_are_enough_to_judge_by(drawing):
    calls = [{"imsi": 1, "at": f"1T10:0{minute}"} for minute in range(5)]
    counted = [count_records(drawing.from_rows(calls[:events]), drawing.places()) for events in (4, 5)]
    assert [found["detectable_sims"].to_list() for found in counted] == [[0], [1]]


def test_coverage_is_the_sum_of_its_parts(drawing, records):
    places = drawing.places()
    parts = [count_records(part, places) for part in records.partition_by("imsi")]
    assert join_coverage(parts).equals(count_records(records, places))
    assert join_coverage([]).is_empty()


def test_activity_is_told_by_hour_handset_and_place(drawing, records):
    members = pl.DataFrame({"rig_id": ["R1", "R1"], "imsi": [drawing.imsi(1), drawing.imsi(2)]})
    place = dict(drawing.places().select("cell", "place").iter_rows())
    ranks = pl.DataFrame(
        {
            "rig_id": ["R1", "R1", "R1"],
            "place": [place[drawing.cell("A")], place[drawing.cell("B")], drawing.cell("Z")],
            "place_rank": [1, 2, 3],
        },
        schema_overrides={"place_rank": pl.Int32},
    )
    found = member_activity(add_place(records, drawing.places()), members, ranks)
    told = found.with_columns(imsi=pl.col("imsi") - drawing.imsi(0), day=pl.col("night") - drawing.night(1))
    assert told.select(
        "imsi",
        pl.col("day").dt.total_days(),
        "hour",
        "imei",
        "imei_count",
        "place_rank",
        "legs",
        "calls_made",
        "sms_sent",
        "received",
    ).rows() == [
        (1, 0, 9, drawing.imei("H1"), 2, 1, 3, 3, 0, 0),
        (1, 0, 10, drawing.imei("H1"), 1, 1, 1, 0, 1, 0),
        (1, 0, 23, drawing.imei("H2"), 1, 2, 1, 0, 0, 1),
        (1, 1, 0, None, 0, None, 1, 0, 0, 1),
        (2, 0, 9, drawing.imei("H1"), 1, 3, 1, 0, 0, 1),
        (2, 0, 12, drawing.imei("H1"), 1, 1, 1, 0, 0, 0),
    ]


def test_hours_without_a_zone_are_utc(drawing):
    found = member_activity(
        add_place(drawing.records("imsi at zone\n1 1T09:10 no"), drawing.places()),
        pl.DataFrame({"rig_id": ["R1"], "imsi": [drawing.imsi(1)]}),
        pl.DataFrame(schema={"rig_id": pl.String, "place": pl.Int64, "place_rank": pl.Int32}),
    )
    assert found.select("hour", "place_rank").rows() == [(9, None)]
