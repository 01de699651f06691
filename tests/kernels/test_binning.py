"""The binary search against counting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles import binning as oracle

from simbox.kernels.binning import binning

_numbers = st.one_of(st.integers(-3, 12).map(float), st.floats(allow_nan=False))


@given(values=st.lists(st.one_of(_numbers, st.just(float("nan"))), max_size=40), edges=st.sets(_numbers, max_size=20))
def test_bins_are_the_edges_reached(values: list[float], edges: set[float]) -> None:
    column = np.array(values, dtype=np.float64)
    column.setflags(write=False)
    found = binning(column, np.array(sorted(edges), dtype=np.float64))
    assert found.tolist() == oracle.binning(values, sorted(edges))
    assert found.dtype == np.int16
