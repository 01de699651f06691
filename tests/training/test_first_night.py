"""Experts for the first night beside a card that stays: estimated, merged, told; and what is refused."""

import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import UsageError
from simbox.features import FEATURES
from simbox.scoring import load_scorecard
from simbox.scoring.scorecard import FIRST_NIGHT
from simbox.training import train_first_night


def quietly(*_: object) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def estimated(trained, worlds):
    """The shipped card with who judges the first night as three small worlds have it, and what was said."""
    folder, _ = trained
    out = folder / "first_night.toml"
    return out, train_first_night(worlds, out, quietly, workdir=folder / "kept")


def test_all_but_who_judges_the_first_night_stays(estimated):
    card, former = load_scorecard(estimated[0], frozenset(FEATURES.names)), load_scorecard()
    kept, was = ([one for one in each.expert if one.from_nights != FIRST_NIGHT] for each in (card, former))
    assert kept == was
    for name in ("bands", "calibration", "no_rig", "context", "usual", "name"):
        assert getattr(card, name) == getattr(former, name)
    assert card.ways() == former.ways()
    first = [one for one in card.expert if one.from_nights == FIRST_NIGHT]
    assert first
    # Whoever judges a first night is one that looks at nothing else.
    assert all(card.expert_for(one.name, FIRST_NIGHT) == one for one in first)
    assert all(said.window != "night" for one in first for said in one.said())


def test_it_says_on_what_and_what_each_card_finds(estimated, worlds):
    out, lines = estimated
    origin = load_scorecard(out).origin
    assert origin.count("Who judges the first night") == 1
    assert origin.index("Who judges") < origin.index("What it says once rigs were sought")
    assert all(world.name in origin for world in worlds)
    assert lines[0].startswith("first night: ")
    assert any(line.startswith("after one night:") for line in lines)


def test_estimated_again_on_its_own_card_it_is_the_same(estimated, trained, worlds, tmp_path):
    out, _ = estimated
    train_first_night(worlds, tmp_path / "again.toml", quietly, former=out, workdir=trained[0] / "kept")
    assert (tmp_path / "again.toml").read_bytes() == out.read_bytes()


def test_the_command_prints_what_was_found(estimated, trained, worlds, tmp_path):
    out, lines = estimated
    arguments = [*map(str, worlds), "-o", str(tmp_path / "card.toml"), "--workdir", str(trained[0] / "kept")]
    done = CliRunner().invoke(cli, ["train", *arguments, "--first-night"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-len(lines) :] == lines
    assert (tmp_path / "card.toml").read_bytes() == out.read_bytes()


def test_verdicts_tell_nothing_of_a_first_night(worlds, tmp_path):
    verdicts = tmp_path / "verdicts.csv"
    verdicts.write_text("imsi\n")
    arguments = [*map(str, worlds), "-o", str(tmp_path / "card.toml"), "--verdicts", str(verdicts)]
    done = CliRunner().invoke(cli, ["train", *arguments, "--first-night"])
    assert isinstance(done.exception, UsageError)


def test_two_worlds_are_too_few(worlds, tmp_path):
    with pytest.raises(UsageError, match="3 worlds"):
        train_first_night(worlds[:2], tmp_path / "card.toml", quietly)
