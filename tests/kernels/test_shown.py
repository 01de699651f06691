"""What SIMs show of themselves, against the plain twin."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import shown as oracle

from simbox.kernels.shown import FEW_RECORDS, _fill, find_shown

MODULE = sys.modules[find_shown.__module__]

# Some SIMs have more records than are compared with one another.
_few = st.lists(st.integers(-1, 3), min_size=1, max_size=6)
_many = st.lists(st.integers(-1, 30), min_size=FEW_RECORDS - 1, max_size=2 * FEW_RECORDS)
_sims = st.lists(st.one_of(_few, _many), max_size=4)


def is_shown_as_by_the_twin(sims: list[list[int]]) -> bool:
    borders = np.cumsum([0, *(len(sim) for sim in sims)])
    keys = 100 + np.arange(len(sims))
    for dtype in (np.int32, np.int64):
        values = np.array([value for sim in sims for value in sim], dtype=dtype)
        for keeps_all in (False, True):
            found = find_shown(values, borders, keys, keeps_all=keeps_all)
            expected = [(100 + i, value) for i, sim in enumerate(sims) for value in oracle.shown(sim, keeps_all)]
            if list(zip(found.sims.tolist(), found.values.tolist(), strict=True)) != expected:
                return False
    return True


@given(_sims)
def test_each_sim_shows_its_distinct_values_in_order_of_their_first(sims: list[list[int]]) -> None:
    assert is_shown_as_by_the_twin(sims)


def test_a_sim_with_very_many_values_shows_them_all() -> None:
    values = np.repeat(np.arange(200_000, dtype=np.int64), 2)
    found = find_shown(values, np.array([0, values.size]), np.array([7]))
    assert np.array_equal(found.values, np.arange(200_000))
    assert (found.sims == 7).all()


@as_plain_python
@each_mutant(_fill)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch, request) -> None:
    if "<= FEW_RECORDS turned" in request.node.name:
        pytest.skip("then others are compared with one another, which finds the same")
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_sims, is_shown_as_by_the_twin)
