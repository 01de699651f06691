"""Baselines see every night, as long as the records are there."""

import shutil

import polars as pl

from simbox.config import load_config
from simbox.evaluation.replay import run_baselines
from simbox.store import open_store


def count_rows(features):
    """A baseline that says how often a SIM was judged."""
    return features.group_by("imsi").agg(score=pl.len().cast(pl.Float64), flagged=pl.lit(value=True))


def test_sims_silent_in_the_last_night_are_judged_on_their_own(sample, sample_run):
    config = load_config(sample / "simbox.toml")
    found, replayed = run_baselines(sample_run.out, config, {"rows": count_rows})
    assert replayed
    last = pl.read_parquet(sample_run.out / "features.parquet")["imsi"].unique()
    assert set(last) < set(found["imsi"])
    # One row for each window that the nights up to then can tell from shorter ones: one night, then two and three.
    assert sorted(found["score"].unique().to_list()) == [1.0, 2.0]


def test_without_the_store_only_the_last_night_is_seen(sample, sample_run, tmp_path):
    shutil.copy(sample_run.out / "manifest.json", tmp_path)
    shutil.copy(sample_run.out / "features.parquet", tmp_path)
    found, replayed = run_baselines(tmp_path, load_config(sample / "simbox.toml"), {"rows": count_rows})
    assert not replayed
    assert set(found["imsi"]) == set(pl.read_parquet(tmp_path / "features.parquet")["imsi"])


def test_a_store_that_dropped_nights_is_as_good_as_gone(sample, sample_run, tmp_path):
    run = shutil.copytree(sample_run.out, tmp_path / "run")
    assert open_store(run / "store").retain(2)
    found, replayed = run_baselines(run, load_config(sample / "simbox.toml"), {"rows": count_rows})
    assert not replayed
    assert set(found["imsi"]) == set(pl.read_parquet(run / "features.parquet")["imsi"])
