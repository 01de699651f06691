"""Claims and the rows that show them, from drawn tables."""

import polars as pl
import pytest

from simbox.cases import link_claims, link_rows, number_claims, number_rows, rig_claims
from simbox.tables.cdrs import FILES, SENDERS
from simbox.tables.rigs import LINKS, SITES


@pytest.fixture(scope="module")
def records(drawing):
    return drawing.records(
        """
        imsi at      imei cell service direction other
        1    1T10:00 H1   A    voice   mo        x1
        1    1T11:00 H2   A    voice   mo        x2
        2    1T12:00 H1   B    voice   mo        x2
        2    1T12:05 H3   A    sms     mo        1
        2    1T13:00 H3   C    voice   mt        x1
        3    1T12:10 H9   C    voice   mo        x9
        """
    )


def link(drawing, a, b, comparison, **more):
    return {"imsi_a": drawing.imsi(a), "imsi_b": drawing.imsi(b), "comparison": comparison, "weight": 10.0,
            "direction": "none", "events": 1, "first_at": None, "last_at": None} | more  # fmt: skip


def shown(drawing, records, *links):
    """The clock times of the rows that show each link."""
    frame = pl.DataFrame(list(links), schema=LINKS.schema)
    found = link_rows(frame, records, 5)
    times = dict(records.select("record_id", pl.col("started_at").dt.offset_by("5h").dt.strftime("%H:%M")).iter_rows())
    return [
        sorted(times[record] for record in found.rows.filter(pl.col("draft") == draft)["record_id"])
        for draft in found.claims["draft"]
    ]


@pytest.mark.parametrize(
    ("comparison", "times"),
    [
        ("imei_in_turn", ["10:00", "12:00"]),
        ("same_places", ["10:00", "11:00", "12:05"]),
        ("shared_callees", ["11:00", "12:00"]),
        ("calls_inside", ["12:05"]),
        ("near_imsi", []),
        ("same_cap", ["10:00", "11:00", "12:00", "12:05"]),
    ],
)
def test_the_rows_of_a_link_are_those_that_share_something(drawing, records, comparison, times):
    assert shown(drawing, records, link(drawing, 1, 2, comparison)) == [times]


def test_an_unknown_comparison_is_shown_by_its_first_and_last_time(drawing, records):
    first, last = records["started_at"][0], records.filter(pl.col("imsi") == drawing.imsi(2))["started_at"][0]
    told = shown(drawing, records, link(drawing, 1, 2, "something_new", first_at=first, last_at=last))
    assert told == [["10:00", "12:00"]]


def test_each_sim_has_its_strongest_link_of_each_kind(drawing):
    links = pl.DataFrame(
        [
            link(drawing, 1, 2, "relay", weight=30.0),
            link(drawing, 1, 3, "relay", weight=20.0),
            link(drawing, 2, 3, "relay", weight=10.0),
            link(drawing, 2, 3, "near_imsi", weight=-5.0),
            link(drawing, 1, 9, "relay", weight=90.0),
        ],
        schema=LINKS.schema,
    )
    sims = pl.Series([drawing.imsi(sim) for sim in (1, 2, 3)])
    told = link_claims(links, sims)
    zero = drawing.imsi(0)
    pairs = [(a - zero, b - zero, c) for a, b, c in told.select("imsi_a", "imsi_b", "comparison").iter_rows()]
    assert pairs == [(1, 2, "relay"), (1, 3, "relay"), (2, 3, "near_imsi")]


def test_the_rig_is_seen_at_the_times_and_cells_of_its_rows(drawing, records):
    site = {"rig_id": "R", "place_rank": 1, "cells": "alpha 401-77-1000-1 90 deg; alpha 401-77-1000-9 10 deg"}
    sites = pl.DataFrame([site], schema_overrides={"place_rank": pl.Int32}).with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in SITES.schema.items() if name not in site
    )
    found = rig_claims(records, sites, 0)
    counts = dict(found.rows.group_by("draft").len().iter_rows())
    told = {row["code"]: (row["value"], counts[row["draft"]]) for row in found.claims.iter_rows(named=True)}
    assert told == {
        "FIRST_SEEN": (None, 1),
        "LAST_SEEN": (None, 1),
        "AT_WORK_AT_ONCE": (2.0, 3),
        "MINUTES": (4.0, 4),
        "SMS": (1.0, 1),
        "USED_CELLS": (3.0, 3),
    }


def test_every_claim_leads_to_file_and_line(drawing, records):
    files = pl.DataFrame({"file_number": [1], "file": ["cdr/a.csv"], "sha256": ["0" * 64]})
    rows = number_rows(records, files.cast({"file_number": FILES.schema["file_number"]}), SENDERS.empty())
    assert rows["row"].to_list() == list(range(1, 7))
    links = pl.DataFrame([link(drawing, 1, 2, "imei_in_turn")], schema=LINKS.schema)
    claims, claim_rows = number_claims([link_rows(links, records, 0)], rows)
    assert claims.select("claim", "rows", "about").rows() == [(1, 2, "pair")]
    lines = dict(rows.select("row", "line").iter_rows())
    assert [(row, line) for _, row, sha256, line in claim_rows.rows() if sha256 == "0" * 64] == [
        (row, lines[row]) for row in claim_rows["row"]
    ]
