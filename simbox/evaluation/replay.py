"""Runs the baselines over every night of a run, as an operator runs a rule: each night, on what is known by then."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from simbox import features
from simbox.config import Config
from simbox.errors import InputError
from simbox.evaluation.baselines import Baseline
from simbox.manifest import read_manifest
from simbox.pipeline import ROWS_PER_RANGE
from simbox.store import Store, open_store
from simbox.tables.reference import PLACES

NO_FIRST_NIGHTS = {"imsi": pl.Int64, "first_night": pl.Date}


def run_baselines(run: Path, config: Config, baselines: Mapping[str, Baseline]) -> tuple[pl.DataFrame, bool]:
    """(baseline, imsi, score, flagged): each SIM at its worst night; and whether every night could be replayed.

    RUN/features.parquet holds only the SIMs active in the last night; the others' features are made again from the
    store. Where that is gone the rules see the last night only, and a rig whose cards were burnt by then escapes them.
    """
    manifest = read_manifest(run)
    nights = [date.fromisoformat(night) for night in manifest["nights"]]
    try:
        store = open_store(run / manifest["store"])
        tables = _replay(store, nights, config)
        replayed = True
    except InputError:
        tables = iter([pl.read_parquet(run / "features.parquet")])
        replayed = False
    found = [
        rule(table).select(pl.lit(name).alias("baseline"), "imsi", "score", "flagged")
        for table in tables
        for name, rule in baselines.items()
    ]
    worst = pl.concat(found).group_by("baseline", "imsi").agg(pl.col("score").max(), pl.col("flagged").any())
    return worst.sort("baseline", "imsi"), replayed


def _replay(store: Store, nights: list[date], config: Config) -> Iterator[pl.DataFrame]:
    """FEATURES of the SIMs active in each night; a run keeps no table of cells, so a cell is a place here."""
    places = PLACES.empty()
    codes = features.code_places(places)
    windows = config.windows.nights
    held_nights = store.nights()
    for night in nights:
        held = [known for known in held_nights if night - timedelta(days=windows[-1]) < known <= night]
        columns = ["night", "imsi", "imei", "cell", "started_at"]
        presence = pl.concat(
            features.presence(features.add_place(store.read(held, buckets, columns), places))
            for buckets in store.bucket_ranges(held, ROWS_PER_RANGE)
        )
        population = features.count_population(
            [presence], pl.DataFrame(schema=NO_FIRST_NIGHTS), night, windows, held_nights[0]
        )
        for buckets in store.bucket_ranges(held, ROWS_PER_RANGE):
            yield features.compute_bucket(store.read(held, buckets), places, codes, population, night, windows)
