"""Communities against the plain twin, and their modularity against networkx."""

import random
import sys
from collections.abc import Callable
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import communities as oracle

from simbox.kernels.communities import _move_nodes, _number, communities

NODES = 12
_edge = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(1, 9)).filter(
    lambda e: e[0] != e[1]
)


def found_in(edges: list[tuple[int, int, int]], nodes: int) -> list[int]:
    columns = [np.array([edge[place] for edge in edges], dtype=np.int64) for place in range(3)]
    return communities(*columns, nodes).tolist()


def parts_of(labels: list[int]) -> list[set[int]]:
    return [{node for node, label in enumerate(labels) if label == part} for part in range(max(labels) + 1)]


def is_as_the_twin_finds(edges: list[tuple[int, int, int]]) -> bool:
    return found_in(edges, NODES) == oracle.communities(*([e[place] for e in edges] for place in range(3)), NODES)


@given(st.lists(_edge, max_size=40))
def test_communities_are_those_of_the_twin(edges: list[tuple[int, int, int]]) -> None:
    assert is_as_the_twin_finds(edges)


@as_plain_python
@each_mutant(_move_nodes, _number)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., object], monkeypatch) -> None:
    monkeypatch.setitem(vars(sys.modules[communities.__module__]), mutant.__name__, mutant)
    find_difference(st.lists(_edge, max_size=40), is_as_the_twin_finds)


@given(st.lists(_edge, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_edges_changes_nothing(edges: list[tuple[int, int, int]], draw: random.Random) -> None:
    mixed = [(b, a, weight) for a, b, weight in draw.sample(edges, len(edges))]
    assert found_in(mixed, NODES) == found_in(edges, NODES)


@pytest.mark.parametrize("seed", range(12))
def test_modularity_is_as_high_as_networkx_finds_it(seed: int) -> None:
    draw = random.Random(seed)
    nodes, blocks = 60, draw.choice([1, 3, 6])
    edges = [
        (a, b, draw.randint(1, 50))
        for a, b in combinations(range(nodes), 2)
        if draw.random() < (0.5 if a % blocks == b % blocks else 0.05)
    ]
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from(edges)
    parts = parts_of(found_in(edges, nodes))
    theirs = nx.community.louvain_communities(graph, seed=seed)
    assert nx.community.modularity(graph, parts) >= nx.community.modularity(graph, theirs) - 0.02
    components = list(nx.connected_components(graph))
    assert all(any(part <= component for component in components) for part in parts)


def test_dense_blocks_come_out_whole() -> None:
    blocks = [range(start, start + 20) for start in range(0, 100, 20)]
    edges = [(a, b, 5) for block in blocks for a, b in combinations(block, 2)]
    # Camouflage: each node has a few links to strangers.
    edges += [(node, (node * 37 + 20) % 100, 1) for node in range(100) if (node * 37 + 20) % 100 // 20 != node // 20]
    assert parts_of(found_in(edges, 100)) == [set(block) for block in blocks]


@pytest.mark.parametrize(
    "edge", [([0], [3], [1]), ([-1], [0], [1]), ([1], [1], [1]), ([0], [1], [0]), ([0, 1], [0], [1])]
)
def test_an_edge_that_does_not_fit_is_an_error(edge: tuple[list[int], list[int], list[int]]) -> None:
    with pytest.raises(ValueError, match="edge"):
        communities(*(np.array(column) for column in edge), 3)
