"""The bins of values among ascending edges, and how many SIMs of each kind lie in each."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLAGS, FLOATS, LONGS, NOTHING, driver

UNKNOWN = -1

_VALUES = types.Array(types.float64, 2, "C")
_BINS = types.Array(types.int16, 2, "C")
_GROUPS = types.Array(types.int64, 2, "C", readonly=True)
_COUNTS = types.Array(types.int64, 3, "C")


@driver(NOTHING(FLOATS, FLOATS, _VALUES, _BINS))
def binning(
    values: npt.NDArray[np.float64],
    edges: npt.NDArray[np.float64],
    by_window: npt.NDArray[np.float64],
    bins: npt.NDArray[np.int16],
) -> None:
    """Values SIM by SIM, window by window, as a row for each window, and how many edges each has reached.

    `bins` is UNKNOWN where the value is NaN.
    """
    former, reached = np.nan, UNKNOWN
    windows = by_window.shape[0]
    for sim in range(by_window.shape[1]):
        for window in range(windows):
            value = values[sim * windows + window]
            by_window[window, sim] = value
            # One in four is what the window before had. A search without branches took 26 ns a value, not 14.
            if value != former:
                former = value
                if np.isnan(value):
                    reached = UNKNOWN
                else:
                    low, high = 0, edges.size
                    while low < high:
                        middle = (low + high) >> 1
                        if edges[middle] <= value:
                            low = middle + 1
                        else:
                            high = middle
                    reached = low
            bins[window, sim] = reached


@driver(NOTHING(_BINS, _GROUPS, FLAGS, LONGS, _COUNTS))
def count_bins(
    bins: npt.NDArray[np.int16],
    groups: npt.NDArray[np.int64],
    among: npt.NDArray[np.bool_],
    wider: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> None:
    """Adds to `counts` (window, group, bin) the SIMs `among` others whose bin is known, each by the wider bin that its
    own lies in."""
    for window in range(bins.shape[0]):
        for sim in range(bins.shape[1]):
            own = bins[window, sim]
            if among[sim] and own != UNKNOWN:
                counts[window, groups[window, sim], wider[own]] += 1
