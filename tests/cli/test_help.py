"""Every command has help and a place in the README, and asking for help loads none of the engines."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from simbox.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "polars",
    "numba",
    "pyarrow",
    "networkx",
    "matplotlib",
    "jinja2",
    "numpy",
    "msgspec",
    "cryptography",
    "xlsxwriter",
)


def _every_command() -> dict[str, click.Command]:
    """Each command and each command of a group, by what is typed for it."""
    context = click.Context(cli)
    commands = {}
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        commands[name] = command
        if isinstance(command, click.Group):
            commands |= {f"{name} {part}": command.commands[part] for part in command.commands}
    return commands


@pytest.mark.parametrize("typed", _every_command())
def test_every_command_has_help(typed: str) -> None:
    command = _every_command()[typed]
    assert command.help
    assert command.help.endswith(".")


@pytest.mark.parametrize("typed", [typed for typed, command in _every_command().items() if typed != "config"])
def test_every_command_is_named_in_the_readme(typed: str) -> None:
    assert f"simbox {typed}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_list_of_commands_says_what_each_is_for() -> None:
    shown = click.Context(cli).get_help()
    for name, (_, _, summary) in COMMANDS.items():
        assert name in shown
        assert summary in shown


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([*typed.split(), "--help"] for typed in COMMANDS)])
def test_help_loads_no_engine(arguments: list[str]) -> None:
    program = (
        "import sys; from simbox.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert set(HEAVY) & set(done.stderr.split()) == set()


def test_an_unknown_command_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simbox.cli", "scann"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "scann" in done.stderr
