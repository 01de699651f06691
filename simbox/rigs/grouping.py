"""Pairs to groups: strong links to components, over-large or loose ones split by community structure.

networkx holds the suspicious part only. Nodes and edges go in by IMSI, so that the result does not depend on the
order of rows.
"""

from collections.abc import Iterable
from math import log2

import networkx as nx
import polars as pl

SMALLEST_RIG = 3
# A pair of strangers among n suspects belongs to one rig with odds of about (SIMs of a rig) / n.
TYPICAL_RIG_SIMS = 16
LOOSE_DENSITY = 0.3


def strong_link_points(suspects: int, least: int) -> int:
    """Points that a link needs: enough to overcome how unlikely it is for two of so many suspects to share a rig."""
    return max(least, round(10 * log2(max(suspects, 1) / TYPICAL_RIG_SIMS)) if suspects > TYPICAL_RIG_SIMS else least)


def group_pairs(pairs: pl.DataFrame, threshold: int, largest: int) -> list[list[int]]:
    """Groups of three SIMs or more (imsi_a, imsi_b, points), each sorted, in order of their first SIM."""
    strong = pairs.filter(pl.col("points") >= threshold).sort("imsi_a", "imsi_b")
    graph: nx.Graph = nx.Graph()
    graph.add_weighted_edges_from(strong.select("imsi_a", "imsi_b", "points").iter_rows())
    groups: list[list[int]] = []
    for component in nx.connected_components(graph):
        groups += _split(graph, component, largest)
    return sorted(group for group in groups if len(group) >= SMALLEST_RIG)


def _split(graph: "nx.Graph[int]", component: Iterable[int], largest: int) -> list[list[int]]:
    """The component itself where it is dense and small enough, else its Louvain communities."""
    members = sorted(component)
    if len(members) <= largest and _density(graph, members) >= LOOSE_DENSITY:
        return [members]
    ordered: nx.Graph = nx.Graph()
    ordered.add_nodes_from(members)
    ordered.add_weighted_edges_from(
        sorted((min(a, b), max(a, b), weight) for a, b, weight in graph.edges(members, data="weight"))
    )
    communities = nx.community.louvain_communities(ordered, weight="weight", seed=0)
    return [sorted(community) for community in communities]


def _density(graph: "nx.Graph[int]", members: list[int]) -> float:
    size = len(members)
    return 2 * graph.subgraph(members).number_of_edges() / (size * (size - 1)) if size > 1 else 0.0
