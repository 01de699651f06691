"""Intake, shared counts and FEATURES of the last night, and nothing after: `python features_of_a_source.py SOURCE OUT
MEMORY`; told.json gets the seconds of each, in all threads' processor time too, those that merely reading the columns
takes, and how many records and rows of FEATURES there were."""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import polars as pl

from simbox import features
from simbox.config import load_config
from simbox.intake import take_in
from simbox.looking_back import choose_windows
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


def compute(store: Store, places: pl.DataFrame, out: Path, wanted: list[int], watch: Stopwatch) -> dict[str, Any]:
    """Write FEATURES of the store's last night over the windows that it can fill; how many rows there are of what."""
    last = store.nights()[-1]
    windows = choose_windows(wanted, last, store.nights()[0])
    held = [night for night in store.nights() if night > last - timedelta(windows[-1])]
    scratch = out / "scratch"
    scratch.mkdir(exist_ok=True)
    nights, heard, first = [], [], pl.DataFrame()
    for night in held:
        found, sims = features.record_presence(_placed(store, night, places, heard), night, scratch)
        nights.append(found)
        first = sims.with_columns(first_night=pl.lit(night)) if night == held[0] else first
    received = features.join_received(heard)
    population = features.count_population(nights, first, last, windows, held[0], received)
    watch.end("population")
    codes = features.code_places(places)
    with TableStream(features.FEATURES, out / "features.parquet", scratch) as stream:
        for cdrs in store.stream(held, COLUMNS):
            stream.add(features.compute_bucket(cdrs, places, codes, population, last, windows))
    watch.end("features")
    return {"records": store.rows(held), "feature_rows": stream.rows, "windows": list(windows)}


def main(source: Path, out: Path, memory: str) -> None:
    """Do all that a scan does up to FEATURES, for one night, over all windows that the store can fill."""
    store = open_store(out / "store", create=True, memory=read_memory(memory))
    watch = Stopwatch()
    places = take(source, store, watch)
    for file in sorted((out / "store").glob("night=*/*.parquet")):
        pl.read_parquet(file, columns=list(COLUMNS))
    watch.end("floor")
    told = compute(store, places, out, load_config(source / "simbox.toml").windows.nights, watch)
    (out / "told.json").write_text(json.dumps(told | watch.seconds) + "\n", encoding="utf-8")


def _placed(store: Store, night: date, places: pl.DataFrame, heard: list[features.Received]) -> Iterator[pl.DataFrame]:
    for cdrs in store.stream([night], list(dict.fromkeys(features.PRESENCE_COLUMNS + features.RECEIVED_COLUMNS))):
        heard.append(features.received(cdrs))
        yield features.add_place(cdrs, places)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
