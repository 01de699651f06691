"""What SIMs have shown so far, night by night: a night's findings are merged into what is known, in one pass over both.

Both are in rising order, so nothing is looked up at random: a million SIMs take a hundredth of a second.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import INTS, LONG, LONGS, NOTHING, driver
from simbox.kernels.sorting import sort

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_OWN_INTS = types.Array(types.int32, 1, "C")
_OWN_LONGS = types.Array(types.int64, 1, "C")


class Register(NamedTuple):
    """Pairs of a SIM and a value that it showed, in rising order of both, with the first and last night of each."""

    sims: Longs
    values: Longs
    first: Ints
    last: Ints


NOTHING_SHOWN = Register(
    np.empty(0, dtype=np.int64),
    np.empty(0, dtype=np.int64),
    np.empty(0, dtype=np.int32),
    np.empty(0, dtype=np.int32),
)


@driver(NOTHING(LONGS, _OWN_LONGS))
def sort_within(sims: Longs, values: Longs) -> None:
    """Put the values of each SIM, which lie together, in rising order."""
    start = 0
    for row in range(1, sims.size + 1):
        if row == sims.size or sims[row] != sims[start]:
            sort(values[start:row])
            start = row


@driver(
    LONG(LONGS, LONGS, INTS, INTS, LONGS, LONGS, types.int32, types.int32, _OWN_LONGS, _OWN_LONGS, _OWN_INTS, _OWN_INTS)
)
def merge_shown(
    known_sims: Longs,
    known_values: Longs,
    known_first: Ints,
    known_last: Ints,
    sims: Longs,
    values: Longs,
    night: int,
    since: int,
    into_sims: Longs,
    into_values: Longs,
    into_first: Ints,
    into_last: Ints,
) -> int:
    """Merge the pairs shown in a night into those known, without what was shown last before `since`; how many there
    are then."""
    known = 0
    shown = 0
    rows = 0
    while known < known_sims.size or shown < sims.size:
        first = night
        last = night
        is_known = shown == sims.size
        if known < known_sims.size and not is_known:
            is_known = known_sims[known] < sims[shown]
            is_known |= (known_sims[known] == sims[shown]) & (known_values[known] < values[shown])
        if is_known:
            sim = known_sims[known]
            value = known_values[known]
            first = known_first[known]
            last = known_last[known]
            known += 1
        else:
            sim = sims[shown]
            value = values[shown]
            if known < known_sims.size and known_sims[known] == sim and known_values[known] == value:
                first = known_first[known]
                known += 1
            shown += 1
        if last >= since:
            into_sims[rows] = sim
            into_values[rows] = value
            into_first[rows] = first
            into_last[rows] = last
            rows += 1
    return rows


@driver(NOTHING(LONGS, LONGS, types.Array(types.boolean, 1, "C")))
def _mark_among(sims: Longs, some: Longs, is_one: Flags) -> None:
    at = 0
    for row in range(sims.size):
        while at < some.size and some[at] < sims[row]:
            at += 1
        is_one[row] = at < some.size and some[at] == sims[row]


def is_among(sims: Longs, some: Longs) -> Flags:
    """Whether each SIM is one of `some`, both in rising order."""
    is_one = np.empty(sims.size, dtype=np.bool_)
    # What lies before the first is not gone through.
    _mark_among(sims, some[np.searchsorted(some, sims[:1]).sum() :], is_one)
    return is_one


def enter(register: Register, sims: Longs, values: Longs, night: int, since: int) -> Register:
    """The register with the distinct pairs shown in a night, later than all before, and without those shown last
    before `since`. `sims` are in rising order."""
    values = values.copy()
    sort_within(sims, values)
    most = register.sims.size + sims.size
    into_sims, into_values = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    first, last = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    rows = merge_shown(*register, sims, values, night, since, into_sims, into_values, first, last)
    # Cut where they lie: copied, a register would be held three times for a moment.
    for column in (into_sims, into_values, first, last):
        column.resize(rows, refcheck=False)
    return Register(into_sims, into_values, first, last)
