"""Connected components of an undirected graph, by union-find with path halving."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import LONGS, driver, kernel


@kernel
def _root(parents: npt.NDArray[np.int64], node: int) -> int:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@driver(types.Array(types.int64, 1, "C")(LONGS, LONGS, types.int64), makes_arrays=True)
def components(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """The component of each of `n` nodes, named by its smallest node; edge i joins a[i] and b[i]."""
    if a.size != b.size:
        raise ValueError("an edge lacks one of its ends")
    parents = np.arange(n)
    for edge in range(a.size):
        if a[edge] < 0 or a[edge] >= n or b[edge] < 0 or b[edge] >= n:
            raise ValueError("an edge ends outside of 0 to n - 1")
        left = _root(parents, a[edge])
        right = _root(parents, b[edge])
        # The smaller node becomes the root, so a root is its component's smallest node.
        if left < right:
            parents[right] = left
        else:
            parents[left] = right
    for node in range(n):
        parents[node] = _root(parents, node)
    return parents
