"""Nothing but behaviour tells a rig from people: not how identifiers look, nor row order, nor what is missing."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from metadata_classifier import auc_of_group, auc_on_other_worlds, metadata, score_other_worlds
from reading_worlds import read_table

from simbox.synth.levels import LEVELS, MODIFIERS

LEAST_SIMS = 200


@pytest.fixture(scope="module")
def worlds(worlds_of_levels: dict[str, list[Path]]) -> list[pl.DataFrame]:
    """Metadata of the worlds of family A."""
    return [metadata(source) for source in worlds_of_levels["A"]]


@pytest.fixture(scope="module", params=["A", "B"])
def scored(request: pytest.FixtureRequest, worlds_of_levels: dict[str, list[Path]]) -> list[pl.DataFrame]:
    """Worlds of a family, each half scored by what was learned from the other."""
    worlds = [metadata(source) for source in worlds_of_levels[request.param]]
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
def test_a_leak_planted_in_a_table_is_found(
    worlds_of_levels: dict[str, list[Path]], tmp_path: Path, table: str, least: float
) -> None:
    leaking = []
    for source in worlds_of_levels["A"][:4]:
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
