"""`simbox synth` makes a world that the scan takes, says where the truth is, and refuses what can't be."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli.synth import synth
from simbox.errors import SimboxError, UsageError
from simbox.synth import list_scenarios

SMALL = ["--subscribers", "500", "--nights", "1", "--rigs", "1"]


def test_the_scenarios_are_listed() -> None:
    done = CliRunner().invoke(synth, ["--list"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(list_scenarios())


def test_a_world_is_made_with_its_truth_beside_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(synth, [str(tmp_path / "world"), "--scenario", "straw", *SMALL, "--seed", "3"])
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "world" / "cdr").rglob("*.*"))) == 3
    assert (tmp_path / "world.truth").is_dir()
    assert "world.truth" in done.stdout


def test_a_scenario_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'name = "mine"\nsubscribers = 500\nnights = 1\ntruth_beside_source = true\n'
        '[operators.solo]\nmcc_mnc = "401-79"\n'
    )
    done = CliRunner().invoke(synth, [str(tmp_path / "world"), "--scenario", str(mine)])
    assert done.exit_code == 0, done.output
    assert [path.name for path in (tmp_path / "world" / "cdr").iterdir()] == ["solo"]
    assert done.stdout.strip() == f"written to {tmp_path / 'world'}; its truth is in {tmp_path / 'world'}"


def test_family_and_number_of_cards_can_be_set(tmp_path: Path) -> None:
    asked = ["--scenario", "fraudzen_naive", *SMALL, "--rig-cards", "60", "--family", "B"]
    done = CliRunner().invoke(synth, [str(tmp_path / "world"), *asked])
    assert done.exit_code == 0, done.output
    sims = pl.read_parquet(tmp_path / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
    assert sims.height == 60
    assert set(sims["imsi"].str.slice(0, 3)) == {"436"}


@pytest.mark.parametrize(
    "arguments",
    [["--subscribers", "10"], ["--nights", "0"], ["--scenario", "nowhere"], ["--scenario", "missing.toml"]],
)
def test_what_cannot_be_is_refused_and_nothing_written(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(synth, [str(tmp_path / "world"), *arguments])
    assert isinstance(done.exception, SimboxError)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_not_touched(tmp_path: Path) -> None:
    done = CliRunner().invoke(synth, [str(tmp_path), *SMALL])
    assert isinstance(done.exception, UsageError)
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_there_is_nothing_to_do() -> None:
    done = CliRunner().invoke(synth, SMALL)
    assert done.exit_code == 2
    assert "OUT is missing" in done.output
