"""Pairs to groups: strong links to components, over-large or loose ones split by community structure.

Nodes and edges go in by IMSI, so that the result does not depend on the order of rows.
"""

from collections.abc import Iterator
from math import log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.communities import communities
from simbox.kernels.components import components
from simbox.kernels.densest import densest_part
from simbox.rigs.touching import count_touches

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SMALLEST_RIG = 3
PAIR = 2
# A pair of strangers among n suspects belongs to one rig with odds of about (SIMs of a rig) / n.
TYPICAL_RIG_SIMS = 4
# Two communities are one group where so many of the pairs across are strongly linked.
LOOSE_DENSITY = 0.3
# A community shares its traffic when so many of its pairs do; another is a stranger to it with a fifth of that across.
SHARING = 0.3
SHARED_ACROSS = 0.2
# Two runs of cards that call each other nearly as much as among themselves have one owner; callees prove nothing, for
# families abroad are called through whatever rig is cheapest.
ONE_OWNER = 0.4
LEAST_TOUCHES = 4
CUSTOMER_SHARE = 0.05
LEAST_CUSTOMERS = 8


def strong_link_points(suspects: int, least: int) -> int:
    """Points that a link needs: enough to overcome how unlikely it is for two of so many suspects to share a rig."""
    return max(least, round(10 * log2(max(suspects, 1) / TYPICAL_RIG_SIMS)) if suspects > TYPICAL_RIG_SIMS else least)


class Traffic(NamedTuple):
    """What tells two owners in one building apart: pairs (imsi_a, imsi_b) that share callees, pairs that call each
    other, and for each SIM (imsi, callees, customers) its callees and how many numbers, mates aside, ring it."""

    sharing: pl.DataFrame
    staged: pl.DataFrame
    habits: pl.DataFrame


def group_pairs(pairs: pl.DataFrame, traffic: Traffic, threshold: int, largest: int) -> list[list[int]]:
    """Groups of two SIMs or more from (imsi_a, imsi_b, points), each sorted, in order of their first SIM."""
    strong = pairs.filter(pl.col("points") >= threshold).sort("imsi_a", "imsi_b")
    sims = np.unique(np.concatenate([strong["imsi_a"].to_numpy(), strong["imsi_b"].to_numpy()]))
    a, b = (np.searchsorted(sims, strong[name].to_numpy()) for name in ("imsi_a", "imsi_b"))
    component = components(a, b, sims.size)
    # What all strong links have alike says nothing of communities.
    weight = strong["points"].to_numpy().astype(np.int64) - threshold + 1
    part = _part(a, b, weight, component)
    groups: list[list[int]] = []
    for parts in _put_together(strong, sims, component, part, traffic, largest):
        groups += [sims[members].tolist() for members in parts]
    return sorted(group for group in groups if len(group) >= PAIR)


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
        if int(across.sum()) <= inside or inside < LOOSE_DENSITY * pairs:
            break
        a, b, weight = a[~across], b[~across], weight[~across]
        left &= ~part
    return a, b, weight, n


def _put_together(
    strong: pl.DataFrame, sims: Longs, component: Longs, part: Longs, traffic: Traffic, largest: int
) -> Iterator[list[Longs]]:
    """Of each component its communities, as indices of SIMs, those put together again that nothing speaks for parting.

    Two communities that call each other belong together. Else they stay apart where few strong links join them, where
    customers ring one and not the other, or where
    one shares its traffic among its own cards and none with the other: two owners in one building.
    """
    groups = pl.DataFrame({"group": part, "imsi": sims})
    counted = [count_touches(pairs, groups) for pairs in (strong, traffic.staged, traffic.sharing)]
    rung = groups.join(traffic.habits, on="imsi", how="left").group_by("group").agg(
        pl.col("customers").sum(), pl.col("callees").sum()
    ).sort("group")  # fmt: skip
    order = np.lexsort((part, component))
    for members in np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if order.size else []:
        # Communities are numbered by their first SIM, so this is their order too.
        names, sizes = np.unique(part[members], return_counts=True)
        parts = np.split(members, np.cumsum(sizes)[:-1])
        if names.size > 1:
            ground = _Communities(
                sizes=sizes,
                linked=_matrix(counted[0], names),
                staged=_matrix(counted[1], names),
                sharing=_matrix(counted[2], names),
                customers=rung["customers"].to_numpy()[names],
                callees=rung["callees"].to_numpy()[names],
            )
            while (pair := _first_pair(ground, largest)) is not None:
                ground = ground.join(*pair)
                parts[pair[0]] = np.concatenate([parts[pair[0]], parts[pair[1]]])
                del parts[pair[1]]
        yield [np.sort(one) for one in parts]


class _Communities(NamedTuple):
    """Communities of one component in order: how many SIMs, and how many pairs of these are strongly linked, call each
    other and share callees, within each (on the diagonal) and across; who rings them and whom they call."""

    sizes: Longs
    linked: Longs
    staged: Longs
    sharing: Longs
    customers: Longs
    callees: Longs

    def join(self, first: int, second: int) -> "_Communities":
        """The same with the second community in the first."""
        joined = []
        for counts in self:
            counts = counts.copy()
            if counts.ndim == 2:
                within = counts[first, first] + counts[second, second] + counts[first, second]
                counts[first] += counts[second]
                counts[:, first] += counts[:, second]
                counts[first, first] = within
                counts = np.delete(np.delete(counts, second, 0), second, 1)
            else:
                counts[first] += counts[second]
                counts = np.delete(counts, second)
            joined.append(counts)
        return _Communities(*joined)


def _first_pair(ground: _Communities, largest: int) -> tuple[int, int] | None:
    """The first two communities that belong together."""
    sizes = ground.sizes
    pairs = sizes[:, None] * sizes
    is_rung = (ground.customers >= LEAST_CUSTOMERS) & (ground.customers >= CUSTOMER_SHARE * ground.callees)
    staged_within = _share_within(ground.staged, sizes)
    is_staged = (ground.staged >= LEAST_TOUCHES) & (
        ground.staged / pairs >= ONE_OWNER * np.maximum(staged_within[:, None], staged_within)
    )
    sharing_within = _share_within(ground.sharing, sizes)
    differ = carry_different_traffic(ground.sharing / pairs, np.maximum(sharing_within[:, None], sharing_within))
    is_dense = (ground.linked >= LOOSE_DENSITY * pairs) & ~differ
    together = (is_rung[:, None] == is_rung) & (is_staged | is_dense) & (sizes[:, None] + sizes <= largest)
    found = np.flatnonzero(np.triu(together, 1))
    return (int(found[0]) // sizes.size, int(found[0]) % sizes.size) if found.size else None


def carry_different_traffic(across: Floats, within: Floats) -> npt.NDArray[np.bool_]:
    """Whether one community shares its callees among its own cards, and hardly any with the other: from the share of
    pairs across that share some, and of pairs within the one that shares more."""
    return (within >= SHARING) & (across < SHARED_ACROSS * within)


def _share_within(counts: Longs, sizes: Longs) -> Floats:
    pairs = sizes * (sizes - 1) // 2
    shares: Floats = np.diagonal(counts) / np.maximum(pairs, 1)
    return shares


def _matrix(counted: pl.DataFrame, names: Longs) -> Longs:
    """How many touches there are within and across these groups, which are numbered without gaps."""
    inside = counted.filter(pl.col("a").is_between(names[0], names[-1]) & pl.col("b").is_between(names[0], names[-1]))
    a, b = inside["a"].to_numpy() - names[0], inside["b"].to_numpy() - names[0]
    counts = np.zeros((names.size, names.size), dtype=np.int64)
    counts[a, b] = inside["touches"].to_numpy()
    counts[b, a] = inside["touches"].to_numpy()
    return counts
