"""How much memory a run may take: as said, else half of what the machine or its cgroup has."""

import os
from types import SimpleNamespace

import pytest

from simbox.errors import UsageError
from simbox.store import Memory, read_memory
from simbox.store.memory import give_back_early, machine_memory

INSTALLED = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("4GiB", 4 << 30), ("1.5GiB", 3 << 29), ("2 GB", 2 * 10**9), ("2048MiB", 2 << 30), ("1073741824", 1 << 30)],
)
def test_sizes_are_read(text, limit):
    assert read_memory(text) == Memory(limit)


@pytest.mark.parametrize("text", ["", "lots", "-4GiB", "4 parsecs", "512MiB", "0"])
def test_sizes_that_make_no_sense(text):
    with pytest.raises(UsageError, match="--memory"):
        read_memory(text)


def test_half_of_the_machine_is_the_default():
    assert read_memory(None) == Memory(max(machine_memory() // 2, 1 << 30))
    assert machine_memory() <= INSTALLED


def test_more_memory_holds_more_records():
    small, large = Memory(1 << 30), Memory(8 << 30)
    for name in ("rows_held", "rows_merged", "rows_computed", "sims_computed"):
        assert 0 < getattr(small, name) < getattr(large, name)


@pytest.mark.parametrize(
    ("line", "file", "content", "expected"),
    [
        ("0::/a/b", "a/b/memory.max", "1000\n", 1000),
        ("0::/a/b", "a/memory.max", "2000\n", 2000),
        ("0::/a/b", "a/b/memory.max", "max\n", INSTALLED),
        ("0::/../host", "memory.max", "3000\n", 3000),
        ("4:cpu,memory:/c", "memory/c/memory.limit_in_bytes", "4000\n", 4000),
        ("4:cpu:/c", "memory/c/memory.limit_in_bytes", "4000\n", INSTALLED),
    ],
)
def test_a_cgroup_may_leave_less(tmp_path, line, file, content, expected):
    own = tmp_path / "cgroup"
    own.write_text(line + "\n")
    (tmp_path / "fs" / file).parent.mkdir(parents=True)
    (tmp_path / "fs" / file).write_text(content)
    assert machine_memory(tmp_path / "fs", own) == expected


def test_a_machine_without_cgroups_has_what_is_installed(tmp_path):
    assert machine_memory(tmp_path, tmp_path / "none") == INSTALLED


def test_what_is_taken_already_leaves_less_and_never_nothing() -> None:
    memory = read_memory("4GiB")
    assert memory.beside(1 << 30).free == memory.free - (1 << 30)
    assert 0 < memory.beside(1 << 40).rows_computed < memory.rows_computed


@pytest.mark.parametrize("library", [SimpleNamespace(), SimpleNamespace(mallopt=lambda option, value: 1)])
def test_a_c_library_without_glibcs_options_is_left_as_it_is(monkeypatch, library):
    monkeypatch.setattr("ctypes.CDLL", lambda name: library)
    give_back_early()
