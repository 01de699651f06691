"""A writer holds little, shows nothing before all of it is there, and loses nothing when it dies."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from simbox.errors import LockedError
from simbox.store import Memory, open_store
from simbox.store.runs import Pile
from simbox.tables.cdrs import FILES

ROOT = Path(__file__).resolve().parents[2]
NIGHT, NEXT = date(2025, 3, 1), date(2025, 3, 2)

# Adds a second batch over two nights and a new third night to the store, and stops at the named step for good.
WRITE_AND_STOP = """
import sys, time
from pathlib import Path
import polars as pl
from simbox.store import Memory, night_manifest, open_store, writer

folder, step = Path(sys.argv[1]), sys.argv[2]
count = {}

class Small(Memory):
    rows_held = rows_merged = 100

def stop(name):
    count[name] = count.get(name, 0) + 1
    if f"{name}-{count[name]}" == step:
        (folder.parent / "stopped").touch()
        time.sleep(600)

def before(module, name):
    real = getattr(module, name)
    def stopping(*given, **named):
        stop(name)
        return real(*given, **named)
    setattr(module, name, stopping)

for name in ("write_run", "write_part", "prepare_ledger", "commit", "sweep"):
    before(writer, name)
for name in ("carry_out", "_write"):  # called by commit
    before(night_manifest, name)
store = open_store(folder, memory=Small(1 << 30))
with store.write() as one:
    for path in sorted((folder.parent / "batch").glob("*.parquet")):
        one.add(pl.read_parquet(path))
    files = pl.read_parquet(folder.parent / "files.parquet")
    one.commit(files)
stop("end")
"""
STEPS = [
    "sweep-1", "write_run-1", "write_run-3", "write_part-1", "write_part-3", "prepare_ledger-1", "commit-1",
    "_write-1", "carry_out-1", "_write-2", "_write-3", "_write-4", "sweep-2", "end-1",
]  # fmt: skip
# From the journal's rename on, the new records are there.
COUNTED_FROM = STEPS.index("carry_out-1")


@pytest.fixture
def held(tmp_path, make_cdrs):
    """A store of two nights, and beside it a batch for three and the file they come from."""
    store = open_store(tmp_path / "store", create=True)
    for night in (NIGHT, NEXT):
        store.add(night, make_cdrs(200, night=night, first_record=10_000 * night.day))
    (tmp_path / "batch").mkdir()
    for number in range(6):
        night = date(2025, 3, 1 + number % 3)
        rows = make_cdrs(60, night=night, seed=20 + number, first_record=100_000 + 1000 * number)
        rows.write_parquet(tmp_path / "batch" / f"{number}.parquet")
    counts = {name: 0 for name, dtype in FILES.schema.items() if dtype == pl.Int64}
    row = {"file": "cdr/b.csv", "sha256": "bb", "file_number": 2, "format": "csv", "columns_sha256": "cc"}
    pl.DataFrame([counts | row | {"bytes": 10, "rows_in": 360, "rows_kept": 360}], schema=FILES.schema).write_parquet(
        tmp_path / "files.parquet"
    )
    return store


def everything(store):
    return store.nights(), store.read(store.nights()).sort("record_id"), store.files()["file"].to_list()


def add_batch(store):
    with store.write() as writer:
        for path in sorted((store.path.parent / "batch").glob("*.parquet")):
            writer.add(pl.read_parquet(path))
        writer.commit(pl.read_parquet(store.path.parent / "files.parquet"))


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_shows_all_or_nothing_and_can_be_done_again(held, tmp_path, step):
    before = everything(held)
    command = [sys.executable, "-c", WRITE_AND_STOP, str(held.path), step]
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    while not (tmp_path / "stopped").exists() and child.poll() is None:
        time.sleep(0.01)
    assert child.poll() is None, child.stderr.read().decode()
    if step != "end-1":
        with pytest.raises(LockedError, match="another run holds the lock"):
            add_batch(held)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()

    nights, records, files = everything(open_store(held.path))
    if STEPS.index(step) < COUNTED_FROM:
        assert nights == before[0]
        assert records.equals(before[1])
        assert files == []
    else:
        assert nights == [NIGHT, NEXT, date(2025, 3, 3)]
        assert records.height == before[1].height + 360
        assert files == ["cdr/b.csv"]

    add_batch(open_store(held.path))
    nights, again, files = everything(held)
    assert again.height == before[1].height + 360
    assert again["record_id"].is_unique().all()
    assert files == ["cdr/b.csv"]
    named = {part.name for part in held.path.glob("night=*/*")} - {"manifest.json"}
    assert len(named) == 5
    assert {path.name for path in held.path.iterdir()} == {".lock", "files.parquet"} | {f"night={n}" for n in nights}


def small_memory(rows):
    class Small(Memory):
        rows_held = rows
        rows_merged = rows

    return Small(1 << 30)


@pytest.mark.parametrize("rows", [1, 37, 250, 10_000])
def test_what_is_put_on_disk_on_the_way_changes_no_byte(tmp_path, make_cdrs, rows):
    cdrs = pl.concat([make_cdrs(500, night=night, first_record=1000 * night.day) for night in (NIGHT, NEXT)])
    contents = []
    for name, memory in (("one", None), ("other", small_memory(rows))):
        store = open_store(tmp_path / name, create=True, memory=memory)
        with store.write() as writer:
            for block in cdrs.sample(fraction=1, shuffle=True, seed=rows).iter_slices(90):
                writer.add(block)
            taken = pl.concat(writer.frames(["record_id", "operator"]))
            writer.commit()
        assert taken["record_id"].sort().to_list() == cdrs["record_id"].sort().to_list()
        contents.append({path.name: path.read_bytes() for path in store.path.rglob("*") if path.is_file()})
    assert contents[0] == contents[1]


def test_without_a_commit_nothing_is_there(tmp_path, make_cdrs):
    with open_store(tmp_path / "deep" / "store", create=True).write() as writer:
        writer.add(make_cdrs(10))
    assert list(tmp_path.iterdir()) == []


def test_a_night_can_be_replaced(held, make_cdrs):
    other = make_cdrs(70, night=NEXT, seed=9, first_record=90_000)
    first = held.read([NIGHT])
    held.add(NEXT, other, replace=True)
    assert held.read([NEXT]).sort("record_id").equals(other)
    assert held.read([NIGHT]).equals(first)
    assert len(list(held.path.glob(f"night={NEXT}/part-*"))) == 1


def test_rows_that_vanish_are_seen(held, make_cdrs, monkeypatch):
    monkeypatch.setattr("simbox.store.writer.sort_records", lambda rows: rows[1:])
    with pytest.raises(AssertionError, match="70 records of 2025-03-02 were taken and 69 written"):
        held.add(NEXT, make_cdrs(70, night=NEXT, seed=9, first_record=90_000))


def test_two_writers_do_not_meet_and_nobody_keeps_the_lock(held, make_cdrs):
    with held.write(), pytest.raises(LockedError) as caught:
        open_store(held.path).add(NIGHT, make_cdrs(5, first_record=70_000))
    assert caught.value.exit_code == 7
    open_store(held.path).add(NIGHT, make_cdrs(5, first_record=70_000))
    assert held.rows([NIGHT]) == 205


def test_a_whole_run_can_keep_the_lock(held, make_cdrs):
    with held.locked():
        held.add(NIGHT, make_cdrs(5, first_record=70_000))
        with held.locked(), pytest.raises(LockedError):
            open_store(held.path).write().__enter__()
        with pytest.raises(LockedError):
            open_store(held.path).write().__enter__()
    with open_store(held.path).locked():
        assert held.rows([NIGHT]) == 205


def test_a_pile_gives_back_what_was_put_on_it(tmp_path, make_cdrs):
    rows = make_cdrs(100)
    pile = Pile(tmp_path / "aside", 30)
    for block in rows.iter_slices(11):
        pile.add(block)
    assert pile.rows == 100
    assert len(list(tmp_path.iterdir())) == 3
    for _ in range(2):
        assert pl.concat(pile).equals(rows)
