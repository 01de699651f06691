"""How much there is of a thing far away: sums over those who have it and are no neighbours on a grid."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLOATS, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import CHUNK_SIMS, in_threads

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_OWN_FLOATS = types.Array(types.float64, 1, "C")


@kernel
def add_afar(x: Longs, y: Longs, weight: Floats, afar: Floats) -> None:
    """For each row of a thing the weight of those two squares away or more, in the order of rows."""
    for row in range(x.size):
        afar[row] = 0.0
        for other in range(x.size):
            if abs(x[other] - x[row]) > 1 or abs(y[other] - y[row]) > 1:
                afar[row] += weight[other]


@driver(NOTHING(LONG, LONG, LONGS, LONGS, LONGS, FLOATS, _OWN_FLOATS))
def _add_chunk(first: int, last: int, borders: Longs, x: Longs, y: Longs, weight: Floats, afar: Floats) -> None:
    for thing in range(first, last):
        rows = slice(borders[thing], borders[thing + 1])
        add_afar(x[rows], y[rows], weight[rows], afar[rows])


def sums_afar(borders: Longs, x: Longs, y: Longs, weight: Floats) -> Floats:
    """For each row the weight of the rows of the same thing that are no neighbours of its square, nor in it.

    The rows of a thing, which run from borders[i] to before borders[i + 1], are of different squares (x, y).
    """
    afar = np.empty(x.size)

    def add(first: int, last: int) -> None:
        _add_chunk(first, last, borders, x, y, weight, afar)

    in_threads(add, borders.size - 1, CHUNK_SIMS)
    return afar
