"""The densest part against the plain twin, and blocks that were planted."""

import random
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import densest as oracle

from simbox.kernels.densest import densest_part

NODES = 9
_edges = st.sets(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda e: e[0] < e[1]))


def found_in(edges: list[tuple[int, int]], nodes: int, kernel: Callable[..., np.ndarray] = densest_part) -> list[bool]:
    a, b = (np.array([edge[place] for edge in edges], dtype=np.int64) for place in range(2))
    return kernel(a, b, nodes).tolist()


def is_as_the_twin_finds(edges: set[tuple[int, int]], kernel: Callable[..., np.ndarray] = densest_part) -> bool:
    return found_in(sorted(edges), NODES, kernel) == oracle.densest_part(edges, NODES)


@given(_edges)
def test_the_densest_part_is_that_of_the_twin(edges: set[tuple[int, int]]) -> None:
    assert is_as_the_twin_finds(edges)


@as_plain_python
@each_mutant(densest_part)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., np.ndarray]) -> None:
    find_difference(_edges, lambda edges: is_as_the_twin_finds(edges, mutant))


@given(_edges, st.randoms(use_true_random=False))
def test_the_order_of_links_changes_nothing(edges: set[tuple[int, int]], draw: random.Random) -> None:
    mixed = [(b, a) if draw.random() < 0.5 else (a, b) for a, b in draw.sample(sorted(edges), len(edges))]
    assert found_in(mixed, NODES) == found_in(sorted(edges), NODES)


@pytest.mark.parametrize("nodes", [0, 1, 5])
def test_without_links_all_are_alike(nodes: int) -> None:
    assert found_in([], nodes) == [True] * nodes


def test_a_planted_block_comes_out_exactly() -> None:
    draw = random.Random(3)
    block = set(combinations(range(40, 60), 2))
    rest = {(a, b) for a in range(400) for b in draw.sample(range(400), 3) if a < b}
    part = found_in(sorted(block | rest), 400)
    assert [node for node in range(400) if part[node]] == list(range(40, 60))
