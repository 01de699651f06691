"""Intake, shared counts and FEATURES of the last night, and nothing after: `python features_of_a_source.py SOURCE OUT
MEMORY`; told.json gets the seconds of each, and how many records and rows of FEATURES there were."""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import polars as pl

from simbox import features
from simbox.config import load_config
from simbox.intake import take_in
from simbox.looking_back import choose_windows
from simbox.store import Store, open_store, read_memory
from simbox.tables.streaming import TableStream
from simbox.telecom.cells import fuse_places


def main(source: Path, out: Path, memory: str) -> None:
    """Do all that a scan does up to FEATURES, for one night, over all windows that the store can fill."""
    config = load_config(source / "simbox.toml")
    store = open_store(out / "store", create=True, memory=read_memory(memory))
    start = perf_counter()
    places = fuse_places(take_in(source, store, config).references.cells)
    taken = perf_counter()
    last = store.nights()[-1]
    windows = choose_windows(config.windows.nights, last, store.nights()[0])
    held = [night for night in store.nights() if night > last - timedelta(windows[-1])]
    scratch = out / "scratch"
    scratch.mkdir()
    nights, heard, first = [], [], pl.DataFrame()
    for night in held:
        found, sims = features.record_presence(_placed(store, night, places, heard), night, scratch)
        nights.append(found)
        first = sims.with_columns(first_night=pl.lit(night)) if night == held[0] else first
    received = features.join_received(heard)
    population = features.count_population(nights, first, last, windows, held[0], received)
    counted = perf_counter()
    codes = features.code_places(places)
    with TableStream(features.FEATURES, out / "features.parquet", scratch) as stream:
        for cdrs in store.stream(held):
            stream.add(features.compute_bucket(cdrs, places, codes, population, last, windows))
    seconds = {"intake": taken - start, "population": counted - taken, "features": perf_counter() - counted}
    counts = {"records": store.rows(held), "feature_rows": stream.rows}
    told = json.dumps(counts | {stage: round(spent, 2) for stage, spent in seconds.items()})
    (out / "told.json").write_text(told + "\n", encoding="utf-8")


def _placed(store: Store, night: date, places: pl.DataFrame, heard: list[features.Received]) -> Iterator[pl.DataFrame]:
    for cdrs in store.stream([night], list(dict.fromkeys(features.PRESENCE_COLUMNS + features.RECEIVED_COLUMNS))):
        heard.append(features.received(cdrs))
        yield features.add_place(cdrs, places)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
