"""Who is registered, and who only looks unregistered because the registry is not there."""

from datetime import date

import polars as pl
import pytest

from simbox.listing import look_up_owners
from simbox.tables.reference import SUBSCRIBERS

NETWORKS = {"40177": "alpha", "40101": "beta", "310410": "long"}
NIGHT = date(2025, 3, 7)
HOME, OTHER_HOME, ABROAD = 401_770_000_000_000, 401_010_000_000_000, 250_010_000_000_000
ROW = {"imsi": HOME, "msisdn": 77_010_000_000, "operator": "alpha", "registration": "registered"}


def subscribers(*rows: dict[str, object]) -> pl.DataFrame:
    return SUBSCRIBERS.check(pl.DataFrame([ROW | row for row in rows], schema=SUBSCRIBERS.schema))


def registration(sims, registry, seen=None, first=date(2025, 3, 5)) -> list[str]:
    asked = pl.DataFrame({"imsi": sims, "first_night": [first] * len(sims)})
    found = look_up_owners(asked, pl.Series(seen or sims, dtype=pl.Int64), registry, NETWORKS, NIGHT)
    assert found["imsi"].to_list() == sims
    return found["registration"].to_list()


@pytest.mark.parametrize("status", ["registered", "unregistered", "corporate", "m2m", "test", "unknown"])
def test_what_the_registry_says_holds(status):
    assert registration([HOME], subscribers({"registration": status})) == [status]


def test_a_home_sim_absent_from_a_complete_snapshot_is_unregistered():
    registry = subscribers(*({"imsi": HOME + number} for number in range(3)))
    assert registration([HOME + 9], registry, [HOME + number for number in (0, 1, 2, 9)]) == ["unregistered"]


@pytest.mark.parametrize(("listed", "expected"), [(1, "unknown"), (2, "unregistered")])
def test_a_registry_that_covers_less_than_half_says_nothing(listed, expected):
    registry = subscribers(*({"imsi": HOME + number} for number in range(listed)))
    seen = [HOME + number for number in (*range(listed), 7, 8, 9)][: listed * 2 if listed == 2 else None]
    assert registration([HOME + 7], registry, seen) == [expected]


def test_each_operator_is_covered_by_its_own():
    registry = subscribers({"imsi": HOME}, {"imsi": HOME + 1})
    assert registration([HOME + 9, OTHER_HOME], registry, [HOME, HOME + 1, HOME + 9, OTHER_HOME]) == [
        "unregistered",
        "unknown",
    ]


def test_without_a_registry_nobody_is_unregistered():
    assert registration([HOME, ABROAD], SUBSCRIBERS.empty()) == ["unknown", "roamer"]


def test_a_foreign_sim_is_a_roamer():
    assert registration([ABROAD], subscribers({"imsi": HOME}), [HOME, ABROAD]) == ["roamer"]


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [(date(2025, 3, 4), "unknown"), (date(2025, 3, 5), "unregistered"), (None, "unregistered")],
)
def test_a_snapshot_older_than_the_sim_says_nothing(snapshot, expected):
    registry = subscribers({"snapshot_on": snapshot})
    assert registration([HOME + 9], registry, [HOME, HOME + 9]) == [expected]


@pytest.mark.parametrize(
    ("valid", "expected"),
    [
        ((None, None), "registered"),
        ((NIGHT, NIGHT), "registered"),
        ((None, date(2025, 3, 6)), "unregistered"),
        ((date(2025, 3, 8), None), "unregistered"),
    ],
)
def test_a_row_counts_while_it_is_valid(valid, expected):
    registry = subscribers({"valid_from": valid[0], "valid_to": valid[1]}, {"imsi": HOME + 1})
    assert registration([HOME], registry, [HOME, HOME + 1]) == [expected]


def test_of_two_valid_rows_the_later_one_holds():
    rows = [{"valid_from": date(2025, 1, 1)}, {"valid_from": date(2025, 2, 1), "registration": "unregistered"}]
    for order in (rows, rows[::-1]):
        assert registration([HOME], subscribers(*order)) == ["unregistered"]


@pytest.mark.parametrize(
    ("imsi", "home"),
    [(HOME, "alpha"), (OTHER_HOME, "beta"), (310_410_000_000_000, "long"), (ABROAD, None), (1_010_000_000_000, None)],
)
def test_the_home_operator_follows_from_the_imsi(imsi, home):
    asked = pl.DataFrame({"imsi": [imsi], "first_night": [NIGHT]})
    found = look_up_owners(asked, pl.Series([imsi]), SUBSCRIBERS.empty(), NETWORKS, NIGHT)
    assert found["home_operator"].to_list() == [home]
