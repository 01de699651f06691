"""Rows about pairs brought together, and their points, against the plain twin."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import pairs as oracle

from simbox.kernels.pairs import CHUNK_PAIRS, order_pairs, pair_points, points_of_pairs

SIMS = 5
CAPS = [90, 35, 5]
MODULE = sys.modules[order_pairs.__module__]

_ends = st.lists(st.tuples(st.integers(0, SIMS - 1), st.integers(0, 9)), max_size=40)
_weight = st.integers(-400, 1000).map(lambda tenths: tenths / 10)
_told = st.lists(st.tuples(st.integers(0, len(CAPS) - 1), _weight), max_size=6)
_pairs = st.lists(st.tuples(_told, st.none() | _weight, st.none() | _weight), max_size=5)
_parts = st.tuples(st.lists(st.lists(st.integers(0, SIMS - 1), max_size=9), max_size=3), st.permutations(range(SIMS)))
# The families of what is told once of each pair.
WHOLE = [2, 0]


def is_ordered_as_by_the_twin(ends: list[tuple[int, int]]) -> bool:
    first, second = (np.array([end[place] for end in ends], dtype=np.int64) for place in range(2))
    order, starts = order_pairs(first, second, SIMS)
    expected = [
        row
        for sim in range(SIMS)
        for row in oracle.sort_rows([row for row, end in enumerate(ends) if end[0] == sim], second.tolist())
    ]
    begun = [place for place, row in enumerate(expected) if place == 0 or ends[row] != ends[expected[place - 1]]]
    return (order.tolist(), starts.tolist()) == (expected, begun)


def has_points_of_the_twin(pairs: list[tuple[Any, ...]]) -> bool:
    rows = [row for told, *_ in pairs for row in told]
    borders = np.cumsum([0, *(len(told) for told, *_ in pairs)])
    whole = np.array([[np.nan if weight is None else weight for weight in more] for _, *more in pairs]).reshape(-1, 2)
    found = points_of_pairs(
        np.array([family for family, _ in rows], dtype=np.int8),
        np.array([weight for _, weight in rows], dtype=np.float64),
        borders,
        np.array(WHOLE, dtype=np.int8),
        whole.astype(np.float64),
        np.array(CAPS),
    )
    expected = [
        oracle.pair_points([*told, *((f, w) for f, w in zip(WHOLE, more, strict=True) if w is not None)], CAPS)
        for told, *more in pairs
    ]
    return found.tolist() == expected


def goes_where_the_twin_says(drawn: tuple[list[list[int]], list[int]]) -> bool:
    """Rows of several parts that share the pairs' numbers."""
    parts, number = drawn
    numbers = np.array(number, dtype=np.int32)
    counts = np.zeros(len(number), dtype=np.int64)
    for part in parts:
        MODULE.count_rows(np.array(part, dtype=np.int32), numbers, counts)
    free = np.cumsum(counts) - counts
    found = []
    for part in parts:
        places = np.full(len(part), -1, dtype=np.int32)
        MODULE.take_places(np.array(part, dtype=np.int32), numbers, free, places)
        found.append(places.tolist())
    return found == oracle.places_of_rows(parts, number)


@given(_parts)
def test_rows_go_to_the_places_of_the_twin(drawn: tuple[list[list[int]], list[int]]) -> None:
    assert goes_where_the_twin_says(drawn)


@as_plain_python
@each_mutant(MODULE.take_places)
def test_a_place_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setattr(MODULE, "take_places", mutant)
    find_difference(_parts, goes_where_the_twin_says)


@as_plain_python
@each_mutant(MODULE.count_rows)
def test_a_count_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setattr(MODULE, "count_rows", mutant)
    find_difference(_parts, goes_where_the_twin_says)


@given(_ends)
def test_rows_come_in_the_order_of_the_twin(ends: list[tuple[int, int]]) -> None:
    assert is_ordered_as_by_the_twin(ends)


@given(_pairs)
def test_points_are_those_of_the_twin(pairs: list[tuple[Any, ...]]) -> None:
    assert has_points_of_the_twin(pairs)


@as_plain_python
@each_mutant(pair_points)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_pairs, has_points_of_the_twin)


def test_many_pairs_are_worked_on_in_chunks() -> None:
    pairs = 3 * CHUNK_PAIRS + 1
    weight = (np.arange(pairs) % 100).astype(np.float64)
    found = points_of_pairs(
        np.zeros(pairs, dtype=np.int8), weight, np.arange(pairs + 1), np.zeros(0, dtype=np.int8),
        np.empty((pairs, 0)), np.array(CAPS),
    )  # fmt: skip
    assert found.tolist() == np.minimum(weight, CAPS[0]).astype(int).tolist()
    order, starts = order_pairs(np.arange(pairs)[::-1].copy(), np.zeros(pairs, dtype=np.int64), pairs)
    assert order.tolist() == list(range(pairs))[::-1]
    assert starts.tolist() == list(range(pairs))
