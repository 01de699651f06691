"""FEATURES of a bucket: windows are suffixes, gaps in the data are nulls, and the SIMs are those of the last night."""

import random

import polars as pl
import pytest

from simbox.features import FEATURES, code_places, compute_bucket

WINDOWS = (1, 3, 7)
LAST = 7
# What it tells of the nights before its window is its meaning.
LOOKS_FURTHER_BACK = {
    "new_callees",
    "new_callee_share",
    "callees_visible",
    "callee_international_share",
    "callee_international_drop",
    "first_event_age_days",
    "burst_age_days",
    "age_days",
}


@pytest.fixture(scope="module")
def compute(drawing):
    """FEATURES of drawn records as the pipeline has them made: the population from the same records."""

    def run(
        records: pl.DataFrame, windows=WINDOWS, last=LAST, begins=1, population_of=None, fields=None
    ) -> pl.DataFrame:
        everybody = records if population_of is None else population_of
        population = drawing.population(everybody, windows, last, begins)
        codes = code_places(drawing.places())
        return compute_bucket(records, codes, population, drawing.night(last), windows, fields)

    return run


@pytest.fixture(scope="module")
def week(drawing):
    """Seven nights of thirty SIMs with gaps of every kind."""
    draw = random.Random(11)
    rows = [
        {
            "imsi": draw.randrange(30),
            "at": f"{draw.randint(1, LAST)}T{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}",
            "service": draw.choice(["voice", "voice", "sms", "data"]),
            "direction": draw.choice(["mo", "mo", "mt"]),
            "other": draw.choice(
                [*(f"x{number}" for number in range(9)), *map(str, range(30)), "-", "BANK", "+4930123456"]
            ),
            "cell": draw.choice("AaBBBCDZ-"),
            "imei": draw.choice(["-", "H1", "H2", "H3"]),
            "s": draw.choice([0, 7, 60, 300]),
        }
        for _ in range(1500)
    ]
    return drawing.from_rows(rows)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_is_what_its_nights_alone_would_say(week, compute, drawing, window):
    whole = compute(week).filter(pl.col("window_nights") == window)
    only = week.filter(pl.col("night") > drawing.night(LAST - window))
    alone = compute(only, windows=(window,))
    assert whole.height > 20
    assert whole.drop(LOOKS_FURTHER_BACK).equals(alone.drop(LOOKS_FURTHER_BACK))


def test_buckets_can_be_cut_anywhere(week, compute):
    whole = compute(week)
    middle = week["imsi"].unique().sort()[15]
    parts = [
        compute(week.filter(side), population_of=week) for side in (pl.col("imsi") < middle, pl.col("imsi") >= middle)
    ]
    assert whole.equals(FEATURES.conform(pl.concat(parts)))


def test_a_new_callee_was_not_called_in_the_nights_before(compute, drawing):
    records = drawing.records("imsi at other\n1 1T10:00 x1\n1 7T10:00 x1\n1 7T11:00 x2")
    found = dict(compute(records).select("window_nights", "new_callee_share").iter_rows())
    assert found == {1: 0.5, 3: 0.5, 7: 1.0}


@pytest.mark.parametrize(
    ("table", "active"),
    [
        ("imsi at\n1 7T10:00", True),
        ("imsi at service\n1 7T10:00 sms", True),
        ("imsi at\n1 6T10:00", False),
        ("imsi at direction\n1 7T10:00 mt", False),
        ("imsi at direction service\n1 7T10:00 mt sms", False),
        ("imsi at direction service other\n1 7T10:00 mt sms BANK", True),
        ("imsi at direction other\n1 7T10:00 mt BANK", False),
        ("imsi at service other\n1 7T10:00 data -", False),
        ("imsi at direction\n1 7T10:00 cf", False),
    ],
)
def test_who_is_active(compute, drawing, table, active):
    found = compute(drawing.records(table))
    assert found["imsi"].to_list() == [drawing.imsi(1)] * (len(WINDOWS) if active else 0)
    assert tuple(found.columns) == FEATURES.names


def only_row(found: pl.DataFrame) -> dict[str, float | None]:
    return found.row(0, named=True)


def test_legs_without_a_cell_leave_movement_unknown(compute, drawing):
    row = only_row(compute(drawing.records("imsi at cell\n1 7T10:00 -\n1 7T11:00 -"), windows=(1,)))
    assert (row["legs_with_cell"], row["mo_calls"]) == (0.0, 2.0)
    assert {row[name] for name in ("places", "top_place_share", "gyration_km", "sims_at_place", "place_entropy")} == {
        None
    }


def test_cells_that_no_table_knows_are_places_without_a_position(compute, drawing):
    row = only_row(
        compute(drawing.records("imsi at cell\n1 7T10:00 Y\n1 7T11:00 Z\n1 7T12:00 Z\n2 7T12:00 Z"), windows=(1,))
    )
    assert (row["places"], row["gyration_km"], row["impossible_jumps"]) == (2.0, None, 0.0)
    assert row["top_place_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert row["sims_at_place"] == pytest.approx((1 + 2 + 2) / 3, abs=0.01)


def test_two_cells_of_a_mast_are_one_place_and_no_move(compute, drawing):
    row = only_row(compute(drawing.records("imsi at cell\n1 7T10:00 A\n1 7T10:02 a\n1 7T10:04 A"), windows=(1,)))
    assert (row["places"], row["stints"], row["gyration_km"]) == (1.0, 1.0, 0.0)


def test_without_a_zone_local_hours_are_unknown(compute, drawing):
    row = only_row(compute(drawing.records("imsi at zone\n1 7T10:00 no\n1 7T11:00 no"), windows=(1,)))
    assert {row[name] for name in ("hour_entropy", "night_share", "office_share", "evening_share", "active_hours")} == {
        None
    }
    assert (row["active_nights"], row["gap_median_s"]) == (1.0, 3600.0)


def test_local_hours_are_those_of_the_zone(compute, drawing):
    row = only_row(compute(drawing.records("imsi at\n1 7T02:00\n1 7T10:00\n1 7T20:00\n1 7T21:00"), windows=(1,)))
    assert (row["night_share"], row["office_share"], row["evening_share"]) == (0.25, 0.25, 0.5)


def test_without_an_imei_the_handset_is_unknown(compute, drawing):
    row = only_row(compute(drawing.records("imsi at imei\n1 7T10:00 -"), windows=(1,)))
    assert (row["legs_with_imei"], row["imeis"], row["sims_on_imei"]) == (0.0, None, None)


def test_sims_on_an_imei_are_those_of_the_window(compute, drawing):
    records = drawing.records("imsi at imei\n1 7T10:00 H1\n2 6T10:00 H1\n3 1T10:00 H1\n4 7T10:00 H2")
    found = compute(records).filter(pl.col("imsi") == drawing.imsi(1))
    assert dict(found.select("window_nights", "sims_on_imei").iter_rows()) == {1: 1.0, 3: 2.0, 7: 3.0}


def test_age_is_known_of_sims_that_came_after_the_store_began(compute, drawing):
    records = drawing.records("imsi at\n1 1T10:00\n1 7T10:00\n2 5T10:00\n2 7T10:00\n3 7T10:00")
    found = compute(records, windows=(7,))
    assert found["age_days"].to_list() == [None, 2.0, 0.0]


def test_callees_that_no_feed_serves_are_unknown_not_zero(compute, drawing):
    row = only_row(compute(drawing.records("imsi at other\n1 7T10:00 x1\n1 7T11:00 x2"), windows=(1,)))
    assert (row["callees"], row["callees_visible"]) == (2.0, 0.0)
    assert row["callee_international_share"] is row["callee_international_drop"] is None


def test_callees_lose_their_calls_from_abroad(compute, drawing):
    """SIM 1 lands calls to 2 and 3; 2 was called from abroad twice in six nights, and once on the last."""
    records = drawing.records(
        """imsi at     direction other
           1    7T10:00 mo        2
           1    7T11:00 mo        3
           1    7T12:00 mo        x1
           2    1T10:00 mt        +4930123456
           2    5T10:00 mt        +4930123456
           2    7T09:00 mt        +4930123456
           3    6T10:00 mt        x7
           4    6T10:00 mt        +4930123456"""
    )
    found = compute(records).filter(pl.col("imsi") == drawing.imsi(1))
    names = ("callees_visible", "callee_international_share", "callee_international_drop")
    by_window = {row[0]: row[1:] for row in found.select("window_nights", *names).iter_rows()}
    # One call a night in the window, two in six nights before it; two in three, one in four; none before seven.
    assert by_window == {
        1: (2.0, 0.5, -2.0),
        3: (2.0, 0.5, pytest.approx(1 - (2 / 3) / (1 / 4), abs=1e-4)),
        7: (2.0, 0.5, None),
    }


def test_a_card_from_stock_is_silent_before_its_burst(compute, drawing):
    burst = "\n".join(f"2 5T10:{minute:02} mo voice" for minute in range(10))
    others = "1 1T10:00 mo voice\n2 2T10:00 mt sms\n2 4T10:00 mo sms\n2 7T10:00 mo voice"
    records = drawing.records(f"imsi at direction service\n{others}\n{burst}")
    row = only_row(compute(records, windows=(7,)))
    assert (row["first_event_age_days"], row["burst_age_days"], row["age_days"]) == (2.0, 3.0, 5.0)
    assert (row["active_span_nights"], row["longest_silence_nights"]) == (4.0, 1.0)


def test_a_cap_of_calls_shows_in_stints_at_two_gateways(compute, drawing):
    """Four calls at A, four at B, and so on: the first and the last stint may be cut by the window."""
    places = "AABBBBAAAABBBBAAAAB"
    drawn = [f"1 7T10:{minute:02} {place} 45" for minute, place in enumerate(places)]
    row = only_row(compute(drawing.records("\n".join(["imsi at cell s", *drawn])), windows=(1,)))
    assert (row["stints"], row["calls_without_move"]) == (6.0, 4.0)
    assert (row["stint_calls_cv"], row["stint_calls_mode_share"]) == (0.0, 1.0)
    assert (row["stint_minutes_cv"], row["stint_minutes_mode_share"]) == (0.0, 1.0)
    assert (row["teleports"], row["teleport_share"], row["exploration_share"]) == (5.0, 1.0, 0.2)
    assert row["places_in_last6_stints"] == 2.0


def test_a_machine_pauses_the_same_between_calls(compute, drawing):
    # Calls of 20 s with 4 s between them, then one pause of 30 s: three of four pauses are alike.
    seconds = [0, 24, 48, 72, 122]
    drawn = [f"1 7T10:{second // 60:02}:{second % 60:02} 20" for second in seconds]
    row = only_row(compute(drawing.records("\n".join(["imsi at s", *drawn])), windows=(1,)))
    assert (row["pause_mode_share"], row["redial_share"]) == (0.75, 0.75)
    assert row["duty_cycle_share"] == pytest.approx(100 / 3600, abs=1e-4)
    assert row["busiest_hour_calls"] == 5.0


def test_rates_do_not_grow_with_the_window(compute, drawing):
    """SIM 1 makes two calls on each of three nights, and writes and gets a code on another; SIM 2 only gets codes."""
    records = drawing.records(
        """imsi at     direction service other
           1    1T10:00 mo        voice   x1
           1    1T11:00 mo        voice   x2
           1    5T10:00 mo        voice   x3
           1    5T11:00 mo        voice   x4
           1    6T09:00 mt        sms     BANK
           1    6T10:00 mo        sms     x5
           1    6T11:00 mt        sms     x6
           1    7T10:00 mo        voice   x7
           1    7T11:00 mo        voice   x8
           2    4T10:00 mt        voice   x9
           2    6T10:00 mt        sms     BANK
           2    7T10:00 mt        sms     BANK
           2    7T11:00 mt        sms     BANK"""
    )
    names = ("mo_calls_a_night", "sms_mo_a_night", "received_codes_a_night")
    found = compute(records).sort("imsi", "window_nights")
    assert found.select("window_nights", *names).rows() == [
        (1, 2.0, 0.0, 0.0),
        (3, *(pytest.approx(value, abs=1e-4) for value in (4 / 3, 1 / 3, 1 / 3))),
        (7, 1.5, 0.25, 0.25),
        (1, 0.0, 0.0, 2.0),
        (3, 0.0, 0.0, 1.5),
        (7, 0.0, 0.0, 1.5),
    ]


@pytest.mark.parametrize("fields", [{"mo_calls"}, {"sims_on_imei", "age_days", "gap_cv"}, set()])
def test_a_choice_of_fields_is_computed_alone(week, compute, fields):
    chosen = compute(week, fields=fields)
    key = ["imsi", "window_nights"]
    assert chosen.select(*key, *sorted(fields)).equals(compute(week).select(*key, *sorted(fields)))
    others = chosen.select(pl.exclude(*key, *fields))
    assert others.null_count().row(0) == (chosen.height,) * others.width


def test_a_field_that_is_in_no_catalogue_is_refused(week, compute):
    with pytest.raises(KeyError, match="mo_cals"):
        compute(week, fields={"mo_cals"})
