"""What suspects far from each other have in common, and what that leaves of what two cards of one town share."""

import random

import polars as pl
import pytest

from simbox.rigs.strangers import clientele, shares_of_models

HERE = [100_500, 200_500, 300_500, 400_500]
FAR = [500_500, 600_500, 700_500, 800_500]
POOL = 60
MANY_SIMS = 10**9


class Everybody:
    """A crowd of so many SIMs."""

    sims = MANY_SIMS


# ---- THE LAW


def test_the_product_of_two_is_what_strangers_of_their_kind_share():
    # Every card of either town has four numbers in common with each card of the other, and none with those of its own.
    pairs = [(a, b) for a in range(2) for b in range(2, 5)]
    rows = [(sim, 10 * place + number) for place, pair in enumerate(pairs) for sim in pair for number in range(4)]
    reached = pl.DataFrame(rows, schema=["imsi", "other_party"], orient="row")
    reach = reached.group_by("imsi").agg(reach=pl.len().cast(pl.Int64)).sort("imsi")
    squares = pl.DataFrame({"imsi": range(5), "x": [0, 0, 9, 9, 9], "y": [0] * 5})
    found = dict(clientele(reached, reach, squares, Everybody).iter_rows())
    assert [found[a] * found[b] for a, b in pairs] == pytest.approx([4.0] * 6, abs=0.01)


def test_a_few_of_its_kind_far_away_do_not_stand_for_everybody():
    # Two squares share with a third between them that hardly reaches anybody: no law of rank one makes such sums.
    rows = [(sim, number) for sim in (0, 1, 2) for number in range(40)] + [(3, 0)]
    reached = pl.DataFrame(rows, schema=["imsi", "other_party"], orient="row")
    reach = reached.group_by("imsi").agg(reach=pl.len().cast(pl.Int64)).sort("imsi")
    squares = pl.DataFrame({"imsi": range(4), "x": [0, 0, 1, 9], "y": [0] * 4})
    found = dict(clientele(reached, reach, squares, Everybody).iter_rows())
    # Each shares one number with the one far away.
    assert found.keys() == {0, 1, 2, 3}
    assert max(found[sim] for sim in (0, 1, 2)) <= 1.0


def test_without_anybody_far_away_nothing_is_known_of_strangers():
    reached = pl.DataFrame({"imsi": [0, 1, 0, 1], "other_party": [7, 7, 8, 8]})
    reach = pl.DataFrame({"imsi": [0, 1], "reach": [2, 2]})
    squares = pl.DataFrame({"imsi": [0, 1], "x": [0, 1], "y": [0, 0]})
    assert clientele(reached, reach, squares, Everybody).is_empty()
    nobody = squares.clear()
    assert clientele(reached, reach, nobody, Everybody).is_empty()
    assert shares_of_models(pl.DataFrame({"imsi": [0, 1], "tac": [5, 5]}), nobody).is_empty()


def test_the_share_of_a_model_is_that_among_suspects_far_away():
    squares = pl.DataFrame({"imsi": range(6), "x": [0, 0, 9, 9, 9, 9], "y": [0] * 6})
    models = pl.DataFrame({"imsi": range(6), "tac": [1, 2, 1, 1, 1, 3]})
    found = dict(shares_of_models(models, squares).iter_rows())
    assert found == {0: 0.75, 1: 0.0, 2: 0.5, 3: 0.5, 4: 0.5, 5: 0.0}


# ---- IN A SEARCH FOR RIGS


def calls(sim: int, mast: str, numbers: list[str]) -> list[str]:
    return [f"{sim} 1T{8 + turn // 60:02}:{turn % 60:02} {mast} {number}" for turn, number in enumerate(numbers)]


def families(sims: list[int], mast: str) -> list[str]:
    """Cards that pass calls from abroad on to the same few families, as every rig of the country does."""
    draw = random.Random(3)
    return [row for sim in sims for row in calls(sim, mast, [f"x{draw.randrange(POOL)}" for _ in range(20)])]


def shared(seeker, drawing, *rows) -> float:
    """The mean weight of the pairs in town by shared callees."""
    links = seeker.find(drawing.records("\n".join(["imsi at cell other", *rows]))).links
    of_town = links.filter(
        (pl.col("comparison") == "shared_callees")
        & pl.all_horizontal(pl.col("imsi_a", "imsi_b").is_in([drawing.imsi(sim) for sim in HERE]))
    )
    return float(of_town["weight"].sum()) / 6


def test_families_that_every_rig_calls_say_little_of_two_cards(seeker, drawing):
    alone = shared(seeker, drawing, *families(HERE, "A"))
    beside = shared(seeker, drawing, *families(HERE, "A"), *families(FAR, "P"))
    assert alone > 60
    assert beside < alone / 4


def test_numbers_that_only_one_rig_calls_say_as_much_as_before(seeker, drawing):
    own = [row for sim in HERE for row in calls(sim, "A", [f"x{1000 + number}" for number in range(20)])]
    assert shared(seeker, drawing, *own, *families(FAR, "P")) == pytest.approx(shared(seeker, drawing, *own), rel=0.1)


def test_rigs_of_one_town_are_no_strangers_to_each_other(seeker, drawing):
    # Two squares of the grid are as near as two masts of a town: nobody knows whether one rig is served by both.
    near = shared(seeker, drawing, *families(HERE, "A"), *families(FAR, "D"))
    assert near == pytest.approx(shared(seeker, drawing, *families(HERE, "A")), rel=0.1)


def model_weight(seeker, drawing, *rows) -> float:
    found = seeker.find(drawing.records("\n".join(["imsi at cell imei", *rows])))
    return seeker.weights(found, "same_model").get((HERE[0], HERE[1]), 0.0)


def test_a_model_that_rigs_far_away_have_too_says_less(seeker, drawing):
    gateways = [f"{sim} 1T10:0{turn} A G{turn + 1}" for turn, sim in enumerate(HERE[:2])]
    others = [f"{sim} 1T10:0{turn} P H{turn + 1}" for turn, sim in enumerate(FAR)]
    same_maker = [row.replace(" H", " G10") for row in others[:3]] + others[3:]
    alone = model_weight(seeker, drawing, *gateways, *others)
    assert alone > 60
    # Three of four suspects far away show it, more than of a rig's pairs.
    assert model_weight(seeker, drawing, *gateways, *same_maker) == 0
