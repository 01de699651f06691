"""The README shows what the program prints, and its commands and its Python run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from refresh_readme import README, blocks, lay_out, normalise, refresh, take_excerpts

ROOT = Path(__file__).resolve().parents[1]
TEXT = README.read_text(encoding="utf-8")
SETUP, *COMMANDS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the checkout to the README's commands."""
    folder = tmp_path_factory.mktemp("readme")
    lay_out(folder)
    return folder


@pytest.fixture(scope="module")
def excerpts(checkout: Path) -> dict[str, str]:
    """What the program prints now; the scan's OUT stays in the folder, as for a reader who goes on."""
    return take_excerpts(checkout)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables with which `simbox` in a shell is this checkout's, whether it is installed as a script or not."""
    scripts = tmp_path_factory.mktemp("scripts")
    script = scripts / "simbox"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -m simbox.cli "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", ["summary", "seizure_list", "explain"])
def test_an_excerpt_is_what_the_program_prints(excerpts: dict[str, str], name: str) -> None:
    assert normalise(blocks(TEXT)[name]) == normalise(excerpts[name]), "run: python benchmarks/refresh_readme.py"


def test_refreshing_replaces_what_differs_and_only_that(excerpts: dict[str, str]) -> None:
    stale = TEXT.replace(blocks(TEXT)["seizure_list"], "```text\nnothing\n```")
    assert blocks(refresh(stale, excerpts))["seizure_list"] == excerpts["seizure_list"]
    fresh = refresh(stale, excerpts)
    assert refresh(fresh, excerpts) == fresh


def test_it_opens_with_the_two_commands() -> None:
    assert SETUP.splitlines() == [
        "python3 -m venv .venv && .venv/bin/python -m pip install . && .venv/bin/simbox scan sample_cdrs -o out",
        ".venv/bin/python -m pip install '.[test]' && .venv/bin/python -m pytest -n auto --dist loadfile",
    ]


@pytest.mark.usefixtures("excerpts")
@pytest.mark.parametrize("commands", COMMANDS, ids=[command.splitlines()[0] for command in COMMANDS])
def test_commands_run(commands: str, checkout: Path, environment: dict[str, str]) -> None:
    # The excerpts come from the first scan already.
    for command in (line for line in commands.splitlines() if line != "simbox scan sample_cdrs -o out"):
        done = subprocess.run(command, shell=True, cwd=checkout, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run(program: str, checkout: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_output_file_is_named(excerpts: dict[str, str], checkout: Path) -> None:
    assert excerpts
    unnamed = [path.name for path in (checkout / "out").iterdir() if f"`{path.name}" not in TEXT]
    assert unnamed == []


def test_every_exit_code_is_named() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert listed == {0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143}
