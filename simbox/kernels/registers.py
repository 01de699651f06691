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
# Before every night.
_NEVER = np.iinfo(np.int32).min


class Register(NamedTuple):
    """Pairs of a SIM and a value that it showed, in rising order of both, and the first or the last night of each: of
    millions both would be memory for nothing."""

    sims: Longs
    values: Longs
    nights: Ints


NOTHING_SHOWN = Register(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))


@driver(NOTHING(LONGS, _OWN_LONGS))
def sort_within(sims: Longs, values: Longs) -> None:
    """Put the values of each SIM, which lie together, in rising order."""
    start = 0
    for row in range(1, sims.size + 1):
        if row == sims.size or sims[row] != sims[start]:
            sort(values[start:row])
            start = row


@driver(
    LONG(LONGS, LONGS, INTS, LONGS, LONGS, types.int32, types.int32, types.boolean, _OWN_LONGS, _OWN_LONGS, _OWN_INTS)
)
def merge_shown(
    known_sims: Longs,
    known_values: Longs,
    known_nights: Ints,
    sims: Longs,
    values: Longs,
    night: int,
    since: int,
    keeps_first: bool,
    into_sims: Longs,
    into_values: Longs,
    into_nights: Ints,
) -> int:
    """Merge the pairs shown in a night into those known, without those whose night is before `since`; how many there
    are then. Of a pair that is known already the first night is kept, or this one."""
    known = 0
    shown = 0
    rows = 0
    # Which of the two comes next can't be guessed, so nothing branches on it.
    while known < known_sims.size and shown < sims.size:
        is_same = (known_sims[known] == sims[shown]) & (known_values[known] == values[shown])
        is_before = known_sims[known] < sims[shown]
        is_before |= (known_sims[known] == sims[shown]) & (known_values[known] < values[shown])
        kept = known_nights[known] if is_before | (is_same & keeps_first) else night
        into_sims[rows] = known_sims[known] if is_before else sims[shown]
        into_values[rows] = known_values[known] if is_before else values[shown]
        into_nights[rows] = kept
        known += is_before | is_same
        shown += not is_before
        rows += kept >= since
    while known < known_sims.size:
        into_sims[rows] = known_sims[known]
        into_values[rows] = known_values[known]
        into_nights[rows] = known_nights[known]
        rows += known_nights[known] >= since
        known += 1
    while shown < sims.size:
        into_sims[rows] = sims[shown]
        into_values[rows] = values[shown]
        into_nights[rows] = night
        rows += night >= since
        shown += 1
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


def enter(register: Register, sims: Longs, values: Longs, night: int, since: int | None = None) -> Register:
    """The register with the distinct pairs shown in a night, later than all before. `sims` are in rising order.

    With `since` it has the last night of each pair and none that was shown last before `since`; without, the first
    night, and forgets nothing.
    """
    values = values.copy()
    sort_within(sims, values)
    most = register.sims.size + sims.size
    into_sims, into_values = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    nights = np.empty(most, dtype=np.int32)
    oldest = _NEVER if since is None else since
    rows = merge_shown(*register, sims, values, night, oldest, since is None, into_sims, into_values, nights)
    # Cut where they lie: copied, a register would be held three times for a moment.
    for column in (into_sims, into_values, nights):
        column.resize(rows, refcheck=False)
    return Register(into_sims, into_values, nights)
