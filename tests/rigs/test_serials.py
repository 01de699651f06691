"""Serial numbers of handsets: radios of one box, and what else is bought together or shown by chance."""

import polars as pl
import pytest

from simbox.config import Rigs

# Far apart among the IMSIs in use; handsets G are of one model, numbered as they were made.
ONE, TWO, THREE = 100_500, 200_500, 300_500
FAR = [500_500, 601_500, 702_500, 803_500]


def near(seeker, drawing, *shown: str, **more) -> float:
    """Weight of the first two of SIMs at masts with handsets, each seen once (`sim mast handset`)."""
    rows = [f"{row.split()[0]} 1T10:{minute:02} {' '.join(row.split()[1:])}" for minute, row in enumerate(shown)]
    found = seeker.find(drawing.records("\n".join(["imsi at cell imei", *rows])), **more)
    return seeker.weights(found, "near_imei").get((ONE, TWO), 0.0)


def test_radios_of_one_box(seeker, drawing):
    assert near(seeker, drawing, f"{ONE} A G1", f"{TWO} A G2") > 35


@pytest.mark.parametrize(
    "other", ["G1", "G2001", "H2", "-"], ids=["the same one", "made another day", "another model", "none"]
)
def test_handsets_that_are_not_near(seeker, drawing, other):
    assert near(seeker, drawing, f"{ONE} A G1", f"{TWO} A {other}") == 0


def test_a_run_in_a_densely_used_model_says_less(seeker, drawing):
    shown = [f"{ONE} A G1", f"{TWO} A G9", f"{THREE} D G5"]
    evidence = {ONE: 20, TWO: 20, THREE: -90}
    weights = [near(seeker, drawing, *shown, evidence=evidence, imei_sims={"G5": others}) for others in (0, 5, 25, 500)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 35
    assert 20 < weights[2] < 35
    assert weights[-1] == 0


def test_next_to_an_imei_that_thousands_show_nobody_is_near(seeker, drawing):
    assert near(seeker, drawing, f"{ONE} A G1", f"{TWO} A G2", imei_sims={"G2": 3000}) == 0


def test_imeis_changed_from_call_to_call_say_nothing(seeker, drawing):
    shown = [f"{sim} A G{60 * number + place}" for number in range(15) for place, sim in enumerate((ONE, TWO))]
    assert near(seeker, drawing, *shown) == 0


def test_of_several_handsets_those_count_that_are_near(seeker, drawing):
    rows = [f"{ONE} 1T10:00 A H7", f"{ONE} 1T11:00 A G1", f"{TWO} 1T12:00 A H8", f"{TWO} 1T13:00 A G2"]
    links = seeker.find(drawing.records("\n".join(["imsi at cell imei", *rows]))).links
    [link] = links.filter(pl.col("comparison") == "near_imei").iter_rows(named=True)
    assert link["weight"] > 30
    # The rows that show it are those at its ends.
    assert (link["events"], link["first_at"].hour, link["last_at"].hour) == (1, 6, 8)


def test_boxes_of_a_make_that_rigs_far_away_have_too(seeker, drawing):
    shown = [f"{ONE} A G1", f"{TWO} A G2"]
    others = [f"{sim} P H{number + 5}" for number, sim in enumerate(FAR)]
    same_make = [f"{sim} P G{300 + number}" for number, sim in enumerate(FAR)]
    assert near(seeker, drawing, *shown, *others) > 35
    assert near(seeker, drawing, *shown, *same_make) == 0


def test_each_sim_is_compared_with_the_nearest_of_many(seeker, drawing):
    # Cards of one run, so that all pairs are linked by that.
    sims = [100_500 + number for number in range(12)]
    rows = [f"{sim} 1T10:{number:02} A G{number + 1}" for number, sim in enumerate(sims)]
    records = drawing.records("\n".join(["imsi at cell imei", *rows]))
    found = seeker.find(records, config=Rigs(candidates_per_sim=3))
    pairs = seeker.weights(found, "near_imei")
    assert set(pairs) == {(one, other) for n, one in enumerate(sims) for other in sims[n + 1 : n + 4]}


def test_serial_numbers_speak_of_pairs_that_something_else_links(seeker, drawing):
    # At one place each is compared with the one that came before it and the one after.
    sims = [100_500 + 10_100 * number for number in range(12)]
    rows = [f"{sim} 1T10:{number:02} A G{number + 1}" for number, sim in enumerate(sims)]
    records = drawing.records("\n".join(["imsi at cell imei", *rows]))
    found = seeker.find(records, config=Rigs(candidates_per_sim=3))
    near, at_places = (set(seeker.weights(found, name)) for name in ("near_imei", "same_places"))
    assert near == at_places != set()


def test_the_order_of_rows_does_not_matter(seeker, drawing):
    sims = [100_500 + 10_100 * number for number in range(9)]
    rows = [
        f"{sim} 1T1{turn}:{number:02} A G{(7 * number + 11 * turn) % 40}"
        for number, sim in enumerate(sims)
        for turn in range(3)
    ]
    records = drawing.records("\n".join(["imsi at cell imei", *rows]))
    links = seeker.find(records).links
    mixed = seeker.find(records.sample(fraction=1, shuffle=True, seed=5).sort("imsi", "started_at", "record_id")).links
    assert links.filter(pl.col("comparison") == "near_imei").height > 5
    assert links.equals(mixed)
