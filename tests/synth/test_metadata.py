"""Nothing but behaviour tells a rig from people: not how identifiers look, nor row order, nor what is missing."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from metadata_classifier import auc_on_other_worlds, metadata

from simbox.synth import generate, load_scenario

SEEDS = range(101, 109)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[pl.DataFrame]:
    """The metadata of small worlds with many rigs."""
    folder = tmp_path_factory.mktemp("metadata")
    scenario = msgspec.structs.replace(load_scenario("sample"), subscribers=2500, nights=1)
    frames = []
    for seed in SEEDS:
        generate(folder / str(seed), scenario, seed=seed, rigs=24)
        frames.append(metadata(Path(folder / str(seed))))
    return frames


def test_metadata_alone_tells_nothing(worlds: list[pl.DataFrame]) -> None:
    half = len(worlds) // 2
    there = auc_on_other_worlds(worlds[:half], worlds[half:])
    back = auc_on_other_worlds(worlds[half:], worlds[:half])
    assert 0.45 <= (there + back) / 2 <= 0.55


def test_a_planted_leak_is_found(worlds: list[pl.DataFrame]) -> None:
    leaking = [
        world.with_columns(imsi_digit=pl.when("is_rig").then(pl.col("imsi_digit") // 5).otherwise("imsi_digit"))
        for world in worlds
    ]
    half = len(worlds) // 2
    assert auc_on_other_worlds(leaking[:half], leaking[half:]) >= 0.85
