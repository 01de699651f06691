"""SIMs in chunks: threads take chunk by chunk, each with scratch memory of its own.

Python threads around compiled code that lets go of the interpreter, not numba's `prange`: that took twice as long to
compile (35 s against 20 s for all drivers), and loses exceptions raised in any thread but the first.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

# A call costs as much as a hundred SIMs, and threads that end together need several chunks each.
CHUNK_SIMS = 4096
CHUNK_RECORDS = 1 << 17
_CHUNKS_OF_A_THREAD = 8
# The shortest slice that scratch memory is made for: little more than what most SIMs have.
_LEAST_RECORDS = 256

Array = npt.NDArray[Any]


def new_features(sims: int, parts: Sequence[Sequence[str]], fields: Collection[str] | None) -> tuple[Array, Array]:
    """A table for the fields of all parts, a column for each SIM, and which parts are wanted for some of `fields`.

    A part is what one function finds; None wants all, and what is not wanted is left as it is found in the memory. A
    field's values lie together, so that they are handed on without a copy.
    """
    shape = (sum(len(part) for part in parts), sims)
    wanted = [fields is None or not set(part).isdisjoint(fields) for part in parts]
    return np.empty(shape), np.array(wanted)


def fill_chunks(
    fill_chunk: Callable[..., None],
    allot: Callable[[int], tuple[Any, ...]],
    columns: Sequence[Array],
    borders: Sequence[Array],
    features: tuple[Array, Array],
    scalars: tuple[int, ...] = (),
) -> Array:
    """Features of all SIMs by `fill_chunk(first, last, *scalars, *columns, *borders, *features, *scratch)`, a row each.

    SIM i's records lie between the i-th elements of the first and the last of `borders`, and `allot` makes scratch
    memory for slices of up to so many. Each SIM is computed by one thread.
    """
    held = threading.local()

    def fill(first: int, last: int) -> None:
        largest = max(int((borders[-1][first:last] - borders[0][first:last]).max()), _LEAST_RECORDS)
        if largest > getattr(held, "records", 0):
            held.scratch, held.records = allot(largest), largest
        fill_chunk(first, last, *scalars, *columns, *borders, *features, *held.scratch)

    in_threads(fill, len(borders[0]), CHUNK_SIMS)
    return features[0].T


def use_one_thread() -> None:
    """From now on kernels called from this thread use no other."""
    numba.set_num_threads(1)


def in_threads(work: Callable[[int, int], None], size: int, most: int = CHUNK_RECORDS) -> None:
    """Calls `work(first, last)` for chunks of at most `most`, on as many threads as numba may use."""
    threads = numba.get_num_threads()
    step = most if threads == 1 else max(1, min(most, size // (threads * _CHUNKS_OF_A_THREAD)))
    firsts = iter(range(0, size, step))

    def take_chunks() -> None:
        for first in firsts:
            work(first, min(first + step, size))

    helpers = min(threads, -(-size // step)) - 1
    if helpers < 1:
        take_chunks()
        return
    with ThreadPoolExecutor(helpers, thread_name_prefix="simbox-kernel") as pool:
        futures = [pool.submit(take_chunks) for _ in range(helpers)]
        take_chunks()
        for future in futures:
            future.result()
