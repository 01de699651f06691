"""Points added up by the kernel and SIM by SIM."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import points as oracle

from simbox.kernels.points import add_points, add_points_of_pairs

FEATURES, WINDOWS, BINS = 3, 2, 4
_bin = st.integers(-1, BINS - 1)


def lists(element: st.SearchStrategy, *sizes: int) -> st.SearchStrategy:
    for size in reversed(sizes):
        element = st.lists(element, min_size=size, max_size=size)
    return element


@st.composite
def scorecards(draw: st.DrawFn) -> tuple[Any, ...]:
    """Bins of some SIMs, and a scorecard's features, windows, tables and start."""
    sims, terms = draw(st.integers(1, 6)), draw(st.integers(0, 5))
    return (
        draw(lists(_bin, FEATURES, WINDOWS, sims)),
        draw(lists(st.integers(0, FEATURES - 1), terms)),
        draw(lists(st.integers(0, WINDOWS - 1), terms)),
        draw(lists(st.integers(-99, 99), terms, BINS + 1)),
        draw(st.integers(-300, 300)),
    )


def adds_up(drawn: tuple[Any, ...], kernel: Callable[..., None] = add_points) -> bool:
    bins, features, windows, tables, start = drawn
    totals = np.zeros(len(bins[0][0]), dtype=np.int32)
    given_tables = np.array(tables, dtype=np.int32).reshape(len(tables), BINS + 1)
    asked = (np.array(features, dtype=np.int64), np.array(windows, dtype=np.int64))
    kernel(np.array(bins, dtype=np.int16), *asked, given_tables, start, totals)
    return totals.tolist() == oracle.add_points(*drawn)


@given(scorecards())
def test_points_add_up(drawn: tuple[Any, ...]) -> None:
    assert adds_up(drawn)


@as_plain_python
@each_mutant(add_points)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., None]) -> None:
    find_difference(scorecards(), lambda drawn: adds_up(drawn, mutant))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, ...]:
    """Bins of some SIMs, pairs of features with their windows, their tables, and points to add to."""
    sims, count = draw(st.integers(1, 6)), draw(st.integers(0, 4))
    side = lists(st.integers(0, FEATURES - 1), count), lists(st.integers(0, WINDOWS - 1), count)
    return (
        draw(lists(_bin, FEATURES, WINDOWS, sims)),
        *(draw(column) for column in (*side, *side)),
        draw(lists(st.integers(-99, 99), count, BINS + 1, BINS + 1)),
        draw(lists(st.integers(-300, 300), sims)),
    )


def pairs_add_up(drawn: tuple[Any, ...], kernel: Callable[..., None] = add_points_of_pairs) -> bool:
    bins, *asked, tables, totals = drawn
    given_tables = np.array(tables, dtype=np.int32).reshape(len(tables), BINS + 1, BINS + 1)
    found = np.array(totals, dtype=np.int32)
    kernel(np.array(bins, dtype=np.int16), *(np.array(one, dtype=np.int64) for one in asked), given_tables, found)
    return found.tolist() == oracle.add_points_of_pairs(*drawn)


@given(pairs())
def test_points_of_pairs_add_up(drawn: tuple[Any, ...]) -> None:
    assert pairs_add_up(drawn)


@as_plain_python
@each_mutant(add_points_of_pairs)
def test_a_kernel_of_pairs_with_a_fault_fails_the_comparison(mutant: Callable[..., None]) -> None:
    find_difference(pairs(), lambda drawn: pairs_add_up(drawn, mutant))
