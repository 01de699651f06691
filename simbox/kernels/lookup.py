"""Where keys stand in another column: a hash join's two halves, built once and asked by many buckets."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import INTS, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import CHUNK_SIMS, in_threads

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_OWN_INTS = types.Array(types.int32, 1, "C")
_EMPTY = -1
_NO_SECONDS = np.empty(0, dtype=np.int32)


class Lookup(NamedTuple):
    """Keys of one or two parts, and the hash table that finds them: a position among the keys in each slot, or -1.

    `seconds` has nothing where keys have one part.
    """

    keys: Longs
    seconds: Ints
    slots: Ints


@kernel
def _slot(key: int, second: int, mask: int) -> int:
    mixed = key ^ (second * 0x2545F491)
    product = ((mixed ^ (mixed >> 31)) & 0x7FFFFFFF) * 0x9E3779B1
    return (product ^ (product >> 32)) & mask


@kernel
def _second(seconds: Ints, position: int) -> int:
    """The second part of a key, 0 where keys have one part."""
    if seconds.size == 0:
        return 0
    return int(seconds[position])


@driver(NOTHING(LONGS, INTS, _OWN_INTS))
def _fill(keys: Longs, seconds: Ints, slots: Ints) -> None:
    mask = slots.size - 1
    for position in range(keys.size):
        slot = _slot(keys[position], _second(seconds, position), mask)
        while slots[slot] != _EMPTY:
            slot = (slot + 1) & mask
        slots[slot] = position


@driver(NOTHING(LONG, LONG, LONGS, INTS, INTS, LONGS, INTS, _OWN_INTS))
def _find(
    first: int, last: int, keys: Longs, seconds: Ints, slots: Ints, wanted: Longs, others: Ints, found: Ints
) -> None:
    mask = slots.size - 1
    for i in range(first, last):
        other = _second(others, i)
        if i > first and wanted[i] == wanted[i - 1] and other == _second(others, i - 1):
            found[i] = found[i - 1]
            continue
        slot = _slot(wanted[i], other, mask)
        position = slots[slot]
        while position != _EMPTY and (keys[position] != wanted[i] or _second(seconds, position) != other):
            slot = (slot + 1) & mask
            position = slots[slot]
        found[i] = position


@driver(NOTHING(LONG, LONG, INTS, INTS, LONGS, LONGS, _OWN_INTS))
def _take(first: int, last: int, counts: Ints, at: Ints, starts: Longs, ends: Longs, found: Ints) -> None:
    for sim in range(first, last):
        for record in range(starts[sim], ends[sim]):
            found[record] = counts[at[record]] if at[record] >= 0 else -1


def take_counts(counts: Ints, at: Ints, starts: Longs, ends: Longs) -> Ints:
    """The count at each record's position, -1 where there is none; of records from starts[i] to before ends[i] only,
    others are left as they are found in the memory."""
    found = np.empty(at.size, dtype=np.int32)
    in_threads(lambda first, last: _take(first, last, counts, at, starts, ends, found), starts.size, CHUNK_SIMS)
    return found


def make_lookup(keys: Longs, seconds: Ints | None = None) -> Lookup:
    """A table of distinct keys, or of distinct pairs of a key and a second one."""
    if seconds is None:
        seconds = _NO_SECONDS
    # Between a third and two thirds of the slots are taken.
    slots = np.full(1 << max(3, (3 * keys.size // 2).bit_length()), _EMPTY, dtype=np.int32)
    _fill(keys, seconds, slots)
    return Lookup(keys, seconds, slots)


def look_up(lookup: Lookup, wanted: Longs, others: Ints | None = None) -> Ints:
    """The position of each wanted key among the keys of the table; -1 where it is not there."""
    if others is None:
        others = _NO_SECONDS
    found = np.empty(wanted.size, dtype=np.int32)
    in_threads(lambda first, last: _find(first, last, *lookup, wanted, others, found), wanted.size)
    return found
