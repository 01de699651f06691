"""Which of a SIM's records are the first to show a value: what a count of distinct SIMs by value needs."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import LONG, LONGS, NOTHING, driver
from simbox.kernels.chunks import CHUNK_SIMS, in_threads
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, size

Longs = npt.NDArray[np.int64]
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
