"""Parts on disk: sorted, cut on bucket borders, named by their bytes, counted by their manifest only."""

import os
from datetime import date

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from simbox.errors import DamagedError
from simbox.store import Memory, open_store, parts
from simbox.tables.cdrs import STORE_ORDER
from simbox.telecom.identifiers import bucket

NIGHT = date(2025, 3, 1)


@pytest.fixture
def store(tmp_path, make_cdrs, monkeypatch):
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 400)
    store = open_store(tmp_path / "store", create=True)
    store.add(NIGHT, make_cdrs(2000, sims=300))
    return store


def only_part(store):
    (part,) = (store.path / f"night={NIGHT}").glob("part-*.parquet")
    return part


def test_rows_lie_by_bucket_and_sim(store):
    rows = pl.read_parquet(only_part(store))
    buckets = pl.Series("bucket", bucket(rows["imsi"].to_numpy()))
    ordered = rows.with_columns(buckets).sort("bucket", *STORE_ORDER).drop("bucket")
    assert rows.equals(ordered)


def test_row_groups_end_on_bucket_borders(store):
    with pq.ParquetFile(only_part(store)) as file:
        groups = [file.read_row_group(n, ["imsi"])["imsi"].to_numpy() for n in range(file.metadata.num_row_groups)]
    assert len(groups) > 3
    assert all(len(group) >= 400 for group in groups[:-1])
    for before, after in zip(groups, groups[1:], strict=False):
        assert bucket(before)[-1] < bucket(after)[0]


def test_a_part_is_named_by_its_bytes_and_closed_to_others(store):
    path = only_part(store)
    assert path.name == f"part-{parts.file_sha256(path)[:16]}.parquet"
    assert all(one.stat().st_mode & 0o077 == 0 for one in path.parent.iterdir())


def test_only_what_the_manifest_names_counts(store, make_cdrs):
    stray = only_part(store).with_name("part-0000000000000000.parquet")
    stray.write_bytes(b"not even Parquet")
    assert store.read([NIGHT]).height == 2000


def test_a_failure_before_the_rename_leaves_the_night_as_it_was(store, make_cdrs, monkeypatch):
    before = store.read([NIGHT])

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        store.add(NIGHT, make_cdrs(100, seed=9, first_record=5000))
    assert store.read([NIGHT]).equals(before)
    assert not [path for path in store.path.rglob(".*") if path.name != ".lock"]


@pytest.mark.parametrize("holds", [True, False])
def test_row_groups_or_blocks_of_rows_say_the_same(store, monkeypatch, holds):
    everything = store.read([NIGHT])
    monkeypatch.setattr(Memory, "holds_row_groups", lambda memory, parts: holds)
    assert store.read([NIGHT]).equals(everything)
    found = bucket(everything["imsi"].to_numpy())
    first, last = np.sort(found)[[300, -300]].tolist()
    assert store.read([NIGHT], (first, last)).equals(everything.filter(pl.Series((found >= first) & (found < last))))


def test_row_groups_outside_the_buckets_are_not_looked_at(store, monkeypatch):
    asked = []
    row_groups_of = parts._row_groups_of

    def spy(path, part, wanted, columns):
        asked.append(wanted)
        return row_groups_of(path, part, wanted, columns)

    monkeypatch.setattr(parts, "_row_groups_of", spy)
    first = int(np.sort(bucket(store.read([NIGHT])["imsi"].to_numpy()))[0])
    store.read([NIGHT], (first, first + 1))
    assert asked == [[0, 1, 2, 3, 4], [0]]


def test_row_groups_outside_the_buckets_are_not_read(store, monkeypatch):
    monkeypatch.setattr(Memory, "holds_row_groups", lambda memory, parts: False)
    asked = []
    iter_batches = pq.ParquetFile.iter_batches

    def spy(file, rows, groups, columns):
        asked.append(groups)
        return iter_batches(file, rows, groups, columns)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    first = int(np.sort(bucket(store.read([NIGHT])["imsi"].to_numpy()))[0])
    store.read([NIGHT], (first, first + 1))
    assert asked == [[0, 1, 2, 3, 4], [0]]


def test_a_bucket_of_too_many_rows_is_cut(tmp_path, make_cdrs, monkeypatch):
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 400)
    store = open_store(tmp_path / "store", create=True)
    cdrs = make_cdrs(2300, sims=1)
    store.add(NIGHT, cdrs)
    with pq.ParquetFile(only_part(store)) as file:
        groups = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert groups == [800, 800, 700]
    assert store.read([NIGHT]).equals(cdrs.sort(STORE_ORDER))


@pytest.mark.parametrize("damage", ["flip", "shorten", "remove", "manifest", "manifest_night", "manifest_key"])
def test_a_damaged_store_is_named(store, damage):
    path = only_part(store)
    manifest = path.with_name("manifest.json")
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "shorten":
        path.write_bytes(content[:-10])
    elif damage == "remove":
        path.unlink()
    elif damage == "manifest":
        manifest.write_text("{")
    elif damage == "manifest_night":
        manifest.write_text(manifest.read_text().replace("2025-03-01", "2025-03-02"))
    else:
        manifest.write_text(manifest.read_text().replace("rows", "lines"))
    with pytest.raises(DamagedError) as caught:
        open_store(store.path).read([NIGHT])
    assert caught.value.exit_code == 8
    assert (path.name if "manifest" not in damage else "manifest.json") in str(caught.value)


def test_a_folder_that_is_no_night_is_named(store):
    path = store.path / "night=soon"
    path.mkdir()
    (path / "manifest.json").write_text("{}")
    with pytest.raises(DamagedError, match="night=soon"):
        store.nights()


@pytest.mark.parametrize("content", [b"", b"PAR1", "other"])
def test_a_damaged_ledger_is_named(store, content):
    path = store.path / "files.parquet"
    if content == "other":
        pl.DataFrame({"file": ["cdr/a.csv"]}).write_parquet(path)
    else:
        path.write_bytes(content)
    with pytest.raises(DamagedError, match=r"files\.parquet"):
        store.files()
