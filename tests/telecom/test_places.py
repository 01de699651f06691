"""Cells fuse to places where their masts stand together, however the table is ordered."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from simbox.tables.reference import CELLS
from simbox.telecom.cells import PLACE_RADIUS_M, distance_m, fuse_places

positions = st.tuples(st.floats(43.20, 43.22), st.floats(76.90, 76.93))


def cells(located):
    frame = pl.DataFrame(
        {"cell": range(len(located)), "lat": [lat for lat, _ in located], "lon": [lon for _, lon in located]},
        schema_overrides={"cell": pl.Int64, "lat": pl.Float64, "lon": pl.Float64},
    )
    missing = [column for column in CELLS.columns if column.name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=column.dtype).alias(column.name) for column in missing)


def distances(frame):
    names = ("lat", "lon", "place_lat", "place_lon")
    return distance_m(*(frame[name].to_numpy() for name in names))


@given(st.lists(positions, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_of_rows(located, random):
    table = cells(located)
    order = list(range(len(located)))
    random.shuffle(order)
    assert fuse_places(table).equals(fuse_places(table[order]))


@given(st.lists(positions, min_size=1, max_size=40))
def test_every_mast_is_within_300_m_of_its_place(located):
    places = fuse_places(cells(located))
    assert places.height == len(located)
    assert (distances(places) <= PLACE_RADIUS_M + 0.2).all()


@given(st.lists(positions, min_size=1, max_size=40))
def test_places_stand_farther_apart_than_they_reach(located):
    places = fuse_places(cells(located)).unique("place")
    lat, lon = places["place_lat"].to_numpy(), places["place_lon"].to_numpy()
    for one in range(places.height):
        apart = distance_m(lat[one], lon[one], np.delete(lat, one), np.delete(lon, one))
        assert (apart > PLACE_RADIUS_M - 0.2).all()


def test_a_place_is_named_by_its_smallest_cell():
    places = fuse_places(cells([(43.2, 76.9), (43.2001, 76.9), (43.3, 76.9)]))
    assert places["place"].to_list() == [0, 0, 2]


def test_cells_without_position_have_no_place():
    assert fuse_places(cells([(43.2, None), (None, None)])).is_empty()


def test_a_degree_along_a_meridian_is_111_km():
    assert np.isclose(
        distance_m(np.array([0.0]), np.array([0.0]), np.array([1.0]), np.array([0.0])), 111_194.9, atol=0.1
    )
