"""Where a rig's radio is: its places with their regions, the sectors around, and the masts as a background."""

from typing import Any

import numpy as np
import polars as pl

from simbox.telecom.cells import DEFAULT_RANGE_M, METRES_PER_DEGREE
from simbox.telecom.identifiers import print_cell

# A degree's sixth decimal is eleven centimetres, its fourth eleven metres: enough for a dot of the background.
PLACE_DECIMALS, MAST_DECIMALS = 6, 4
AROUND_M = 3_000.0
SECTORS_SHOWN = 90
MASTS_SHOWN = 4_000


def draw_places(sites: pl.DataFrame) -> list[list[Any]]:
    """(rank, lat, lon, radius in metres, share of events in per cent, live in the last night) of each located place."""
    located = sites.filter(pl.col("lat").is_not_null()).sort("place_rank")
    columns = ("place_rank", "lat", "lon", "radius_m", "event_share", "live_now")
    return [
        [
            rank,
            round(lat, PLACE_DECIMALS),
            round(lon, PLACE_DECIMALS),
            round(radius or 0),
            round(100 * share),
            int(live),
        ]
        for rank, lat, lon, radius, share, live in located.select(columns).iter_rows()
    ]


def draw_sectors(sites: pl.DataFrame, places: pl.DataFrame) -> list[list[Any]]:
    """(lat, lon, azimuth or null, range in metres, 1 if it served the rig most, cell) of the cells around its places.

    Those that served it come last, so that they are drawn on top.
    """
    located = sites.filter(pl.col("lat").is_not_null()).sort("place_rank")
    lat, lon = places["lat"].to_numpy(), places["lon"].to_numpy()
    nearest = np.full(places.height, np.inf)
    for rank_lat, rank_lon, radius in located.select("lat", "lon", "radius_m").iter_rows():
        north = (lat - rank_lat) * METRES_PER_DEGREE
        east = (lon - rank_lon) * METRES_PER_DEGREE * np.cos(np.radians(rank_lat))
        away = np.hypot(north, east)
        nearest = np.minimum(nearest, np.where(away <= max(AROUND_M, 2 * (radius or 0)), away, np.inf))
    around = np.flatnonzero(np.isfinite(nearest))
    cells = places[around].with_columns(away=pl.Series(nearest[around]).round(1), text=print_cell(pl.col("cell")))
    served = {word for text in sites["cells"] for word in text.split()}
    chosen = (
        cells.with_columns(served=pl.col("text").is_in(sorted(served)))
        .sort("served", "away", "cell", descending=[True, False, False])
        .head(SECTORS_SHOWN)
        .sort("served", "cell")
    )
    return [
        [
            round(row["lat"], PLACE_DECIMALS),
            round(row["lon"], PLACE_DECIMALS),
            None if row["azimuth_deg"] is None else round(row["azimuth_deg"]),
            round(row["range_m"] or DEFAULT_RANGE_M),
            int(row["served"]),
            row["text"] if row["served"] else "",
        ]
        for row in chosen.iter_rows(named=True)
    ]


def draw_masts(places: pl.DataFrame) -> list[list[float]]:
    """(lat, lon) of the places of all cells; where there are more than can be told apart, one for each square."""
    masts = places.select("place_lat", "place_lon").unique().sort("place_lat", "place_lon")
    square = 10.0**-MAST_DECIMALS
    while masts.height > MASTS_SHOWN:
        square *= 2
        corner = [(pl.col(name) / square).floor().alias(f"{name}_square") for name in ("place_lat", "place_lon")]
        masts = masts.with_columns(corner).unique(
            ["place_lat_square", "place_lon_square"], keep="first", maintain_order=True
        )
        masts = masts.select("place_lat", "place_lon")
    return [[round(lat, MAST_DECIMALS), round(lon, MAST_DECIMALS)] for lat, lon in masts.iter_rows()]
