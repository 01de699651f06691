"""The first leg with each far end against the plain twin."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from kernels.slices import DTYPES, Slice, derive, slices

from simbox.kernels.acquaintance import _fill_chunk, first_legs
from simbox.kernels.distinct import mark_firsts

MODULE = sys.modules[first_legs.__module__]
COLUMNS = ("service", "direction", "other_party")

_pieces = st.lists(slices(COLUMNS, max_size=12), max_size=5)


def are_those_of_the_twin(pieces: list[Slice]) -> bool:
    sizes = np.array([len(piece.columns["service"]) for piece in pieces], dtype=np.int64)
    ends = np.cumsum(sizes, dtype=np.int64)
    columns = {
        name: np.array([value for piece in pieces for value in piece.columns[name]], dtype=DTYPES[name])
        for name in COLUMNS
    }
    found = first_legs(**columns, histories=ends - sizes, ends=ends)
    return found.tolist() == [leg for piece in pieces for leg in derive(piece.columns, "first_leg")]


@given(_pieces)
def test_the_first_leg_with_each_number_is_the_twin_s(pieces: list[Slice]) -> None:
    assert are_those_of_the_twin(pieces)


@as_plain_python
@each_mutant(mark_firsts, _fill_chunk)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch, request) -> None:
    if any(shown in request.node.name for shown in ("epoch + found", "slot + 1")):
        pytest.skip("of a table that grows, or is used again, which tests/kernels/test_distinct.py has; or as right")
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_pieces, are_those_of_the_twin)
