"""Trains the baseline on FraudZen's features: `python benchmarks/train_baseline.py [--workdir DIR]`.

It makes worlds of family A, takes their records in, computes FEATURES night by night as an evaluation does, and puts
the trees into the package (simbox/evaluation/baselines/fraudzen.npz). It needs the extra `train`. Suites draw their
seeds from the whole range of 31 bits; these are small numbers, which none of them has.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import polars as pl

from simbox.config import load_config
from simbox.evaluation.baselines.boosting import FRAUDZEN_FEATURES, MODEL_FILE, write_model
from simbox.evaluation.baselines.training import train_boosting
from simbox.evaluation.replay import replay_features
from simbox.intake import take_in
from simbox.store import open_store
from simbox.synth import generate

SCENARIO = "ladder"
SEEDS = range(9001, 9011)
SUBSCRIBERS = 15_000
NIGHTS = 7
RIGS = 20
WINDOWS = (1, 3, 7)


def features_of_world(folder: Path, seed: int, subscribers: int, nights: int, rigs: int) -> pl.DataFrame:
    """FEATURES that the baseline takes, of each night of one world, with `is_rig` and `night`; kept in `folder`."""
    kept = folder / f"{seed}-{subscribers}-{nights}-{rigs}.parquet"
    if not kept.exists():
        source = folder / f"world-{seed}"
        truth, made = source.with_name(f"{source.name}.truth"), folder / f"store-{seed}"
        for path in (source, truth, made):
            shutil.rmtree(path, ignore_errors=True)
        generate(source, SCENARIO, seed=seed, subscribers=subscribers, nights=nights, rigs=rigs, family="A")
        config = load_config(source / "simbox.toml")
        store = open_store(made, create=True)
        take_in(source, store, config)
        of_rigs = pl.read_parquet(truth / "sims.parquet").select(
            pl.col("imsi").cast(pl.Int64), is_rig=pl.col("rig").is_not_null()
        )
        columns = ("imsi", "window_nights", *FRAUDZEN_FEATURES)
        parts = [
            table.with_columns(night=pl.lit(night))
            for night, tables in replay_features(
                store, store.nights(), config, lambda features: features.select(columns), FRAUDZEN_FEATURES
            )
            for table in tables
        ]
        pl.concat(parts).join(of_rigs, on="imsi").write_parquet(kept)
        for path in (source, truth, made):
            shutil.rmtree(path)
    return pl.read_parquet(kept)


def main() -> None:
    """Make the worlds, train, and write the model into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds' features")
    parser.add_argument("--out", type=Path, default=MODEL_FILE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.workdir or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        worlds = [features_of_world(folder, seed, SUBSCRIBERS, NIGHTS, RIGS) for seed in SEEDS]
        write_model(train_boosting(worlds, WINDOWS), asked.out)


if __name__ == "__main__":
    main()
