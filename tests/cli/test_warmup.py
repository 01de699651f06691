"""`simbox warmup` in processes of its own, with a folder for compiled code that starts empty."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import simbox.kernels
from simbox.kernels import warming

KERNEL_FILES = len(list(Path(simbox.kernels.__path__[0]).glob("[!_]*.py"))) + 1


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


def _compiled(cache: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in cache.rglob("*.nbc")}


def test_all_drivers_are_compiled_and_kept_where_it_says(simbox: Callable, cache: Path) -> None:
    done = simbox("warmup", NUMBA_CACHE_DIR=str(cache))
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first.startswith(f"{KERNEL_FILES} kernel files compiled")
    assert first.endswith(" s")
    (folder,) = cache.iterdir()
    assert second == f"kept in {folder}"
    assert (folder / "complete").exists()
    names = {name.split(".")[0] for name in _compiled(cache)}
    drivers = {"volume", "callees", "contacts", "rhythm", "gaps", "movement", "routine", "handset", "lifecycle"}
    assert names == drivers | {
        "acquaintance",
        "afar",
        "binning",
        "densest",
        "dirichlet",
        "trees",
        "communities",
        "components",
        "firsts",
        "lookup",
        "meetings",
        "pairing",
        "pairs",
        "partition",
        "points",
        "registers",
        "serials",
        "settling",
        "shown",
    }


def test_a_second_run_compiles_nothing(simbox: Callable, cache: Path) -> None:
    kept = _compiled(cache)
    assert kept
    assert simbox("warmup", NUMBA_CACHE_DIR=str(cache)).code == 0
    assert _compiled(cache) == kept


def test_without_a_folder_to_keep_it_the_answer_is_incomplete(simbox: Callable, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = simbox(
        "warmup", NUMBA_CACHE_DIR=str(file / "numba"), XDG_CACHE_HOME=str(file / "user"), NUMBA_DISABLE_JIT="1"
    )
    assert done.code == 3
    assert "NUMBA_CACHE_DIR" in done.err
    assert "Traceback" not in done.err


def test_a_process_of_its_own_compiles_where_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    told: list[bool] = []
    monkeypatch.setattr(warming, "CACHE_DIRECTORY", tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    warming.compile_apart(lambda: told.append(True))
    assert [command[1:3] for command in commands] == [["-P", "-c"]]
    warming.compile_all()
    warming.compile_apart(lambda: told.append(True))
    assert len(commands) == 1
    monkeypatch.setattr(warming, "CACHE_DIRECTORY", None)
    warming.compile_apart(lambda: told.append(True))
    assert len(commands) == 1
    assert told == [True]
