"""How many threads the engines use, and what memory they keep that is free; must be said before they are loaded."""

import os
import sys

from simbox.sizes import read_size

# Pieces of a night come one after the other and are as large: a night of two million SIMs took a fifth less processor
# time when what one let go was not handed back and fetched anew for the next (with 20 seconds: 0.7 GB more memory).
KEPT_MS = 5_000
# Where less than this may be used pieces are small, which costs nothing, and 80 MB that are free are too many.
KEPT_FROM = 4 << 30


def allocators(memory: str | None) -> dict[str, str]:
    """What Polars and Arrow read when they are loaded, where so much memory may be used as `--memory` says."""
    told = {}
    if memory is None or read_size(memory) >= KEPT_FROM:
        told["_RJEM_MALLOC_CONF"] = f"dirty_decay_ms:{KEPT_MS},muzzy_decay_ms:{KEPT_MS}"
    if sys.platform == "linux":
        # Of what readers of thirty nights had, Arrow's usual allocator keeps 80 MiB; of jemalloc, which its builds for
        # Linux have, Arrow asks that it keep nothing.
        told["ARROW_DEFAULT_MEMORY_POOL"] = "jemalloc"
    return told


def set_threads(threads: int | None, memory: str | None = None) -> None:
    """Tell Polars, Arrow and numba, which read it once, when they are imported; what the environment says already,
    stands."""
    for name, setting in allocators(memory).items():
        os.environ.setdefault(name, setting)
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        os.environ["NUMBA_NUM_THREADS"] = str(threads)
