"""Lawful look-alikes, drawn: suspects by themselves, and no rig together."""

import polars as pl
import pytest

RIG = [100_501, 100_502, 100_503]
FAR = [200_500 + 101_000 * number for number in range(12)]


def drawn(drawing, rows, head="imsi at cell imei other direction"):
    return drawing.records("\n".join([head, *rows]))


def day_of(sim, mast, handset, numbers, day=1, direction="mo", first_hour=9, step_min=11) -> list[str]:
    """Calls every eleven minutes from one place."""
    minutes = [first_hour * 60 + step_min * number for number in range(len(numbers))]
    return [
        f"{sim} {day}T{minute // 60:02}:{minute % 60:02} {mast} {handset} {other} {direction}"
        for minute, other in zip(minutes, numbers, strict=True)
    ]


def own(sim: int, count: int = 12) -> list[str]:
    """Numbers that nobody else calls."""
    return [f"x{(sim % 9973) * 1000 + number}" for number in range(count)]


def test_counterfeit_phones_of_one_imei_far_apart(seeker, drawing):
    rows = [row for sim, mast in zip(FAR, "ABCDEFG", strict=False) for row in day_of(sim, mast, "H1", own(sim))]
    found = seeker.find(drawn(drawing, rows), imei_sims={"H1": 5000})
    assert seeker.members(found) == []


def test_strangers_at_a_crowded_place(seeker, drawing):
    rows = [row for sim in FAR for row in day_of(sim, "A", f"H{sim}", own(sim))]
    found = seeker.find(drawn(drawing, rows), evidence=-40, place_sims={"A": 4000})
    assert seeker.members(found) == []


def test_callers_of_one_hotline_live_everywhere(seeker, drawing):
    rows = [
        row
        for sim, mast in zip(FAR, "ABCDEFG", strict=False)
        for row in day_of(sim, mast, f"H{sim}", ["x1", *own(sim)])
    ]
    assert seeker.members(seeker.find(drawn(drawing, rows), evidence=-40)) == []


def test_a_phone_with_two_cards(seeker, drawing):
    one, two = FAR[:2]
    rows = day_of(one, "B", "H1", own(one)) + day_of(two, "B", "H2", own(two), first_hour=13)
    assert seeker.members(seeker.find(drawn(drawing, rows), evidence=-30)) == []


def test_phones_that_a_family_bought_together(seeker, drawing):
    family, others = FAR[:4], [900_500 + 100 * number for number in range(300)]
    rows = [
        row
        for place, sim in enumerate(family)
        for row in day_of(sim, "B", f"G{place + 1}", own(sim), first_hour=18)
        + day_of(sim, "CDEF"[place], f"G{place + 1}", own(sim)[:6], first_hour=10, step_min=40)
    ]
    rows += [f"{sim} 1T10:00 G G{1000 + 7 * number} x1 mo" for number, sim in enumerate(others)]
    evidence = dict.fromkeys(family, -40) | dict.fromkeys(others, -90)
    found = seeker.find(drawn(drawing, rows), evidence=evidence, place_sims={"B": 300})
    assert seeker.members(found) == []
    assert not found.links.filter(comparison="near_imei").is_empty()


@pytest.mark.parametrize("evidence", [-40, 20], ids=["busy", "as loud as a rig's"])
def test_commuters_of_one_train(seeker, drawing, evidence):
    rows = []
    for place, sim in enumerate(FAR):
        home, work = "ABC"[place % 3], "EFG"[place // 3 % 3]
        for day in (1, 2, 3):
            on_train = enumerate((home, "D", work))
            rows += [
                f"{sim} {day}T07:{30 + 2 * leg}:{place:02} {mast} H{sim} x{sim * 7 + leg} mo" for leg, mast in on_train
            ]
            rows += day_of(sim, work, f"H{sim}", own(sim + 31 * day, 5), day=day, first_hour=10, step_min=60)
            rows += day_of(sim, home, f"H{sim}", own(sim + 57 * day, 4), day=day, first_hour=19, step_min=40)
    found = seeker.find(drawn(drawing, rows), evidence=evidence, place_sims=dict.fromkeys("ABCEFG", 900))
    assert seeker.members(found) == []


@pytest.mark.parametrize("evidence", [-40, 20], ids=["busy", "as loud as a rig's"])
def test_everybody_at_a_place_falls_silent_and_comes_back_at_once(seeker, drawing, evidence):
    rows = []
    for sim in FAR:
        for day in (1, 2):
            rows += day_of(sim, "A", f"H{sim}", own(sim + day, 8), day=day, first_hour=8)
            # The mast is back at one o'clock, and all call in its first minutes.
            rows += day_of(sim, "A", f"H{sim}", own(sim + 10 + day, 8), day=day, first_hour=13, step_min=1)
    found = seeker.find(drawn(drawing, rows), evidence=evidence, place_sims={"A": 900}, last=2)
    assert seeker.members(found) == []
    assert found.links.filter(pl.col("comparison").is_in(["relay", "imei_in_turn"])).is_empty()


@pytest.mark.parametrize("handset", ["H", "G"], ids=["of many models", "of one delivery"])
def test_a_company_whose_customers_ring_its_seats(seeker, drawing, handset):
    rows = []
    for seat, sim in enumerate(FAR[:6]):
        customers = own(sim, 20)
        rows += day_of(sim, "A", f"{handset}{seat + 1}", customers)
        rows += day_of(sim, "A", f"{handset}{seat + 1}", customers[:12], direction="mt", first_hour=14)
    assert seeker.members(seeker.find(drawn(drawing, rows), evidence=-20)) == []


def rig(days=(1, 2, 3)) -> list[str]:
    """Three cards in turn on one handset at B."""
    new = 7_000_000
    return [
        f"{sim} {day}T{9 + turn // 3:02}:{turn % 3 * 20 + 5 * place:02} B H1 x{new + day * 1000 + turn * 10 + place} mo"
        for day in days
        for turn in range(12)
        for place, sim in enumerate(RIG)
    ]


def test_a_victim_that_rings_back_is_no_member(seeker, drawing):
    victim = FAR[0]
    rows = [
        *rig(),
        f"{RIG[0]} 3T18:00 B H1 {victim} mo",
        f"{victim} 3T18:00 D H9 {RIG[0]} mt",
        f"{victim} 3T18:30 D H9 {RIG[0]} mo",
        f"{RIG[0]} 3T18:30 B H1 {victim} mt",
        *day_of(victim, "D", "H9", own(victim), day=3),
    ]
    evidence = dict.fromkeys(RIG, 20) | {victim: -90}
    assert seeker.members(seeker.find(drawn(drawing, rows), evidence=evidence)) == [set(RIG)]


def test_a_neighbour_with_a_life_of_its_own_is_no_member(seeker, drawing):
    neighbour = FAR[1]
    walk = [
        f"{neighbour} {day}T{hour:02}:30 {mast} H8 x{88 + hour} mo"
        for day in (1, 2, 3)
        for hour, mast in enumerate("BCDEFGBCDEFG", 8)
    ]
    evidence = dict.fromkeys(RIG, 20) | {neighbour: -90}
    assert seeker.members(seeker.find(drawn(drawing, rig() + walk), evidence=evidence)) == [set(RIG)]


def test_others_who_bought_from_the_rigs_dealer_are_no_members(seeker, drawing):
    run = list(range(100_504, 100_530))
    others = [
        row for number, sim in enumerate(run) for row in day_of(sim, "ACDEFG"[number % 6], f"H{sim}", own(sim), day=2)
    ]
    evidence = dict.fromkeys(RIG, 20) | dict.fromkeys(run, -90)
    assert seeker.members(seeker.find(drawn(drawing, rig() + others), evidence=evidence)) == [set(RIG)]


def test_nobody_is_suspect(seeker, drawing):
    assert seeker.members(seeker.find(drawn(drawing, rig()), evidence=-90)) == []


def shift(sim, places, days=range(1, 7)) -> list[str]:
    """Calls at home, at work and at home again, gone there and back at the same minutes every day."""
    hours = (6, 11, 18)
    return [
        row
        for day in days
        for mast, hour in zip(places, hours, strict=True)
        for row in day_of(sim, mast, f"H{sim}", own(sim + 31 * day + hour, 4), day, first_hour=hour, step_min=50)
    ]


def test_a_shift_on_its_bus(seeker, drawing):
    loud, quiet = FAR[:4], FAR[4:]
    rows = [row for sim in FAR for row in shift(sim, "AGA")]
    evidence = dict.fromkeys(loud, -40) | dict.fromkeys(quiet, -90)
    found = seeker.find(drawn(drawing, rows), last=6, evidence=evidence, place_sims={"A": 300, "G": 300})
    assert seeker.members(found) == []
    assert seeker.weights(found, "moved_together") == {}


def test_a_phone_with_two_cards_on_the_way_to_work(seeker, drawing):
    rows = [row for sim in FAR[:2] for row in shift(sim, "AGA")]
    found = seeker.find(drawn(drawing, rows), last=6, evidence=-30)
    assert seeker.members(found) == []
    assert seeker.weights(found, "moved_together") == {}
