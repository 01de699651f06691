"""Runs the baselines over every night of a run, as an operator runs a rule: each night, on what is known by then."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from simbox.config import Config, Windows
from simbox.errors import InputError
from simbox.evaluation.baselines import BASELINE_FEATURES, LONGEST_WINDOW, Baseline
from simbox.looking_back import LookingBack
from simbox.manifest import read_manifest
from simbox.store import Store, open_store
from simbox.tables.reference import PLACES

Result = TypeVar("Result")
_OF_A_SIM = ["baseline", "imsi"]


def run_baselines(run: Path, config: Config, baselines: Mapping[str, Baseline]) -> tuple[pl.DataFrame, bool]:
    """(baseline, imsi, score, flagged, first_flagged_night) at each SIM's worst night; and whether all were replayed.

    RUN/features.parquet holds only the SIMs active in the last night; the others' features are made again from the
    store. Where that is gone or has dropped nights the rules see the last one only, and a rig whose cards were burnt by
    then escapes them.
    """
    manifest = read_manifest(run)
    nights = [date.fromisoformat(night) for night in manifest["nights"]]

    def judge(features: pl.DataFrame) -> pl.DataFrame:
        found = [
            rule(features).select(pl.lit(name).alias("baseline"), "imsi", "score", "flagged")
            for name, rule in baselines.items()
        ]
        return pl.concat(found)

    store = _store_of(run / manifest["store"], nights)
    if store is not None:
        judged = replay_features(store, nights, config, judge)
    else:
        table = pl.read_parquet(run / "features.parquet").filter(pl.col("window_nights") <= LONGEST_WINDOW)
        judged = iter([(nights[-1], [judge(table)])])
    return _worst(judged).sort(_OF_A_SIM), store is not None


def _store_of(folder: Path, nights: Collection[date]) -> Store | None:
    """The run's store, if it is there and holds all nights that were judged."""
    try:
        store = open_store(folder)
    except InputError:
        return None
    return store if set(nights) <= set(store.nights()) else None


def replay_features(
    store: Store,
    nights: Collection[date],
    config: Config,
    work: Callable[[pl.DataFrame], Result],
    fields: Collection[str] = BASELINE_FEATURES,
) -> Iterator[tuple[date, list[Result]]]:
    """Each of these nights with what `work` makes of FEATURES of the SIMs active in it, part by part.

    Windows are the configured ones that a baseline looks back on; only `fields` are computed. A run keeps no table of
    cells, so a cell is a place.
    """
    windows = [window for window in config.windows.nights if window <= LONGEST_WINDOW]
    config = msgspec.structs.replace(config, windows=Windows(windows or [LONGEST_WINDOW]))
    looking_back = LookingBack(store, PLACES.empty(), config)
    for night in looking_back.nights:
        if night in nights:
            looked = looking_back.prepare(night)
            parts = looking_back.map_buckets(looked, lambda bucket: work(bucket.features), looked.active, fields)
            yield night, list(parts)


def _worst(judged: Iterator[tuple[date, list[pl.DataFrame]]]) -> pl.DataFrame:
    """Night by night, so that no more than two nights of a country are held."""
    worst: list[pl.DataFrame] = []
    for night, parts in judged:
        found = pl.concat(parts).with_columns(first_flagged_night=pl.when(pl.col("flagged")).then(pl.lit(night)))
        worst = [
            pl.concat([*worst, found])
            .group_by(_OF_A_SIM)
            .agg(pl.col("score").max(), pl.col("flagged").any(), pl.col("first_flagged_night").min())
        ]
    return worst[0]
