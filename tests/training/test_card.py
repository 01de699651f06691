"""A card from worlds: made, kept aside, compared; and what is refused."""

import shutil
import sys

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import InputError, UsageError
from simbox.features import FEATURES
from simbox.reasons import REASONS as CODES
from simbox.scoring import load_scorecard
from simbox.training import learn_from, train_card

SEEDS = (9011, 9012, 9013)


def quietly(*_: object) -> None:
    """No progress."""


def test_a_world_is_learned_from_night_by_night(worlds):
    lesson = learn_from(worlds[0], quietly)
    assert set(FEATURES.names) <= set(lesson.features.columns)
    assert lesson.features["night"].n_unique() == 2
    assert sorted(lesson.features["window_nights"].unique()) == [1, 3]
    answers = lesson.features.group_by(pl.col("rig").is_null()).agg(pl.len())
    assert answers.height == 2
    assert lesson.at_home.columns == ["night", "imsi", "place"]
    assert lesson.handsets.columns == ["night", "imsi", "imei"]


def test_the_card_is_one_that_scan_takes(trained):
    folder, lines = trained
    card = load_scorecard(folder / "card.toml", frozenset(FEATURES.names))
    assert card.bands.watch < card.bands.suspect < card.bands.strong
    assert {expert.from_nights for expert in card.expert} <= {0, 1, 3, 7}
    # Worlds are not scanned here.
    assert (card.no_rig, card.calibration) == (load_scorecard().no_rig, load_scorecard().calibration)
    assert {said.code for expert in card.expert for said in expert.said()} <= set(CODES)
    for seed in SEEDS:
        assert f"w{seed}" in card.origin
    assert any(line.startswith("after one night:") for line in lines)
    assert any(line.startswith("after all nights:") for line in lines)


def test_each_reason_of_each_expert_is_told_with_what_it_was(trained):
    folder, lines = trained
    card, former = load_scorecard(folder / "card.toml"), load_scorecard()
    told = {line.partition(":")[0]: line for line in lines if " nights or more: " in line}
    for expert in card.expert:
        line = told[f"{expert.name}, {expert.from_nights} nights or more"]
        before = former.expert_for(expert.name, expert.from_nights)
        was = {(said.code, said.window) for said in before.said()} if before else set()
        now = {(said.code, said.window) for said in expert.said()}
        assert line.count(" (was ") == len(now & was)
        assert line.count(" (new)") == len(now - was)
        assert line.count("; without ") == len(was - now)
    assert any("_WITH_" in line for line in told.values())
    assert any("(that night)" in line for line in told.values())


def test_what_was_learned_is_kept_and_taken_again(trained, worlds, tmp_path):
    folder, lines = trained
    # The sources are not needed a second time.
    gone = [tmp_path / world.name for world in worlds]
    again = train_card(gone, tmp_path / "again.toml", quietly, workdir=folder / "kept")
    assert again == lines
    assert (tmp_path / "again.toml").read_bytes() == (folder / "card.toml").read_bytes()


def test_two_worlds_are_too_few(worlds, tmp_path):
    with pytest.raises(UsageError, match="3 worlds"):
        train_card(worlds[:2], tmp_path / "card.toml", quietly)


def test_worlds_of_one_name_are_refused(worlds, tmp_path):
    with pytest.raises(UsageError, match="twice"):
        train_card([*worlds, worlds[0]], tmp_path / "card.toml", quietly)


def test_without_its_extra_the_command_says_what_to_install(worlds, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "simbox.training", None)
    done = CliRunner().invoke(cli, ["train", *map(str, worlds), "-o", str(tmp_path / "card.toml")])
    assert isinstance(done.exception, UsageError)
    assert "simbox[train]" in str(done.exception)


def test_a_source_without_truth_teaches_nothing(worlds, tmp_path):
    shutil.copytree(worlds[0], tmp_path / "alone")
    with pytest.raises(InputError, match="truth"):
        learn_from(tmp_path / "alone", quietly)


def test_the_truth_of_another_world_is_refused(worlds, tmp_path):
    shutil.copytree(worlds[0], tmp_path / "mixed")
    truth = tmp_path / "mixed.truth"
    shutil.copytree(worlds[0].with_name(worlds[0].name + ".truth"), truth)
    sims = pl.read_parquet(truth / "sims.parquet").with_columns(
        imsi=(pl.col("imsi").cast(pl.Int64) + 10**9).cast(pl.String)
    )
    sims.write_parquet(truth / "sims.parquet")
    with pytest.raises(InputError, match="another world"):
        learn_from(tmp_path / "mixed", quietly)


def test_the_command_prints_what_changed(trained, worlds, tmp_path):
    folder, lines = trained
    arguments = [*map(str, worlds), "-o", str(tmp_path / "card.toml"), "--workdir", str(folder / "kept")]
    done = CliRunner().invoke(cli, ["train", *arguments])
    assert done.exit_code == 0, done.output
    assert lines[-1] in done.output
    assert (tmp_path / "card.toml").stat().st_mode & 0o777 == 0o600
