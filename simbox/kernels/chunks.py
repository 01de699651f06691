"""SIMs in chunks: a driver's threads take chunk by chunk, and each chunk allots its scratch memory once.

A chunk always holds the same SIMs, whatever the number of threads. Drivers pass its number on as np.int64: numba's
`prange` counts in unsigned integers, which turn every index derived from them into a float.
"""

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel

CHUNK_SIMS = 1024


@kernel
def chunk_count(sims: int) -> int:
    """Into how many chunks this many SIMs fall."""
    return (sims + CHUNK_SIMS - 1) // CHUNK_SIMS


@kernel
def largest_slice(starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], first: int, last: int) -> int:
    """The most records that a SIM of `first` to before `last` has."""
    largest = 0
    for sim in range(first, last):
        largest = max(largest, ends[sim] - starts[sim])
    return largest
