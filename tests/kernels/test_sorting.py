"""Kernels sort as Python does, few values and many, in any order."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference

from simbox.kernels.sorting import sort

MODULE = sys.modules[sort.__module__]

_values = st.lists(st.one_of(st.integers(0, 5), st.integers(-(2**62), 2**62)), max_size=60)


def is_sorted(values: list[int]) -> bool:
    array = np.array(values, dtype=np.int64)
    MODULE.sort(array)
    return array.tolist() == sorted(values)


@given(_values)
def test_values_come_out_in_rising_order(values: list[int]) -> None:
    assert is_sorted(values)


@as_plain_python
@each_mutant(sort)
def test_a_kernel_with_a_fault_is_seen(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_values, is_sorted)


@pytest.mark.parametrize("order", ["rising", "falling", "drawn", "organ pipe"])
def test_thousands_of_values_come_out_in_rising_order(order: str) -> None:
    count = 3000
    rising = np.arange(count)
    values = {
        "rising": rising,
        "falling": rising[::-1].copy(),
        "drawn": np.random.default_rng(4).integers(0, 1000, count),
        "organ pipe": np.minimum(rising, count - rising),
    }[order]
    expected = sorted(values.tolist())
    sort(values)
    assert values.tolist() == expected
