"""What a rig is used for and where its radio stands, drawn; and who only lives beside it."""

import pytest

RUN = [100_501, 100_502, 100_503, 100_504, 100_505, 100_506]
NEIGHBOURS = [200_500 + 101_000 * number for number in range(12)]
HANDSETS = ("H1", "H2")


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def drawn(drawing, rows):
    return drawing.records("\n".join(["imsi at cell imei other service", *rows]))


def rotation(other, *, service="voice", first_hour=9, mast=lambda day, turn: "A") -> list[str]:
    """Six cards that take turns in two handsets on three days; `other` is whom a turn calls or writes to."""
    rows = []
    for day in (1, 2, 3):
        for turn in range(4 * len(RUN)):
            sim = RUN[turn % len(RUN)]
            at = f"{day}T{clock(first_hour * 60 + turn * 10)}"
            rows.append(f"{sim} {at} {mast(day, turn)} {HANDSETS[turn % 2]} {other(day, turn, sim)} {service}")
    return rows


def somebody_new(day: int, turn: int, sim: int) -> str:
    return f"x{1000 * day + turn + 100_000 * (sim % 97)}"


def the_same_few(day: int, turn: int, sim: int) -> str:
    return f"x{7000 + turn % 12}"


def one_of_three(day: int, turn: int, sim: int) -> str:
    return f"x{8000 + turn % 3}"


# Numbers that a feed serves, of SIMs without a record of their own.
SERVED = [*range(5_000_000, 5_000_012), *range(6_000_000, 6_000_072)]


def somebody_served(day: int, turn: int, sim: int) -> str:
    return str(6_000_000 + 24 * (day - 1) + turn)


def the_same_served(day: int, turn: int, sim: int) -> str:
    return str(5_000_000 + turn % 12)


@pytest.mark.parametrize(
    ("other", "service", "first_hour", "kind"),
    [
        (somebody_served, "voice", 9, "vishing"),
        (the_same_served, "voice", 18, "bypass"),
        (somebody_new, "sms", 9, "sms_farm"),
        (one_of_three, "voice", 18, "unknown"),
        (somebody_new, "voice", 9, "unknown"),
    ],
    ids=[
        "cold calls in office hours",
        "the same numbers in the evening",
        "messages",
        "too few callees to tell",
        "callees that no feed serves",
    ],
)
def test_the_kind_follows_from_whom_it_calls_and_when(seeker, drawing, other, service, first_hour, kind):
    found = seeker.find(drawn(drawing, rotation(other, service=service, first_hour=first_hour)), served=SERVED)
    assert seeker.members(found) == [set(RUN)]
    row = found.rigs.row(0, named=True)
    assert row["kind"] == kind
    assert 0.5 <= row["kind_probability"] <= 1 or kind == "unknown"
    assert (row["sms_count"] > 0) == (service == "sms")


@pytest.mark.parametrize(
    ("from_abroad", "kind"),
    [
        ([(3, sim, 1) for sim in SERVED[12:48]], "bypass"),
        ([(3, sim, 1) for sim in SERVED[12:20]], "vishing"),
    ],
    ids=["half of its callees are called from abroad", "as many as of anybody's"],
)
def test_whose_callees_are_called_from_abroad_passes_such_calls(seeker, drawing, from_abroad, kind):
    rows = rotation(somebody_served, first_hour=16)
    found = seeker.find(drawn(drawing, rows), served=SERVED, from_abroad=from_abroad)
    assert found.rigs["kind"].to_list() == [kind]


def test_calls_from_abroad_that_a_rig_lands_become_fewer(seeker, drawing):
    last_night = [row for row in rotation(the_same_served, first_hour=16) if " 3T" in row]
    quiet = [f"{sim} {day}T03:00 A H{sim} x1 voice" for sim in NEIGHBOURS for day in (1, 2, 3)]
    records = drawn(drawing, last_night + quiet)
    sure = []
    for each_day in ((8, 8, 0), (8, 8, 8)):
        calls = [(day, sim, each) for day, each in enumerate(each_day, 1) for sim in SERVED[:2]]
        row = seeker.find(records, served=SERVED, from_abroad=calls).rigs.row(0, named=True)
        assert row["kind"] == "bypass"
        sure.append(row["kind_probability"])
    assert sure[0] > sure[1]


@pytest.mark.parametrize("each", [4, 12], ids=["hourly", "twice a day"])
def test_a_bank_that_serves_two_premises_is_one_rig_at_both(seeker, drawing, each):
    rows = rotation(somebody_new, mast=lambda day, turn: "AD"[turn // each % 2])
    found = seeker.find(drawn(drawing, rows))
    assert seeker.members(found) == [set(RUN)]
    assert found.rigs["place_count"].to_list() == [2]
    sites = found.sites.sort("place_rank")
    assert sites["place_rank"].to_list() == [1, 2]
    assert sites["event_share"].to_list() == pytest.approx([0.5, 0.5], abs=0.01)
    assert sites["live_now"].to_list() == [True, True]
    assert sites.select("lat", "lon").n_unique() == 2


def served_from(places: str, gap_s: int) -> list[str]:
    """Cards of a bank kept elsewhere: each in turn makes a call at every one of these places, with so long between."""
    rows = []
    for day in (1, 2, 3):
        for turn in range(4 * len(RUN)):
            for stop, mast in enumerate(places):
                second = (9 * 60 + turn * 20) * 60 + stop * (60 + gap_s)
                at = f"{day}T{clock(second // 60)}:{second % 60:02}"
                sim, handset = RUN[turn % len(RUN)], HANDSETS[stop % 2]
                rows.append(f"{sim} {at} {mast} {handset} {somebody_new(day, 4 * turn + stop, sim)} voice")
    return rows


@pytest.mark.parametrize(
    ("places", "gap_s", "elsewhere"),
    [("AD", 120, True), ("ADC", 120, True), ("Aa", 120, False), ("AA", 120, False)],
    ids=["two far places", "three", "two masts of one house", "one mast"],
)
def test_a_bank_kept_elsewhere_shows_by_cards_that_no_road_could_bring(seeker, drawing, places, gap_s, elsewhere):
    found = seeker.find(drawn(drawing, served_from(places, gap_s)))
    assert seeker.members(found) == [set(RUN)]
    row = found.rigs.row(0, named=True)
    assert (row["far_switches"] >= 72) == elsewhere
    assert row["shuttling_count"] == (len(RUN) if elsewhere else 0)
    assert row["place_count"] == (len(places) if elsewhere else 1)


def test_cards_that_a_box_moves_between_its_gateways_together(seeker, drawing):
    at_noon = rotation(somebody_new, mast=lambda day, turn: "AD"[turn // 12 % 2])
    found = seeker.find(drawn(drawing, at_noon))
    assert seeker.members(found) == [set(RUN)]
    assert len(seeker.weights(found, "moved_together")) == 15


def test_a_rig_that_moves_house_leaves_its_first_place(seeker, drawing):
    rows = rotation(somebody_new, mast=lambda day, turn: "A" if day == 1 else "D")
    found = seeker.find(drawn(drawing, rows))
    assert seeker.members(found) == [set(RUN)]
    sites = found.sites.sort("place_rank")
    assert sites["event_share"].to_list() == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert sites["live_now"].to_list() == [True, False]
    assert sites["first_at"][0] > sites["last_at"][1]


@pytest.mark.parametrize("evidence", [-60, -100], ids=["busy on their phones", "ordinary"])
def test_a_shop_full_of_look_alikes_at_a_rig_s_place_is_no_part_of_it(seeker, drawing, evidence):
    shop = [
        f"{sim} {day}T{clock(9 * 60 + number * 45 + place)} A N{sim} x{sim % 9973 * 1000 + number // 2} voice"
        for place, sim in enumerate(NEIGHBOURS)
        for day in (1, 2, 3)
        for number in range(8)
    ]
    points = dict.fromkeys(RUN, 20) | dict.fromkeys(NEIGHBOURS, evidence)
    found = seeker.find(drawn(drawing, rotation(somebody_new) + shop), evidence=points, place_sims={"A": 400})
    assert seeker.members(found) == [set(RUN)]
