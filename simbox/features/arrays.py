"""CDRS of some buckets as the arrays that kernels take; nulls become -1 here and nowhere else."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.lookup import Lookup, look_up, make_lookup
from simbox.tables.cdrs import DIRECTION, OTHER_KIND, SERVICE

EPOCH = date(1970, 1, 1)
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Arrays(NamedTuple):
    """One element for each record, by SIM and time; `borders` holds the first record of each SIM, and the end."""

    imsi: Longs
    borders: Longs
    started_at: Longs
    duration_s: Longs
    service: npt.NDArray[np.int8]
    direction: npt.NDArray[np.int8]
    answered: npt.NDArray[np.int8]
    other_party: Longs
    other_kind: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    imei: Longs
    night: npt.NDArray[np.int32]
    local_minute: npt.NDArray[np.int16]


class PlaceCodes(NamedTuple):
    """Places by dense code: their key (the smallest packed cell among those fused) and where they stand.

    `cells` finds each located cell, and `of_cell` has the code of its place.
    """

    place: Longs
    lat: Floats
    lon: Floats
    cells: Lookup
    of_cell: npt.NDArray[np.int32]


def night_number(night: date) -> int:
    """Days since 1970-01-01, as kernels count nights."""
    return (night - EPOCH).days


def code_places(places: pl.DataFrame) -> PlaceCodes:
    """The located places of PLACES in order of their key, and the cells at each."""
    distinct = places.select("place", "place_lat", "place_lon").unique().sort("place")
    place, lat, lon = (distinct[name].to_numpy() for name in distinct.columns)
    of_cell = np.searchsorted(place, places["place"].to_numpy()).astype(np.int32)
    return PlaceCodes(place, lat, lon, make_lookup(places["cell"].to_numpy()), of_cell)


def add_place(cdrs: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """CDRS with the place of each cell: the fused place where it can be located, else the cell itself."""
    cell = cdrs["cell"].fill_null(-1).to_numpy()
    at = look_up(make_lookup(places["cell"].to_numpy()), cell)
    # One more for the cells that are not located.
    known = np.append(places["place"].to_numpy(), -1)[at]
    place = pl.Series("place", np.where(at >= 0, known, cell))
    return cdrs.with_columns(pl.when(place >= 0).then(place).alias("place"))


def to_arrays(cdrs: pl.DataFrame, codes: PlaceCodes) -> tuple[Arrays, PlaceCodes]:
    """The arrays of CDRS in store order, and the place codes with the unlocated places of these added."""
    imsi = cdrs["imsi"].to_numpy()
    first = np.flatnonzero(np.r_[True, imsi[1:] != imsi[:-1]]) if imsi.size else np.zeros(0, dtype=np.int64)
    codes, place = place_codes(cdrs["cell"].fill_null(-1).to_numpy(), codes)
    columns = physical_columns(cdrs, PHYSICAL)
    arrays = Arrays(imsi=imsi[first], borders=np.append(first, imsi.size).astype(np.int64), place=place, **columns)
    return arrays, codes


def _codes(column: str, enum: pl.Enum) -> pl.Expr:
    return pl.col(column).cast(enum).to_physical().cast(pl.Int8)


# What kernels take that one record alone tells, by the names of their parameters; its place takes the place codes.
PHYSICAL = {
    "started_at": pl.col("started_at").to_physical(),
    "duration_s": pl.col("duration_s").cast(pl.Int64),
    "service": _codes("service", SERVICE),
    "direction": _codes("direction", DIRECTION),
    "answered": pl.col("answered").cast(pl.Int8).fill_null(-1),
    "other_party": pl.col("other_party").fill_null(-1),
    "other_kind": _codes("other_kind", OTHER_KIND),
    "imei": pl.col("imei").fill_null(-1),
    "night": pl.col("night").to_physical(),
    "local_minute": (
        ((pl.col("started_at").to_physical() // 60_000_000 + pl.col("utc_offset_min")) % 1440)
        .cast(pl.Int16)
        .fill_null(-1)
        .alias("local_minute")
    ),
}


def physical_columns(cdrs: pl.DataFrame, names: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
    """These of PHYSICAL of CDRS."""
    physical = cdrs.select(PHYSICAL[name] for name in names).rechunk()
    return {name: physical[name].to_numpy() for name in physical.columns}


def place_codes(cell: Longs, codes: PlaceCodes) -> tuple[PlaceCodes, npt.NDArray[np.int32]]:
    """The place code of each record's cell, -1 for none, and the codes with the unlocated cells of these added, each a
    place of its own."""
    at = look_up(codes.cells, cell)
    place = np.where(at >= 0, codes.of_cell[at], np.int32(-1)) if codes.of_cell.size else at
    is_unlocated = (at < 0) & (cell >= 0)
    if not is_unlocated.any():
        return codes, place
    unlocated = np.setdiff1d(cell[is_unlocated], codes.place)
    nowhere = np.full(unlocated.size, np.nan)
    key = np.concatenate([codes.place, unlocated])
    order = np.argsort(key)
    extended = codes._replace(
        place=key[order],
        lat=np.concatenate([codes.lat, nowhere])[order],
        lon=np.concatenate([codes.lon, nowhere])[order],
    )
    moved = np.searchsorted(extended.place, codes.place).astype(np.int32)
    if moved.size:
        place = np.where(place >= 0, moved[place], np.int32(-1))
        extended = extended._replace(of_cell=moved[codes.of_cell])
    place[is_unlocated] = np.searchsorted(extended.place, cell[is_unlocated])
    return extended, place
