"""What each scenario takes away or adds."""

from pathlib import Path

import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.config import load_config
from simbox.synth import generate, list_scenarios


def _small(folder: Path, scenario: str, **numbers: int) -> Path:
    out = folder / "world"
    generate(out, scenario, seed=31, **{"subscribers": 3000, "nights": 1, **numbers})
    return out


@pytest.mark.parametrize("scenario", list_scenarios())
def test_every_scenario_makes_a_source_that_its_configuration_describes(tmp_path: Path, scenario: str) -> None:
    out = _small(tmp_path, scenario)
    operators = {path.name for path in (out / "cdr").iterdir()}
    assert operators == set(load_config(out / "simbox.toml").operators)
    assert set(read_cdrs(out)["operator"]) == operators


def test_single_has_one_feed_but_rigs_use_all_operators(tmp_path: Path) -> None:
    out = _small(tmp_path, "single", rigs=6)
    assert set(read_table(out, "subscribers")["operator"]) == {"altyn"}
    sims = pl.read_parquet(tmp_path / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
    assert sims["imsi"].str.slice(0, 5).n_unique() == 3


def test_straw_has_no_unregistered_card_in_a_rig(tmp_path: Path) -> None:
    out = _small(tmp_path, "straw", rigs=8)
    sims = pl.read_parquet(tmp_path / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
    registry = read_table(out, "subscribers").join(sims, on="imsi")
    assert "unregistered" not in set(registry["registration"])


def test_noregistry_has_none(tmp_path: Path) -> None:
    assert not list(_small(tmp_path, "noregistry").glob("subscribers*"))


def test_gaps_differ_between_operators_of_partial(tmp_path: Path) -> None:
    voice = read_cdrs(_small(tmp_path, "partial", subscribers=3000)).filter(pl.col("service") == "voice")
    unanswered = voice.group_by("operator").agg((pl.col("duration_s") == 0).mean(), pl.col("cell").null_count())
    assert unanswered.n_unique(["duration_s"]) > 1


def test_hours_are_lost_and_the_new_year_is_greeted(tmp_path: Path) -> None:
    out = _small(tmp_path, "outage", nights=2)
    records = read_cdrs(out)
    zone = load_config(out / "simbox.toml").operators["altyn"].timezone
    local = pl.col("started_at").dt.convert_time_zone(str(zone))
    hours = records.group_by("operator", local.dt.date().alias("night"), local.dt.hour().alias("hour")).len()
    daytime = hours.filter(pl.col("hour").is_between(9, 20)).group_by("operator", "night").len()
    assert hours.height < 3 * 2 * 24
    assert daytime["len"].min() >= 11
    eve = hours.filter(pl.col("night") == pl.date(2026, 12, 31))
    assert eve.group_by("hour").agg(pl.col("len").sum()).sort("len")["hour"][-1] == 23
