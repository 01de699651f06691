"""The main job on worlds whose truth is known: every rig is found, its cards are listed, nobody else is."""

from pathlib import Path

import polars as pl
import pytest

from simbox.config import Listing
from simbox.nightly import run_scan
from simbox.synth import generate

OTHER_SEEDS = (301, 302, 303)


@pytest.fixture(scope="session")
def world(request, tmp_path_factory) -> tuple[Path, Path]:
    """(source, run) of the sample, or of another world of its size."""
    if request.param == "sample":
        run = request.getfixturevalue("sample_run")
        return run.source, run.out
    folder = tmp_path_factory.mktemp("world")
    rigs = 0 if request.param == "no rigs" else None
    seed = 104 if request.param == "no rigs" else request.param
    generate(folder / "source", "sample", seed=seed, rigs=rigs)
    run_scan(folder / "source", folder / "out", lambda *_: None)
    return folder / "source", folder / "out"


worlds_with_rigs = pytest.mark.parametrize("world", ["sample", *OTHER_SEEDS], indirect=True, ids=str)
all_worlds = pytest.mark.parametrize("world", ["sample", *OTHER_SEEDS, "no rigs"], indirect=True, ids=str)


def judged(source: Path, out: Path) -> pl.DataFrame:
    """The truth of each SIM with its active events, whether it is listed, and the rig that was found for it."""
    truth = pl.read_csv(source / "truth.csv", schema_overrides={"imsi": pl.String, "rig": pl.String})
    events = pl.sum_horizontal(pl.selectors.starts_with("events_"))
    listed = pl.read_csv(out / "seizure_list.csv", infer_schema=False).filter(pl.col("decision") != "watch")
    members = pl.read_parquet(out / "members.parquet").select(
        found="rig_id", imsi=pl.col("imsi").cast(pl.String).str.zfill(15)
    )
    return (
        truth.with_columns(events=events, listed=pl.col("imsi").is_in(listed["imsi"].implode()))
        .join(members, on="imsi", how="left")
        .with_columns(is_rig=pl.col("rig").is_not_null())
    )


@worlds_with_rigs
def test_every_rig_is_found(world):
    active = judged(*world).filter(pl.col("is_rig") & (pl.col("events") > 0))
    found = (
        active.filter(pl.col("found").is_not_null())
        .group_by("rig", "found")
        .agg(held=pl.len())
        .group_by("rig")
        .agg(pl.col("held").max())
    )
    shares = active.group_by("rig").agg(sims=pl.len()).join(found, on="rig", how="left").fill_null(0)
    missed = shares.filter(pl.col("held") * 2 < pl.col("sims")).sort("rig")
    assert shares.height == 6
    assert missed.is_empty(), missed.to_dicts()


@worlds_with_rigs
def test_the_cards_of_the_rigs_are_listed(world):
    active = judged(*world).filter(pl.col("is_rig") & (pl.col("events") > 0))
    missed = active.filter(~pl.col("listed")).group_by("rig", "kind", "modifiers").agg(sims=pl.len()).sort("rig")
    assert active["listed"].mean() >= 0.95, missed.to_dicts()


@all_worlds
def test_no_lawful_look_alike_is_listed(world):
    innocent = judged(*world).filter(~pl.col("is_rig") & (pl.col("segment") != "ordinary"))
    listed = innocent.filter("listed").group_by("segment").agg(sims=pl.len()).sort("segment")
    assert innocent["segment"].n_unique() >= 11
    assert listed.is_empty(), listed.to_dicts()


@all_worlds
def test_the_list_keeps_to_its_share_of_innocents(world):
    sims = judged(*world)
    ordinary = sims.filter(pl.col("segment") == "ordinary")
    assert ordinary.height > 4000
    assert ordinary["listed"].sum() <= Listing().innocent_share * sims["listed"].sum()


@pytest.mark.parametrize("world", ["no rigs"], indirect=True)
def test_a_world_without_rigs_has_none(world):
    _, out = world
    assert pl.read_csv(out / "seizure_list.csv", infer_schema=False).is_empty()
    assert pl.read_csv(out / "review.csv", infer_schema=False).is_empty()
    assert pl.read_parquet(out / "scores.parquet")["first_listed_night"].null_count() > 5000
    assert not pl.read_parquet(out / "history.parquet")["listed"].any()


def test_the_sample_says_how_it_ended(sample_run):
    assert sample_run.code == 0
    assert [night.isoformat() for night in sample_run.scan.nights] == ["2026-05-12", "2026-05-13", "2026-05-14"]
    assert sample_run.scan.taken.references.missing == ()
