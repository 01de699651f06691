"""Values as tables keep them: rounded to their decimals, windows of a SIM one after the other."""

import math

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLOATS, LONG, LONGS, NOTHING, driver

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@driver(NOTHING(FLOATS, LONGS, LONG, LONG, types.float64, types.Array(types.float64, 1, "C")))
def settle(values: Floats, order: Longs, window: int, windows: int, factor: float, into: Floats) -> None:
    """Put the values of one of `windows` windows, in an order of the SIMs, rounded at 1 / `factor`, into every
    `windows`-th element of `into`.

    Rounded as Polars' round does, half to even, and without a negative zero.
    """
    if factor == 1.0:
        # What is counted needs no division.
        for sim in range(order.size):
            into[sim * windows + window] = np.rint(values[order[sim]]) + 0.0
        return
    for sim in range(order.size):
        value = values[order[sim]]
        scaled = value * factor
        if not math.isinf(scaled):
            value = np.rint(scaled) / factor + 0.0
        into[sim * windows + window] = value
