"""Nothing but behaviour tells a rig from people: not how identifiers look, nor row order, nor what is missing."""

import shutil
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl
import pytest
from metadata_classifier import auc_on_other_worlds, metadata
from reading_worlds import read_table

from simbox.synth import generate, load_scenario
from simbox.synth.scenario import RigPlan

SEEDS = range(101, 109)
SEEDS_OF_B = range(201, 207)


def _make(folder: Path, family: Literal["A", "B"], seeds: range) -> list[Path]:
    """Small worlds with many rigs of all levels and modifiers."""
    sample = load_scenario("sample")
    bank = RigPlan(kind="bypass", level="E2", ports=(2, 4), bank_share=1.0, bank_sims_per_port=(30, 40))
    no_voice = RigPlan(kind="sms_farm", level="E1", task="sms_only", straw_share=(0.0, 1.0), shell_company_share=0.3)
    careful = [
        RigPlan(kind=kind, level=level, ports=(6, 12), premises=2, bank_sims_per_port=(5, 8))
        for kind, level in (("bypass", "E3"), ("vishing", "E4"), ("bypass", "E5"), ("vishing", "E6"))
    ]
    published = [
        RigPlan(kind="bypass", level=level, ports=(8, 8), blocked=False, offered_calls_a_day=(100, 100))
        for level in ("fd_traffic", "fd_mobility", "fd_all")
    ]
    rigs = [*sample.rigs, bank, no_voice, *careful, *published]
    # One operator's calls over 4G have no cell.
    operators = {
        key: msgspec.structs.replace(habit, volte_without_cell_share=0.9 if key == "bereke" else 0.0)
        for key, habit in sample.operators.items()
    }
    scenario = msgspec.structs.replace(
        sample, subscribers=2500, nights=1, rigs=rigs, operators=operators, modifier_share=0.15, family=family
    )
    for seed in seeds:
        generate(folder / str(seed), scenario, seed=seed, rigs=24)
    return [folder / str(seed) for seed in seeds]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Worlds of family A."""
    return _make(tmp_path_factory.mktemp("metadata"), "A", SEEDS)


@pytest.fixture(scope="module")
def worlds(sources: list[Path]) -> list[pl.DataFrame]:
    """Their metadata."""
    return [metadata(source) for source in sources]


def _auc_both_ways(worlds: list[pl.DataFrame]) -> float:
    half = len(worlds) // 2
    there = auc_on_other_worlds(worlds[:half], worlds[half:])
    back = auc_on_other_worlds(worlds[half:], worlds[:half])
    return (there + back) / 2


def test_metadata_alone_tells_nothing(worlds: list[pl.DataFrame]) -> None:
    assert 0.45 <= _auc_both_ways(worlds) <= 0.55


def test_metadata_of_family_b_tells_nothing_either(tmp_path: Path) -> None:
    worlds = [metadata(source) for source in _make(tmp_path, "B", SEEDS_OF_B)]
    assert 0.45 <= _auc_both_ways(worlds) <= 0.55


def test_a_planted_leak_is_found(worlds: list[pl.DataFrame]) -> None:
    leaking = [
        world.with_columns(imsi_digit=pl.when("is_rig").then(pl.col("imsi_digit") // 5).otherwise("imsi_digit"))
        for world in worlds
    ]
    half = len(worlds) // 2
    assert auc_on_other_worlds(leaking[:half], leaking[half:]) >= 0.85


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
