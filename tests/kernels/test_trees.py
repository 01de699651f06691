"""Leaves of boosted trees added up by the kernel and branch by branch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import trees as oracle

from simbox.kernels.trees import LEAF, add_leaves

FEATURES = 3
# Whole numbers: their sums are exact, and values meet limits.
_number = st.integers(-4, 4).map(float)
_leaf = _number
_tree = st.recursive(
    _leaf, lambda tree: st.tuples(st.integers(0, FEATURES - 1), _number, tree, tree, st.booleans()), max_leaves=6
)
_row = st.lists(_number | st.just(float("nan")), min_size=FEATURES, max_size=FEATURES)


def flatten(trees: list[Any]) -> tuple[np.ndarray, ...]:
    """Trees as the kernel takes them: roots, then a column for each thing that is known of a node."""
    nodes: list[list[Any]] = []

    def add(tree: Any) -> int:
        place = len(nodes)
        nodes.append([LEAF, 0.0, 0, 0, False, 0.0])
        if isinstance(tree, tuple):
            feature, limit, left, right, null_left = tree
            nodes[place] = [feature, limit, add(left), add(right), null_left, 0.0]
        else:
            nodes[place][-1] = tree
        return place

    first = np.array([add(tree) for tree in trees], dtype=np.int32)
    dtypes = (np.int32, np.float64, np.int32, np.int32, np.bool_, np.float64)
    columns = zip(*nodes, strict=True) if nodes else ([] for _ in dtypes)
    return (first, *(np.array(column, dtype=dtype) for column, dtype in zip(columns, dtypes, strict=True)))


def adds_up(rows: list[list[float]], trees: list[Any], kernel: Callable[..., None] = add_leaves) -> bool:
    sums = np.zeros(len(rows))
    kernel(np.array(rows, dtype=np.float64).reshape(len(rows), FEATURES), *flatten(trees), sums)
    return sums.tolist() == oracle.add_leaves(rows, trees)


_drawn = st.tuples(st.lists(_row, min_size=1, max_size=5), st.lists(_tree, max_size=4))


@given(_drawn)
def test_every_row_ends_in_its_leaves(drawn: tuple[list[list[float]], list[Any]]) -> None:
    assert adds_up(*drawn)


@as_plain_python
@each_mutant(add_leaves)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., None]) -> None:
    find_difference(_drawn, lambda drawn: adds_up(*drawn, mutant))
