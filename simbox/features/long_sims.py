"""FEATURES of one SIM with more records than may be held whole: its columns are read as each kernel needs them.

A SIM's records can't be shared out, for medians, distinct values and moves are of them all; the columns of all kernels
together take three times what those of the hungriest one do. So records are gone through once for each kernel.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.activity import is_active
from simbox.features.arrays import PHYSICAL, PlaceCodes, night_number, physical_columns, place_codes
from simbox.features.catalogue import FEATURES
from simbox.features.compute import AGE, find_ages, to_features, wanted_features
from simbox.features.population import Population, PopulationKeys
from simbox.features.shared import callee_positions, calls_from_abroad, handset_positions, imei_sims, place_sims
from simbox.kernels.acquaintance import first_legs
from simbox.kernels.drivers import by_driver, run_drivers
from simbox.kernels.settling import settle

# CDRS of the SIM with these columns in pieces of one night each, by night and within it in store order.
Read = Callable[[Sequence[str]], Iterable[pl.DataFrame]]

_LEGS = ("service", "direction", "other_party")
# Columns that are held while a kernel runs, by the names of its parameters; handsets and callees are positions.
_DTYPES: dict[str, type[np.generic]] = dict.fromkeys(("started_at", "duration_s", "other_party", "imei"), np.int64)
_DTYPES |= dict.fromkeys(("service", "direction", "answered", "other_kind"), np.int8)
_DTYPES |= dict.fromkeys(("night", "place", "place_sims", "handsets", "callees"), np.int32)
_DTYPES |= {"local_minute": np.int16}
# The columns of CDRS that they come from, where these are not of the same name.
_SOURCES = {
    "local_minute": ("started_at", "utc_offset_min"),
    "place": ("cell",),
    "place_sims": ("cell", "night"),
    "handsets": ("imei",),
    "callees": _LEGS,
}
# What is made of positions anew for each window.
_BY_WINDOW = {"imei_sims": "handsets", "abroad_inside": "callees", "abroad_before": "callees"}


class OutOfOrderError(Exception):
    """The nights of a SIM do not follow one another in time."""


class _Sim(NamedTuple):
    """A SIM's records, of which there are `records`, and so many of them in each window: how they are read, the place
    codes with its unlocated cells, and the counts over all SIMs."""

    read: Read
    records: int
    inside: list[int]
    codes: PlaceCodes
    keys: PopulationKeys


def compute_long_sim(
    imsi: int,
    read: Read,
    codes: PlaceCodes,
    population: Population,
    night: date,
    windows: Sequence[int],
    fields: Collection[str] | None = None,
) -> pl.DataFrame:
    """FEATURES of one SIM as `compute_bucket` finds them; OutOfOrderError where a night begins before the one before it
    has ended."""
    wanted = wanted_features(fields)
    windows = sorted(windows)
    sim, is_judged = _survey(read, codes, population.keys, night, windows)
    if not is_judged:
        return FEATURES.empty()
    who = np.array([imsi], dtype=np.int64)
    ages = find_ages(who, population, night_number(night))
    nights_held = min(windows[-1], (night - population.store_begins).days + 1)
    nights: list[dict[str, Any]] = [
        {"nights_inside": min(window, nights_held), "nights_before": nights_held - min(window, nights_held)}
        for window in windows
    ]
    settled = {feature.name: np.empty(len(windows)) for feature in wanted}
    only = np.zeros(1, dtype=np.int64)
    found = [{AGE: ages.age_days} for _ in windows]
    for share in by_driver(settled):
        columns = _load_for(share.columns, sim) | {"first_nights": ages.first_nights}
        for place, window in enumerate(windows):
            found[place] |= run_drivers(columns | nights[place] | _of_window(columns, sim, window, place), share.fields)
        # Before the next kernel's are read.
        del columns
    for place, values in enumerate(found):
        for feature in wanted:
            settle(values[feature.name], only, place, len(windows), 10.0**feature.decimals, settled[feature.name])
    return to_features(who, windows, settled)


def _survey(
    read: Read, codes: PlaceCodes, keys: PopulationKeys, night: date, windows: Sequence[int]
) -> tuple[_Sim, bool]:
    """What a first look at a SIM's records tells, and whether it was active in the night."""
    after = [night_number(night) - window for window in windows]
    records, inside, is_judged = 0, [0] * len(after), False
    ended: tuple[Any, Any] | None = None
    for piece in read(("night", "started_at", "service", "direction", "other_kind", "cell")):
        of_night, begins = piece["night"][0], piece["started_at"][0]
        if ended is not None and of_night != ended[0] and begins <= ended[1]:
            raise OutOfOrderError
        ended = of_night, piece["started_at"][-1]
        records += piece.height
        inside = [
            count + piece.height * (night_number(of_night) > border)
            for count, border in zip(inside, after, strict=True)
        ]
        is_judged |= of_night == night and bool(piece.select(is_active().any()).item())
        codes, _ = place_codes(piece["cell"].unique().fill_null(-1).to_numpy(), codes)
    return _Sim(read, records, inside, codes, keys), is_judged


def _load_for(needed: Sequence[str], sim: _Sim) -> dict[str, Any]:
    """What a driver with these parameters takes of all records, whatever the window."""
    begin, end = np.zeros(1, dtype=np.int64), np.array([sim.records], dtype=np.int64)
    columns: dict[str, Any] = {"histories": begin, "ends": end}
    columns |= {"place_lat": sim.codes.lat, "place_lon": sim.codes.lon}
    if "first_leg" in needed:
        service, direction, other_party = _load(_LEGS, sim).values()
        columns["first_leg"] = first_legs(service, direction, other_party, begin, end)
        del service, direction, other_party
    asked = {_BY_WINDOW.get(name, name) for name in needed}
    return columns | _load([name for name in _DTYPES if name in asked], sim)


def _of_window(columns: dict[str, Any], sim: _Sim, window: int, place: int) -> dict[str, Any]:
    """Where the window begins, and the counts over all SIMs in it."""
    ends = columns["ends"]
    starts = ends - sim.inside[place]
    own: dict[str, Any] = {"starts": starts}
    if "handsets" in columns:
        own["imei_sims"] = imei_sims(columns["handsets"], sim.keys, window, starts, ends)
    if "callees" in columns:
        inside, before = calls_from_abroad(columns["callees"], sim.keys, window, starts, ends)
        own |= {"abroad_inside": inside, "abroad_before": before}
    return own


def _load(names: Sequence[str], sim: _Sim) -> dict[str, npt.NDArray[Any]]:
    """These columns of all records as kernels take them, or their positions among the counts."""
    sources = dict.fromkeys(raw for name in names for raw in _SOURCES.get(name, (name,)))
    into = {name: np.empty(sim.records, dtype=_DTYPES[name]) for name in names}
    start = 0
    for piece in sim.read(list(sources)):
        end = start + piece.height
        for name in names:
            into[name][start:end] = _of_piece(name, piece, sim)
        start = end
    return into


def _of_piece(name: str, piece: pl.DataFrame, sim: _Sim) -> npt.NDArray[Any]:
    if name in PHYSICAL:
        return physical_columns(piece, [name])[name]
    if name == "handsets":
        return handset_positions(physical_columns(piece, ["imei"]), sim.keys)
    if name == "callees":
        return callee_positions(physical_columns(piece, _LEGS), sim.keys)
    _, place = place_codes(piece["cell"].fill_null(-1).to_numpy(), sim.codes)
    if name == "place":
        return place
    night = physical_columns(piece, ["night"])["night"]
    return place_sims({"place": place, "night": night}, sim.codes, sim.keys, np.array([0, piece.height]))
