"""SIMs in chunks: threads take chunk by chunk, and each chunk allots its scratch memory once.

Python threads around compiled code that lets go of the interpreter, not numba's `prange`: that took twice as long to
compile (35 s against 20 s for all drivers), and loses exceptions raised in any thread but the first.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel

CHUNK_SIMS = 1024


def fill_chunks(fill_chunk: Callable[..., None], *arrays: npt.NDArray[Any], scalars: tuple[int, ...] = ()) -> None:
    """Calls `fill_chunk(first, last, *scalars, *arrays)` for all rows of the last array.

    It runs on as many threads as numba may use.

    A chunk holds the same SIMs whatever the number of threads, and each SIM is computed by one of them.
    """
    sims = len(arrays[-1])
    firsts = iter(range(0, sims, CHUNK_SIMS))

    def take_chunks() -> None:
        for first in firsts:
            fill_chunk(first, min(first + CHUNK_SIMS, sims), *scalars, *arrays)

    helpers = min(numba.get_num_threads(), -(-sims // CHUNK_SIMS)) - 1
    if helpers < 1:
        take_chunks()
        return
    with ThreadPoolExecutor(helpers, thread_name_prefix="simbox-kernel") as pool:
        futures = [pool.submit(take_chunks) for _ in range(helpers)]
        take_chunks()
        for future in futures:
            future.result()


@kernel
def largest_slice(starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], first: int, last: int) -> int:
    """The most records that a SIM of `first` to before `last` has."""
    largest = 0
    for sim in range(first, last):
        largest = max(largest, ends[sim] - starts[sim])
    return largest
