"""Counts over other SIMs against counts by the standard library."""

import random
from collections import defaultdict

import polars as pl
import pytest

from simbox.features import NO_FIRST_NIGHTS, add_place, count_population, record_presence

WINDOWS = (1, 3, 7)


@pytest.fixture(scope="module")
def placed(drawing):
    """Six nights of forty SIMs that share handsets and places; some legs lack one or the other."""
    draw = random.Random(3)
    rows = [
        {
            "imsi": draw.randrange(40),
            "at": f"{draw.randint(1, 6)}T{draw.randrange(24):02}:{draw.randrange(60):02}",
            "cell": draw.choice("AaBCD-Z"),
            "imei": draw.choice(["-", *(f"H{number}" for number in range(1, 9))]),
        }
        for _ in range(600)
    ]
    return add_place(drawing.from_rows(rows), drawing.places())


@pytest.fixture(scope="module")
def count(drawing, tmp_path_factory):
    """The population known at the sixth night, from placed CDRS whose SIMs come so many at a time."""

    def run(placed, sims_at_once):
        folder = tmp_path_factory.mktemp("presences")
        nights = []
        for day in range(1, 7):
            rows = placed.filter(pl.col("night") == drawing.night(day))
            of_piece = pl.col("imsi").rank("dense") // sims_at_once
            pieces = rows.with_columns(piece=of_piece).partition_by("piece", include_key=False)
            nights.append(record_presence(pieces, drawing.night(day), folder)[0])
        return count_population(nights, NO_FIRST_NIGHTS, drawing.night(6), WINDOWS, drawing.night(1))

    return run


@pytest.fixture(scope="module")
def population(placed, count):
    return count(placed, 1000)


def test_cells_of_one_mast_are_one_place(drawing):
    placed = add_place(
        drawing.records("imsi at cell\n1 1T10:00 A\n1 1T11:00 a\n1 1T12:00 Z\n1 1T13:00 -"), drawing.places()
    )
    known = drawing.cell("A")
    assert placed["place"].to_list() == [known, known, drawing.cell("Z"), None]


@pytest.mark.parametrize("window", WINDOWS)
def test_sims_on_an_imei_by_window(placed, population, drawing, window):
    users = defaultdict(set)
    for row in placed.to_dicts():
        if row["imei"] is not None and (drawing.night(6) - row["night"]).days < window:
            users[row["imei"]].add(row["imsi"])
    expected = {imei: len(sims) for imei, sims in users.items()}
    found = dict(population.sims_on_imei[window].select("imei", "imei_sims").iter_rows())
    assert found == {imei: sims for imei, sims in expected.items() if sims > 1}
    if window == WINDOWS[-1]:
        assert dict(population.handsets.select("imei", "imei_sims").iter_rows()) == expected


def test_sims_at_a_place_by_night(placed, population):
    there = defaultdict(set)
    for row in placed.to_dicts():
        if row["place"] is not None:
            there[row["night"], row["place"]].add(row["imsi"])
    found = {(night, place): sims for night, place, sims in population.sims_at_place.iter_rows()}
    assert found == {key: len(sims) for key, sims in there.items()}


@pytest.mark.parametrize("pairs_at_once", [1, 1_000_000])
def test_neither_the_order_of_rows_nor_the_pieces_change_anything(
    placed, population, count, monkeypatch, pairs_at_once
):
    monkeypatch.setattr("simbox.features.population.PAIRS_AT_ONCE", pairs_at_once)
    again = count(placed.sample(fraction=1, shuffle=True, seed=5), 7)
    for window in WINDOWS:
        assert again.sims_on_imei[window].sort("imei").equals(population.sims_on_imei[window].sort("imei"))
    assert again.handsets.sort("imei").equals(population.handsets.sort("imei"))
    keys = ["night", "place"]
    assert again.sims_at_place.sort(keys).equals(population.sims_at_place.sort(keys))


def test_a_night_knows_its_sims_and_goes_when_dropped(placed, drawing, tmp_path):
    rows = placed.filter(pl.col("night") == drawing.night(2))
    known, sims = record_presence([rows], drawing.night(2), tmp_path)
    assert sims["imsi"].sort().to_list() == sorted(set(rows["imsi"]))
    known.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_night_of_nobody_is_counted(drawing, tmp_path):
    nobody, sims = record_presence([], drawing.night(1), tmp_path)
    population = count_population([nobody], NO_FIRST_NIGHTS, drawing.night(1), (1,), drawing.night(1))
    assert population.handsets.is_empty()
    assert population.sims_at_place.is_empty()
    assert sims.is_empty()
