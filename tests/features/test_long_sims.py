"""One SIM's FEATURES are the same whether its records are held whole or read column by column."""

import random

import polars as pl
import pytest

from simbox.features import FEATURES, OutOfOrderError, code_places, compute_bucket, compute_long_sim

WINDOWS = (7, 1, 3)
LAST = 7


def in_pieces(records: pl.DataFrame, rows: int):
    """What reads a SIM's records in pieces of so many rows at most, each of one night."""

    def read(columns):
        for night in records["night"].unique().sort():
            yield from records.filter(pl.col("night") == night).select(columns).iter_slices(rows)

    return read


@pytest.fixture(scope="module")
def week(drawing):
    """Seven nights of four SIMs, unlocated cells, missing fields and instants that are shared among them."""
    draw = random.Random(5)
    rows = [
        {
            "imsi": draw.randrange(4),
            "at": f"{draw.randint(1, LAST)}T{draw.randrange(24):02}:{draw.choice([0, 20, 40]):02}",
            "service": draw.choice(["voice", "voice", "sms", "data"]),
            "direction": draw.choice(["mo", "mo", "mt", "cf"]),
            "other": draw.choice(["x1", "x2", "x3", "1", "4", "-", "BANK", "+4930123456"]),
            "cell": draw.choice("AaBBCDZY-"),
            "imei": draw.choice(["-", "H1", "H2", "H3"]),
            "s": draw.choice([0, 7, 60, 300]),
        }
        for _ in range(400)
    ]
    return drawing.from_rows(rows)


@pytest.mark.parametrize(
    ("rows", "fields"), [(5, None), (1_000, ["gap_cv", "age_days", "callees_visible"]), (1_000, ["sims_on_imei"])]
)
def test_the_same_is_found_as_of_a_bucket(week, drawing, rows, fields):
    population, codes = drawing.population(week, WINDOWS, LAST), code_places(drawing.places())
    asked = (codes, population, drawing.night(LAST), WINDOWS, fields)
    expected = compute_bucket(week, *asked)
    found = [
        compute_long_sim(imsi, in_pieces(week.filter(pl.col("imsi") == imsi), rows), *asked)
        for imsi in week["imsi"].unique().sort()
    ]
    assert expected.height == 4 * len(WINDOWS)
    assert pl.concat(found).equals(expected)


def test_who_is_not_active_in_the_night_has_none(drawing):
    records = drawing.records("imsi at\n1 1T10:00\n1 7T10:00", direction="mt")
    population = drawing.population(records, WINDOWS, LAST)
    asked = (code_places(drawing.places()), population, drawing.night(LAST), WINDOWS)
    assert compute_long_sim(drawing.imsi(1), in_pieces(records, 9), *asked).equals(FEATURES.empty())


def test_nights_that_overlap_can_not_be_read_so(drawing):
    records = drawing.records("imsi at\n1 6T10:00\n1 6T12:00\n1 7T11:00")
    late = records.with_columns(pl.col("started_at") - pl.duration(days=pl.col("night").dt.day() - 1))
    population = drawing.population(records, WINDOWS, LAST)
    asked = (code_places(drawing.places()), population, drawing.night(LAST), WINDOWS)
    with pytest.raises(OutOfOrderError):
        compute_long_sim(drawing.imsi(1), in_pieces(late, 9), *asked)
