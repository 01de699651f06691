"""CDRS of some buckets to FEATURES: one read and one sort, then the kernels once for each window."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.arrays import Arrays, Floats, Longs, PlaceCodes, add_place, night_number, to_arrays
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.population import Population
from simbox.kernels import callees, contacts, gaps, handset, lifecycle, movement, rhythm, routine, volume
from simbox.kernels.codes import MO, VOICE

Counts = npt.NDArray[np.int32]


def compute_bucket(
    cdrs: pl.DataFrame,
    places: pl.DataFrame,
    codes: PlaceCodes,
    population: Population,
    night: date,
    windows: Sequence[int],
) -> pl.DataFrame:
    """FEATURES of every SIM of these buckets that was active in `night`, over windows that end with it.

    `cdrs` are in store order and hold the nights of the longest window, or all there are. A SIM is active with an
    event made, or with a service's SMS received.
    """
    placed = add_place(cdrs, places)
    arrays, codes = to_arrays(placed, codes)
    last = night_number(night)
    borders = arrays.borders
    active = np.flatnonzero(_count_by_sim(_is_active(arrays) & (arrays.night == last), borders) > 0)
    if active.size == 0:
        return FEATURES.empty()
    ages = _ages(arrays.imsi[active], population, night)
    shared = _Shared(arrays, codes, population)
    nights_held = min(windows[-1], (night - population.store_begins).days + 1)
    frames = []
    for window in windows:
        inside = _count_by_sim(arrays.night > last - window, borders)
        slices = _Slices(borders[:-1][active], (borders[1:] - inside)[active], borders[1:][active])
        values = _run_kernels(arrays, codes, shared, ages, slices, window, max(windows), nights_held)
        frames.append(
            pl.DataFrame({feature.name: values[feature.name] for feature in CATALOGUE}, nan_to_null=True).with_columns(
                imsi=pl.Series(arrays.imsi[active]), window_nights=pl.lit(window, dtype=pl.Int16)
            )
        )
    return FEATURES.conform(pl.concat(frames))


class _Slices(NamedTuple):
    """The first record held of each active SIM, the first of its window, and the one after its last."""

    histories: Longs
    starts: Longs
    ends: Longs


class _Ages(NamedTuple):
    """Nights since each SIM's first record, NaN where unknown, and the night itself, -1 where unknown."""

    age_days: Floats
    first_nights: Counts


class _Shared:
    """Counts over other SIMs for each record, -1 where there is none.

    Looked up once for each run of records that show the same: a tenth of the records by IMEI, 0.42 by place.
    """

    def __init__(self, arrays: Arrays, codes: PlaceCodes, population: Population) -> None:
        self._population = population
        changes = arrays.imei[1:] != arrays.imei[:-1]
        self._imei_runs = _runs(changes)
        self._imei = pl.DataFrame({"imei": arrays.imei[self._imei_runs.first]})
        changes = (arrays.place[1:] != arrays.place[:-1]) | (arrays.night[1:] != arrays.night[:-1])
        at = _runs(changes)
        code = arrays.place[at.first]
        keys = pl.DataFrame(
            {"night": arrays.night[at.first], "place": np.where(code >= 0, codes.place[code], -1)}
            if codes.place.size
            else {"night": arrays.night[at.first], "place": np.full(code.size, -1, dtype=np.int64)},
            schema_overrides={"night": pl.Int32},
        ).with_columns(pl.col("night").cast(pl.Date))
        self.place_sims = _look_up(keys, population.sims_at_place, ["night", "place"], "place_sims")[at.run]
        made = (arrays.service == VOICE) & (arrays.direction == MO) & (arrays.other_party >= 0)
        self._made = np.flatnonzero(made)
        self._records = made.size
        callees = pl.DataFrame({"msisdn": arrays.other_party[self._made]})
        self._abroad = callees.join(population.abroad, on="msisdn", how="left", maintain_order="left")

    def imei_sims(self, window: int) -> Counts:
        """SIMs seen in the window on the record's IMEI: one where no other shares it."""
        shared = _look_up(self._imei, self._population.sims_on_imei[window], ["imei"], "imei_sims")
        counts = np.where((self._imei["imei"].to_numpy() >= 0) & (shared < 0), np.int32(1), shared)
        return counts[self._imei_runs.run]

    def abroad(self, window: int) -> Counts:
        """Calls from abroad in the window to the number that the record calls, where a feed serves it."""
        counts = np.full(self._records, -1, dtype=np.int32)
        counts[self._made] = self._abroad[f"abroad_{window}"].fill_null(-1).to_numpy()
        return counts


class _Runs(NamedTuple):
    """The first record of each run, and the run of each record."""

    first: Longs
    run: Longs


def _runs(changes: npt.NDArray[np.bool_]) -> _Runs:
    begins = np.concatenate([[True], changes])
    return _Runs(np.flatnonzero(begins), np.cumsum(begins) - 1)


def _run_kernels(
    arrays: Arrays,
    codes: PlaceCodes,
    shared: _Shared,
    ages: _Ages,
    slices: _Slices,
    window: int,
    longest: int,
    nights_held: int,
) -> dict[str, Floats]:
    a = arrays
    starts, ends = slices.starts, slices.ends
    nights_inside = min(window, nights_held)
    abroad_inside = shared.abroad(window)
    abroad_before = shared.abroad(longest) - abroad_inside
    results = (
        (volume.FIELDS, volume.volume(
            a.service, a.direction, a.answered, a.duration_s, a.other_kind, starts, ends)),
        (callees.FIELDS, callees.callees(
            a.service, a.direction, a.other_party, a.local_minute, abroad_inside, abroad_before,
            nights_inside, nights_held - nights_inside, slices.histories, starts, ends)),
        (contacts.FIELDS, contacts.contacts(
            a.started_at, a.service, a.direction, a.other_party, a.other_kind, starts, ends)),
        (rhythm.FIELDS, rhythm.rhythm(
            a.duration_s, a.service, a.direction, a.other_kind, a.night, a.local_minute, starts, ends)),
        (gaps.FIELDS, gaps.gaps(a.started_at, a.duration_s, a.service, a.direction, starts, ends)),
        (movement.FIELDS, movement.movement(
            a.started_at, a.duration_s, a.service, a.direction, a.local_minute, a.place, shared.place_sims,
            codes.lat, codes.lon, starts, ends)),
        (routine.FIELDS, routine.routine(
            a.duration_s, a.service, a.direction, a.place, a.night, a.local_minute, starts, ends)),
        (handset.FIELDS, handset.handset(a.imei, shared.imei_sims(window), a.place, a.night, starts, ends)),
        (lifecycle.FIELDS, lifecycle.lifecycle(
            a.service, a.direction, a.night, ages.first_nights, slices.histories, starts, ends)),
    )  # fmt: skip
    values = {name: table[:, column] for fields, table in results for column, name in enumerate(fields)}
    return values | {"age_days": ages.age_days}


def _is_active(arrays: Arrays) -> npt.NDArray[np.bool_]:
    """Whether a leg makes its SIM active: a call made, an SMS sent, or an SMS received from a service."""
    spoken = arrays.service <= 1
    made = spoken & (arrays.direction == 0)
    code_received = (arrays.service == 1) & (arrays.direction == 1) & np.isin(arrays.other_kind, (4, 5))
    active: npt.NDArray[np.bool_] = made | code_received
    return active


def _count_by_sim(flags: npt.NDArray[np.bool_], borders: Longs) -> Longs:
    total = np.concatenate([[0], np.cumsum(flags)])
    counts: Longs = total[borders[1:]] - total[borders[:-1]]
    return counts


def _look_up(keys: pl.DataFrame, counts: pl.DataFrame, on: list[str], value: str) -> Counts:
    joined = keys.join(counts, on=on, how="left", maintain_order="left")
    return joined[value].fill_null(-1).to_numpy()


def _ages(imsi: Longs, population: Population, night: date) -> _Ages:
    """Unknown where the first record is of the store's first night, for the SIM may be much older."""
    sims = pl.DataFrame({"imsi": imsi}).join(population.first_night, on="imsi", how="left", maintain_order="left")
    first_night = pl.when(pl.col("first_night") > population.store_begins).then("first_night")
    age_days = (pl.lit(night) - first_night).dt.total_days().cast(pl.Float64).fill_null(float("nan"))
    number = first_night.to_physical().cast(pl.Int32).fill_null(-1)
    return _Ages(sims.select(age_days).to_series().to_numpy(), sims.select(number).to_series().to_numpy())
