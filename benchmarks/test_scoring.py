"""What scoring takes beside its features: seconds of both for one night of a world, all windows, told as a scan tells.

`python -m pytest benchmarks/test_scoring.py`; `extra_info` holds the seconds of CPU of the features and the ratio.
"""

from pathlib import Path
from time import process_time
from typing import NamedTuple

import polars as pl
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox import features, scoring
from simbox.config import load_config
from simbox.intake import take_in
from simbox.looking_back import Bucket, LookingBack
from simbox.store import open_store
from simbox.synth import generate
from simbox.telecom.cells import fuse_places

# As many rigs as half a per cent of SIMs: what is told of a SIM costs more than to judge it.
SUBSCRIBERS, NIGHTS, RIGS, SEED = 200_000, 7, 15, 1


class Night(NamedTuple):
    """The buckets of the last night, and the seconds of CPU that their features took."""

    buckets: list[Bucket]
    who: list[pl.DataFrame]
    seconds: float


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder: Path = tmp_path_factory.mktemp("world")
    source = folder / "source"
    generate(source, "ladder", seed=SEED, subscribers=SUBSCRIBERS, nights=NIGHTS, rigs=RIGS)
    store = open_store(folder / "store", create=True)
    config = load_config(source / "simbox.toml")
    with store.locked():
        places = fuse_places(take_in(source, store, config).references.cells)
        looking_back = LookingBack(store, places, config)
        for known in looking_back.nights:
            looked = looking_back.prepare(known)
        start = process_time()
        buckets = list(looking_back.buckets(looked))
        seconds = process_time() - start
    return Night(buckets, [features.sims_seen(bucket.cdrs).select("imsi", "operator") for bucket in buckets], seconds)


def test_scoring_beside_features(night: Night, benchmark: BenchmarkFixture) -> None:
    card = scoring.load_scorecard()
    drawn = [one.features.join(who, on="imsi") for one, who in zip(night.buckets, night.who, strict=True)]
    usual = scoring.find_scales(scoring.measure_usual(pl.concat(drawn), NIGHTS), card.usual)
    spent = []

    def score() -> None:
        start = process_time()
        scored = [
            scoring.score_alone(bucket.features, who, card, 0.001, card.bands.watch, usual)
            for bucket, who in zip(night.buckets, night.who, strict=True)
        ]
        histograms = scoring.EMPTY.add(*(part.histograms for part in scored))
        reasons = pl.concat([part.reasons for part in scored])
        scoring.finish_reasons(reasons, histograms, usual, pl.concat(night.who))
        spent.append(process_time() - start)

    benchmark.pedantic(score, rounds=3, warmup_rounds=1)
    benchmark.extra_info["features_seconds"] = round(night.seconds, 2)
    benchmark.extra_info["scoring_of_features"] = round(min(spent) / night.seconds, 3)
