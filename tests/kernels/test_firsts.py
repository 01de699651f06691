"""The first records that show a value, and how many show it, against the plain twins."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import firsts as oracle

from simbox.kernels.firsts import (
    _count_chunk,
    _count_inside,
    _fill_chunk,
    count_inside,
    count_seen,
    first_seen,
    sim_borders,
)

MODULE = sys.modules[first_seen.__module__]

_sims = st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=9), max_size=5)
_after = st.lists(st.integers(-1, 4), max_size=3)


def _joined(sims: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([value for sim in sims for value in sim], dtype=np.int64)
    return values, np.cumsum([0, *(len(sim) for sim in sims)])


def is_first_as_by_the_twin(sims: list[list[int]]) -> bool:
    return first_seen(*_joined(sims)).tolist() == [flag for sim in sims for flag in oracle.first_seen(sim)]


def is_counted_as_by_the_twin(sims: list[list[int]]) -> bool:
    return count_seen(*_joined(sims)).tolist() == [count for sim in sims for count in oracle.count_seen(sim)]


def is_inside_as_by_the_twin(drawn: tuple[list[list[int]], list[int]]) -> bool:
    sims, after = drawn
    nights, borders = _joined(sims)
    found = count_inside(nights.astype(np.int32), borders, after)
    return found.T.tolist() == [oracle.count_inside(sim, after) for sim in sims]


@given(_sims)
def test_only_the_first_record_of_a_sim_with_a_value_is_new(sims: list[list[int]]) -> None:
    assert is_first_as_by_the_twin(sims)


@given(_sims)
def test_records_are_counted_at_the_first_of_their_value(sims: list[list[int]]) -> None:
    assert is_counted_as_by_the_twin(sims)


@given(st.tuples(_sims, _after))
def test_records_of_later_nights_are_counted_for_each_sim_and_bound(drawn: tuple[list[list[int]], list[int]]) -> None:
    assert is_inside_as_by_the_twin(drawn)


@pytest.mark.parametrize(
    ("imsi", "borders"), [([], [0]), ([7], [0, 1]), ([7, 7, 3, 3, 3, 9], [0, 2, 5, 6]), ([1, 2], [0, 1, 2])]
)
def test_borders_are_where_the_sim_changes(imsi: list[int], borders: list[int]) -> None:
    assert sim_borders(np.array(imsi, dtype=np.int64)).tolist() == borders


@as_plain_python
@each_mutant(_fill_chunk)
def test_a_first_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_sims, is_first_as_by_the_twin)


@as_plain_python
@each_mutant(_count_chunk)
def test_counting_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_sims, is_counted_as_by_the_twin)


@as_plain_python
@each_mutant(_count_inside)
def test_nights_with_a_fault_fail_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(st.tuples(_sims, _after), is_inside_as_by_the_twin)
