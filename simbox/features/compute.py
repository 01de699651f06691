"""CDRS of some buckets to FEATURES: one read and one sort, then the kernels once for each window."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.activity import is_active
from simbox.features.arrays import Arrays, Floats, Longs, PlaceCodes, night_number, to_arrays
from simbox.features.catalogue import CATALOGUE, FEATURES, Feature
from simbox.features.population import Population
from simbox.features.shared import callee_positions, calls_from_abroad, handset_positions, imei_sims, place_sims
from simbox.kernels.acquaintance import first_legs
from simbox.kernels.drivers import run_drivers
from simbox.kernels.firsts import count_inside
from simbox.kernels.settling import settle
from simbox.telecom.identifiers import sim_key

Counts = npt.NDArray[np.int32]
# The one feature that takes no kernel.
AGE = "age_days"


def compute_bucket(
    cdrs: pl.DataFrame,
    codes: PlaceCodes,
    population: Population,
    night: date,
    windows: Sequence[int],
    fields: Collection[str] | None = None,
) -> pl.DataFrame:
    """FEATURES of every SIM of these buckets that was active in `night`, over windows that end with it.

    `cdrs` are in store order and hold the nights of the longest window, or all there are. A SIM is active with an
    event made, or with a service's SMS received. With `fields`, names of the catalogue, only these are computed and
    all others null; KeyError where one is not in it.
    """
    wanted = wanted_features(fields)
    last = night_number(night)
    mine = _of_active_sims(cdrs, night)
    if mine.is_empty():
        return FEATURES.empty()
    arrays, codes = to_arrays(mine, codes)
    borders = arrays.borders
    ages = find_ages(arrays.imsi, population, last)
    shared = _Shared(arrays, codes, population)
    nights_held = min(windows[-1], (night - population.store_begins).days + 1)
    order = np.argsort(arrays.imsi)
    rows = order.size * len(windows)
    settled = {feature.name: np.empty(rows) for feature in wanted}
    names = [feature.name for feature in wanted]
    # By key: the windows of a SIM, the shortest first.
    inside = count_inside(arrays.night, borders, [last - window for window in sorted(windows)])
    for place, window in enumerate(sorted(windows)):
        slices = _Slices(borders[:-1], borders[1:] - inside[place], borders[1:])
        values = _run_kernels(arrays, codes, shared, ages, slices, window, nights_held, names)
        for feature in wanted:
            factor = 10.0**feature.decimals
            settle(values[feature.name], order, place, len(windows), factor, settled[feature.name])
    return to_features(arrays.imsi[order], sorted(windows), settled)


def wanted_features(fields: Collection[str] | None) -> list[Feature]:
    """The features of these names, or all; KeyError where the catalogue lacks one."""
    if fields is not None and (unknown := set(fields).difference(FEATURES.names)):
        raise KeyError(f"the catalogue has no {', '.join(sorted(unknown))}")
    return [feature for feature in CATALOGUE if fields is None or feature.name in fields]


def to_features(imsi: Longs, windows: Sequence[int], settled: dict[str, Floats]) -> pl.DataFrame:
    """FEATURES of SIMs in rising order over windows, the shortest first, of values that lie by SIM and window; columns
    without values are null."""
    key = {
        "imsi": np.repeat(imsi, len(windows)),
        "window_nights": np.tile(np.array(windows, dtype=np.int16), imsi.size),
    }
    found = pl.DataFrame({**key, **settled}, nan_to_null=True)
    absent = [pl.lit(None, dtype=pl.Float64).alias(name) for name in FEATURES.names if name not in found.columns]
    return FEATURES.check(found.with_columns(absent).select(FEATURES.names))


def _of_active_sims(cdrs: pl.DataFrame, night: date) -> pl.DataFrame:
    """The records of those SIMs that were active in the night, which may be few."""
    imsi = cdrs["imsi"].to_numpy()
    if imsi.size == 0:
        return cdrs
    borders = np.flatnonzero(np.concatenate([[True], imsi[1:] != imsi[:-1], [True]]))
    active_legs = cdrs.select(is_active() & (pl.col("night") == night)).to_series().to_numpy()
    active = _count_by_sim(active_legs, borders) > 0
    if active.all():
        return cdrs
    return cdrs.filter(pl.Series(np.repeat(active, np.diff(borders))))


class _Slices(NamedTuple):
    """The first record held of each active SIM, the first of its window, and the one after its last."""

    histories: Longs
    starts: Longs
    ends: Longs


class Ages(NamedTuple):
    """Nights since each SIM's first record, NaN where unknown, and the night itself, -1 where unknown."""

    age_days: Floats
    first_nights: Counts


class _Shared:
    """What holds in all windows: counts over other SIMs for each record, -1 where there is none, where its handset and
    callee stand among these, and the first leg with each far end."""

    def __init__(self, arrays: Arrays, codes: PlaceCodes, population: Population) -> None:
        columns, borders = arrays._asdict(), arrays.borders
        self.keys = population.keys
        self.handsets = handset_positions(columns, self.keys)
        self.callees = callee_positions(columns, self.keys)
        self.place_sims = place_sims(columns, codes, self.keys, borders)
        self.first_leg = first_legs(arrays.service, arrays.direction, arrays.other_party, borders[:-1], borders[1:])


def _run_kernels(
    arrays: Arrays,
    codes: PlaceCodes,
    shared: _Shared,
    ages: Ages,
    slices: _Slices,
    window: int,
    nights_held: int,
    fields: Collection[str],
) -> dict[str, Floats]:
    nights_inside = min(window, nights_held)
    inside = (window, slices.starts, slices.ends)
    abroad_inside, abroad_before = calls_from_abroad(shared.callees, shared.keys, *inside)
    columns = arrays._asdict() | slices._asdict()
    columns |= {
        "first_leg": shared.first_leg,
        "place_sims": shared.place_sims,
        "place_lat": codes.lat,
        "place_lon": codes.lon,
        "imei_sims": imei_sims(shared.handsets, shared.keys, *inside),
        "abroad_inside": abroad_inside,
        "abroad_before": abroad_before,
        "nights_inside": nights_inside,
        "nights_before": nights_held - nights_inside,
        "first_nights": ages.first_nights,
    }
    return run_drivers(columns, [field for field in fields if field != AGE]) | {AGE: ages.age_days}


def _count_by_sim(flags: npt.NDArray[np.bool_], borders: Longs) -> Longs:
    total = np.concatenate([[0], np.cumsum(flags)])
    counts: Longs = total[borders[1:]] - total[borders[:-1]]
    return counts


def find_ages(imsi: Longs, population: Population, night: int) -> Ages:
    """Unknown where the first record is of the store's first night, for the SIM may be much older."""
    known, key = population.keys.sims, sim_key(imsi)
    at = np.minimum(np.searchsorted(known, key), max(known.size - 1, 0))
    if known.size == 0:
        return Ages(np.full(imsi.size, np.nan), np.full(imsi.size, -1, dtype=np.int32))
    first_nights = np.where(known[at] == key, population.keys.first_night[at], np.int32(-1))
    first_nights = np.where(first_nights > night_number(population.store_begins), first_nights, np.int32(-1))
    return Ages(np.where(first_nights >= 0, night - first_nights, np.nan), first_nights)
