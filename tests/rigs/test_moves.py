"""Who is moved from place to place at one time: cards of a box with several gateways, and who only travels along."""

import polars as pl
import pytest

ONE, TWO = 100_500, 200_500
CARDS = [ONE, TWO, 300_500, 401_500]
MORE = [450_500, 460_600]
RIDERS = [500_500 + 10_100 * number for number in range(8)]
DAYS = range(1, 7)


def day_of(sim: int, places: str, day: int, off_min: int, stay_min: int) -> list[str]:
    """Two calls at each place by turns, every hour at the next one."""
    rows = []
    for turn, mast in enumerate(places):
        for call in (0, stay_min):
            minute = 9 * 60 + turn * 60 + call + off_min
            rows.append(f"{sim} {day}T{minute // 60:02}:{minute % 60:02}:{sim % 59:02} {mast}")
    return rows


def days(sim: int, places: str = "ADA", at=DAYS, off_min: int = 0, stay_min: int = 40) -> list[str]:
    return [row for day in at for row in day_of(sim, places, day, off_min, stay_min)]


def everybody(sims, places: str = "ADA", off_min: int = 0) -> list[str]:
    return [row for sim in sims for row in days(sim, places, off_min=off_min)]


def moved(seeker, drawing, rows, evidence=None, last=6) -> dict[tuple[int, int], float]:
    found = seeker.find(
        drawing.records("\n".join(["imsi at cell", *rows])), last=last, evidence=20 if evidence is None else evidence
    )
    return seeker.weights(found, "moved_together")


def test_cards_of_a_box_with_two_gateways(seeker, drawing):
    weights = moved(seeker, drawing, everybody(CARDS))
    assert len(weights) == 6
    assert min(weights.values()) > 20


@pytest.mark.parametrize(
    "others",
    [
        everybody(CARDS[2:], "AAA") + days(TWO, "AAA"),
        everybody(CARDS[2:]) + days(TWO, "CDC"),
        everybody(CARDS[2:]) + days(TWO, "AaA"),
        everybody(CARDS[2:]) + everybody([TWO, *MORE], off_min=300),
        everybody(CARDS[2:]) + days(TWO, "DAD"),
    ],
    ids=["one alone", "from elsewhere", "from mast to mast", "at another hour", "the other way round"],
)
def test_moves_that_tell_nothing_of_two(seeker, drawing, others):
    assert (ONE, TWO) not in moved(seeker, drawing, days(ONE) + others)


def test_two_sims_of_one_phone(seeker, drawing):
    assert moved(seeker, drawing, everybody(CARDS[:2])) == {}
    assert (ONE, TWO) in moved(seeker, drawing, everybody(CARDS[:3]))


def test_a_train_takes_everybody(seeker, drawing):
    evidence = dict.fromkeys(CARDS, 20) | dict.fromkeys(RIDERS, -90)
    assert moved(seeker, drawing, everybody(CARDS + RIDERS), evidence) == {}
    few = dict.fromkeys(CARDS, 20) | dict.fromkeys(RIDERS[:1], -90)
    with_one = moved(seeker, drawing, everybody(CARDS + RIDERS[:1]), few)
    assert 0 < with_one[ONE, TWO] < moved(seeker, drawing, everybody(CARDS))[ONE, TWO]


def test_who_lives_at_one_end_is_no_passenger(seeker, drawing):
    evidence = dict.fromkeys(CARDS, 20) | dict.fromkeys(RIDERS, -90)
    neighbours = everybody(RIDERS[:4], "AAA") + everybody(RIDERS[4:], "DDD")
    at_home = moved(seeker, drawing, everybody(CARDS) + neighbours, evidence)
    assert at_home == moved(seeker, drawing, everybody(CARDS))


def test_once_is_an_accident(seeker, drawing):
    once = [row for sim in CARDS for row in days(sim, "AAA", (1, 2, 3)) + days(sim, "DDD", (4, 5, 6))]
    assert all(weight < 2 for weight in moved(seeker, drawing, once).values())


def test_who_was_heard_once_has_not_stayed(seeker, drawing):
    passing = [row for row in everybody(CARDS, "AD") if "T10:0" not in row]
    assert moved(seeker, drawing, passing) == {}


def test_who_goes_all_day_meets_many_by_chance(seeker, drawing):
    in_a_week = [row for sim in CARDS for row in days(sim, at=range(1, 6), stay_min=20)]
    in_a_day = [row for sim in CARDS for row in days(sim, "ADADADADADA", (1,), stay_min=20)]
    assert moved(seeker, drawing, in_a_day)[ONE, TWO] < 10
    assert moved(seeker, drawing, in_a_week)[ONE, TWO] > 20


def test_moves_of_one_alone_speak_against_it(seeker, drawing):
    before = everybody(CARDS[1:]) + days(ONE, at=(1, 2, 3, 4))
    together = moved(seeker, drawing, before + days(ONE, at=(5, 6)))[ONE, TWO]
    at_home = moved(seeker, drawing, before + days(ONE, "A", at=(5, 6)))[ONE, TWO]
    alone = moved(seeker, drawing, before + days(ONE, at=(5, 6), off_min=300))[ONE, TWO]
    assert 0 < alone < at_home - 5 < together - 10


def test_a_gap_that_two_meet_one_after_the_other(seeker, drawing):
    long = [row for row in days(ONE, "AAAADA") if "T10" not in row and "T11" not in row]
    early, late = [row for sim in CARDS[1:2] for row in days(sim)], days(CARDS[2], off_min=180)
    rows = days(ONE, "ADA", off_min=0)
    assert moved(seeker, drawing, rows + early + late) == {}
    assert (ONE, TWO) not in moved(seeker, drawing, long + early + late)


def test_the_order_of_rows_does_not_matter(seeker, drawing):
    records = drawing.records("\n".join(["imsi at cell", *everybody(CARDS)]))
    mixed = records.sample(fraction=1, shuffle=True, seed=5).sort("imsi", "started_at", "record_id")
    links = seeker.find(records, last=6).links
    assert links.filter(pl.col("comparison") == "moved_together").height > 0
    assert links.equals(seeker.find(mixed, last=6).links)
