"""Whether two groups renew the same ports: by who begins where the other ends."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from simbox.rigs.renewal import compare_renewal

BEGINS = datetime(2026, 5, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def life(group: int, sim: int, first: timedelta, last: timedelta, every: timedelta = timedelta(hours=1)) -> list[tuple]:
    """Calls of a SIM from its first to its last, in order."""
    steps = int((last - first) / every)
    at = [first + step * every for step in range(steps)] + [last]
    return [(group, sim, BEGINS + when) for when in at]


def renewals(rows: list[tuple]) -> float:
    schema = {"group": pl.Int64, "imsi": pl.Int64, "started_at": pl.Datetime("us", "UTC")}
    held = pl.DataFrame(rows, schema=schema, orient="row")
    (found,) = compare_renewal(pl.DataFrame({"a": [0], "b": [1]}), held, pl.lit(BEGINS))
    return float(found)


def port(gap: timedelta, cards: int = 12) -> list[tuple]:
    """Cards of two groups that take turns, ten hours each, the next one after a gap; then one that goes on."""
    rows, at = [], timedelta()
    for card in range(cards):
        rows += life(card % 2, 100 + card, at, at + timedelta(hours=10))
        at += timedelta(hours=10) + gap
    goes_on = at + timedelta(hours=14)
    return rows + life(0, 99, at, goes_on) + life(1, 98, timedelta(), goes_on)


def test_who_begins_where_the_other_ends_renews_a_port():
    assert renewals(port(3 * MINUTE)) > 2
    # Two hours later is no sooner than chance would have it.
    assert renewals(port(timedelta(hours=2))) < 0


def test_cards_that_come_and_go_all_day_long_renew_nothing():
    random = np.random.default_rng(3)
    rows = []
    for card in range(400):
        first = timedelta(minutes=int(random.integers(1440, 6 * 1440)))
        rows += life(card % 2, card, first, first + timedelta(hours=3))
    rows += life(0, 1000, timedelta(), timedelta(days=8)) + life(1, 1001, timedelta(), timedelta(days=8))
    assert abs(renewals(rows)) < 0.35


def test_too_few_beginnings_tell_nothing():
    assert math.isnan(renewals(port(3 * MINUTE, cards=3)))
