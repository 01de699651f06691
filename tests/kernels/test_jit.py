"""Where compiled kernels are kept: a folder that can be written, or none, and never an error."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simbox.kernels import _jit


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path below a file, which not even root can make a folder of."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(file / "numba"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(file / "user"))
    return file


def test_the_users_choice_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "chosen"))
    directory = _jit.find_cache_directory()
    assert directory is not None
    assert directory.parent == tmp_path / "chosen"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_users_cache_serves_where_the_choice_cannot_be_written(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory = _jit.find_cache_directory()
    assert directory is not None
    assert directory.parent == tmp_path / "cache" / "simbox"


@pytest.mark.usefixtures("nowhere")
def test_without_a_writable_folder_there_is_no_cache() -> None:
    assert _jit.find_cache_directory() is None


def test_without_a_home_nothing_is_written_to_the_working_directory(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    assert _jit.find_cache_directory() is None
    assert sorted(tmp_path.iterdir()) == [nowhere]


def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert _jit.find_cache_directory() is None


def test_an_edit_of_any_kernel_file_starts_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in Path(_jit.__file__).parent.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(_jit, "__file__", str(tmp_path / "_jit.py"))
    before = _jit._key()
    with (tmp_path / "summaries.py").open("a") as source:
        source.write("\n")
    assert _jit._key() != before


@pytest.mark.usefixtures("nowhere")
def test_kernels_run_where_nothing_can_be_kept() -> None:
    program = "import numpy as np; from simbox.kernels.partition import partition as p; p(np.array([1, 0]), 2)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
