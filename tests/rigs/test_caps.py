"""Turns that end at one number: a box's rule, and what looks like it."""

import pytest

from simbox.rigs.caps import find_caps

ONE, TWO, THREE = 100_500, 200_500, 300_500
FAR = [500_500 + 101_000 * number for number in range(12)]
OTHERS = (3, 4, 6, 7, 8, 9)
HEAD = "imsi at cell imei service s"


def turns(sim: int, mast: str, counts, service: str = "voice", seconds: int = 20) -> list[str]:
    """Turns of so many calls or SMS, on one handset and another by turns."""
    rows = []
    for number, count in enumerate(counts):
        handset = f"H{sim // 10_000 * 10 + number % 2}"
        for _ in range(count):
            minute = 8 * 60 + 3 * len(rows)
            rows.append(f"{sim} 1T{minute // 60:02}:{minute % 60:02} {mast} {handset} {service} {seconds}")
    return rows


def nights(sim: int, mast: str, counts, service: str = "sms") -> list[str]:
    """So many calls or SMS a night on one handset."""
    return [
        f"{sim} {day}T{9 + number // 6:02}:{number % 6}0 {mast} H{sim // 10_000} {service} 20"
        for day, count in enumerate(counts, 1)
        for number in range(count)
    ]


def strangers(counts, draw=turns) -> list[str]:
    return [
        row
        for sim, count in zip(FAR[: len(counts)], counts, strict=True)
        for row in draw(sim, "P", [count] * 3 + [count] * 2)
    ]


def cap_of(seeker, drawing, *rows, last=5) -> float:
    found = seeker.find(drawing.records("\n".join([HEAD, *rows])), last=last)
    return seeker.weights(found, "same_cap").get((ONE, TWO), 0.0)


def test_turns_that_end_at_one_constant(seeker, drawing):
    own = turns(ONE, "A", (2, 5, 5, 1)) + turns(TWO, "A", (4, 5, 3, 5, 5))
    assert cap_of(seeker, drawing, *own, *strangers(2 * OTHERS)) > 10


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((5,) * 6, (6,) * 6),
        ((5, 3, 2), (5, 4, 2)),
        ((5,) * 6, (5, 5, 2, 7, 3, 4, 6)),
        ((1,) * 6, (1,) * 6),
        ((2,) * 6, (2,) * 6),
    ],
    ids=["at different ones", "too few turns", "fewer than a third", "after each call", "after two"],
)
def test_turns_that_tell_of_no_common_rule(seeker, drawing, one, two):
    assert cap_of(seeker, drawing, *turns(ONE, "A", one), *turns(TWO, "A", two), *strangers(OTHERS)) == 0


def test_a_constant_that_everybody_keeps_to(seeker, drawing):
    own = turns(ONE, "A", (5,) * 6) + turns(TWO, "A", (5,) * 6)
    assert cap_of(seeker, drawing, *own, *strangers((5,) * 6)) == 0


def test_without_anybody_far_away_nothing_is_known_of_strangers(seeker, drawing):
    assert cap_of(seeker, drawing, *turns(ONE, "A", (5,) * 6), *turns(TWO, "A", (5,) * 6)) == 0


def test_a_limit_of_messages_a_day(seeker, drawing):
    own = nights(ONE, "A", (8, 8, 8, 8)) + nights(TWO, "A", (8, 3, 8, 8))
    assert cap_of(seeker, drawing, *own, *strangers((8,) * 6, nights)) == 0
    assert cap_of(seeker, drawing, *own, *strangers(2 * (3, 4, 6, 7, 9, 10), nights)) > 10


def test_two_tariffs_with_a_limit_of_messages(seeker, drawing):
    own = nights(ONE, "A", (8, 8, 8, 8)) + nights(TWO, "A", (8, 8, 8, 8)) + nights(THREE, "A", (12,) * 4)
    weight = cap_of(seeker, drawing, *own, *strangers((8, 12, 8, 12, 8, 12), nights))
    assert 0 <= weight < 6


def test_minutes_talked_in_a_turn(drawing):
    rows = turns(ONE, "A", (2, 3, 3, 3, 2), seconds=100)
    caps = find_caps(drawing.records("\n".join([HEAD, *rows])).with_columns(place="cell"))
    assert caps.select("end", "measure", "cap", "turns").rows() == [
        ("imei", "calls", 3, 3),
        ("imei", "minutes", 5, 3),
    ]


def test_the_order_of_rows_does_not_matter(seeker, drawing):
    rows = [*turns(ONE, "A", (5,) * 6), *turns(TWO, "A", (5,) * 6), *nights(THREE, "A", (6,) * 4), *strangers(OTHERS)]
    records = drawing.records("\n".join([HEAD, *rows]))
    mixed = records.sample(fraction=1, shuffle=True, seed=5).sort("imsi", "started_at", "record_id")
    assert seeker.find(records, last=5).links.equals(seeker.find(mixed, last=5).links)
