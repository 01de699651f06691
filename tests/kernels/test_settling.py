"""Values settle as a declared table would have them."""

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from kernels.mutants import as_plain_python, each_mutant

from simbox.kernels.settling import settle

MODULE = sys.modules[settle.__module__]


@pytest.mark.parametrize("decimals", [0, 2, 3, 4])
def test_values_are_rounded_as_tables_round_them(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    ends = [0.5, 1.5, -0.5, -0.00001, -0.0, 0.00005, 0.00015, 1e308, math.nan]
    values = np.concatenate([random.random(2000), random.normal(0, 1e5, 2000), np.arange(-400, 400) / 80, ends])
    settled = np.empty(values.size)
    # As plain Python it warns of what it then looks for.
    with np.errstate(over="ignore"):
        settle(values, np.arange(values.size), 0, 1, 10.0**decimals, settled)
    rounded = pl.Series(values).round(decimals).to_numpy() + 0.0
    assert settled.tobytes() == rounded.tobytes()


def settle_two_windows() -> str:
    """What becomes of three SIMs' values, with their signs."""
    told = []
    # Counts, and values of one decimal.
    for factor in (1.0, 10.0):
        settled = np.zeros(6)
        order = np.array([2, 0, 1])
        MODULE.settle(np.array([1.04, 2.0, 3.0]), order, 0, 2, factor, settled)
        MODULE.settle(np.array([4.0, -0.01, 6.06]), order, 1, 2, factor, settled)
        told.append(settled.tolist())
    return str(told)


def test_windows_of_a_sim_lie_together_and_sims_in_their_order() -> None:
    assert settle_two_windows() == "[[3.0, 6.0, 1.0, 4.0, 2.0, 0.0], [3.0, 6.1, 1.0, 4.0, 2.0, 0.0]]"


@as_plain_python
@each_mutant(settle)
def test_a_kernel_with_a_fault_is_seen(mutant: Callable[..., Any], monkeypatch) -> None:
    expected = settle_two_windows()
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    assert settle_two_windows() != expected
