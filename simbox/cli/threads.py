"""How many threads the engines use, and what memory they keep that is free; must be said before they are loaded."""

import os
import sys

# Pieces of a night come one after the other and are as large: a night of two million SIMs took a fifth less processor
# time when what one let go was not handed back and fetched anew for the next (with 20 seconds: 0.7 GB more memory).
KEPT_MS = 5_000
# What Polars and Arrow read when they are loaded. Of what readers of thirty nights had, Arrow's usual allocator keeps
# 80 MiB; of jemalloc, which its builds for Linux have, Arrow asks that it keep nothing.
ALLOCATORS = {"_RJEM_MALLOC_CONF": f"dirty_decay_ms:{KEPT_MS},muzzy_decay_ms:{KEPT_MS}"}
if sys.platform == "linux":
    ALLOCATORS["ARROW_DEFAULT_MEMORY_POOL"] = "jemalloc"


def set_threads(threads: int | None) -> None:
    """Tell Polars, Arrow and numba, which read it once, when they are imported; what the environment says already,
    stands."""
    for name, setting in ALLOCATORS.items():
        os.environ.setdefault(name, setting)
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        os.environ["NUMBA_NUM_THREADS"] = str(threads)
