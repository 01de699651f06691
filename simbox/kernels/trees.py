"""Sums of a boosted ensemble: each row walks down every tree to a leaf, and its leaves are added up."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLAGS, FLOATS, INTS, NOTHING, driver

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

LEAF = -1

_INPUTS = types.Array(types.float64, 2, "C", readonly=True)
_SUMS = types.Array(types.float64, 1, "C")


@driver(NOTHING(_INPUTS, INTS, INTS, FLOATS, INTS, INTS, FLAGS, FLOATS, _SUMS))
def add_leaves(
    inputs: Floats,
    first: Ints,
    feature: Ints,
    limit: Floats,
    left: Ints,
    right: Ints,
    null_left: npt.NDArray[np.bool_],
    value: Floats,
    sums: Floats,
) -> None:
    """To each row's sum the values of its leaves, tree after tree; `inputs` has a row for each sum, NaN where unknown.

    `first` holds the trees' roots. A node sends a row left where its `feature` is at most `limit`, or is unknown and
    `null_left`; LEAF stands for the feature of a node that ends the walk.
    """
    for row in range(sums.size):
        for root in first:
            node = root
            while feature[node] != LEAF:
                seen = inputs[row, feature[node]]
                goes_left = null_left[node] if np.isnan(seen) else seen <= limit[node]
                node = left[node] if goes_left else right[node]
            sums[row] += value[node]
