"""Connected components against a walk through the graph, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import components as oracle

from simbox.kernels.components import components

_nodes = st.integers(0, 19)


@given(st.lists(st.tuples(_nodes, _nodes), max_size=30))
def test_a_component_is_what_can_be_reached_named_by_its_smallest(edges: list[tuple[int, int]]) -> None:
    a = np.array([left for left, _ in edges], dtype=np.int64)
    b = np.array([right for _, right in edges], dtype=np.int64)
    a.setflags(write=False)
    assert components(a, b, 20).tolist() == oracle.components(a.tolist(), b.tolist(), 20)


def test_a_long_chain_is_one_component() -> None:
    links = np.arange(5_000)
    assert not components(links[::-1] + 1, links[::-1].copy(), 5_001).any()


@pytest.mark.parametrize(("a", "b"), [([0], [3]), ([-1], [0]), ([0, 1], [0])])
def test_an_edge_that_does_not_fit_is_an_error(a: list[int], b: list[int]) -> None:
    with pytest.raises(ValueError, match="edge"):
        components(np.array(a), np.array(b), 3)
