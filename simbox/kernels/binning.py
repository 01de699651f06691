"""The bins of values among ascending edges, and how many SIMs of each kind lie in each."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLAGS, FLOATS, LONGS, NOTHING, driver

UNKNOWN = -1
# Numbers are parted by sign, exponent and the first three bits of what follows: eight parts between a number and its
# double, from a thousandth to a million; what lies below is in the first part, what lies above in the last.
_SHIFT = 49
_FIRST = (1023 - 10) << 3
_PARTS = 30 << 3

_VALUES = types.Array(types.float64, 2, "C")
_BINS = types.Array(types.int16, 2, "C")
_GROUPS = types.Array(types.int64, 2, "C", readonly=True)
_COUNTS = types.Array(types.int64, 3, "C")


def find_starts(edges: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """How many of the ascending edges the least number of each part has reached, none in the first."""
    least = ((np.arange(_PARTS, dtype=np.int64) + _FIRST) << _SHIFT).view(np.float64)
    starts = np.searchsorted(edges, least, side="right").astype(np.int64)
    starts[0] = 0
    return starts


@driver(NOTHING(LONGS, FLOATS, FLOATS, LONGS, _VALUES, _BINS))
def binning(
    bits: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    edges: npt.NDArray[np.float64],
    starts: npt.NDArray[np.int64],
    by_window: npt.NDArray[np.float64],
    bins: npt.NDArray[np.int16],
) -> None:
    """Values SIM by SIM, window by window, as a row for each window, and how many edges each has reached.

    `bits` are the values as integers of their 64 bits, `starts` the edges' (see find_starts). `bins` is UNKNOWN where
    the value is NaN.
    """
    windows = by_window.shape[0]
    for sim in range(by_window.shape[1]):
        for window in range(windows):
            place = sim * windows + window
            value = values[place]
            by_window[window, sim] = value
            if np.isnan(value):
                bins[window, sim] = UNKNOWN
                continue
            # Two edges at most lie in most parts. A binary search among all took 14 ns a value, this 7.
            part = min(max((bits[place] >> _SHIFT) - _FIRST, 0), _PARTS - 1)
            reached = starts[part]
            while reached < edges.size and edges[reached] <= value:
                reached += 1
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
