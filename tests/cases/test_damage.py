"""Damage is traffic times the operator's rate, and says how; without a rate no loss is stated."""

import polars as pl
import pytest

from simbox.cases import estimate_damage
from simbox.config import Damage


@pytest.fixture
def rigs(sample_run) -> pl.DataFrame:
    return sample_run.scan.last.found.rigs


def test_without_rates_no_loss_is_stated(rigs):
    damage = estimate_damage(rigs, Damage())
    assert damage["loss"].null_count() == damage.height == rigs.height
    assert damage["minutes"].sum() == pytest.approx(rigs["minutes"].sum())
    assert set(damage["method"].str.contains("not set in simbox.toml|no loss is stated")) == {True}


def test_minutes_of_bypass_and_sms_of_farms_have_their_rates(rigs):
    damage = estimate_damage(rigs, Damage(currency="KZT", loss_per_minute=12.5, loss_per_sms=3.0))
    told = damage.join(rigs.select("rig_id", "minutes", "sms_count", "kind"), on="rig_id", suffix="_rig")
    kinds = set()
    for row in told.iter_rows(named=True):
        kinds.add(row["kind"])
        if row["kind"] == "bypass":
            assert row["loss"] == pytest.approx(row["minutes_rig"] * 12.5)
            assert "12.5 KZT" in row["method"]
        elif row["kind"] == "sms_farm":
            assert row["loss"] == row["sms_count_rig"] * 3.0
        else:
            assert row["loss"] is None
        assert row["currency"] == "KZT"
    assert kinds >= {"bypass", "sms_farm", "vishing"}


def test_the_run_has_the_damage_of_its_configuration(sample_run):
    held = pl.read_parquet(sample_run.out / "damage.parquet")
    assert held["rig_id"].to_list() == sample_run.scan.last.found.rigs["rig_id"].sort().to_list()
