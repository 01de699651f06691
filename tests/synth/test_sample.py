"""sample_cdrs/ is what its seed makes, and holds what its README says."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading_worlds import read_cdrs, read_table

SAMPLE = Path(__file__).resolve().parents[2] / "sample_cdrs"
TABLES = ("subscribers", "cells", "gateways", "exemptions", "ported", "reports", "truth", "truth_rigs")


def test_made_again_every_row_is_equal(made_again: Path) -> None:
    stored = sorted(path.relative_to(SAMPLE) for path in (SAMPLE / "cdr").rglob("*.*"))
    made = sorted(path.relative_to(made_again) for path in (made_again / "cdr").rglob("*.*"))
    assert made == stored
    assert_frame_equal(read_cdrs(made_again), read_cdrs(SAMPLE))


@pytest.mark.parametrize("name", TABLES)
def test_made_again_every_table_is_equal(made_again: Path, name: str) -> None:
    assert_frame_equal(read_table(made_again, name), read_table(SAMPLE, name))


def test_made_again_the_configuration_is_equal(made_again: Path) -> None:
    assert (made_again / "simbox.toml").read_text() == (SAMPLE / "simbox.toml").read_text()


def test_it_fits_a_repository() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 6_000_000


def test_six_rigs_two_of_each_kind() -> None:
    rigs = read_table(SAMPLE, "truth_rigs").unique("rig")
    assert rigs.group_by("kind").len().sort("kind").rows() == [("bypass", 2), ("sms_farm", 2), ("vishing", 2)]
    assert rigs.filter(pl.col("premises").cast(pl.Int64) > 0).height == 6


def test_every_rig_works_and_every_segment_is_there() -> None:
    truth = read_table(SAMPLE, "truth")
    nights = [name for name in truth.columns if name.startswith("events_")]
    assert len(nights) == 3
    active = truth.filter(pl.col("rig").is_not_null()).filter(pl.sum_horizontal(pl.col(nights).cast(pl.Int64)) > 0)
    assert active.group_by("rig").len()["len"].min() >= 12
    lookalikes = {"call_centre", "courier", "m2m", "licensed_gateway", "dealer_phone", "cloned_imei", "dual_sim"}
    assert lookalikes | {"dormitory", "newcomer", "roamer", "ordinary"} <= set(truth["segment"])


def test_readme_names_what_is_planted() -> None:
    text = (SAMPLE / "README.md").read_text()
    truth = read_table(SAMPLE, "truth")
    named = {*truth["segment"], *truth["rig"].drop_nulls(), "altyn", "bereke", "tulpar"} - {"rig"}
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_two_operators_have_formats_of_their_own_with_profiles(made_again: Path) -> None:
    profiles = sorted(path.name for path in (SAMPLE / "operators").iterdir())
    assert profiles == ["altyn.toml", "tulpar.toml"]
    for name in profiles:
        assert (made_again / "operators" / name).read_text() == (SAMPLE / "operators" / name).read_text()
