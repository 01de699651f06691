"""Each comparison on a drawn table of calls, beside somebody innocent who looks alike."""

import pytest

# Far apart among the IMSIs in use, so that only what is drawn links them.
ONE, TWO, THREE = 100_500, 200_500, 300_500


def table(*rows: str, head: str = "imsi at cell imei") -> str:
    return "\n".join([head, *rows])


def pair(seeker, found, comparison, a=ONE, b=TWO) -> float:
    return seeker.weights(found, comparison).get((a, b), 0.0)


# ---- imei_in_turn

IN_TURN = table(f"{ONE} 1T10:00 A H1", f"{TWO} 1T10:05 A H1", f"{ONE} 1T10:10 A H1", f"{TWO} 1T10:15 A H1")


def test_one_handset_in_turn(seeker, drawing):
    assert pair(seeker, seeker.find(drawing.records(IN_TURN)), "imei_in_turn") > 60


@pytest.mark.parametrize(
    ("rows", "strangers"),
    [
        (table(f"{ONE} 1T10:00 A H1", f"{TWO} 1T10:05 D H1", f"{ONE} 1T10:10 A H1", f"{TWO} 1T10:15 D H1"), 0),
        (table(f"{ONE} 1T10:00 A H1", f"{TWO} 1T10:05 A H1", f"{ONE} 1T12:00:00 A H1", f"{TWO} 1T12:00:10 D H1"), 0),
        (IN_TURN, 13_500),
        (table(f"{ONE} 1T10:00 A H1", f"{TWO} 1T10:05 A H2", f"{ONE} 1T10:10 A H1", f"{TWO} 1T10:15 A H2"), 0),
        (table(f"{ONE} 1T10:00 A -", f"{TWO} 1T10:05 A -"), 0),
    ],
    ids=[
        "cloned far apart",
        "in calls far apart at once",
        "cloned onto thousands",
        "a dual-SIM phone",
        "no IMEI at all",
    ],
)
def test_innocent_handsets(seeker, drawing, rows, strangers):
    found = seeker.find(drawing.records(rows), imei_sims={"H1": strangers})
    assert pair(seeker, found, "imei_in_turn") == 0


def test_the_more_share_a_handset_the_less_it_says(seeker, drawing):
    weights = [
        pair(seeker, seeker.find(drawing.records(IN_TURN), imei_sims={"H1": others}), "imei_in_turn")
        for others in (0, 20, 500, 3000)
    ]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] - weights[-1] > 60


def test_calls_far_apart_at_once_refute_a_hand_over(seeker, drawing):
    rows = [*IN_TURN.splitlines()[1:], f"{ONE} 2T10:00:00 A H1", f"{TWO} 2T10:00:30 D H1"]
    found = seeker.find(drawing.records(table(*rows)))
    assert pair(seeker, found, "imei_in_turn") == 0
    assert pair(seeker, found, "same_places") > 0


# ---- same_places


def stays(*sims_at: tuple[int, str], head: str = "imsi at cell") -> str:
    rows = [
        f"{sim} {day}T{hour}:{minute:02} {mast}"
        for minute, (sim, mast) in enumerate(sims_at)
        for day in (1, 2)
        for hour in (10, 12, 15)
    ]
    return table(*rows, head=head)


def test_the_same_lonely_places(seeker, drawing):
    assert pair(seeker, seeker.find(drawing.records(stays((ONE, "A"), (TWO, "A")))), "same_places") > 60


def test_cells_of_one_mast_are_the_same_place(seeker, drawing):
    assert pair(seeker, seeker.find(drawing.records(stays((ONE, "A"), (TWO, "a")))), "same_places") > 60


def test_a_crowded_place_says_little(seeker, drawing):
    records = drawing.records(stays((ONE, "A"), (TWO, "A")))
    lonely, crowded = (
        pair(seeker, seeker.find(records, place_sims={"A": others}), "same_places") for others in (0, 3000)
    )
    assert crowded < 20 < lonely - 40


def test_who_passes_by_is_no_neighbour(seeker, drawing):
    walk = [f"{TWO} 1T{hour:02}:00 {mast}" for hour, mast in zip(range(8, 18), "BCDEFGABCD", strict=True)]
    rows = stays((ONE, "A")).splitlines()[1:] + walk
    found = seeker.find(drawing.records(table(*rows, head="imsi at cell")))
    assert pair(seeker, found, "same_places") == 0


# ---- relay

# Somebody else keeps the days going, so that silence can be told from the end of the records.
CLOCK = [f"{THREE} {day}T12:00 G" for day in (1, 2, 3)]


def relay_of(seeker, drawing, *rows, others=0):
    found = seeker.find(drawing.records(table(*rows, *CLOCK, head="imsi at cell")), new_sims={"A": others})
    return pair(seeker, found, "relay")


def test_one_falls_silent_and_the_next_starts(seeker, drawing):
    assert (
        relay_of(seeker, drawing, f"{ONE} 1T20:00 A", f"{ONE} 2T10:00 A", f"{TWO} 2T10:04 A", f"{TWO} 2T15:00 A") > 40
    )


@pytest.mark.parametrize(
    "rows",
    [
        (f"{ONE} 1T20:00 A", f"{ONE} 2T10:00 A", f"{TWO} 2T10:04 C"),
        (f"{ONE} 1T20:00 A", f"{ONE} 2T10:00 A", f"{TWO} 2T12:00 A"),
        (f"{ONE} 1T20:00 A", f"{ONE} 2T10:00 A", f"{ONE} 3T12:00 A", f"{TWO} 2T10:04 A"),
        (f"{ONE} 1T06:00 A", f"{TWO} 1T06:04 A", f"{TWO} 2T10:00 A"),
        (f"{ONE} 2T10:04 A", f"{TWO} 2T10:00 A", f"{TWO} 3T12:00 A"),
    ],
    ids=["elsewhere", "hours later", "still there", "since the records begin", "before it falls silent"],
)
def test_innocent_starts(seeker, drawing, rows):
    assert relay_of(seeker, drawing, *rows) == 0


def test_at_a_station_somebody_always_starts(seeker, drawing):
    rows = f"{ONE} 1T20:00 A", f"{ONE} 2T10:00 A", f"{TWO} 2T10:04 A", f"{TWO} 2T15:00 A"
    weights = [relay_of(seeker, drawing, *rows, others=others) for others in (0, 3, 30, 300)]
    assert weights == sorted(weights, reverse=True)
    assert weights[1] > 20
    assert weights[-1] == 0


# ---- near_imsi


def test_cards_of_one_run(seeker, drawing):
    found = seeker.find(drawing.records("imsi at\n100501 1T10:00\n100502 1T11:00\n100503 1T12:00"))
    weights = seeker.weights(found, "near_imsi")
    assert set(weights) == {(100_501, 100_502), (100_501, 100_503), (100_502, 100_503)}
    assert min(weights.values()) > 45


def test_ranks_in_use_count_not_digits(seeker, drawing):
    sold = "\n".join(f"{100_500 + number} 1T10:00" for number in range(1, 26))
    crowded = seeker.find(drawing.records(f"imsi at\n{sold}"))
    sparse = seeker.find(drawing.records("imsi at\n100501 1T10:00\n100525 1T10:00"))
    assert (
        pair(seeker, crowded, "near_imsi", 100_501, 100_525) < pair(seeker, sparse, "near_imsi", 100_501, 100_525) - 5
    )


@pytest.mark.parametrize("other", [140_500, 110_501, 4_000_500])
def test_cards_of_different_runs(seeker, drawing, other):
    found = seeker.find(drawing.records(f"imsi at\n{ONE} 1T10:00\n{other} 1T10:00"))
    assert pair(seeker, found, "near_imsi", ONE, other) == 0


# ---- shared_callees


def calls(sim: int, *others: str) -> list[str]:
    return [f"{sim} 1T{10 + number // 60}:{number % 60:02} {other}" for number, other in enumerate(others)]


FAMILY = ("x1", "x2", "x3", "x4")


def shared(seeker, drawing, *rows):
    return pair(seeker, seeker.find(drawing.records(table(*rows, head="imsi at other"))), "shared_callees")


def test_the_same_seldom_called_numbers(seeker, drawing):
    assert shared(seeker, drawing, *calls(ONE, *FAMILY, "x5"), *calls(TWO, *FAMILY, "x6")) > 60


def test_a_popular_hotline_links_nobody(seeker, drawing):
    fans = [row for number in range(300) for row in calls(500_500 + 1000 * number, "x1")]
    assert shared(seeker, drawing, *calls(ONE, "x1", "x2"), *calls(TWO, "x1", "x3"), *fans) == 0


def test_one_number_of_hundreds_says_little(seeker, drawing):
    many = [[f"x{1000 * side + number}" for number in range(300)] for side in (1, 2)]
    rare = shared(seeker, drawing, *calls(ONE, "x1", "x2"), *calls(TWO, "x1", "x3"))
    assert shared(seeker, drawing, *calls(ONE, "x1", *many[0]), *calls(TWO, "x1", *many[1])) < rare / 2


def test_services_are_called_by_everybody(seeker, drawing):
    assert shared(seeker, drawing, *calls(ONE, "BANK", "TAXI"), *calls(TWO, "BANK", "TAXI")) == 0


# ---- calls_inside


def inside(seeker, drawing, *rows, evidence=20):
    found = seeker.find(drawing.records(table(*rows, head="imsi at other direction")), evidence=evidence)
    return found, pair(seeker, found, "calls_inside")


def test_staged_calls_among_ones_own(seeker, drawing):
    rows = [f"{ONE} 1T10:00 {TWO} mo", f"{TWO} 1T10:00 {ONE} mt", f"{TWO} 1T12:00 {ONE} mo", f"{ONE} 1T12:00 {TWO} mt"]
    found, weight = inside(seeker, drawing, *rows)
    assert weight > 60
    assert set(found.links.filter(comparison="calls_inside")["direction"]) == {"both"}


def test_who_calls_half_the_town_calls_the_neighbour_as_well(seeker, drawing):
    town = [f"{ONE} 1T{8 + number // 60:02}:{number % 60:02} x{number} mo" for number in range(600)]
    _, alone = inside(seeker, drawing, f"{ONE} 1T10:00 {TWO} mo", f"{TWO} 1T10:00 {ONE} mt")
    _, among = inside(seeker, drawing, *town, f"{ONE} 1T20:00 {TWO} mo", f"{TWO} 1T20:00 {ONE} mt")
    assert among < 15 < alone - 40


def test_numbers_that_are_nobodys_here(seeker, drawing):
    assert inside(seeker, drawing, f"{ONE} 1T10:00 x1 mo", f"{TWO} 1T10:00 x2 mo")[1] == 0


# ---- same_habits


def habits(seeker, drawing, first, second):
    """Weight between two SIMs of one lonely place that do `first` and `second` (service, hours)."""
    rows = [
        f"{sim} {day}T{hour:02}:{minute:02} {service}"
        for sim, (service, hours) in ((ONE, first), (TWO, second))
        for day in (1, 2) for hour in hours for minute in (10, 30, 50)
    ]  # fmt: skip
    return pair(seeker, seeker.find(drawing.records(table(*rows, head="imsi at service"))), "same_habits")


GATEWAYS = table(f"{ONE} 1T10:00 A G1", f"{TWO} 1T10:05 A G2", f"{ONE} 1T11:00 A G1", f"{TWO} 1T11:05 A G2")


def test_handsets_of_one_seldom_model(seeker, drawing):
    assert pair(seeker, seeker.find(drawing.records(GATEWAYS)), "same_model") > 40


def test_a_model_that_everybody_carries(seeker, drawing):
    found = seeker.find(drawing.records(GATEWAYS), imei_sims={"G1": 7000})
    assert pair(seeker, found, "same_model") == 0


def test_different_models(seeker, drawing):
    found = seeker.find(drawing.records(GATEWAYS.replace("G2", "H2")))
    assert pair(seeker, found, "same_places") > 0
    assert pair(seeker, found, "same_model") == 0


def test_habits_that_differ_speak_against_one_rig(seeker, drawing):
    office, evening = ("voice", range(9, 13)), ("voice", range(20, 24))
    alike = habits(seeker, drawing, office, office)
    assert 0 < alike < 20
    assert habits(seeker, drawing, office, evening) < -5
    assert habits(seeker, drawing, office, ("sms", range(9, 13))) < -5


def test_a_handful_of_events_hardly_tells(seeker, drawing):
    few = seeker.find(drawing.records(f"imsi at service\n{ONE} 1T10:00 voice\n{TWO} 1T20:00 voice"))
    assert -10 < pair(seeker, few, "same_habits") < 5


# ---- all of them


def test_weights_do_not_depend_on_the_order_of_rows(seeker, drawing):
    rows = [
        f"{100_500 + number % 7} {1 + number % 3}T{8 + number % 13:02}:{number % 60:02} {mast} H{1 + number % 3}"
        for number, mast in enumerate("AB" * 100)
    ]
    records = drawing.records(table(*rows))
    links = seeker.find(records).links
    mixed = seeker.find(records.sample(fraction=1, shuffle=True, seed=3).sort("imsi", "started_at", "record_id")).links
    assert links.height > 20
    assert links.equals(mixed)


def test_only_pairs_with_a_suspect_are_compared(seeker, drawing):
    found = seeker.find(drawing.records(IN_TURN), evidence={ONE: -90, TWO: -90})
    assert found.links.is_empty()
