"""Cards that a register says were activated together, and a day on which half the town bought one."""

from datetime import date

import polars as pl
import pytest

from simbox.config import Rigs
from simbox.rigs.batches import find_batches
from simbox.tables.reference import SUBSCRIBERS

ONE, TWO, THREE = 100_500, 200_500, 300_500
DAY = date(2026, 3, 1)


@pytest.fixture
def register(drawing):
    """SUBSCRIBERS from (SIM, dealer, date of activation), all of one operator."""

    def make(*rows: tuple[int, str | None, date | None], operator: str = "alpha") -> pl.DataFrame:
        cards = [
            {
                "imsi": drawing.imsi(sim),
                "operator": operator,
                "registration": "unregistered",
                "dealer": dealer,
                "activated_on": day,
            }
            for sim, dealer, day in rows
        ]
        return SUBSCRIBERS.conform(
            pl.DataFrame(cards, schema_overrides=SUBSCRIBERS.schema).with_columns(
                pl.lit(None, dtype=SUBSCRIBERS.schema[name]).alias(name)
                for name in SUBSCRIBERS.names
                if name not in cards[0]
            )
        )

    return make


def weight(seeker, drawing, subscribers, sims=(ONE, TWO)) -> float:
    records = drawing.records("\n".join(["imsi at", *(f"{sim} 1T10:00" for sim in sims)]))
    found = seeker.find(records, subscribers=subscribers)
    return seeker.weights(found, "same_batch").get((ONE, TWO), 0.0)


def test_cards_that_one_dealer_activated_on_one_day(seeker, drawing, register):
    assert weight(seeker, drawing, register((ONE, "D1", DAY), (TWO, "D1", DAY), (THREE, "D2", DAY))) > 40


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("D1", DAY), ("D2", DAY)),
        (("D1", DAY), ("D1", date(2026, 3, 2))),
        ((None, DAY), (None, DAY)),
        (("D1", None), ("D1", None)),
    ],
    ids=["another dealer", "another day", "no dealer is known", "no day is known"],
)
def test_cards_that_were_not_activated_together(seeker, drawing, register, one, two):
    assert weight(seeker, drawing, register((ONE, *one), (TWO, *two))) == 0


def test_a_day_on_which_everybody_bought_a_card_says_little(seeker, drawing, register):
    batches = [[(5_000_000 + number, "D1", DAY) for number in range(size)] for size in (0, 50, 500, 5000)]
    own = ((ONE, "D1", DAY), (TWO, "D1", DAY))
    weights = [weight(seeker, drawing, register(*own, *others)) for others in batches]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[1] + 30
    assert weights[-1] == 0


def test_each_is_compared_with_so_many_at_most(seeker, drawing, register):
    sims = [100_500 + 101_000 * number for number in range(12)]
    records = drawing.records("\n".join(["imsi at", *(f"{sim} 1T10:00" for sim in sims)]))
    subscribers = register(*((sim, "D1", DAY) for sim in sims))
    found = seeker.find(records, subscribers=subscribers, config=Rigs(candidates_per_sim=3))
    assert len(seeker.weights(found, "same_batch")) == 9 * 3 + 2 + 1


def test_a_card_counts_by_its_last_row_and_operators_apart(drawing, register):
    rows = register((1, "D1", DAY), (2, "D1", DAY), (3, "D1", DAY))
    later = register((1, "D9", DAY)).with_columns(valid_from=date(2026, 4, 1))
    other = register((4, "D1", DAY), operator="beta")
    found = find_batches(pl.concat([rows, later, other]))
    assert found["imsi"].to_list() == [drawing.imsi(sim) for sim in (1, 2, 3, 4)]
    assert found["batch_sims"].to_list() == [1, 2, 2, 1]
    assert found["batch"].n_unique() == 3
    assert find_batches(SUBSCRIBERS.empty()).is_empty()
