"""Bits for one distribution against two, by the kernel and event by event."""

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import dirichlet as oracle

from simbox.kernels.dirichlet import _add_up, bits_for_one

SLOTS = 4
_rows = st.lists(st.lists(st.integers(0, 9), min_size=SLOTS, max_size=SLOTS), min_size=1, max_size=4)


def are_those_of_the_twin(rows: list[list[int]]) -> bool:
    pairs = [(a, b) for a in range(len(rows)) for b in range(len(rows))]
    a, b = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in range(2))
    found = bits_for_one(np.array(rows, dtype=np.int64), a, b)
    return np.allclose(found, [oracle.bits_for_one(rows[one], rows[other]) for one, other in pairs], atol=1e-9)


@given(_rows)
def test_bits_are_those_of_the_twin(rows: list[list[int]]) -> None:
    assert are_those_of_the_twin(rows)


@as_plain_python
@each_mutant(_add_up)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., object], monkeypatch) -> None:
    monkeypatch.setitem(vars(sys.modules[bits_for_one.__module__]), mutant.__name__, mutant)
    find_difference(_rows, are_those_of_the_twin)


def test_like_speaks_for_one_and_unlike_for_two() -> None:
    rows = np.array([[40, 0, 0], [38, 1, 0], [0, 0, 40], [0, 0, 0]])
    alike, unlike, silent = bits_for_one(rows, np.array([0, 0, 0]), np.array([1, 2, 3]))
    assert alike > 3
    assert unlike < -30
    assert silent == pytest.approx(0.0, abs=1e-9)


def test_no_pairs_have_no_bits() -> None:
    none = np.empty(0, dtype=np.int64)
    assert bits_for_one(np.zeros((0, 3), dtype=np.int64), none, none).size == 0
