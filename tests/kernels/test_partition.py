"""The counting sort against Python's, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import partition as oracle

from simbox.kernels.partition import partition


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@given(codes=st.lists(st.integers(0, 6), max_size=50))
def test_records_come_by_sim_and_keep_their_order(dtype: type, codes: list[int]) -> None:
    array = np.array(codes, dtype=dtype)
    array.setflags(write=False)
    order, starts = partition(array, 8)
    assert (order.tolist(), starts.tolist()) == oracle.partition(codes, 8)
    assert order.dtype == starts.dtype == np.int64


@pytest.mark.parametrize("code", [-1, 3])
def test_a_code_out_of_range_is_an_error(code: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        partition(np.array([0, code]), 3)
