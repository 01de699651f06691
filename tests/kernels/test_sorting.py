"""Kernels sort as Python does, few values and many, in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.kernels.sorting import sort


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(-(2**62), 2**62)), max_size=60))
def test_values_come_out_in_rising_order(values: list[int]) -> None:
    array = np.array(values, dtype=np.int64)
    sort(array)
    assert array.tolist() == sorted(values)


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
