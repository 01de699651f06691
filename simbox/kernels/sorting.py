"""Sorting a SIM's numbers where they stand: most SIMs have a handful, and few have thousands."""

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel


@kernel
def sort(values: npt.NDArray[np.int64]) -> None:
    """Puts values in rising order, by insertion at falling distances (Shell 1959, distances after Tokuda 1992).

    Under ten values it is plain insertion; it needs no memory of its own.
    """
    distance = 1
    while 9 * distance < values.size:
        distance = distance * 9 // 4 + 1
    while True:
        for i in range(distance, values.size):
            value = values[i]
            hole = i
            while hole >= distance and values[hole - distance] > value:
                values[hole] = values[hole - distance]
                hole -= distance
            values[hole] = value
        if distance == 1:
            return
        distance = max(1, distance * 4 // 9)
