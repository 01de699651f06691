"""Intake, shared counts and FEATURES of the last night, and nothing after: `python features_of_a_source.py SOURCE OUT
MEMORY`; told.json gets the seconds of each, and how many records and rows of FEATURES there were."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from simbox import features
from simbox.config import load_config
from simbox.intake import take_in
from simbox.store import open_store, read_memory
from simbox.tables.streaming import TableStream
from simbox.telecom.cells import fuse_places

PLACED = ["night", "imsi", "imei", "cell", "started_at"]


def main(source: Path, out: Path, memory: str) -> None:
    """Do all that a scan does up to FEATURES, for one night, over all windows that the store can fill."""
    config = load_config(source / "simbox.toml")
    store = open_store(out / "store", create=True, memory=read_memory(memory))
    start = perf_counter()
    places = fuse_places(take_in(source, store, config).references.cells)
    taken = perf_counter()
    last = store.nights()[-1]
    windows = config.windows.nights
    held = [night for night in store.nights() if night > last - timedelta(windows[-1])]
    scratch = out / "scratch"
    scratch.mkdir()
    counted_nights = [
        features.record_presence(
            (features.add_place(cdrs, places) for cdrs in store.stream([night], PLACED)), night, scratch
        )
        for night in held
    ]
    nights = [found for found, _ in counted_nights]
    first = counted_nights[0][1].with_columns(first_night=held[0])
    population = features.count_population(nights, first, last, windows, held[0])
    counted = perf_counter()
    codes = features.code_places(places)
    with TableStream(features.FEATURES, out / "features.parquet", scratch) as stream:
        for cdrs in store.stream(held):
            stream.add(features.compute_bucket(cdrs, places, codes, population, last, windows))
    seconds = {"intake": taken - start, "population": counted - taken, "features": perf_counter() - counted}
    counts = {"records": store.rows(held), "feature_rows": stream.rows}
    told = json.dumps(counts | {stage: round(spent, 2) for stage, spent in seconds.items()})
    (out / "told.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
