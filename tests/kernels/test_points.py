"""Points added up by the kernel and SIM by SIM."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles import points as oracle

from simbox.kernels.points import add_points

FEATURES, WINDOWS, BINS = 3, 2, 4
_bin = st.integers(-1, BINS - 1)


@given(st.data(), st.integers(1, 6), st.integers(0, 5), st.integers(-300, 300))
def test_points_add_up(data: st.DataObject, sims: int, terms: int, start: int) -> None:
    def lists(element: st.SearchStrategy, *sizes: int) -> st.SearchStrategy:
        for size in reversed(sizes):
            element = st.lists(element, min_size=size, max_size=size)
        return element

    bins = data.draw(lists(_bin, FEATURES, WINDOWS, sims))
    features = data.draw(lists(st.integers(0, FEATURES - 1), terms))
    windows = data.draw(lists(st.integers(0, WINDOWS - 1), terms))
    tables = data.draw(lists(st.integers(-99, 99), terms, BINS + 1))
    totals = np.zeros(sims, dtype=np.int32)
    given_tables = np.array(tables, dtype=np.int32).reshape(terms, BINS + 1)
    asked = (np.array(features, dtype=np.int64), np.array(windows, dtype=np.int64))
    add_points(np.array(bins, dtype=np.int16), *asked, given_tables, start, totals)
    assert totals.tolist() == oracle.add_points(bins, features, windows, tables, start)
