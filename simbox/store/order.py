"""The order of records in the store, and how sorted pieces become one without sorting them again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.tables.cdrs import STORE_ORDER
from simbox.telecom.identifiers import sim_key

Longs = npt.NDArray[np.int64]
_SIM = "sim_key"


def sort_records(cdrs: pl.DataFrame) -> pl.DataFrame:
    """CDRS in store order: by bucket, then STORE_ORDER.

    Few records of a SIM begin at one instant, so rows are sorted by SIM and begin, and only these by all columns: half
    of the time of sorting all rows by all columns.
    """
    if cdrs.is_empty():
        return cdrs
    keys = sim_key(cdrs["imsi"].to_numpy())
    started_at = cdrs["started_at"].to_physical().to_numpy()
    by_time = None if (started_at[1:] >= started_at[:-1]).all() else np.argsort(started_at, kind="stable")
    by_sim = pl.DataFrame({_SIM: keys if by_time is None else keys[by_time]})
    order = by_sim.select(pl.arg_sort_by(_SIM, maintain_order=True)).to_series().cast(pl.Int64).to_numpy().copy()
    if by_time is not None:
        order = by_time[order]
    keys, started_at = keys[order], started_at[order]
    same = (keys[1:] == keys[:-1]) & (started_at[1:] == started_at[:-1])
    if same.any():
        places = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
        equal = cdrs.select(STORE_ORDER)[order[places]]
        sorted_places = equal.select(pl.arg_sort_by(_keys(equal), *STORE_ORDER[1:]))
        order[places] = order[places][sorted_places.to_series().to_numpy()]
    return cdrs[order]


def merge_records(pieces: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Pieces that are each in store order as one that is, in a single chunk.

    Whole stays of a SIM in a piece are put one after the other, in the order of the pieces; only SIMs whose stays
    overlap in time, or touch, are sorted. Seven nights, 2.4 M rows in all, took two thirds of the time of a sort.
    """
    filled = with_one_enum([piece for piece in pieces if piece.height])
    if len(filled) < 2:
        return (filled or [pieces[0]])[0].rechunk()
    # Rows are gathered from one chunk three times as fast as from seven.
    rows = pl.concat(filled, rechunk=True)
    imsi = rows["imsi"].to_numpy()
    begins = np.concatenate([[True], imsi[1:] != imsi[:-1]])
    begins[np.cumsum([piece.height for piece in filled[:-1]])] = True
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=imsi.size)
    keys = sim_key(imsi[starts])
    stays = np.argsort(keys, kind="stable")
    keys, starts, lengths = keys[stays], starts[stays], lengths[stays]
    into = np.cumsum(lengths) - lengths
    order = np.arange(imsi.size) + np.repeat(starts - into, lengths)
    _sort_overlapping(rows, keys, starts, lengths, order)
    return rows[order]


def with_one_enum(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The same frames with one Enum of all their operators, in alphabetical order."""
    if not frames or "operator" not in frames[0].columns:
        return frames
    dtypes = {frame.schema["operator"] for frame in frames}
    if len(dtypes) == 1:
        return frames
    names = sorted({name for dtype in dtypes if isinstance(dtype, pl.Enum) for name in dtype.categories})
    return [frame.with_columns(pl.col("operator").cast(pl.Enum(names))) for frame in frames]


def _sort_overlapping(rows: pl.DataFrame, keys: Longs, starts: Longs, lengths: Longs, order: Longs) -> None:
    """Sort, within `order`, the rows of SIMs one of whose stays does not end before the next begins."""
    started_at = rows["started_at"].to_physical().to_numpy()
    is_same_sim = keys[1:] == keys[:-1]
    overlaps = is_same_sim & (started_at[starts[1:]] <= started_at[starts[:-1] + lengths[:-1] - 1])
    if not overlaps.any():
        return
    sims = np.cumsum(np.r_[True, ~is_same_sim]) - 1
    is_mixed = np.zeros(int(sims[-1]) + 1, dtype=bool)
    is_mixed[sims[1:][overlaps]] = True
    places = np.flatnonzero(np.repeat(is_mixed[sims], lengths))
    mixed = rows.select(STORE_ORDER)[order[places]]
    sorted_places = mixed.select(pl.arg_sort_by(_keys(mixed), *STORE_ORDER[1:]))
    order[places] = order[places][sorted_places.to_series().to_numpy()]


def _keys(cdrs: pl.DataFrame) -> pl.Series:
    return pl.Series(_SIM, sim_key(cdrs["imsi"].to_numpy()))
