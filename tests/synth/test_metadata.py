"""Nothing but behaviour tells a rig from people: not how identifiers look, nor row order, nor what is missing."""

import shutil
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl
import pytest
from metadata_classifier import auc_of_group, auc_on_other_worlds, metadata, score_other_worlds
from reading_worlds import read_table

from simbox.synth import generate, load_scenario
from simbox.synth.levels import LEVELS, MODIFIERS
from simbox.synth.scenario import RigPlan

SEEDS = {"A": range(3000, 3014), "B": range(4000, 4014)}
RIGS = 96
SUBSCRIBERS = 1200
NIGHTS = 2
LEAST_SIMS = 200


def _plans() -> list[RigPlan]:
    """A bypass and a scam of each level, of four cards: cards bought together count little more than one."""
    plans = []
    for level in LEVELS:
        published = level.startswith("fd_")
        for kind in ("bypass", "vishing"):
            # Not every rig that moves house does so within two nights.
            moves = kind == "bypass" and level in ("E1", "E2", "fd_naive")
            plans.append(
                RigPlan(
                    kind=kind,
                    level=level,
                    ports=(4, 4) if level == "E6" else (2, 2),
                    sims_per_port=(1, 1) if level == "E6" else (2, 2),
                    bank_sims_per_port=(3, 4),
                    premises=2 if level == "E3" else 1,
                    blocked=not published,
                    offered_calls_a_day=(40, 40) if published else None,
                    modifiers=["moves_house"] if moves else [],
                    straw_share=(0.0, 1.0),
                    shell_company_share=0.2,
                )
            )
    # Of these levels' rigs a quarter sends, takes codes or has no voice.
    farms = {("E0", "vishing"): "send", ("E1", "vishing"): "receive", ("E2", "vishing"): "sms_only"}
    return [
        msgspec.structs.replace(plan, kind="sms_farm", task=farms[plan.level, plan.kind])
        if turn == 3 and (plan.level, plan.kind) in farms
        else plan
        for turn in range(RIGS // len(plans))
        for plan in plans
    ]


def _make(folder: Path, family: Literal["A", "B"]) -> list[Path]:
    """Small worlds with many small rigs of all levels and modifiers."""
    sample = load_scenario("sample")
    # One operator's calls over 4G have no cell.
    operators = {
        key: msgspec.structs.replace(habit, volte_without_cell_share=0.9 if key == "bereke" else 0.0)
        for key, habit in sample.operators.items()
    }
    scenario = msgspec.structs.replace(
        sample,
        subscribers=SUBSCRIBERS,
        nights=NIGHTS,
        rigs=_plans(),
        operators=operators,
        segments=msgspec.structs.replace(sample.segments, roamer=0.05),
        modifier_share=0.15,
        family=family,
    )
    for seed in SEEDS[family]:
        generate(folder / str(seed), scenario, seed=seed)
    return [folder / str(seed) for seed in SEEDS[family]]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Worlds of family A."""
    return _make(tmp_path_factory.mktemp("metadata"), "A")


@pytest.fixture(scope="module")
def worlds(sources: list[Path]) -> list[pl.DataFrame]:
    """Their metadata."""
    return [metadata(source) for source in sources]


@pytest.fixture(scope="module", params=["A", "B"])
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[pl.DataFrame]:
    """Worlds of a family, each half scored by what was learned from the other."""
    if request.param == "A":
        worlds = request.getfixturevalue("worlds")
    else:
        worlds = [metadata(source) for source in _make(tmp_path_factory.mktemp("metadata_b"), "B")]
    half = len(worlds) // 2
    return score_other_worlds(worlds[:half], worlds[half:]) + score_other_worlds(worlds[half:], worlds[:half])


def test_metadata_alone_tells_nothing(scored: list[pl.DataFrame]) -> None:
    _, found = auc_of_group(scored, pl.lit(value=True))
    assert 0.45 <= found <= 0.55


def test_metadata_tells_no_level_and_no_modifier(scored: list[pl.DataFrame]) -> None:
    groups = {level: pl.col("level") == level for level in LEVELS}
    # No modifier's name is in another's.
    groups |= {modifier: pl.col("modifiers").str.contains(modifier) for modifier in MODIFIERS}
    found = {name: auc_of_group(scored, of_group) for name, of_group in groups.items()}
    assert {name: sims for name, (sims, _) in found.items() if sims < LEAST_SIMS} == {}
    assert {name: auc for name, (_, auc) in found.items() if not 0.45 <= auc <= 0.55} == {}


def test_a_planted_leak_is_found(worlds: list[pl.DataFrame]) -> None:
    leaking = [_plant(world, pl.col("is_rig")) for world in worlds]
    half = len(worlds) // 2
    assert auc_on_other_worlds(leaking[:half], leaking[half:]) >= 0.85


def test_a_leak_planted_in_one_level_is_found_there(worlds: list[pl.DataFrame]) -> None:
    leaking = [_plant(world, (pl.col("level") == "E5").fill_null(value=False)) for world in worlds]
    half = len(worlds) // 2
    scored = score_other_worlds(leaking[:half], leaking[half:])
    assert auc_of_group(scored, pl.col("level") == "E5")[1] >= 0.7


def _plant(world: pl.DataFrame, leaks: pl.Expr) -> pl.DataFrame:
    """IMSIs of some end with one of two digits."""
    return world.with_columns(imsi_digit=pl.when(leaks).then(pl.col("imsi_digit") // 5).otherwise("imsi_digit"))


# Who is in a table is compared among those registered alike; of the unregistered every second one is a rig's here.
@pytest.mark.parametrize(("table", "least"), [("subscribers", 0.9), ("ported", 0.8)])
def test_a_leak_planted_in_a_table_is_found(sources: list[Path], tmp_path: Path, table: str, least: float) -> None:
    leaking = []
    for source in sources[:4]:
        copy = tmp_path / source.name
        shutil.copytree(source, copy)
        rigs = read_table(source, "truth").filter(pl.col("rig").is_not_null())["imsi"]
        subscribers = read_table(source, "subscribers")
        of_rigs = pl.col("imsi").is_in(rigs.implode())
        if table == "subscribers":
            # Rigs' rows come first.
            subscribers.sort(of_rigs, descending=True, maintain_order=True).write_csv(copy / "subscribers.csv")
        else:
            # Every number of a rig is in the register, as if only rigs ported theirs.
            there = read_table(source, "ported")
            rows = subscribers.filter(of_rigs).select("msisdn", "operator", valid_from="activated_on")
            pl.concat([there, rows]).unique("msisdn").sort("msisdn").write_csv(copy / "ported.csv")
        leaking.append(metadata(copy))
    assert auc_on_other_worlds(leaking[:2], leaking[2:]) >= least
