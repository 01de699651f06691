"""Nights described, merged to one part each, and dropped."""

from datetime import date, timedelta

import pytest

from simbox.errors import DamagedError
from simbox.store import open_store

FIRST = date(2025, 3, 1)


@pytest.fixture
def store(tmp_path, make_cdrs):
    """Five nights of a part, the second with two more that came late."""
    store = open_store(tmp_path / "store", create=True)
    for number in range(5):
        store.add(
            FIRST + timedelta(number), make_cdrs(100, night=FIRST + timedelta(number), first_record=1000 * number)
        )
    for late in (7, 8):
        rows = make_cdrs(30, night=FIRST + timedelta(1), seed=late, first_record=1000 * late, operators=("zeta",))
        store.add(FIRST + timedelta(1), rows)
    return store


def files(store):
    return {path.relative_to(store.path).as_posix(): path.read_bytes() for path in store.path.rglob("*.*")}


def test_nights_are_described(store):
    nights = store.describe(verify=True)
    assert [one.parts for one in nights] == [1, 3, 1, 1, 1]
    assert [one.rows for one in nights] == [100, 160, 100, 100, 100]
    assert nights[1].operators == ["alpha", "beta", "zeta"]
    assert not any(one.damages for one in nights)
    sizes = [path.stat().st_size for path in store.path.glob("night=*/part-*")]
    assert sum(one.bytes for one in nights) == sum(sizes)


def test_damage_is_told_for_every_part(store):
    for number in (0, 2):
        (part,) = store.path.glob(f"night={FIRST + timedelta(number)}/part-*")
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
    (part,) = store.path.glob(f"night={FIRST + timedelta(3)}/part-*")
    part.unlink()
    damages = [one.damages for one in store.describe(verify=True)]
    assert [len(one) for one in damages] == [1, 0, 1, 1, 0]
    assert damages[3] == [f"night={FIRST + timedelta(3)}/{part.name} is missing"]


def test_compaction_keeps_the_records_and_leaves_one_part(store):
    before = store.read(store.nights())
    assert store.compact() == {FIRST + timedelta(n): 3 if n == 1 else 1 for n in range(5)}
    assert open_store(store.path).read(store.nights()).equals(before)
    assert len(list(store.path.glob("night=*/part-*"))) == 5
    once = files(store)
    store.compact()
    assert files(store) == once


def test_a_compacted_night_is_the_same_as_one_written_at_once(store, tmp_path):
    night = FIRST + timedelta(1)
    other = open_store(tmp_path / "other", create=True)
    other.add(night, store.read([night]).sample(fraction=1, shuffle=True, seed=1))
    assert store.compact([night]) == {night: 3}
    (part,), (expected,) = (folder.glob(f"night={night}/part-*") for folder in (store.path, other.path))
    assert part.name == expected.name
    assert part.read_bytes() == expected.read_bytes()


def test_a_damaged_part_is_not_merged(store):
    part = sorted(store.path.glob(f"night={FIRST + timedelta(1)}/part-*"))[0]
    part.write_bytes(part.read_bytes()[:-9])
    before = files(store)
    with pytest.raises(DamagedError, match=part.name):
        store.compact()
    assert files(store) == before


@pytest.mark.parametrize(("days", "gone"), [(1, 4), (2, 3), (5, 0), (99, 0)])
def test_nights_past_retention_go(store, days, gone):
    kept = store.nights()[gone:]
    assert store.retain(days) == [FIRST + timedelta(n) for n in range(gone)]
    assert store.nights() == kept
    assert sorted(path.name for path in store.path.glob("night=*")) == [f"night={night}" for night in kept]
