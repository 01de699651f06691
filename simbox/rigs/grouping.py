"""Pairs to groups: strong links to components, over-large or loose ones split by community structure.

networkx holds the suspicious part only. Nodes and edges go in by IMSI, so that the result does not depend on the
order of rows.
"""

from collections.abc import Iterable
from itertools import combinations
from math import log2
from typing import NamedTuple

import networkx as nx
import polars as pl

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
    """What tells two owners in one building apart: pairs (smaller IMSI first) that share callees, pairs that call each
    other, and for each SIM its callees and how many numbers, mates aside, ring it."""

    sharing: set[tuple[int, int]]
    staged: set[tuple[int, int]]
    callees: dict[int, int]
    customers: dict[int, int]

    def is_rung(self, sims: Iterable[int]) -> bool:
        """Whether customers ring these SIMs back, as they do a company's seats."""
        members = list(sims)
        customers = sum(self.customers.get(imsi, 0) for imsi in members)
        return customers >= LEAST_CUSTOMERS and customers >= CUSTOMER_SHARE * sum(
            self.callees.get(imsi, 0) for imsi in members
        )


def group_pairs(pairs: pl.DataFrame, traffic: Traffic, threshold: int, largest: int) -> list[list[int]]:
    """Groups of two SIMs or more from (imsi_a, imsi_b, points), each sorted, in order of their first SIM."""
    strong = pairs.filter(pl.col("points") >= threshold).sort("imsi_a", "imsi_b")
    graph: nx.Graph = nx.Graph()
    graph.add_weighted_edges_from(strong.select("imsi_a", "imsi_b", "points").iter_rows())
    groups: list[list[int]] = []
    for component in nx.connected_components(graph):
        groups += _split(graph, sorted(component), traffic, threshold, largest)
    return sorted(group for group in groups if len(group) >= PAIR)


def _split(
    graph: "nx.Graph[int]", members: list[int], traffic: Traffic, threshold: int, largest: int
) -> list[list[int]]:
    """A component whole, or its Louvain communities, those put together again that nothing speaks for parting.

    Two communities that call each other belong together. Else they stay apart where few strong links join them, where
    customers ring one and not the other, or where
    one shares its traffic among its own cards and none with the other: two owners in one building.
    """
    ordered: nx.Graph = nx.Graph()
    ordered.add_nodes_from(members)
    ordered.add_weighted_edges_from(
        # What all strong links have alike says nothing of communities.
        sorted((min(a, b), max(a, b), weight - threshold + 1) for a, b, weight in graph.edges(members, data="weight"))
    )
    parts = sorted(sorted(part) for part in nx.community.louvain_communities(ordered, weight="weight", seed=0))
    merged = True
    while merged:
        merged = False
        for first, second in combinations(range(len(parts)), 2):
            together = parts[first] + parts[second]
            if len(together) <= largest and _belong_together(ordered, parts[first], parts[second], traffic):
                parts = sorted([*(part for n, part in enumerate(parts) if n not in (first, second)), sorted(together)])
                merged = True
                break
    return parts


def _belong_together(graph: "nx.Graph[int]", first: list[int], second: list[int], traffic: Traffic) -> bool:
    if traffic.is_rung(first) != traffic.is_rung(second):
        return False
    pairs = len(first) * len(second)
    staged_across = _touch(((a, b) for a in first for b in second), traffic.staged)
    staged_within = max(_touch(combinations(part, 2), traffic.staged) for part in (first, second))
    if staged_across * pairs >= LEAST_TOUCHES and staged_across >= ONE_OWNER * staged_within:
        return True
    across = sum(graph.has_edge(a, b) for a in first for b in second)
    return across >= LOOSE_DENSITY * pairs and not carry_different_traffic(first, second, traffic)


def carry_different_traffic(first: list[int], second: list[int], traffic: Traffic) -> bool:
    """Whether one community shares its callees among its own cards, and hardly any with the other."""
    across = _touch(((a, b) for a in first for b in second), traffic.sharing)
    within = max(_touch(combinations(part, 2), traffic.sharing) for part in (first, second))
    return within >= SHARING and across < SHARED_ACROSS * within


def _touch(pairs: Iterable[tuple[int, int]], found_pairs: set[tuple[int, int]]) -> float:
    """Share of pairs that are among those found."""
    found = [(min(a, b), max(a, b)) in found_pairs for a, b in pairs]
    return sum(found) / len(found) if found else 0.0
