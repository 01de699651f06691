"""Intake, shared counts and FEATURES of the last night, and nothing after: `python features_of_a_source.py SOURCE OUT
MEMORY [nothing]`, with `nothing` without FEATURES' file.

told.json gets the seconds of each, in all threads' processor time too, those that merely reading the columns takes, and
how many records and rows of FEATURES there were.
"""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import polars as pl

from simbox import features
from simbox.config import Config, load_config
from simbox.intake import take_in
from simbox.looking_back import LookingBack
from simbox.store import Store, open_store, read_memory
from simbox.tables.streaming import TableStream
from simbox.telecom.cells import fuse_places

# What FEATURES are computed from.
COLUMNS = (
    "night", "utc_offset_min", "imsi", "imei", "service", "direction", "started_at", "duration_s", "answered",
    "other_party", "other_kind", "cell",
)  # fmt: skip


class Stopwatch:
    """Seconds of stages, each from the end of the one before, on the clock and in processor time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter(), process_time()

    def end(self, stage: str) -> None:
        """A stage has ended."""
        now = perf_counter(), process_time()
        self.seconds[stage] = round(now[0] - self._last[0], 3)
        self.seconds[f"{stage}_cpu"] = round(now[1] - self._last[1], 3)
        self._last = now


def take(source: Path, store: Store, watch: Stopwatch) -> pl.DataFrame:
    """Take a source into a store; its PLACES."""
    config = load_config(source / "simbox.toml")
    places = fuse_places(take_in(source, store, config).references.cells)
    watch.end("intake")
    return places


def compute(
    store: Store, places: pl.DataFrame, out: Path, config: Config, watch: Stopwatch, *, written: bool = True
) -> dict[str, Any]:
    """FEATURES of the store's last night over the windows that it can fill, `written` or only computed; how many rows
    there are of what."""
    looking_back = LookingBack(store, places, config)
    looked = looking_back.prepare(store.nights()[-1])
    watch.end("population")
    rows = 0
    with TemporaryDirectory(dir=out) as scratch, ExitStack() as stack:
        stream = None
        if written:
            stream = stack.enter_context(TableStream(features.FEATURES, out / "features.parquet", Path(scratch)))
        for found in looking_back.map_buckets(looked, lambda bucket: bucket.features, looked.active):
            rows += found.height
            if stream:
                stream.add(found)
    watch.end("features")
    return {"records": store.rows(looked.held), "feature_rows": rows, "windows": looked.windows}


def main(source: Path, out: Path, memory: str, written: str = "all") -> None:
    """Do all that a scan does up to FEATURES, for one night, over all windows that the store can fill."""
    store = open_store(out / "store", create=True, memory=read_memory(memory))
    watch = Stopwatch()
    places = take(source, store, watch)
    for file in sorted((out / "store").glob("night=*/*.parquet")):
        pl.read_parquet(file, columns=list(COLUMNS))
    watch.end("floor")
    told = compute(store, places, out, load_config(source / "simbox.toml"), watch, written=written != "nothing")
    (out / "told.json").write_text(json.dumps(told | watch.seconds) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
