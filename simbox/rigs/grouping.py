"""Pairs to groups: strong links to components, these split by community structure, and communities once more.

Modularity overlooks what is small beside the whole (Fortunato, Barthelemy 2007), such as twenty cards of a rig next
door; within a community it sees them. Nodes and edges go in by IMSI, so that the result does not depend on the order
of rows.
"""

from math import log2

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.communities import communities
from simbox.kernels.components import components
from simbox.kernels.densest import densest_part

Longs = npt.NDArray[np.int64]

SMALLEST_RIG = 3
PAIR = 2
# A pair of strangers among n suspects belongs to one rig with odds of about (SIMs of a rig) / n.
TYPICAL_RIG_SIMS = 4
# Of the pairs of a dense part so many are linked.
LEAST_DENSITY = 0.3
# A community of fewer is hardly two rigs.
LEAST_SPLIT = 8


def strong_link_points(suspects: int, least: int) -> int:
    """Points that a link needs: enough to overcome how unlikely it is for two of so many suspects to share a rig."""
    return max(least, round(10 * log2(max(suspects, 1) / TYPICAL_RIG_SIMS)) if suspects > TYPICAL_RIG_SIMS else least)


def group_pairs(pairs: pl.DataFrame, threshold: int) -> list[list[int]]:
    """Groups of two SIMs or more from (imsi_a, imsi_b, points), each sorted, in order of their first SIM.

    Whether two communities of one component are parts of one rig is for `merge_groups` to tell.
    """
    strong = pairs.filter(pl.col("points") >= threshold).sort("imsi_a", "imsi_b")
    sims = np.unique(np.concatenate([strong["imsi_a"].to_numpy(), strong["imsi_b"].to_numpy()]))
    a, b = (np.searchsorted(sims, strong[name].to_numpy()) for name in ("imsi_a", "imsi_b"))
    component = components(a, b, sims.size)
    # What all strong links have alike says nothing of communities.
    weight = strong["points"].to_numpy().astype(np.int64) - threshold + 1
    part = _split(a, b, weight, _part(a, b, weight, component))
    order = np.argsort(part, kind="stable")
    parts = np.split(sims[order], np.flatnonzero(np.diff(part[order])) + 1) if order.size else []
    return sorted(members.tolist() for members in parts if members.size >= PAIR)


def _part(a: Longs, b: Longs, weight: Longs, component: Longs) -> Longs:
    """The community of each SIM, numbered over all components; each component is parted by itself."""
    part = np.zeros(component.size, dtype=np.int64)
    place = np.zeros(component.size, dtype=np.int64)
    by_component = np.argsort(component, kind="stable")
    edges = np.argsort(component[a], kind="stable")
    edge_borders = np.flatnonzero(np.diff(component[a][edges], prepend=-1, append=-1))
    borders = np.flatnonzero(np.diff(component[by_component], prepend=-1, append=-1))
    # Every SIM has a strong link, so components of SIMs and of edges come in the same order.
    count = 0
    for first, last, edge_first, edge_last in zip(
        borders[:-1], borders[1:], edge_borders[:-1], edge_borders[1:], strict=True
    ):
        members, own = by_component[first:last], edges[edge_first:edge_last]
        place[members] = np.arange(members.size)
        labels = communities(*_without_camouflage(place[a[own]], place[b[own]], weight[own], members.size))
        part[members] = count + labels
        count += int(labels.max()) + 1
    return part


def _split(a: Longs, b: Longs, weight: Longs, part: Longs) -> Longs:
    """The communities of each community by itself, but for those that would leave one or two SIMs alone."""
    parted = part.copy()
    count = int(part.max(initial=-1)) + 1
    sizes = np.bincount(part, minlength=count)
    inner = part[a] == part[b]
    inner_a, inner_b, inner_weight = a[inner], b[inner], weight[inner]
    by_part, edges = np.argsort(part, kind="stable"), np.argsort(part[inner_a], kind="stable")
    borders = np.append(0, np.cumsum(sizes))
    edge_borders = np.append(0, np.cumsum(np.bincount(part[inner_a], minlength=count)))
    place = np.zeros(part.size, dtype=np.int64)
    for number in np.flatnonzero(sizes >= LEAST_SPLIT):
        members = by_part[borders[number] : borders[number + 1]]
        own = edges[edge_borders[number] : edge_borders[number + 1]]
        place[members] = np.arange(members.size)
        labels = communities(place[inner_a[own]], place[inner_b[own]], inner_weight[own], members.size)
        if np.bincount(labels).min() >= SMALLEST_RIG:
            parted[members] = np.where(labels == 0, number, count + labels)
            count += int(labels.max())
    return parted


def _without_camouflage(a: Longs, b: Longs, weight: Longs, n: int) -> tuple[Longs, Longs, Longs, int]:
    """The links of a component without those that join a dense part to many others.

    Who links his cards to strangers hides them from community structure, which then parts them among the strangers;
    cards that are linked to each other densely, and oftener still to others, who are not, are taken out first.
    """
    left = np.ones(n, dtype=np.bool_)
    while left.any():
        nodes = np.flatnonzero(left)
        inner = left[a] & left[b]
        part = np.zeros(n, dtype=np.bool_)
        part[nodes] = densest_part(np.searchsorted(nodes, a[inner]), np.searchsorted(nodes, b[inner]), nodes.size)
        inside, across = int((part[a] & part[b]).sum()), part[a] != part[b]
        pairs = int(part.sum()) * (int(part.sum()) - 1) // 2
        if int(across.sum()) <= inside or inside < LEAST_DENSITY * pairs:
            break
        a, b, weight = a[~across], b[~across], weight[~across]
        left &= ~part
    return a, b, weight, n
