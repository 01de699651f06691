"""Bins and their counts against counting."""

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import binning as oracle

from simbox.kernels.binning import UNKNOWN, binning, count_bins, find_starts

GROUPS = 3
_numbers = st.one_of(
    st.integers(-3, 12).map(float), st.integers(-12, 22).map(lambda power: 2.0**power), st.floats(allow_nan=False)
)
_values = st.lists(st.one_of(_numbers, st.just(float("nan"))), max_size=40)
drawn_values = st.tuples(_values, st.sets(_numbers, max_size=20), st.integers(1, 3))


def are_edges_reached(drawn: tuple[list[float], set[float], int], kernel: Callable[..., None] = binning) -> bool:
    values, edges, windows = drawn
    values = values[: len(values) // windows * windows]
    column = np.array(values, dtype=np.float64)
    column.setflags(write=False)
    by_window = np.empty((windows, len(values) // windows))
    bins = np.empty(by_window.shape, dtype=np.int16)
    cuts = np.array(sorted(edges), dtype=np.float64)
    kernel(column.view(np.int64), column, cuts, find_starts(cuts), by_window, bins)
    assert by_window.dtype == column.dtype
    rows = [values[window::windows] for window in range(windows)]
    same = np.array_equal(by_window, np.array(rows).reshape(by_window.shape), equal_nan=True)
    return same and bins.tolist() == oracle.binning(values, sorted(edges), windows)


@given(drawn_values)
def test_bins_are_the_edges_reached(drawn: tuple[list[float], set[float], int]) -> None:
    assert are_edges_reached(drawn)


@as_plain_python
@each_mutant(binning)
def test_binning_with_a_fault_fails_the_comparison(mutant: Callable[..., None]) -> None:
    find_difference(drawn_values, lambda drawn: are_edges_reached(drawn, mutant))


@st.composite
def spreads(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], list[bool], list[int]]:
    """Bins and groups of some SIMs by window, which of them count, and the wider bin of each."""
    windows, sims, last = draw(st.integers(1, 3)), draw(st.integers(1, 12)), draw(st.integers(0, 5))

    def table(least: int, most: int) -> list[list[int]]:
        row = st.lists(st.integers(least, most), min_size=sims, max_size=sims)
        return draw(st.lists(row, min_size=windows, max_size=windows))

    among = draw(st.lists(st.booleans(), min_size=sims, max_size=sims))
    wider = draw(st.lists(st.integers(0, last), min_size=last + 1, max_size=last + 1).map(sorted))
    return table(UNKNOWN, last), table(0, GROUPS - 1), among, wider


def are_counted(
    drawn: tuple[list[list[int]], list[list[int]], list[bool], list[int]], kernel: Callable[..., None] = count_bins
) -> bool:
    bins, groups, among, wider = drawn
    counts = np.zeros((len(bins), GROUPS, max(wider) + 1), dtype=np.int64)
    given_bins, given_groups = np.array(bins, dtype=np.int16), np.array(groups, dtype=np.int64)
    kernel(given_bins, given_groups, np.array(among, dtype=bool), np.array(wider, dtype=np.int64), counts)
    found = {tuple(map(int, place)): int(counts[tuple(place)]) for place in np.argwhere(counts)}
    return found == oracle.count_bins(*drawn)


@given(spreads())
def test_each_sim_counts_in_its_bin(drawn: tuple[list[list[int]], list[list[int]], list[bool], list[int]]) -> None:
    assert are_counted(drawn)


@as_plain_python
@each_mutant(count_bins)
def test_counting_with_a_fault_fails_the_comparison(mutant: Callable[..., None]) -> None:
    find_difference(spreads(), lambda drawn: are_counted(drawn, mutant))
