"""Points of a scorecard's experts: for each SIM what its bins are worth, added up."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import LONG, LONGS, NOTHING, driver

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_BINS = types.Array(types.int16, 3, "C", readonly=True)
_TABLES = types.Array(types.int32, 2, "C", readonly=True)
_TABLES_OF_PAIRS = types.Array(types.int32, 3, "C", readonly=True)
_TOTALS = types.Array(types.int32, 1, "C")


@driver(NOTHING(_BINS, LONGS, LONGS, _TABLES, LONG, _TOTALS))
def add_points(
    bins: npt.NDArray[np.int16], features: Longs, windows: Longs, tables: Ints, start: int, totals: Ints
) -> None:
    """For each SIM `start` and the points of each term into `totals`.

    `bins` has a row for each feature and window, with -1 where the value is not known. Term t reads the bins of
    features[t] in windows[t]; tables[t] has its points where that is not known, and then those of each bin.
    """
    totals[:] = start
    for term in range(features.size):
        own = bins[features[term], windows[term]]
        table = tables[term]
        for sim in range(totals.size):
            totals[sim] += table[own[sim] + 1]


@driver(NOTHING(_BINS, LONGS, LONGS, LONGS, LONGS, _TABLES_OF_PAIRS, _TOTALS))
def add_points_of_pairs(
    bins: npt.NDArray[np.int16],
    firsts: Longs,
    first_windows: Longs,
    seconds: Longs,
    second_windows: Longs,
    tables: Ints,
    totals: Ints,
) -> None:
    """For each SIM the points of each pair of features, added to `totals`.

    Pair p reads the bins of firsts[p] in first_windows[p] and of seconds[p] in second_windows[p]; tables[p] has a row
    where the first is not known and then one for each of its bins, and columns likewise.
    """
    for pair in range(firsts.size):
        first = bins[firsts[pair], first_windows[pair]]
        second = bins[seconds[pair], second_windows[pair]]
        table = tables[pair]
        for sim in range(totals.size):
            totals[sim] += table[first[sim] + 1, second[sim] + 1]
