"""CDRS of some buckets to FEATURES: one read and one sort, then the kernels once for each window."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.arrays import Arrays, Floats, Longs, PlaceCodes, add_place, night_number, to_arrays
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.population import Population
from simbox.kernels import contacts, handset, movement, rhythm, volume

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
    ends = arrays.borders[1:]
    active = np.flatnonzero(_count_by_sim(_is_active(arrays) & (arrays.night == last), arrays.borders) > 0)
    if active.size == 0:
        return FEATURES.empty()
    place_sims = _look_up(placed, population.sims_at_place, ["night", "place"], "place_sims")
    age_days = _age_days(arrays.imsi[active], population, night)
    histories = arrays.borders[:-1][active]
    frames = []
    for window in windows:
        inside = _count_by_sim(arrays.night > last - window, arrays.borders)
        starts = (ends - inside)[active]
        imei_sims = _sims_on_imei(placed["imei"], population.sims_on_imei[window])
        values = _run_kernels(arrays, codes, imei_sims, place_sims, histories, starts, ends[active])
        values["age_days"] = age_days
        frames.append(
            pl.DataFrame({feature.name: values[feature.name] for feature in CATALOGUE}, nan_to_null=True).with_columns(
                imsi=pl.Series(arrays.imsi[active]), window_nights=pl.lit(window, dtype=pl.Int16)
            )
        )
    return FEATURES.conform(pl.concat(frames))


def _run_kernels(
    arrays: Arrays,
    codes: PlaceCodes,
    imei_sims: Counts,
    place_sims: Counts,
    histories: Longs,
    starts: Longs,
    ends: Longs,
) -> dict[str, Floats]:
    a = arrays
    results = (
        (volume.FIELDS, volume.volume(
            a.service, a.direction, a.answered, a.duration_s, a.other_kind, starts, ends)),
        (contacts.FIELDS, contacts.contacts(
            a.started_at, a.service, a.direction, a.other_party, a.other_kind, histories, starts, ends)),
        (rhythm.FIELDS, rhythm.rhythm(
            a.started_at, a.duration_s, a.service, a.direction, a.night, a.local_minute, starts, ends)),
        (movement.FIELDS, movement.movement(
            a.started_at, a.duration_s, a.service, a.direction, a.place, place_sims, codes.lat, codes.lon,
            starts, ends)),
        (handset.FIELDS, handset.handset(a.imei, imei_sims, a.place, starts, ends)),
    )  # fmt: skip
    return {name: table[:, column] for fields, table in results for column, name in enumerate(fields)}


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


def _look_up(placed: pl.DataFrame, counts: pl.DataFrame, keys: list[str], value: str) -> Counts:
    joined = placed.select(keys).join(counts, on=keys, how="left", maintain_order="left")
    return joined[value].fill_null(-1).to_numpy()


def _sims_on_imei(imei: pl.Series, shared: pl.DataFrame) -> Counts:
    """SIMs on each record's IMEI; one where no other shares it, -1 without IMEI."""
    joined = imei.to_frame().join(shared, on="imei", how="left", maintain_order="left")
    counts = pl.when(pl.col("imei").is_null()).then(-1).otherwise(pl.col("imei_sims").fill_null(1))
    return joined.select(counts.cast(pl.Int32)).to_series().to_numpy()


def _age_days(imsi: Longs, population: Population, night: date) -> Floats:
    """Nights since the SIM's first record; NaN where that is the store's first night, for it may be much older."""
    sims = pl.DataFrame({"imsi": imsi}).join(population.first_night, on="imsi", how="left", maintain_order="left")
    known = pl.col("first_night") > population.store_begins
    age = pl.when(known).then((pl.lit(night) - pl.col("first_night")).dt.total_days())
    return sims.select(age.cast(pl.Float64).fill_null(float("nan"))).to_series().to_numpy()
