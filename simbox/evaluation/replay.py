"""Runs the baselines over every night of a run, as an operator runs a rule: each night, on what is known by then."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from simbox import features
from simbox.config import Config
from simbox.errors import InputError
from simbox.evaluation.baselines import Baseline
from simbox.looking_back import choose_windows
from simbox.manifest import read_manifest
from simbox.store import Store, open_store
from simbox.tables.reference import PLACES


def run_baselines(run: Path, config: Config, baselines: Mapping[str, Baseline]) -> tuple[pl.DataFrame, bool]:
    """(baseline, imsi, score, flagged, first_flagged_night) at each SIM's worst night; and whether all were replayed.

    RUN/features.parquet holds only the SIMs active in the last night; the others' features are made again from the
    store. Where that is gone the rules see the last night only, and a rig whose cards were burnt by then escapes them.
    """
    manifest = read_manifest(run)
    nights = [date.fromisoformat(night) for night in manifest["nights"]]
    try:
        store = open_store(run / manifest["store"])
        tables = replay_features(store, nights, config)
        replayed = True
    except InputError:
        tables = iter([(nights[-1], pl.read_parquet(run / "features.parquet"))])
        replayed = False
    found = [
        rule(table).select(pl.lit(name).alias("baseline"), "imsi", "score", "flagged", night=pl.lit(night))
        for night, table in tables
        for name, rule in baselines.items()
    ]
    worst = (
        pl.concat(found)
        .group_by("baseline", "imsi")
        .agg(
            pl.col("score").max(),
            pl.col("flagged").any(),
            first_flagged_night=pl.col("night").filter(pl.col("flagged")).min(),
        )
    )
    return worst.sort("baseline", "imsi"), replayed


def replay_features(store: Store, nights: list[date], config: Config) -> Iterator[tuple[date, pl.DataFrame]]:
    """Each night with FEATURES of SIMs active in it, in parts; a run keeps no table of cells, so a cell is a place."""
    places = PLACES.empty()
    codes = features.code_places(places)
    begins = store.nights()[0]
    for night in nights:
        windows = choose_windows(config.windows.nights, night, begins)
        held = [known for known in store.nights() if night - timedelta(days=windows[-1]) < known <= night]
        with TemporaryDirectory() as scratch:
            presences = [_count(store, known, places, Path(scratch)) for known in held]
            population = features.count_population(presences, features.NO_FIRST_NIGHTS, night, windows, begins)
        for cdrs in store.stream(held):
            yield night, features.compute_bucket(cdrs, places, codes, population, night, windows)


def _count(store: Store, night: date, places: pl.DataFrame, scratch: Path) -> features.NightPresence:
    placed = (features.add_place(cdrs, places) for cdrs in store.stream([night], features.PRESENCE_COLUMNS))
    return features.record_presence(placed, night, scratch)[0]
