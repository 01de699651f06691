"""simbox store: what it shows, what it merges and drops, and how it says that a store is damaged."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simbox.cli import cli
from simbox.errors import DamagedError, InputError, LockedError, UsageError
from simbox.store import open_store


@pytest.fixture
def store(drawn_source, tmp_path) -> Path:
    """The store of a scan over two nights, the first of which got a late part."""
    source = drawn_source()
    text = (source / "cdr" / "a.csv").read_text().splitlines(keepends=True)
    (source / "cdr" / "a.csv").write_text("".join(text[:-4]))
    for out, rows in (("one", None), ("two", text[:1] + text[-4:])):
        if rows:
            (source / "cdr" / "b.csv").write_text("".join(rows))
        told = run("scan", source, "-o", tmp_path / out, "--store", tmp_path / "store", "--memory", "1GiB")
        assert told.return_value == 0, told.exception
    return tmp_path / "store"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], standalone_mode=False)


def test_info_shows_each_night_and_the_sum(store):
    told = run("store", "info", store)
    nights = open_store(store).describe()
    assert told.return_value == 0
    lines = told.output.splitlines()
    for one in nights:
        (line,) = [line for line in lines if str(one.night) in line]
        assert line.split()[1:3] == [str(one.parts), str(one.rows)]
        assert line.split()[-1] == one.operators[-1]
    assert lines[-1].startswith(f"2 nights, {sum(one.parts for one in nights)} parts, 36 rows")
    assert run("store", "info", store, "--verify").output.count(" ok") == 2


def test_info_names_what_is_damaged(store):
    part = next(store.glob("night=2025-03-01/part-*"))
    part.write_bytes(part.read_bytes()[:-5])
    told = run("store", "info", store, "--verify")
    assert isinstance(told.exception, DamagedError)
    assert told.exception.exit_code == 8
    assert f"night=2025-03-01/{part.name}" in str(told.exception)


def test_a_scan_names_the_damaged_part(store, drawn_source, tmp_path):
    part = next(store.glob("night=2025-03-01/part-*"))
    part.write_bytes(part.read_bytes()[:-5])
    told = run("scan", tmp_path / "source", "-o", tmp_path / "three", "--store", store)
    assert isinstance(told.exception, DamagedError | InputError)
    assert told.exception.exit_code == 8
    assert part.name in str(told.exception)


def test_compact_merges_parts_and_keeps_rows(store):
    before = open_store(store).read(open_store(store).nights())
    parts = sum(one.parts for one in open_store(store).describe())
    assert parts > 2
    assert "2 nights have one part each" in run("store", "compact", store, "--memory", "1GiB").output
    assert [one.parts for one in open_store(store).describe()] == [1, 1]
    assert open_store(store).read(open_store(store).nights()).equals(before)
    assert "merged 0 parts of 0 nights" in run("store", "compact", store, "--night", "2025-03-02").output


def test_compact_drops_nights_past_retention(store):
    assert "dropped 1 nights up to 2025-03-01" in run("store", "compact", store, "--retain-nights", "1").output
    assert open_store(store).nights() == [date(2025, 3, 2)]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [(["--night", "2024-01-01"], InputError), (["--memory", "little"], UsageError)],
)
def test_compact_says_what_it_cannot_do(store, arguments, kind):
    assert isinstance(run("store", "compact", store, *arguments).exception, kind)


def test_neither_compaction_nor_a_scan_meets_another_run(store, tmp_path):
    with open_store(store).locked():
        for arguments in (
            ["store", "compact", store],
            ["scan", tmp_path / "source", "-o", tmp_path / "three", "--store", store],
        ):
            told = run(*arguments)
            assert isinstance(told.exception, LockedError)
            assert told.exception.exit_code == 7
    assert not (tmp_path / "three").exists()


def test_a_folder_that_is_no_store(tmp_path):
    assert isinstance(run("store", "info", tmp_path).exception, InputError)
