"""Places: cells of all technologies and operators fused where their masts stand together.

A SIM at rest is served by several cells in turn, so the cell itself says nothing of movement; the place does.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.tables.reference import PLACES

PLACE_RADIUS_M = 300.0
EARTH_RADIUS_M = 6_371_000.0
DEFAULT_RANGE_M = 1_500.0
# Neighbours serve the outer half of a nominal range: drawn gateways stand nearest to a fifth of it.
REACH_SHARE = 0.2
METRES_PER_DEGREE = np.pi * EARTH_RADIUS_M / 180


def fuse_places(cells: pl.DataFrame) -> pl.DataFrame:
    """PLACES for the cells that can be located; the same whatever the order of rows.

    Masts are taken from south-west to north-east; one within 300 m of a place's first mast joins the nearest such
    place, any other founds one. Chaining, which would fuse a dense town to one place, can't happen so.
    """
    located = (
        cells.filter(pl.col("lat").is_not_null() & pl.col("lon").is_not_null())
        .sort("cell", "lat", "lon")
        .unique("cell", keep="first", maintain_order=True)
        .with_columns(pl.col("lat").round(6), pl.col("lon").round(6))
    )
    if located.is_empty():
        return PLACES.empty()
    masts = located.select("lat", "lon").unique().sort("lat", "lon")
    founder = _founders(masts["lat"].to_numpy(), masts["lon"].to_numpy())
    masts = masts.with_columns(
        pl.Series("founder", founder),
        pl.Series("place_lat", masts["lat"].to_numpy()[founder]),
        pl.Series("place_lon", masts["lon"].to_numpy()[founder]),
    )
    fused = located.join(masts, on=["lat", "lon"], how="left", maintain_order="left")
    return PLACES.conform(fused.with_columns(place=pl.col("cell").min().over("founder")))


def sector_middles(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells with `middle_lat`, `middle_lon`, where in its sector a terminal is likeliest, and `reach_m`, how far out.

    A fifth of the range along the azimuth; the mast itself where the cell has no azimuth and so serves all round.
    """
    reach_m = pl.col("range_m").fill_null(DEFAULT_RANGE_M) * REACH_SHARE
    azimuth = pl.col("azimuth_deg").fill_null(0.0).radians()
    outward = pl.when(pl.col("azimuth_deg").is_null()).then(0.0).otherwise(reach_m)
    return cells.with_columns(
        middle_lat=pl.col("lat") + outward * azimuth.cos() / METRES_PER_DEGREE,
        middle_lon=pl.col("lon") + outward * azimuth.sin() / (METRES_PER_DEGREE * pl.col("lat").radians().cos()),
        reach_m=reach_m,
    )


def distance_m(
    lat_a: npt.NDArray[np.float64],
    lon_a: npt.NDArray[np.float64],
    lat_b: npt.NDArray[np.float64],
    lon_b: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Great-circle distance in metres between points given in degrees (haversine, R = 6371 km)."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = np.radians(lon_b - lon_a) / 2
    chord = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    distance: npt.NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


def _founders(lat: npt.NDArray[np.float64], lon: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """For each mast the index of the mast that founded its place; masts come sorted by latitude."""
    founder = np.arange(lat.size)
    is_founder = np.zeros(lat.size, dtype=bool)
    reach_deg = PLACE_RADIUS_M / METRES_PER_DEGREE
    first = 0
    for mast in range(lat.size):
        while lat[mast] - lat[first] > reach_deg:
            first += 1
        near = np.flatnonzero(is_founder[first:mast]) + first
        if near.size:
            distance = distance_m(lat[near], lon[near], lat[mast], lon[mast])
            closest = int(np.argmin(distance))
            if distance[closest] <= PLACE_RADIUS_M:
                founder[mast] = near[closest]
                continue
        is_founder[mast] = True
    return founder
