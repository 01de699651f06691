"""Which values a SIM's records hold, and how often: an open-addressing hash table that is emptied by a stamp.

Each value gets a serial number when it is added; those of earlier slices lie below the epoch, so emptying the
table costs nothing and one allotment serves thousands of SIMs. Only as much of it is used as the slice needs, so
that a short slice stays in the cache beside a long one; and of a very long slice as much as its values need, so that
memory that was allotted is not taken up.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import kernel

EPOCH = 0
NEXT = 1
MASK = 2
# The mask of a table in which every value of the slice would have room.
WHOLE = 3
# So many slots a slice begins with at most: 2 MB.
SLOTS_AT_FIRST = 1 << 17


class Distinct(NamedTuple):
    """`members` and `tallies` hold the slice's values and a number for each, in order of first addition."""

    keys: npt.NDArray[np.int64]
    serials: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]
    tallies: npt.NDArray[np.int64]
    state: npt.NDArray[np.int64]


_LONGS = types.Array(types.int64, 1, "C")
DISTINCT = types.NamedUniTuple(_LONGS, 5, Distinct)


def allot(largest: int) -> Distinct:
    """A table for slices of up to `largest` records."""
    capacity = 1 << max(3, (2 * largest - 1).bit_length())
    state = np.zeros(4, dtype=np.int64)
    state[EPOCH] = 1
    state[NEXT] = 1
    state[MASK] = min(capacity, SLOTS_AT_FIRST) - 1
    state[WHOLE] = capacity - 1
    return Distinct(
        np.empty(capacity, dtype=np.int64),
        np.zeros(capacity, dtype=np.int64),
        np.empty(capacity // 2, dtype=np.int64),
        np.empty(capacity // 2, dtype=np.int64),
        state,
    )


@kernel
def empty(table: Distinct, records: int) -> None:
    """Forgets all values, and sizes the table for a slice of `records`."""
    capacity = _capacity(records)
    if capacity > table.keys.size:
        raise RuntimeError("the table of distinct values is smaller than the slice")
    table.state[MASK] = min(capacity, SLOTS_AT_FIRST) - 1
    table.state[WHOLE] = capacity - 1
    table.state[EPOCH] = table.state[NEXT]


@kernel
def add(table: Distinct, key: int) -> int:
    """The index of a value among `members`, which it joins with a tally of 0 if it is new."""
    mask = table.state[MASK]
    epoch = table.state[EPOCH]
    slot = _slot(key, mask)
    while table.serials[slot] >= epoch:
        if table.keys[slot] == key:
            return table.serials[slot] - epoch
        slot = (slot + 1) & mask
    index = table.state[NEXT] - epoch
    # At most half of the slots are ever taken, so the loop above always meets a free one.
    if index > mask // 2:
        if mask == table.state[WHOLE]:
            raise RuntimeError("the table of distinct values is full")
        _double(table)
        slot = _free_slot(table, key)
    table.keys[slot] = key
    table.serials[slot] = table.state[NEXT]
    table.members[index] = key
    table.tallies[index] = 0
    table.state[NEXT] += 1
    return index


@kernel
def find(table: Distinct, key: int) -> int:
    """The index of a value among `members`; -1 where it was not added."""
    mask = table.state[MASK]
    epoch = table.state[EPOCH]
    slot = _slot(key, mask)
    while table.serials[slot] >= epoch:
        if table.keys[slot] == key:
            return table.serials[slot] - epoch
        slot = (slot + 1) & mask
    return -1


@kernel
def size(table: Distinct) -> int:
    """How many distinct values the slice has so far."""
    return table.state[NEXT] - table.state[EPOCH]


@kernel
def number(
    chosen: npt.NDArray[np.int64],
    values: npt.NDArray[np.int32] | npt.NDArray[np.int64],
    table: Distinct,
    numbers: npt.NDArray[np.int64],
) -> int:
    """Numbers the values of chosen records as 0, 1, 2 and so on, in order of their first; how many values there are.

    The values are not negative, and are then the table's `members`.
    """
    empty(table, chosen.size)
    # What add() does, with its state in registers: these are most of all look-ups.
    mask = table.state[MASK]
    epoch = table.state[EPOCH]
    found = 0
    former = -1
    index = 0
    for i in range(chosen.size):
        value = int(values[chosen[i]])
        # Places and handsets come in runs.
        if value != former:
            former = value
            slot = _slot(value, mask)
            while table.serials[slot] >= epoch and table.keys[slot] != value:
                slot = (slot + 1) & mask
            index = table.serials[slot] - epoch
            if index < 0:
                index = found
                if found > mask // 2:
                    table.state[NEXT] = epoch + found
                    _double(table)
                    mask = table.state[MASK]
                    slot = _free_slot(table, value)
                table.keys[slot] = value
                table.serials[slot] = epoch + found
                table.members[found] = value
                found += 1
        numbers[i] = index
    table.state[NEXT] = epoch + found
    return found


@kernel
def mark_firsts(
    chosen: npt.NDArray[np.int64],
    values: npt.NDArray[np.int64],
    table: Distinct,
    first: npt.NDArray[np.int32],
) -> None:
    """Puts, for each of the chosen records, the first of them with its value into `first`.

    The values are not negative. Nothing branches on whether a value is new: with half of them new no processor
    guesses it, and first legs took 15 ns a record where they take 11.
    """
    empty(table, chosen.size)
    mask = table.state[MASK]
    epoch = table.state[EPOCH]
    found = 0
    for i in range(chosen.size):
        record = chosen[i]
        value = values[record]
        if found > mask // 2:
            table.state[NEXT] = epoch + found
            _double(table)
            mask = table.state[MASK]
        slot = _slot(value, mask)
        while (table.serials[slot] >= epoch) & (table.keys[slot] != value):
            slot = (slot + 1) & mask
        known = table.serials[slot] - epoch
        index = found if known < 0 else known
        table.keys[slot] = value
        table.serials[slot] = epoch + index
        table.members[index] = value
        # Past the last value each record leaves its mark, and the one that is new stays.
        table.tallies[found] = record
        found += known < 0
        first[record] = table.tallies[index]
    table.state[NEXT] = epoch + found


@kernel
def number_few(
    chosen: npt.NDArray[np.int64],
    values: npt.NDArray[np.int32],
    table: Distinct,
    numbers: npt.NDArray[np.int64],
) -> int:
    """As `number`, of values that are smaller than half of the table: each has a slot of its own, and none is hashed.

    `members` are not kept.
    """
    epoch = table.state[NEXT]
    table.state[EPOCH] = epoch
    found = 0
    for i in range(chosen.size):
        slot = values[chosen[i]]
        known = table.serials[slot] - epoch
        index = found if known < 0 else known
        table.serials[slot] = epoch + index
        found += known < 0
        numbers[i] = index
    table.state[NEXT] = epoch + found
    return found


@kernel
def _double(table: Distinct) -> None:
    """Twice as many slots for the slice's values, each put where it is found among so many."""
    epoch = table.state[EPOCH]
    # Serials of earlier slices, which may lie in the slots that are added, are below the epoch as 0 is.
    table.serials[: table.state[MASK] + 1] = 0
    table.state[MASK] = 2 * table.state[MASK] + 1
    for index in range(table.state[NEXT] - epoch):
        slot = _free_slot(table, table.members[index])
        table.keys[slot] = table.members[index]
        table.serials[slot] = epoch + index


@kernel
def _free_slot(table: Distinct, key: int) -> int:
    """The slot that a value takes which is not in the table."""
    mask = table.state[MASK]
    slot = _slot(key, mask)
    while table.serials[slot] >= table.state[EPOCH]:
        slot = (slot + 1) & mask
    return slot


@kernel
def _capacity(records: int) -> int:
    capacity = 8
    while capacity < 2 * records:
        capacity *= 2
    return capacity


@kernel
def _slot(key: int, mask: int) -> int:
    # 31 bits times a 32-bit odd number (2^32 over the golden ratio) stay below 2^63: signed, without overflow.
    product = ((key ^ (key >> 31)) & 0x7FFFFFFF) * 0x9E3779B1
    return (product ^ (product >> 32)) & mask
