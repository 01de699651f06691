"""Bringing each SIM's records together: counting sorts on codes, which take a tenth of the time of a two-key sort.

Records first go to parts small enough for the cache, then in each part to their SIMs; whole columns are never gathered
from all over the memory.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import INTS, LONGS, driver, kernel
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, size

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_RESULT = types.Tuple((types.Array(types.int64, 1, "C"), types.Array(types.int64, 1, "C")))
_OWN_INTS = types.Array(types.int32, 1, "C")
_OWN_LONGS = types.Array(types.int64, 1, "C")
_WIDTHS = (types.int8, types.int16, types.int32, types.int64)
# The widest part number has 31 bits of a 63-bit product.
_PART_BITS = 31


@driver(_RESULT(INTS, types.int64), _RESULT(LONGS, types.int64), makes_arrays=True)
def partition(codes: Ints | Longs, n: int) -> tuple[Longs, Longs]:
    """Order that brings each SIM's records together and keeps them in turn, and where each of `n` SIMs starts.

    Codes run from 0 to n - 1; SIM i's records are order[starts[i]:starts[i + 1]].
    """
    starts = np.zeros(n + 1, dtype=np.int64)
    for code in codes:
        if code < 0 or code >= n:
            raise ValueError("a SIM code lies outside of 0 to n - 1")
        starts[code + 1] += 1
    for sim in range(n):
        starts[sim + 1] += starts[sim]
    free = starts[:-1].copy()
    order = np.empty(codes.size, dtype=np.int64)
    for record in range(codes.size):
        code = codes[record]
        order[free[code]] = record
        free[code] += 1
    return order, starts


@kernel
def _part(imsi: int, parts: int) -> int:
    """The part of a SIM, from 0 to parts - 1."""
    product = ((imsi ^ (imsi >> _PART_BITS)) & 0x7FFFFFFF) * 0x9E3779B1
    return (((product >> 1) & 0x7FFFFFFF) * parts) >> _PART_BITS


@driver(types.none(LONGS, _OWN_LONGS))
def count_parts(imsi: Longs, counts: Longs) -> None:
    """Add to `counts`, which has an element for each part, the records of these SIMs."""
    for one in imsi:
        counts[_part(one, counts.size)] += 1


@driver(types.none(LONGS, _OWN_LONGS, _OWN_INTS))
def place_in_parts(imsi: Longs, free: Longs, places: Ints) -> None:
    """Where each record goes: to the next place of its part, `free` having the first one that is free in each."""
    for record in range(imsi.size):
        part = _part(imsi[record], free.size)
        places[record] = free[part]
        free[part] += 1


@driver(*(
    types.none(types.Array(width, 1, "C", readonly=True), INTS, types.Array(width, 1, "C")) for width in _WIDTHS
))  # fmt: skip
def scatter(values: npt.NDArray[Any], places: Ints, into: npt.NDArray[Any]) -> None:
    """Put each record's value at its place."""
    for record in range(values.size):
        into[places[record]] = values[record]


@driver(*(
    types.none(types.Array(width, 1, "C", readonly=True), INTS, types.Array(width, 1, "C")) for width in _WIDTHS
))  # fmt: skip
def gather(values: npt.NDArray[Any], order: Ints, into: npt.NDArray[Any]) -> None:
    """The values of records in an order."""
    for record in range(order.size):
        into[record] = values[order[record]]


@kernel
def _sort_by_time(started_at: Longs, order: Ints) -> None:
    """Order one SIM's records by time, those that start at once by their number: as sorting.sort does values."""
    distance = 1
    while 9 * distance < order.size:
        distance = distance * 9 // 4 + 1
    while True:
        for i in range(distance, order.size):
            record = order[i]
            begins = started_at[record]
            hole = i
            while hole >= distance:
                other = order[hole - distance]
                if started_at[other] < begins or (started_at[other] == begins and other < record):
                    break
                order[hole] = other
                hole -= distance
            order[hole] = record
        if distance == 1:
            return
        distance = max(1, distance * 4 // 9)


@driver(types.int64(LONGS, LONGS, _OWN_INTS, _OWN_LONGS, _OWN_INTS, DISTINCT))
def _order_part(imsi: Longs, started_at: Longs, order: Ints, borders: Longs, codes: Ints, table: Distinct) -> int:
    empty(table, imsi.size)
    code = 0
    for record in range(imsi.size):
        code = add(table, imsi[record])
        table.tallies[code] += 1
        codes[record] = code
    sims = size(table)
    borders[0] = 0
    for sim in range(sims):
        borders[sim + 1] = borders[sim] + table.tallies[sim]
        table.tallies[sim] = borders[sim]
    for record in range(imsi.size):
        code = codes[record]
        order[table.tallies[code]] = record
        table.tallies[code] += 1
    for sim in range(sims):
        _sort_by_time(started_at, order[borders[sim] : borders[sim + 1]])
    return sims


def order_by_sim(imsi: Longs, started_at: Longs) -> tuple[Ints, Longs]:
    """Order that brings each SIM's records together in order of time, and the SIMs' borders in it.

    SIMs come in order of their first record, records that start at once as they were.
    """
    order = np.empty(imsi.size, dtype=np.int32)
    borders = np.empty(imsi.size + 1, dtype=np.int64)
    codes = np.empty(imsi.size, dtype=np.int32)
    sims = _order_part(imsi, started_at, order, borders, codes, allot(imsi.size))
    return order, borders[: sims + 1]
