"""The densest part of a graph: what is left at the best moment when the nodes with fewest links are taken away.

Charikar 2000 ("Greedy approximation algorithms for finding dense components in a graph"): its mean degree is at least
half of what any part has. Of nodes with as many links the smallest goes first, so that the order of links is nothing.
"""

from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import LONGS, driver

Longs = npt.NDArray[np.int64]


@driver(types.Array(types.boolean, 1, "C")(LONGS, LONGS, types.int64), makes_arrays=True)
def densest_part(a: Longs, b: Longs, n: int) -> npt.NDArray[np.bool_]:
    """Which of `n` nodes are in the densest part: the most links for each node; edge i joins a[i] and b[i], each pair
    once and no node with itself. Of parts as dense the largest."""
    degrees = np.zeros(n, dtype=np.int64)
    for edge in range(a.size):
        degrees[a[edge]] += 1
        degrees[b[edge]] += 1
    ends = np.cumsum(degrees)
    places = ends - degrees
    neighbours = np.empty(2 * a.size, dtype=np.int64)
    for edge in range(a.size):
        neighbours[places[a[edge]]] = b[edge]
        neighbours[places[b[edge]]] = a[edge]
        places[a[edge]] += 1
        places[b[edge]] += 1
    # A node's links left and its number in one integer; a node whose links grew fewer is in the heap more than once.
    heap = [np.int64(0) for _ in range(0)]
    for node in range(n):
        heappush(heap, degrees[node] * n + node)
    gone_at = np.full(n, n, dtype=np.int64)
    links, nodes, taken = a.size, n, 0
    best_links, best_nodes, best_taken = links, nodes, 0
    while taken < n:
        key = heappop(heap)
        node = int(key % n)
        if gone_at[node] < n or degrees[node] != key // n:
            continue
        gone_at[node] = taken
        taken += 1
        nodes -= 1
        links -= int(degrees[node])
        first = ends[node - 1] if node else 0
        for place in range(first, ends[node]):
            other = neighbours[place]
            if gone_at[other] == n:
                degrees[other] -= 1
                heappush(heap, degrees[other] * n + other)
        if nodes and links * best_nodes > best_links * nodes:
            best_links, best_nodes, best_taken = links, nodes, taken
    return gone_at >= best_taken
