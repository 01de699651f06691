"""One engine on one layout, in a process of its own: `one_engine.py ENGINE LAYOUT PATH ANSWER ROUNDS clock|processor`.

What it finds at first goes to ANSWER, by SIM; then it is timed. ANSWER with the suffix .json gets the seconds of its
fastest run and which share of the records it took; until all runs are made, those of the first, for who is stopped
before. Where memory or the disk it spills to do not suffice it ends with OUT_OF_MEMORY. `floor` merely reads
the columns and finds nothing.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import polars as pl
from opponents import COLUMNS

OUT_OF_MEMORY = 9
CLOCKS = {"clock": time.perf_counter, "processor": time.process_time}
# What tools raise when memory ends; others are ended by the system.
EXHAUSTED = ("MemoryError", "ArrayMemoryError", "OutOfMemoryException", "ArrowMemoryError")
DISK_FULL = "No space left on device"


def read_columns(path: Path) -> pl.DataFrame:
    """What every engine has to do at least."""
    return pl.read_parquet(path / "*.parquet" if path.is_dir() else path, columns=list(COLUMNS))


def time_once(run: Callable[[], object], read_clock: Callable[[], float]) -> float:
    """Seconds of a run."""
    start = read_clock()
    run()
    return read_clock() - start


def best_seconds(run: Callable[[], object], read_clock: Callable[[], float], rounds: int) -> float:
    """The shortest of so many runs."""
    return min(time_once(run, read_clock) for _ in range(rounds))


def tell(answer: Path, seconds: float, share: float) -> None:
    """Write what was measured so far."""
    answer.with_suffix(".json").write_text(json.dumps({"seconds": seconds, "share": share}), encoding="utf-8")


def main(engine: str, layout: str, path: Path, answer: Path, rounds: int, clock: str) -> None:
    """Find, write, and find again with an eye on the clock."""
    read_clock = CLOCKS[clock]
    if engine == "floor":
        read_columns(path)
        tell(answer, best_seconds(lambda: read_columns(path), read_clock, rounds), 1.0)
        return
    module = import_module(f"opponents.with_{engine}")
    find = getattr(module, f"of_{layout}")
    share = 1.0
    if hasattr(module, "sample"):
        files = path / "*.parquet" if path.is_dir() else path
        share = module.sample(path).height / pl.scan_parquet(files).select(pl.len()).collect().item()
    first = time_once(lambda: find(path).sort("imsi").write_parquet(answer, compression="lz4"), read_clock)
    tell(answer, first, share)
    tell(answer, best_seconds(lambda: find(path), read_clock, rounds), share)


if __name__ == "__main__":
    name, layout, path, answer, rounds, clock = sys.argv[1:]
    try:
        main(name, layout, Path(path), Path(answer), int(rounds), clock)
    except BaseException as error:
        if type(error).__name__ in EXHAUSTED or DISK_FULL in str(error):
            sys.exit(OUT_OF_MEMORY)
        raise
