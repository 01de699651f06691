"""What generate promises whoever calls it."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading_worlds import read_cdrs, read_table

from simbox.errors import ConfigError, UsageError
from simbox.synth import generate, list_scenarios, load_scenario


def test_a_world_without_rigs(tmp_path: Path) -> None:
    generate(tmp_path / "world", "sample", seed=3, subscribers=800, nights=1, rigs=0)
    truth = read_table(tmp_path / "world", "truth")
    assert truth["rig"].null_count() == truth.height == 800
    assert read_cdrs(tmp_path / "world").height > 2000


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    for seed in (4, 5):
        generate(tmp_path / f"world{seed}", "sample", seed=seed, subscribers=800, nights=1)
    first, second = (read_table(tmp_path / f"world{seed}", "cells") for seed in (4, 5))
    assert set(first["lat"]).isdisjoint(second["lat"])


def test_the_land_does_not_depend_on_the_nights(tmp_path: Path) -> None:
    for nights in (1, 2):
        generate(tmp_path / f"world{nights}", "sample", seed=6, subscribers=700, nights=nights, rigs=0)
    one, two = (read_table(tmp_path / f"world{nights}", "cells") for nights in (1, 2))
    assert_frame_equal(one, two)


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    with pytest.raises(UsageError, match="world"):
        generate(tmp_path / "world", "sample", seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_impossible_numbers_are_named_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        generate(tmp_path / "world", "sample", seed=1, subscribers=3, nights=0)
    assert len(error.value.problems) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("numbers", [{"subscribers": 1}, {"nights": 0}, {"rigs": -1}, {"subscribers": 500, "rigs": 60}])
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path, numbers: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="no such world") as error:
        generate(tmp_path / "world", "sample", seed=1, **numbers)
    assert len(error.value.problems) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_truth_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "world.truth").mkdir()
    with pytest.raises(UsageError, match="world.truth"):
        generate(tmp_path / "world", "sample", seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["world.truth"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("subscribers = 1", "subscribers"),
        ("nights = 0", "nights"),
        ("rig_count = 2", "rig_count"),
        ("calls_a_day = [-1.0, 2.0]", "calls_a_day"),
        ("calls_a_day = [nan, 2.0]", "calls_a_day"),
        ("calls_a_day = [2.0, 1.0]", "calls_a_day"),
        ("sms_share = [0.0, 0.5]", "sms_share"),
        ("ported_share = [0.5, 1.5]", "ported_share"),
        ('timezone = "Mars/Olympus"', "timezone"),
        ("[segments]\nbus = 0.7\nmetro = 0.7", "segments"),
        ('[[rigs]]\nkind = "bypass"', "rigs[0].level is missing"),
        ('[[rigs]]\nkind = "bypass"\nlevel = "E0"\nport = [1, 2]', "unknown key rigs[0].port; did you mean ports?"),
        ('[[rigs]]\nkind = "bypass"\nlevel = "E0"\nsims_per_port = [0, 2]', "rigs[0].sims_per_port"),
        ("[operators.b]\nmarket_share = 0.0", "operators.b.market_share"),
        ('[operators.b]\nmcc_mnc = "401-71"\nmsisdn_prefixes = ["7791"]', "operators: mcc_mnc 401-71"),
        ("[operators.b]\nmsisdn_prefixes = []", "operators.b.msisdn_prefixes"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    operators = '[operators.a]\nmcc_mnc = "401-71"\nmsisdn_prefixes = ["7790"]\n'
    path.write_text(f"{line}\n{operators}")
    with pytest.raises(ConfigError, match="mine.toml") as error:
        load_scenario(path)
    assert any(found.startswith(problem) for found in error.value.problems), error.value.problems


def test_progress_is_told_night_by_night(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    generate(
        tmp_path / "world", "sample", seed=1, subscribers=600, nights=2, rigs=1,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(1, 2), (2, 2)]


def test_unknown_keys_of_a_scenario_are_named_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("subscriber = 10\nnigths = 2\n[segments]\ncouriers = 0.1\n")
    with pytest.raises(ConfigError) as error:
        load_scenario(path)
    assert [problem.split(";")[0] for problem in error.value.problems] == [
        "unknown key subscriber",
        "unknown key nigths",
        "unknown key segments.couriers",
    ]


def test_a_scenario_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(ConfigError, match="sample"):
        load_scenario("sampel")


def test_every_shipped_scenario_loads_and_says_what_it_is() -> None:
    scenarios = list_scenarios()
    assert "sample" in scenarios
    assert all(scenarios.values())
    assert all(load_scenario(name).name == name for name in scenarios)


def test_truth_counts_what_the_files_hold(made_again: Path, records: pl.DataFrame) -> None:
    truth = read_table(made_again, "truth")
    nights = [name for name in truth.columns if name.startswith("events_")]
    told = truth.select("imsi", told=pl.sum_horizontal(pl.col(nights).cast(pl.Int64)))
    codes = (pl.col("kind") == "sms_farm") & (pl.col("direction") == "mt") & pl.col("other_party").str.contains("[A-Z]")
    seen = records.group_by("imsi").agg(seen=((pl.col("direction") == "mo") | codes.fill_null(False)).sum())
    both = told.join(seen, on="imsi", how="left").with_columns(pl.col("seen").fill_null(0))
    assert (both["told"].cast(pl.Int64) == both["seen"].cast(pl.Int64)).mean() > 0.99
