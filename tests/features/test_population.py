"""Counts over other SIMs against counts by the standard library."""

import random
from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from simbox.features import Census, add_place, code_places, find_presence
from simbox.kernels.lookup import look_up

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
def population(placed, drawing):
    return drawing.population(placed, WINDOWS, 6)


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


def test_neither_the_order_of_rows_nor_the_pieces_change_anything(placed, population, drawing):
    again = drawing.population(placed.sample(fraction=1, shuffle=True, seed=5), WINDOWS, 6, sims_at_once=7)
    for window in WINDOWS:
        assert again.sims_on_imei[window].equals(population.sims_on_imei[window])
    assert again.handsets.equals(population.handsets)
    assert again.sims_at_place.equals(population.sims_at_place)
    for found, expected in zip(again.keys, population.keys, strict=True):
        # A look-up is three arrays, all else is one.
        columns = zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
        assert all(np.array_equal(one, other) for one, other in columns)


def test_a_census_knows_who_was_active_and_since_when_each_sim_is_known(drawing):
    records = drawing.records(
        "imsi at direction imei other\n1 1T10:00 mo H1 x1\n2 1T10:00 mt H1 x1\n1 2T10:00 mt H1 x1\n3 2T10:00 mo H3 x1"
    )
    census, codes = Census(), code_places(drawing.places())
    assert census.first_nights().is_empty()
    assert census.held_bytes == 0
    for day, active in ((1, [1]), (2, [3])):
        rows = records.filter(pl.col("night") == drawing.night(day))
        census.add(drawing.night(day), [find_presence(rows, codes)], drawing.night(1))
        assert census.active["imsi"].to_list() == [drawing.imsi(sim) for sim in active]
    # Of each SIM a handset and a number.
    assert census.held_bytes == 2 * 3 * 48
    known = dict(census.first_nights().iter_rows())
    assert known == {drawing.imsi(sim): drawing.night(day) for sim, day in ((1, 1), (2, 1), (3, 2))}


def test_a_number_that_moves_to_another_card_is_counted_once_and_a_sim_without_one_is_known(drawing):
    rows = drawing.records(
        "imsi at direction other\n1 1T10:00 mt +4930123456\n2 2T10:00 mt +4930123456\n3 2T10:00 mt +4930123456"
    )
    shown = pl.Series("msisdn", [drawing.msisdn(1), drawing.msisdn(1), None])
    population = drawing.population(rows.with_columns(shown), (1, 3), 2)
    keys = population.keys
    assert keys.sims.size == 3
    assert look_up(keys.msisdn, np.array([drawing.msisdn(1), drawing.msisdn(2)])).tolist() == [0, -1]
    assert keys.abroad.tolist() == [[1, 0], [2, 0]]
    received = population.from_abroad.sort("night").rows()
    assert received == [(drawing.night(day), drawing.msisdn(1), 1) for day in (1, 2)]
    assert drawing.population(rows.with_columns(shown), (1,), 2).from_abroad["night"].to_list() == [drawing.night(2)]


def test_what_was_last_seen_before_the_windows_is_forgotten_but_for_first_nights(drawing):
    records = drawing.records("imsi at imei cell\n1 1T10:00 H1 A\n2 5T10:00 H2 A")
    population = drawing.population(records, (1, 3), 5)
    assert population.handsets["imei"].to_list() == [drawing.imei("H2")]
    assert population.sims_at_place["night"].to_list() == [drawing.night(5)]
    assert population.keys.sims.size == 2


def test_a_night_of_nobody_is_counted(drawing):
    census = Census()
    census.add(drawing.night(1), [], drawing.night(1))
    population = census.count(drawing.night(1), (1,), drawing.night(1))
    assert population.handsets.is_empty()
    assert population.sims_at_place.is_empty()
    assert population.keys.sims.size == 0
