"""How much less the cards of two groups share than those of one."""

import numpy as np
import polars as pl
import pytest

from simbox.rigs.contacts import Called
from simbox.rigs.custom import compare_custom

TOWN = 100_000
FIRST, SECOND = range(10), range(10, 20)


class Everybody:
    """A crowd of so many SIMs."""

    sims = TOWN


def compared(numbers: dict[int, list[int]], clientele: float = 0.0, reach: int = 100) -> float:
    """The measure of FIRST and SECOND, whose cards call `numbers` among `reach`."""
    rows = [(sim, number) for sim, called in numbers.items() for number in called]
    groups = pl.DataFrame({"group": [0] * 10 + [1] * 10, "imsi": [*FIRST, *SECOND]})
    spoken_with = pl.DataFrame(rows, schema={"imsi": pl.Int64, "other_party": pl.Int64}, orient="row")
    called = Called(
        spoken_with,
        spoken_with,
        pl.DataFrame({"imsi": [*FIRST, *SECOND], "reach": [reach] * 20}),
        pl.DataFrame({"imsi": [*FIRST, *SECOND], "clientele": [clientele] * 20}),
    )
    (found,) = compare_custom(pl.DataFrame({"a": [0], "b": [1]}), groups, called, Everybody)
    return float(found)


def calling(sims, numbers) -> dict[int, list[int]]:
    return {sim: list(numbers) for sim in sims}


def test_parts_of_one_box_share_across_as_within():
    assert compared(calling([*FIRST, *SECOND], range(8))) == pytest.approx(0.0)


def test_boxes_with_callers_of_their_own_share_less_across():
    half = {**calling(FIRST, range(8)), **calling(SECOND, range(4, 12))}
    assert compared(half) == pytest.approx(1.0)
    # None at all: as if there were one.
    none = {**calling(FIRST, range(8)), **calling(SECOND, range(100, 108))}
    assert compared(none) == pytest.approx(np.log2(100 * 8))


def test_who_shares_no_more_than_strangers_tells_nothing():
    victims = {sim: [1000 * sim + number for number in range(20)] for sim in [*FIRST, *SECOND]}
    assert np.isnan(compared(victims))
    # A clientele that accounts for all that is shared.
    assert np.isnan(compared(calling([*FIRST, *SECOND], range(8)), clientele=np.sqrt(8)))


def test_a_handful_of_calls_tells_nothing():
    few = {**calling([0, 1], range(2)), **calling([10, 11], range(50, 52))}
    assert np.isnan(compared(few, reach=2))
