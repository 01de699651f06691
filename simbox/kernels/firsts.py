"""Which of a SIM's records are the first to show a value: what a count of distinct SIMs by value needs, and how many
records show it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import INTS, LONG, LONGS, NOTHING, driver
from simbox.kernels.chunks import CHUNK_SIMS, in_threads
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, size

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@driver(NOTHING(LONG, LONG, LONGS, LONGS, types.Array(types.boolean, 1, "C"), DISTINCT))
def _fill_chunk(first: int, last: int, values: Longs, borders: Longs, is_first: Flags, table: Distinct) -> None:
    for sim in range(first, last):
        empty(table, borders[sim + 1] - borders[sim])
        former = -1
        for record in range(borders[sim], borders[sim + 1]):
            value = values[record]
            is_first[record] = False
            if value >= 0 and value != former:
                known = size(table)
                is_first[record] = add(table, value) == known
                former = value


@driver(NOTHING(LONG, LONG, LONGS, LONGS, types.Array(types.int32, 1, "C"), types.Array(types.int64, 1, "C"), DISTINCT))
def _count_chunk(
    first: int, last: int, values: Longs, borders: Longs, counts: Ints, firsts: Longs, table: Distinct
) -> None:
    for sim in range(first, last):
        empty(table, borders[sim + 1] - borders[sim])
        for record in range(borders[sim], borders[sim + 1]):
            counts[record] = 0
            value = values[record]
            if value >= 0:
                known = size(table)
                number = add(table, value)
                if number == known:
                    firsts[number] = record
                counts[firsts[number]] += 1


@driver(NOTHING(LONG, LONG, INTS, LONGS, LONGS, types.Array(types.int64, 2, "C")))
def _count_inside(first: int, last: int, night: Ints, borders: Longs, after: Longs, counts: Longs) -> None:
    for sim in range(first, last):
        counts[:, sim] = 0
        for record in range(borders[sim], borders[sim + 1]):
            for window in range(after.size):
                counts[window, sim] += night[record] > after[window]


def count_inside(night: Ints, borders: Longs, after: Sequence[int]) -> Longs:
    """How many of each SIM's records are of a later night than each of `after`: a row for each of these.

    SIM i's records lie from borders[i] to before borders[i + 1].
    """
    counts = np.empty((len(after), borders.size - 1), dtype=np.int64)
    bounds = np.array(after, dtype=np.int64)
    in_threads(lambda first, last: _count_inside(first, last, night, borders, bounds, counts), borders.size - 1)
    return counts


def sim_borders(imsi: Longs) -> Longs:
    """Where each SIM's records begin, and the end, of records that are together by SIM."""
    changes = np.flatnonzero(imsi[1:] != imsi[:-1]) + 1
    return np.concatenate([[0], changes, [imsi.size] if imsi.size else []]).astype(np.int64)


def first_seen(values: Longs, borders: Longs) -> Flags:
    """Whether each record is its SIM's first with this value; never for the unknown value -1.

    SIM i's records lie from borders[i] to before borders[i + 1].
    """
    is_first = np.empty(values.size, dtype=np.bool_)
    lengths = np.diff(borders)

    def fill(first: int, last: int) -> None:
        _fill_chunk(first, last, values, borders, is_first, allot(int(lengths[first:last].max())))

    in_threads(fill, lengths.size, CHUNK_SIMS)
    return is_first


def count_seen(values: Longs, borders: Longs) -> Ints:
    """At each SIM's first record with a value how many of its records have it, 0 at others and for the unknown -1.

    SIM i's records lie from borders[i] to before borders[i + 1].
    """
    counts = np.empty(values.size, dtype=np.int32)
    lengths = np.diff(borders)

    def fill(first: int, last: int) -> None:
        longest = int(lengths[first:last].max())
        _count_chunk(first, last, values, borders, counts, np.empty(longest, dtype=np.int64), allot(longest))

    in_threads(fill, lengths.size, CHUNK_SIMS)
    return counts
