"""Towns drawn on paper: masts with sectors, a gateway, the cells that serve it, and the circle that should hold it."""

import math

import polars as pl
import pytest

from simbox.rigs.regions import LEAST_RADIUS_M, find_regions
from simbox.tables.reference import CELLS
from simbox.telecom.cells import METRES_PER_DEGREE, fuse_places
from simbox.telecom.identifiers import pack_cell

RANGE_M = 1000.0
SECTOR_RADIUS_M = RANGE_M / math.sqrt(3)
LAT, LON = 43.25, 76.9
NARROW = METRES_PER_DEGREE * math.cos(math.radians(LAT))


def cell(name: str) -> int:
    return int(pl.select(pack_cell(pl.lit(f"401-{name}"))).item())


def town(*masts, range_m=RANGE_M):
    """PLACES of (network and number of the first cell, metres east, metres north, azimuths) in a town's middle."""
    rows = [
        (
            cell(f"{network}-1000-{number + turn}"),
            LAT + north / METRES_PER_DEGREE,
            LON + east / NARROW,
            azimuth,
            f"M{number}",
        )
        for network, number, east, north, azimuths in masts
        for turn, azimuth in enumerate(azimuths)
    ]
    schema = {"cell": pl.Int64, "lat": pl.Float64, "lon": pl.Float64, "azimuth_deg": pl.Float64, "site": pl.String}
    cells = pl.DataFrame(rows, schema=schema, orient="row").with_columns(range_m=pl.lit(range_m, dtype=pl.Float64))
    return fuse_places(CELLS.conform(cells))


def region(places, legs, main=0):
    """(east, north, radius, site) of the place of the cell at position `main`; `legs` are by network and number."""
    names = [cell(f"{name.split('-')[0]}-1000-{name.split('-')[1]}") for name in legs]
    served = pl.DataFrame({"cell": names, "legs": list(legs.values())}, schema={"cell": pl.Int64, "legs": pl.UInt32})
    served = served.join(places.select("cell", "place"), on="cell", how="left").with_columns(
        pl.col("place").fill_null(pl.col("cell")), rig_id=pl.lit("R")
    )
    asked = served.filter(pl.col("cell") == names[main]).select("rig_id", "place")
    found = find_regions(served, asked, places)
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    return (row["lon"] - LON) * NARROW, (row["lat"] - LAT) * METRES_PER_DEGREE, row["radius_m"], row["site"]


THREE = (0.0, 120.0, 240.0)
# One network's masts 1500 m apart, its middle one in the middle.
LATTICE = [
    (f"{network}", 10 * (number + 1), *spot, THREE)
    for network in ("71",)
    for number, spot in enumerate(
        [(0, 0), (1500, 0), (750, 1300), (-750, 1300), (-1500, 0), (-750, -1300), (750, -1300)]
    )
]


def test_one_sector_alone_is_before_its_aerial():
    east, north, radius_m, site = region(town(("71", 1, 0, 0, (0.0,))), {"71-1": 10})
    assert abs(east) < 50
    assert 300 < north < RANGE_M
    # Nothing tells where it ends.
    assert SECTOR_RADIUS_M < radius_m < 1.5 * RANGE_M
    assert site == "M1"


def test_a_sector_of_one_network_reaches_into_its_neighbours():
    east, north, radius_m, _ = region(town(*LATTICE), {"71-10": 10})
    assert abs(east) < 50
    assert 300 < north < 800
    assert SECTOR_RADIUS_M < radius_m < 1.1 * RANGE_M


def test_two_networks_sectors_cross():
    places = town(*LATTICE, ("72", 110, 900, 900, THREE), ("72", 120, -900, 900, THREE))
    alone = region(places, {"71-10": 10})
    # The second network serves from the north-east, by its sector to the south-west.
    east, north, radius_m, _ = region(places, {"71-10": 10, "72-112": 10})
    assert math.dist((east, north), (350, 600)) < radius_m
    assert east > alone[0] + 100
    assert radius_m < 0.85 * alone[2]


def test_two_technologies_and_two_networks_leave_about_one_sector():
    places = town(*LATTICE, *[(network, *mast[1:]) for network in ("72", "73") for mast in LATTICE])
    east, north, radius_m, _ = region(places, {"71-10": 10, "72-10": 10, "73-10": 10})
    assert math.dist((east, north), (0, 450)) < 200
    assert radius_m < SECTOR_RADIUS_M


def test_an_all_round_cell_has_its_region_round_itself():
    places = town(("71", 1, 0, 0, (None,)), *[(*mast[:4], (None,)) for mast in LATTICE[1:]])
    east, north, radius_m, _ = region(places, {"71-1": 10})
    assert math.hypot(east, north) < 1
    assert SECTOR_RADIUS_M < radius_m < 1.2 * RANGE_M


def test_cells_whose_azimuth_is_not_told_are_all_round():
    places = town(("71", 1, 0, 0, (None, None, None)), *[(*mast[:4], (None,) * 3) for mast in LATTICE[1:]])
    east, north, radius_m, _ = region(places, {"71-1": 10, "71-2": 5})
    assert math.hypot(east, north) < 1
    assert radius_m < RANGE_M


def test_two_cells_of_one_network_lean_to_the_border_between_them():
    places = town(*LATTICE)
    # The middle mast's sector to the south-east, and that to the south-west of the next mast to the east.
    east, north, radius_m, _ = region(places, {"71-11": 10, "71-22": 10})
    assert math.dist((east, north), (750, -400)) < 400
    assert radius_m < 1.3 * RANGE_M


def test_a_gateway_far_off_moves_nothing():
    far = ("71", 200, 40_000, 0, THREE)
    places = town(*LATTICE, far)
    assert region(places, {"71-10": 10}) == region(places, {"71-10": 10, "71-200": 500})


def test_another_gateway_of_the_rig_within_reach_does_not_carry_the_place_away():
    east, north, radius_m, _ = region(town(*LATTICE), {"71-10": 10, "71-60": 10})
    assert math.dist((east, north), (0, 450)) < radius_m


def test_cells_without_coordinates_have_no_region_and_disturb_none():
    places = town(*LATTICE)
    assert region(places, {"79-5": 10}) is None
    assert region(places, {"71-10": 10, "79-5": 30}) == region(places, {"71-10": 10})


def test_cells_without_a_range_have_the_usual_one():
    east, north, radius_m, _ = region(town(*LATTICE, range_m=None), {"71-10": 10})
    assert LEAST_RADIUS_M < radius_m < 2500
    assert math.dist((east, north), (0, 450)) < radius_m


@pytest.mark.parametrize("range_m", [0.0, 50.0])
def test_a_small_cell_has_the_least_radius(range_m):
    assert region(town(*LATTICE, range_m=range_m), {"71-10": 10})[2] == LEAST_RADIUS_M


def test_the_mast_is_the_one_that_the_others_agree_with():
    # To the north a mast served more legs, but two networks are at their best near the middle one, which they share.
    places = town(*LATTICE, *[("72", *mast[1:]) for mast in LATTICE])
    assert region(places, {"71-10": 90, "71-32": 100, "72-10": 50})[3] == "M10"
    assert region(places, {"71-10": 9, "71-32": 100, "72-32": 50}, main=1)[3] == "M30"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_regions_do_not_depend_on_the_order_of_rows(seed):
    places = town(*LATTICE, ("72", 110, 900, 900, THREE))
    legs = (
        pl.DataFrame(
            {"cell": [cell(f"{name}") for name in ("71-1000-10", "71-1000-22", "72-1000-112")], "legs": [9, 5, 7]}
        )
        .join(places.select("cell", "place"), on="cell", maintain_order="left")
        .with_columns(rig_id=pl.lit("R"))
    )
    asked = legs.select("rig_id", "place")
    mixed = [table.sample(fraction=1.0, shuffle=True, seed=seed) for table in (legs, asked, places)]
    assert find_regions(*mixed).equals(find_regions(legs, asked, places))


def test_nothing_served_is_no_region():
    none = pl.DataFrame(schema={"rig_id": pl.String, "place": pl.Int64, "cell": pl.Int64, "legs": pl.UInt32})
    assert find_regions(none, none.select("rig_id", "place"), town(*LATTICE)).is_empty()
