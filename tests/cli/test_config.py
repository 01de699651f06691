"""simbox config and simbox tables."""

import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.config import Config, load_config
from simbox.errors import ConfigError
from simbox.features import FEATURES
from simbox.tables.rigs import RIGS


def call(*arguments: object):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)


def test_the_defaults_are_shown_and_can_be_read_again(tmp_path):
    shown = call("config", "show").output
    (tmp_path / "simbox.toml").write_text(shown)
    assert load_config(tmp_path / "simbox.toml") == Config()


def test_a_file_is_shown_with_its_defaults(sample, tmp_path):
    shown = call("config", "show", sample / "simbox.toml").output
    assert "[operators.altyn]" in shown
    assert "prevalence" in shown
    (tmp_path / "simbox.toml").write_text(shown)
    assert load_config(tmp_path / "simbox.toml") == load_config(sample / "simbox.toml")


def test_a_good_file_is_called_good(sample):
    assert call("config", "check", sample / "simbox.toml").output == "simbox.toml: good, 3 operators\n"


def test_a_bad_file_is_refused_with_all_its_faults(tmp_path):
    (tmp_path / "simbox.toml").write_text("[rig]\n[listing]\nseize_probability = 2.0\n")
    result = call("config", "check", tmp_path / "simbox.toml")
    assert isinstance(result.exception, ConfigError)
    assert len(result.exception.problems) == 2


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_file_that_is_not_there(command):
    assert call("config", command, "nothing.toml").exception.exit_code == 2


def test_every_table_is_explained():
    shown = call("tables").output
    for table in (FEATURES, RIGS):
        assert f"{table.name} ({table.file})" in shown
        assert all(f"    {column.name}: " in shown and column.meaning in shown for column in table.columns)
