"""How many threads the engines use, and how long they keep memory that is free; must be said before they are loaded."""

import os

# Pieces of a night come one after the other and are as large: a night of two million SIMs took a fifth less processor
# time when what one let go was not handed back and fetched anew for the next (with 20 seconds: 0.7 GB more memory).
KEPT_MS = 5_000
_ALLOCATOR = "_RJEM_MALLOC_CONF"


def set_threads(threads: int | None) -> None:
    """Tell Polars and numba, which read it once, when they are imported; what the environment says already, stands."""
    os.environ.setdefault(_ALLOCATOR, f"dirty_decay_ms:{KEPT_MS},muzzy_decay_ms:{KEPT_MS}")
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        os.environ["NUMBA_NUM_THREADS"] = str(threads)
