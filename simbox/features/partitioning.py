"""Records in no order brought together by SIM, part by part, each small enough for a core's cache."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.partition import count_parts, gather, order_by_sim, place_in_parts, scatter

# With fifty bytes each they fit a third-level cache; half as many took a tenth longer, for each part costs calls.
PART_RECORDS = 131_072
Columns = Mapping[str, npt.NDArray[Any]]


class Part(NamedTuple):
    """Some SIMs' records by SIM and time; SIM i's run from borders[i] to before borders[i + 1]."""

    columns: Columns
    borders: npt.NDArray[np.int64]


class Partition:
    """Records of a few SIMs each in parts, every SIM whole in one of them; a part is put in order when it is taken."""

    def __init__(self, columns: Columns, borders: npt.NDArray[np.int64]) -> None:
        self._columns = columns
        self._borders = borders

    def __len__(self) -> int:
        return self._borders.size - 1

    def __getitem__(self, number: int) -> Part:
        records = slice(self._borders[number], self._borders[number + 1])
        mixed = {name: values[records] for name, values in self._columns.items()}
        order, borders = order_by_sim(mixed["imsi"], mixed["started_at"])
        return Part({name: _gathered(values, order) for name, values in mixed.items()}, borders)


def partition_by_sim(frames: Sequence[pl.DataFrame], threads: int = 1, part_records: int = PART_RECORDS) -> Partition:
    """Frames of the same integer columns, imsi and started_at among them and none null, as parts of whole SIMs.

    Records of a SIM that start at once stay in the order of the frames. Memory: twice that of the frames.
    """
    sources = [source for frame in frames for source in _chunks(frame)]
    records = sum(frame.height for frame in frames)
    parts = max(1, records // part_records)
    counts = np.zeros((len(sources), parts), dtype=np.int64)
    borders = np.zeros(parts + 1, dtype=np.int64)
    into = {name: np.empty(records, dtype=values.dtype) for name, values in sources[0].items()}

    def count(number: int) -> None:
        count_parts(sources[number]["imsi"], counts[number])

    def move(number: int) -> None:
        source = sources[number]
        places = np.empty(source["imsi"].size, dtype=np.int32)
        place_in_parts(source["imsi"], free[number], places)
        for name, values in source.items():
            scatter(values, places, into[name])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(count, range(len(sources))))
        np.cumsum(counts.sum(axis=0), out=borders[1:])
        free = borders[:-1] + np.cumsum(counts, axis=0) - counts
        list(pool.map(move, range(len(sources))))
    return Partition(into, borders)


def _chunks(frame: pl.DataFrame) -> list[Columns]:
    """The frame's rows as they lie in memory: joined first they would be copied, and threads had fewer to share out."""
    chunks = [frame[name].get_chunks() for name in frame.columns]
    if len({tuple(map(len, column)) for column in chunks}) > 1:
        chunks = [[frame[name].rechunk()] for name in frame.columns]
    return [{column.name: column.to_numpy() for column in piece} for piece in zip(*chunks, strict=True)]


def _gathered(values: npt.NDArray[Any], order: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    gathered = np.empty_like(values)
    gather(values, order, gathered)
    return gathered
