"""How many threads the engines use; must be said before they are loaded."""

import os


def set_threads(threads: int | None) -> None:
    """Tell Polars and numba, which read it once, when they are imported."""
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        os.environ["NUMBA_NUM_THREADS"] = str(threads)
