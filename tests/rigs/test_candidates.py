"""Ranges of candidates, spread to pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simbox.rigs.candidates import spread

_border = st.integers(0, 30)


@given(st.lists(st.tuples(_border, _border), max_size=12))
def test_each_range_gives_its_positions_in_order(ranges: list[tuple[int, int]]) -> None:
    first, last = (np.array([part[end] for part in ranges], dtype=np.int64) for end in (0, 1))
    number, position = spread(first, last)
    expected = [(row, place) for row, (begin, end) in enumerate(ranges) for place in range(begin, end)]
    assert list(zip(number.tolist(), position.tolist(), strict=True)) == expected
