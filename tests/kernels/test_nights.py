"""Nights are numbered as the plain twin numbers them, in order or not."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import nights as oracle

from simbox.kernels.distinct import add, allot, empty
from simbox.kernels.nights import number_nights

MODULE = sys.modules[number_nights.__module__]

_any = st.lists(st.integers(-2, 5), max_size=12)
_slices = st.lists(st.one_of(_any, _any.map(sorted)), max_size=4)


def are_numbered_as_by_the_twin(slices: list[list[int]]) -> bool:
    """Of one SIM after the other, with a table that others use too."""
    table = allot(12)
    for piece in slices:
        numbers = np.full(len(piece), -7, dtype=np.int64)
        found = MODULE.number_nights(np.array(piece, dtype=np.int32), table, numbers)
        if (table.members[:found].tolist(), numbers.tolist()) != oracle.number_nights(piece):
            return False
        empty(table, 2)
        add(table, 3)
    return True


@given(_slices)
def test_nights_have_the_numbers_of_the_twin(slices: list[list[int]]) -> None:
    assert are_numbered_as_by_the_twin(slices)


@as_plain_python
@each_mutant(number_nights)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch, request) -> None:
    if ">= latest turned" in request.node.name:
        pytest.skip("then all are looked up, which finds the same")
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_slices, are_numbered_as_by_the_twin)
