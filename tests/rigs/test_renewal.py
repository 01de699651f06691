"""Whether two groups are at work as one box: by who begins where the other ends, and by resting at once."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from simbox.rigs.renewal import compare_renewal

BEGINS = datetime(2026, 5, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def life(group: int, sim: int, first: timedelta, last: timedelta, every: timedelta = timedelta(hours=1)) -> list[tuple]:
    """Calls of a SIM from its first to its last, in order."""
    steps = int((last - first) / every)
    at = [first + step * every for step in range(steps)] + [last]
    return [(group, sim, BEGINS + when, "voice", "mo", "on_net") for when in at]


def compared(rows: list[tuple]) -> dict[str, float]:
    schema = {
        "group": pl.Int64, "imsi": pl.Int64, "started_at": pl.Datetime("us", "UTC"), "service": pl.String,
        "direction": pl.String, "other_kind": pl.String,
    }  # fmt: skip
    held = pl.DataFrame(rows, schema=schema, orient="row")
    found = compare_renewal(pl.DataFrame({"a": [0], "b": [1]}), held, pl.lit(BEGINS))
    return {name: float(values[0]) for name, values in found.items()}


def port(gap: timedelta, cards: int = 12) -> list[tuple]:
    """Cards of two groups that take turns, ten hours each, the next one after a gap; then one that goes on."""
    rows, at = [], timedelta()
    for card in range(cards):
        rows += life(card % 2, 100 + card, at, at + timedelta(hours=10))
        at += timedelta(hours=10) + gap
    goes_on = at + timedelta(hours=14)
    return rows + life(0, 99, at, goes_on) + life(1, 98, timedelta(), goes_on)


def test_who_begins_where_the_other_ends_renews_a_port():
    assert compared(port(3 * MINUTE))["renewals_across"] > 2
    # Two hours later is no sooner than chance would have it.
    assert compared(port(timedelta(hours=2)))["renewals_across"] < 0


def test_cards_that_come_and_go_all_day_long_renew_nothing():
    random = np.random.default_rng(3)
    rows = []
    for card in range(400):
        first = timedelta(minutes=int(random.integers(1440, 6 * 1440)))
        rows += life(card % 2, card, first, first + timedelta(hours=3))
    rows += life(0, 1000, timedelta(), timedelta(days=8)) + life(1, 1001, timedelta(), timedelta(days=8))
    assert abs(compared(rows)["renewals_across"]) < 0.35


def test_too_few_beginnings_tell_nothing():
    assert math.isnan(compared(port(3 * MINUTE, cards=3))["renewals_across"])
    assert math.isnan(compared(port(3 * MINUTE, cards=3))["swings_alike"])


def works(group: int, days: set[int]) -> list[tuple]:
    """Calls of a group in office hours of some days."""
    hours = [timedelta(days=day, hours=hour) for day in sorted(days) for hour in range(9, 18)]
    return [(group, 10 + group, BEGINS + hour, "voice", "mo", "on_net") for hour in hours]


def test_who_rests_on_the_same_days_swings_alike():
    one = works(0, {0, 1, 4, 6})
    assert compared(one + works(1, {0, 1, 4, 6}))["swings_alike"] == pytest.approx(1.0)
    assert compared(one + works(1, {2, 3, 5}))["swings_alike"] == pytest.approx(-1.0)


def test_office_hours_alone_are_no_likeness():
    # Both work every day; on one of them the one takes a call more.
    steady = [*works(0, set(range(7))), (0, 10, BEGINS + timedelta(hours=12, minutes=5), "voice", "mo", "on_net")]
    assert math.isnan(compared(steady + works(1, set(range(7))))["swings_alike"])
