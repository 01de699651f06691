"""A lookup finds what a dict would."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import lookup as oracle

from simbox.kernels.lookup import _fill, _find, _second, _take, look_up, make_lookup, take_counts

MODULE = sys.modules[make_lookup.__module__]

_keys = st.one_of(st.integers(-1, 12), st.integers(0, 2**62 - 1), st.integers(0, 9).map(lambda i: i * (2**31 + 1)))
_pairs = st.tuples(_keys, st.integers(0, 3))
# Keys that are there, and others that may be.
_single = st.tuples(st.lists(_keys, unique=True, max_size=40), st.lists(_keys, max_size=40))
_double = st.tuples(st.lists(_pairs, unique=True, max_size=40), st.lists(_pairs, max_size=40))
_counts = st.lists(st.lists(st.integers(-1, 4), max_size=6), max_size=5)


def is_found_alone(drawn: tuple[list[int], list[int]]) -> bool:
    keys, others = drawn
    # Next to each other in pairs, as a SIM's records show the same key again and again.
    wanted = [key for key in keys + others for _ in range(2)]
    found = look_up(make_lookup(np.array(keys, dtype=np.int64)), np.array(wanted, dtype=np.int64))
    return found.tolist() == oracle.look_up(keys, wanted)


def is_found_by_both_parts(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> bool:
    def split(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([a for a, _ in pairs], dtype=np.int64), np.array([b for _, b in pairs], dtype=np.int32)

    keys, others = drawn
    found = look_up(make_lookup(*split(keys)), *split(keys + others))
    return found.tolist() == oracle.look_up(keys, keys + others)


def is_taken(sims: list[list[int]]) -> bool:
    at = np.array([place for sim in sims for place in sim], dtype=np.int32)
    ends = np.cumsum([len(sim) for sim in sims], dtype=np.int64)
    starts = ends - np.array([len(sim) for sim in sims], dtype=np.int64)
    counts = [5, 6, 7, 8, 9]
    found = take_counts(np.array(counts, dtype=np.int32), at, starts, ends)
    return found.tolist() == oracle.take_counts(counts, at.tolist())


@given(_single)
def test_keys_are_found_where_they_stand(drawn: tuple[list[int], list[int]]) -> None:
    assert is_found_alone(drawn)


@given(_double)
def test_pairs_are_found_by_both_their_parts(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    assert is_found_by_both_parts(drawn)


@given(_counts)
def test_counts_are_taken_where_they_stand(sims: list[list[int]]) -> None:
    assert is_taken(sims)


def test_counts_are_taken_of_the_records_asked_for_only() -> None:
    at = np.array([2, -1, 0, 1, 1, -1, 2], dtype=np.int32)
    found = take_counts(np.array([5, 6, 7], dtype=np.int32), at, np.array([0, 4]), np.array([3, 7]))
    assert [found[:3].tolist(), found[4:].tolist()] == [[7, -1, 5], [6, -1, 7]]


@pytest.mark.parametrize("keys", [1, 100_000])
def test_many_keys_are_found_by_several_threads(keys: int) -> None:
    lookup = make_lookup(np.arange(keys, dtype=np.int64) * 3)
    wanted = np.arange(3 * keys, dtype=np.int64)
    assert (look_up(lookup, wanted) == np.where(wanted % 3 == 0, wanted // 3, -1)).all()


@as_plain_python
@each_mutant(_fill, _find, _second)
def test_a_lookup_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(
        st.tuples(_single, _double), lambda drawn: is_found_alone(drawn[0]) and is_found_by_both_parts(drawn[1])
    )


@as_plain_python
@each_mutant(_take)
def test_taking_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_counts, is_taken)
