"""Nights on which two SIMs are silent together: a box at rest, and what silences others as well."""

import polars as pl
import pytest

ONE, TWO = 100_500, 200_500
NIGHTS = range(1, 10)
NEIGHBOURS = [300_500 + 10_100 * number for number in range(12)]
FAR = [600_500 + 10_100 * number for number in range(12)]
RESTS = (3, 6)


EVIDENCE = dict.fromkeys([ONE, TWO, *FAR], 20) | dict.fromkeys(NEIGHBOURS, -90)


def days(sim: int, mast: str, silent=(), last="20:10") -> list[str]:
    """Three calls on each of nine days but the silent ones."""
    return [f"{sim} {day}T{at} {mast}" for day in NIGHTS if day not in silent for at in ("08:05", "12:00", last)]


def silent(seeker, drawing, *rows) -> float:
    found = seeker.find(drawing.records("\n".join(["imsi at cell", *rows])), last=9, evidence=EVIDENCE)
    return seeker.weights(found, "silent_together").get((ONE, TWO), 0.0)


def everybody(mast: str, sims, silent=()) -> list[str]:
    return [row for sim in sims for row in days(sim, mast, silent)]


OTHERS = [*everybody("A", NEIGHBOURS), *everybody("P", FAR)]


def test_a_box_that_rests_while_others_are_heard(seeker, drawing):
    assert silent(seeker, drawing, *days(ONE, "A", RESTS), *days(TWO, "A", RESTS), *OTHERS) > 20


@pytest.mark.parametrize(
    "rows",
    [
        days(ONE, "A", RESTS) + days(TWO, "A", (4, 7)),
        days(ONE, "A", RESTS) + days(TWO, "A", RESTS, last="14:30"),
        days(ONE, "A", RESTS) + days(TWO, "B", RESTS),
    ],
    ids=["on other nights", "at other hours", "elsewhere"],
)
def test_silences_that_tell_nothing(seeker, drawing, rows):
    assert silent(seeker, drawing, *rows, *OTHERS) == 0


def test_once_is_an_accident(seeker, drawing):
    once = days(ONE, "A", (3,)) + days(TWO, "A", (3,))
    assert 0 < silent(seeker, drawing, *once, *OTHERS) < 17


def test_an_outage_silences_everybody_at_that_place(seeker, drawing):
    own = days(ONE, "A", RESTS) + days(TWO, "A", RESTS)
    assert silent(seeker, drawing, *own, *everybody("A", NEIGHBOURS, RESTS), *everybody("P", FAR)) == 0


def test_days_off_that_everybody_keeps(seeker, drawing):
    own = days(ONE, "A", RESTS) + days(TWO, "A", RESTS)
    assert silent(seeker, drawing, *own, *everybody("A", NEIGHBOURS), *everybody("P", FAR, RESTS)) == 0
    half = [*everybody("P", FAR[:6], RESTS), *everybody("P", FAR[6:])]
    assert silent(seeker, drawing, *own, *everybody("A", NEIGHBOURS), *half) == 0


def test_where_nobody_else_is_nothing_is_known(seeker, drawing):
    own = days(ONE, "A", RESTS) + days(TWO, "A", RESTS)
    assert silent(seeker, drawing, *own, *everybody("P", FAR)) == 0


def test_silences_of_one_alone_speak_against_it(seeker, drawing):
    own = days(ONE, "A", RESTS) + days(TWO, "A", RESTS)
    alone = days(ONE, "A", (*RESTS, 8)) + days(TWO, "A", RESTS)
    assert 0 < silent(seeker, drawing, *alone, *OTHERS) < silent(seeker, drawing, *own, *OTHERS) - 3


def test_the_order_of_rows_does_not_matter(seeker, drawing):
    rows = [*days(ONE, "A", RESTS), *days(TWO, "A", RESTS), *OTHERS]
    records = drawing.records("\n".join(["imsi at cell", *rows]))
    mixed = records.sample(fraction=1, shuffle=True, seed=5).sort("imsi", "started_at", "record_id")
    links = seeker.find(records, last=9, evidence=EVIDENCE).links
    assert links.filter(pl.col("comparison") == "silent_together").height > 0
    assert links.equals(seeker.find(mixed, last=9, evidence=EVIDENCE).links)
