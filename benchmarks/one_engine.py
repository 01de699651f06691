"""One engine on one layout, in a process of its own: `one_engine.py ENGINE LAYOUT PATH ANSWER ROUNDS clock|processor`.

What it finds at first goes to ANSWER, by SIM; then it is timed. ANSWER with the suffix .json gets the seconds of its
fastest run and which share of the records it took. Where memory does not suffice the process ends with OUT_OF_MEMORY.
`floor` merely reads the columns and finds nothing.
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


def read_columns(path: Path) -> pl.DataFrame:
    """What every engine has to do at least."""
    return pl.read_parquet(path / "*.parquet" if path.is_dir() else path, columns=list(COLUMNS))


def best_seconds(run: Callable[[], object], read_clock: Callable[[], float], rounds: int) -> float:
    """The shortest of so many runs."""
    seconds = []
    for _ in range(rounds):
        start = read_clock()
        run()
        seconds.append(read_clock() - start)
    return min(seconds)


def main(engine: str, layout: str, path: Path, answer: Path, rounds: int, clock: str) -> None:
    """Find, write, and find again with an eye on the clock."""
    share = 1.0
    if engine == "floor":
        read_columns(path)
        seconds = best_seconds(lambda: read_columns(path), CLOCKS[clock], rounds)
    else:
        module = import_module(f"opponents.with_{engine}")
        find = getattr(module, f"of_{layout}")
        find(path).sort("imsi").write_parquet(answer, compression="lz4")
        seconds = best_seconds(lambda: find(path), CLOCKS[clock], rounds)
        if hasattr(module, "sample"):
            files = path / "*.parquet" if path.is_dir() else path
            share = module.sample(path).height / pl.scan_parquet(files).select(pl.len()).collect().item()
    answer.with_suffix(".json").write_text(json.dumps({"seconds": seconds, "share": share}), encoding="utf-8")


if __name__ == "__main__":
    name, layout, path, answer, rounds, clock = sys.argv[1:]
    try:
        main(name, layout, Path(path), Path(answer), int(rounds), clock)
    except BaseException as error:
        if type(error).__name__ in EXHAUSTED:
            sys.exit(OUT_OF_MEMORY)
        raise
