"""Layers of 2G, 4G and 5G, a handful of cells for who stays put, and premises inside sectors."""

from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate, load_scenario
from simbox.synth.network import GSM, KM_PER_DEGREE, LTE, NR
from simbox.synth.population import SEGMENT
from simbox.synth.radio import CANDIDATES, generation_of
from simbox.synth.world import World, build_world
from simbox.telecom.identifiers import pack_cell, print_cell


@pytest.fixture(scope="module")
def world() -> World:
    """A world with many rigs."""
    scenario = msgspec.structs.replace(load_scenario("ladder"), subscribers=20_000, rig_count=60)
    return build_world(scenario, 17)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of people."""
    out: Path = tmp_path_factory.mktemp("radio") / "world"
    generate(out, "clean", seed=23, subscribers=6000, nights=1)
    return out


def test_cells_of_all_three_technologies_are_listed_and_used(source: Path) -> None:
    cells = read_table(source, "cells")
    assert set(cells["technology"]) == {"2G", "4G", "5G"}
    used = read_cdrs(source).join(cells.select("cell", "technology"), on="cell")["technology"].value_counts()
    share = {name: count / used["count"].sum() for name, count in used.iter_rows()}
    assert 0.03 <= share["5G"] <= 0.35
    assert share["4G"] > share["5G"]
    assert share["2G"] > 0.1


def test_names_of_cells_are_unique_and_survive_packing(source: Path) -> None:
    cells = read_table(source, "cells")
    assert cells["cell"].n_unique() == cells.height
    again = cells.select(again=print_cell(pack_cell(pl.col("cell"))))["again"]
    assert again.to_list() == cells["cell"].to_list()
    kinds = cells.group_by("technology").agg(pl.col("cell").str.extract(r"-([en])[0-9]+$").unique())
    assert {name: set(kind) for name, kind in kinds.iter_rows()} == {"2G": {None}, "4G": {"e"}, "5G": {"n"}}


def test_5g_stands_on_masts_of_4g_in_cities(world: World) -> None:
    cells = world.cells
    masts = {
        technology: {
            (int(cells.operator[cell]), float(cells.lat[cell]), float(cells.lon[cell]))
            for cell in np.flatnonzero(cells.technology == technology)
        }
        for technology in (GSM, LTE, NR)
    }
    assert masts[GSM] == masts[LTE]
    assert masts[NR] < masts[LTE]
    assert (cells.city[cells.technology == NR] < world.land.cities).all()


def test_some_handsets_of_4g_speak_5g(world: World) -> None:
    generation = generation_of(world.models, world.sims.imei)
    share = np.bincount(generation, minlength=3) / generation.size
    assert 0.08 <= share[NR] <= 0.5
    assert share[LTE] > 0.25


@pytest.mark.parametrize("generation", [GSM, LTE, NR])
def test_a_handset_at_rest_reselects_among_two_to_six_cells(world: World, generation: int) -> None:
    rng = np.random.default_rng(1)
    # Below a repeater there is one cell.
    tile = world.radio.tile[world.sims.home]
    repeated = np.isin(tile, tile[world.sims.segment == SEGMENT["repeater"]])
    homes = rng.choice(np.flatnonzero((world.sims.segment == 0) & ~repeated), 300, replace=False)
    at_s = np.tile(np.arange(96) * 900.0 + 5, homes.size)
    sim = np.repeat(homes, 96)
    seen: list[set[int]] = [set() for _ in homes]
    for night in range(4):
        cell = world.radio.serving(
            world.sims.operator[sim].astype(np.int8), world.sims.home[sim], sim, at_s, night,
            np.full(sim.size, generation, dtype=np.int8),
        )  # fmt: skip
        for number, cells in enumerate(cell.reshape(homes.size, 96)):
            seen[number] |= set(cells.tolist())
    few = np.array([len(cells) for cells in seen])
    assert few.min() >= 2
    assert few.max() <= max(CANDIDATES[generation] + CANDIDATES[max(generation - 1, 0)], CANDIDATES[0]) <= 6
    technologies = set(world.cells.technology[list(set().union(*seen))].tolist())
    assert technologies <= {generation, max(generation - 1, 0), *([GSM] if generation == LTE else [])}


def test_premises_lie_inside_sectors_and_not_on_masts(world: World) -> None:
    spots = np.unique(np.concatenate([rig.premises for rig in world.rigs]))
    assert spots.size >= 60
    cells, land = world.cells, world.land
    distances_m, off_axis, reach_m = [], [], []
    for spot in spots:
        for cell in world.radio.best(int(spot)):
            north_km = (land.lat[spot] - cells.lat[cell]) * KM_PER_DEGREE
            east_km = (land.lon[spot] - cells.lon[cell]) * KM_PER_DEGREE * np.cos(np.radians(land.lat[spot]))
            distances_m.append(1000 * np.hypot(north_km, east_km))
            bearing = np.degrees(np.arctan2(east_km, north_km))
            off_axis.append(abs((bearing - cells.azimuth_deg[cell] + 180) % 360 - 180))
            reach_m.append(cells.range_m[cell])
    metres, off, reach = np.array(distances_m), np.array(off_axis), np.array(reach_m)
    assert metres.min() > 3
    assert np.median(metres) > 100
    assert (off <= 90).mean() >= 0.85
    assert (metres <= 2 * reach).mean() >= 0.85
