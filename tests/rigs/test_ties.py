"""What ties a card to a rig, and what its lack says."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.rigs.crowd import Crowd
from simbox.rigs.ties import Ground, Sought, model_ties, ties, ties_to_founders
from simbox.rigs.traits import find_traits
from simbox.tables.rigs import LINKS

RIG = [100_501, 100_502, 100_503, 100_504, 100_505, 100_506, 100_507, 100_508]
STRANGER, NEIGHBOUR = 300_500, 100_509
TOWN = 20_000
BASE = -110


@pytest.fixture
def tied(drawing):
    """Points that tie each SIM of a drawn table to the rig of RIG, or those that share no more than its model;
    `on_imei` SIMs of the town show each handset."""

    def run(*rows, head="imsi at cell imei", on_imei=2, by_model_alone=False) -> dict[int, int]:
        places = drawing.places()
        records = add_place(drawing.records("\n".join([head, *rows])), places)
        shown = records.select("imei").drop_nulls().unique().sort("imei")
        masts = places.select("place", "place_lat", "place_lon").unique().sort("place")
        crowd = Crowd(
            sims=TOWN,
            sims_on_imei=shown.with_columns(imei_sims=pl.lit(on_imei, dtype=pl.Int64)),
            sims_at_place=pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Float64}),
            settled=masts.select("place", settled_sims=pl.lit(20, dtype=pl.Int64)),
            places=masts,
            imsis=records["imsi"].unique().sort(),
            homes=pl.DataFrame(schema={"imsi": pl.Int64, "place": pl.Int64}),
            numbers=pl.DataFrame(schema={"imsi": pl.Int64, "msisdn": pl.Int64}),
            popular=pl.DataFrame(schema={"other_party": pl.Int64}),
            lines=pl.DataFrame(schema={"imsi": pl.Int64}),
            begun=pl.DataFrame(schema={"place": pl.Int64, "night": pl.Date, "new_sims": pl.Int64}),
        )
        rig = pl.DataFrame({"group": 0, "imsi": [drawing.imsi(sim) for sim in RIG]})
        calls = pl.DataFrame(schema={"imsi": pl.Int64, "other_party": pl.Int64})
        nobody = calls, pl.DataFrame(schema={"imsi": pl.Int64})
        ground = Ground(records, find_traits(records), LINKS.empty(), *nobody, crowd, BASE)
        everybody = Sought(ground.traits.sims, rig.clear())
        to_founders = ties_to_founders(rig, ground, everybody)
        near = ties(rig, to_founders, ground)
        sharing = to_founders.sharing_model(ground.traits.sims)
        points = model_ties(sharing, near.select("group", "imsi"), to_founders) if by_model_alone else near
        names = {drawing.imsi(sim): sim for sim in (*RIG, STRANGER, NEIGHBOUR)}
        return {names[imsi]: told for _, imsi, told in points.iter_rows()}

    return run


def legs(sims, mast="A", handset=None) -> list[str]:
    return [f"{sim} 1T{hour}:00 {mast} {handset or f'H{sim % 1000}'}" for sim in sims for hour in (10, 12, 14)]


def test_one_family_by_itself_says_little(tied):
    points = tied(*legs(RIG), *legs([STRANGER]))
    assert 0 < points[STRANGER] <= 75
    assert points[STRANGER] < min(points[sim] for sim in RIG)


def test_two_families_say_more_than_either(tied):
    away = tied(*legs(RIG), *legs([NEIGHBOUR], mast="D"))[NEIGHBOUR]
    stranger = tied(*legs(RIG), *legs([STRANGER]))[STRANGER]
    assert tied(*legs(RIG), *legs([NEIGHBOUR]))[NEIGHBOUR] > stranger + away


def test_who_lacks_the_rigs_place_is_hardly_of_it(tied):
    """All eight cards work at A; of ten cards one would be seen elsewhere at most, which is 33 points."""
    here = tied(*legs(RIG), *legs([NEIGHBOUR], mast="A"))[NEIGHBOUR]
    away = tied(*legs(RIG), *legs([NEIGHBOUR], mast="D"))[NEIGHBOUR]
    assert here - away > 33


def test_who_is_never_located_does_not_lack_the_place(tied):
    unseen = tied(*legs(RIG), *legs([NEIGHBOUR], mast="-"))[NEIGHBOUR]
    away = tied(*legs(RIG), *legs([NEIGHBOUR], mast="D"))[NEIGHBOUR]
    # Two points more: nine of ten cards share no handset at the place either, and only who is located can lack one.
    assert unseen - away == 33 + 2


def test_the_rigs_handset_ties_and_its_lack_speaks_against(tied):
    shared = legs(RIG, handset="H1")
    on_it = tied(*shared, *legs([STRANGER], handset="H1"), on_imei=9)[STRANGER]
    without = tied(*shared, *legs([STRANGER], handset="H2"), on_imei=9)[STRANGER]
    unknown = tied(*shared, *legs([STRANGER], handset="-"), on_imei=9)[STRANGER]
    assert on_it > unknown > without


def test_one_model_of_all_cards_ties_who_shows_it(tied):
    gateway = [row for number, sim in enumerate(RIG, 1) for row in legs([sim], handset=f"G{number}")]
    same, other = (tied(*gateway, *legs([STRANGER], handset=handset))[STRANGER] for handset in ("G9", "H9"))
    assert same > other


def test_who_shares_no_more_than_the_model_is_told_apart(tied):
    gateway = [row for number, sim in enumerate(RIG, 1) for row in legs([sim], handset=f"G{number}")]
    stranger = legs([STRANGER], mast="D", handset="G9")
    assert STRANGER not in tied(*gateway, *stranger)
    alone = tied(*gateway, *stranger, by_model_alone=True)
    # He was never at the rig's place, where all cards are, so its model says little; the cards share more.
    assert set(alone) == {STRANGER}
    assert alone[STRANGER] < 75 - 30


def test_a_model_of_a_few_cards_says_nothing(tied):
    mixed = legs(RIG[:2], handset="G1") + legs(RIG[2:])
    same, other = (tied(*mixed, *legs([STRANGER], mast="A", handset=handset))[STRANGER] for handset in ("G9", "H9"))
    assert same == other


def test_no_tie_is_worth_more_than_the_cap(tied):
    points = tied(*legs(RIG, handset="H1"), on_imei=8)
    assert max(points.values()) <= 170
