"""Sums over those who are far away against the plain twin."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import afar as oracle

from simbox.kernels.afar import add_afar, sums_afar

MODULE = sys.modules[sums_afar.__module__]

_row = st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 9).map(float))
_things = st.lists(st.lists(_row, max_size=8, unique_by=lambda row: row[:2]), max_size=4)


def are_those_of_the_twin(things: list[list[tuple[int, int, float]]]) -> bool:
    rows = [row for thing in things for row in thing]
    borders = np.cumsum([0, *(len(thing) for thing in things)])
    x, y = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(2))
    found = sums_afar(borders, x, y, np.array([weight for _, _, weight in rows]))
    return found.tolist() == [total for thing in things for total in oracle.add_afar(thing)]


@given(_things)
def test_sums_are_those_of_the_twin(things: list[list[tuple[int, int, float]]]) -> None:
    assert are_those_of_the_twin(things)


@as_plain_python
@each_mutant(add_afar)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_things, are_those_of_the_twin)
