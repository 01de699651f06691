"""The map's background is thinned where dots would fall on one another, and sectors are those around a rig's places."""

import numpy as np
import polars as pl
import pytest

from simbox.report.geography import MASTS_SHOWN, SECTORS_SHOWN, draw_masts, draw_sectors
from simbox.tables.reference import PLACES
from simbox.tables.rigs import SITES
from simbox.telecom.cells import distance_m
from simbox.telecom.identifiers import pack_cell, print_cell


def cells(lat: np.ndarray, lon: np.ndarray) -> pl.DataFrame:
    number = pl.Series("number", range(1, lat.size + 1))
    packed = pl.select(cell=pack_cell(pl.format("401-77-{}-{}", number // 60_000 + 1, number % 60_000 + 1)))["cell"]
    return PLACES.conform(
        pl.DataFrame(
            {"cell": packed, "place": packed, "place_lat": lat, "place_lon": lon, "lat": lat, "lon": lon}
        ).with_columns(azimuth_deg=pl.lit(120.0), range_m=pl.lit(None, pl.Float64))
    )


@pytest.fixture(scope="module")
def country() -> pl.DataFrame:
    """Sixty thousand cells, half of them in one town."""
    chance = np.random.default_rng(1)
    lat = np.concatenate([chance.uniform(41, 54, 30_000), chance.normal(43.2, 0.05, 30_000)])
    lon = np.concatenate([chance.uniform(50, 85, 30_000), chance.normal(76.9, 0.05, 30_000)])
    return cells(lat, lon)


def test_a_background_that_can_be_told_apart_is_whole(country):
    few = country.head(500)
    masts = few.select("lat", "lon").iter_rows()
    assert sorted(draw_masts(few)) == sorted([round(lat, 4), round(lon, 4)] for lat, lon in masts)


def test_a_larger_one_keeps_a_mast_near_every_mast(country):
    drawn = draw_masts(country)
    assert 0.2 * MASTS_SHOWN < len(drawn) <= MASTS_SHOWN
    assert drawn == draw_masts(country.reverse())
    lat, lon = np.array(drawn).T
    for row in country.sample(50, seed=1).iter_rows(named=True):
        nearest = distance_m(lat, lon, np.full(lat.size, row["lat"]), np.full(lat.size, row["lon"])).min()
        assert nearest < 80_000


def test_sectors_are_those_around_and_the_serving_ones_lie_on_top(country):
    served = country.filter(pl.col("lat").is_between(43.19, 43.21) & pl.col("lon").is_between(76.89, 76.91))[0]
    text = served.select(print_cell(pl.col("cell")))["cell"][0]
    site = {"rig_id": "R1", "place_rank": 1, "lat": 43.2, "lon": 76.9, "radius_m": 900.0, "event_share": 1.0}
    sites = pl.DataFrame(
        [site | {"cells": f"alpha {text} 120 deg", "live_now": True, "raid_windows": ""}]
    ).with_columns(first_at=pl.lit(0).cast(pl.Datetime("us", "UTC")), last_at=pl.lit(0).cast(pl.Datetime("us", "UTC")))
    drawn = draw_sectors(SITES.conform(sites), country)
    assert len(drawn) == SECTORS_SHOWN
    assert [sector[4] for sector in drawn] == [0] * (SECTORS_SHOWN - 1) + [1]
    assert drawn[-1][5] == text
    lat, lon = np.array([sector[:2] for sector in drawn]).T
    assert distance_m(lat, lon, np.full(lat.size, 43.2), np.full(lat.size, 76.9)).max() < 3_000
