"""What each SIM shows of itself: the distinct values among its records, in order of their first.

Of the SIMs of a night most have a handful of records, and these are compared with one another: presence of a night took
290 ns a record with a hash table and its pairs chosen by flags, and takes 150.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import INTS, LONG, LONGS, driver
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, size

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_OWN_LONGS = types.Array(types.int64, 1, "C")
# Up to so many records are compared with one another.
FEW_RECORDS = 16


class Shown(NamedTuple):
    """Distinct pairs of a SIM, by its key, and a value."""

    sims: Longs
    values: Longs


@driver(
    LONG(INTS, LONGS, LONGS, types.boolean, _OWN_LONGS, _OWN_LONGS, DISTINCT),
    LONG(LONGS, LONGS, LONGS, types.boolean, _OWN_LONGS, _OWN_LONGS, DISTINCT),
)
def _fill(
    values: Ints | Longs,
    borders: Longs,
    keys: Longs,
    keeps_all: bool,
    into_sims: Longs,
    into_values: Longs,
    table: Distinct,
) -> int:
    rows = 0
    for sim in range(keys.size):
        before = rows
        is_few = borders[sim + 1] - borders[sim] <= FEW_RECORDS
        if not is_few:
            empty(table, borders[sim + 1] - borders[sim])
        for record in range(borders[sim], borders[sim + 1]):
            value = int(values[record])
            is_new = value >= 0
            if is_new and is_few:
                for row in range(before, rows):
                    is_new &= into_values[row] != value
            elif is_new:
                known = size(table)
                is_new = add(table, value) == known
            into_sims[rows] = keys[sim]
            into_values[rows] = value
            rows += is_new
        if keeps_all and rows == before:
            into_sims[rows] = keys[sim]
            into_values[rows] = -1
            rows += 1
    return rows


def find_shown(values: Ints | Longs, borders: Longs, keys: Longs, *, keeps_all: bool = False) -> Shown:
    """The distinct values that each SIM shows, the unknown -1 aside; with `keeps_all` a SIM that shows none has -1.

    SIM i has the key keys[i], and its records, of which it has at least one, lie from borders[i] to before
    borders[i + 1].
    """
    sims, found = np.empty(values.size, dtype=np.int64), np.empty(values.size, dtype=np.int64)
    longest = int(np.diff(borders).max(initial=0))
    table = allot(longest if longest > FEW_RECORDS else 1)
    rows = _fill(values, borders, keys, keeps_all, sims, found, table)
    return Shown(sims[:rows].copy(), found[:rows].copy())
