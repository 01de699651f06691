"""Candidate pairs by blocking: of rows in order, each with those in a range of others, and never all with all."""

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]


def spread(first: Longs, last: Longs) -> tuple[Longs, Longs]:
    """Of ranges [first, last) the number of the range and each position in it, range by range.

    A range whose end is not after its beginning has none.
    """
    lengths = np.maximum(last - first, 0)
    number = np.repeat(np.arange(lengths.size), lengths)
    before = np.cumsum(lengths) - lengths
    return number, np.arange(number.size) + np.repeat(first - before, lengths)
