"""Records go into the store by night and come out by SIM and time, whatever way they went in."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simbox.errors import InputError
from simbox.store import open_store
from simbox.store.night_manifest import read_manifest
from simbox.tables.cdrs import CDRS, FILES, SENDERS, STORE_ORDER
from simbox.telecom.identifiers import BUCKETS, bucket

NIGHT, NEXT = date(2025, 3, 1), date(2025, 3, 2)


def in_order(cdrs):
    buckets = pl.Series("bucket", bucket(cdrs["imsi"].to_numpy()))
    return cdrs.with_columns(buckets).sort("bucket", *STORE_ORDER).drop("bucket")


def test_what_went_in_comes_out_in_order(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    cdrs = make_cdrs(2000)
    store.add(NIGHT, cdrs)
    assert store.nights() == [NIGHT]
    assert store.rows([NIGHT]) == 2000
    assert store.rows([NEXT]) == 0
    read = store.read([NIGHT])
    assert read.equals(in_order(cdrs))
    assert read.n_chunks() == 1


def test_nights_and_late_parts_are_merged(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    early = make_cdrs(500)
    late = make_cdrs(100, seed=2, first_record=10_000, operators=("alpha", "zeta"))
    other = make_cdrs(300, night=NEXT, seed=3, first_record=20_000)
    for night, cdrs in ((NEXT, other), (NIGHT, early), (NIGHT, late)):
        store.add(night, cdrs)
    assert store.nights() == [NIGHT, NEXT]
    read = store.read([NEXT, NIGHT])
    assert read.schema["operator"] == pl.Enum(["alpha", "beta", "zeta"])
    union = pl.concat(
        one.with_columns(pl.col("operator").cast(read.schema["operator"])) for one in (early, late, other)
    )
    assert read.equals(in_order(union))
    assert store.rows([NIGHT]) == 600


@pytest.mark.parametrize("some", [[], [3], [0, 7, 8, 49], range(0, 50, 2), [999]])
def test_sims_that_are_asked_for_come_alone_and_in_the_same_order(tmp_path, make_cdrs, some):
    store = open_store(tmp_path / "store", create=True)
    store.add(NIGHT, make_cdrs(500))
    store.add(NEXT, make_cdrs(300, night=NEXT, seed=3, first_record=20_000))
    among = pl.Series("imsi", [401_770_000_000_000 + sim for sim in some], dtype=pl.Int64)
    found = list(store.stream([NIGHT, NEXT], rows=64, among=among.reverse()))
    expected = store.read([NIGHT, NEXT]).filter(pl.col("imsi").is_in(among.implode()))
    assert pl.concat([expected.clear(), *found]).equals(expected)
    others = list(store.stream([NIGHT, NEXT], rows=64, without=among))
    rest = store.read([NIGHT, NEXT]).filter(~pl.col("imsi").is_in(among.implode()))
    assert pl.concat([rest.clear(), *others]).equals(rest)


@pytest.mark.parametrize("columns", [("imsi", "operator"), ("night", "started_at", "cell", "record_id")])
def test_one_sim_is_read_night_by_night(tmp_path, make_cdrs, columns):
    store = open_store(tmp_path / "store", create=True)
    store.add(NIGHT, make_cdrs(500))
    store.add(NIGHT, make_cdrs(200, seed=2, first_record=10_000, operators=("alpha", "zeta")))
    store.add(NEXT, make_cdrs(300, night=NEXT, seed=3, first_record=20_000))
    for imsi in (401_770_000_000_003, 401_770_000_000_044):
        expected = [store.read([night]).filter(pl.col("imsi") == imsi) for night in (NIGHT, NEXT)]
        enum = store.read([NIGHT, NEXT]).schema["operator"]
        whole = pl.concat(frame.with_columns(pl.col("operator").cast(enum)) for frame in expected)
        assert pl.concat(store.stream_sim([NEXT, NIGHT], imsi, columns)).equals(whole.select(columns))
    assert not list(store.stream_sim([NIGHT, NEXT], 401_770_000_000_999, columns))


@pytest.mark.parametrize("buckets", [(0, BUCKETS), (0, 1000), (1000, 1001), (2000, BUCKETS), (5, 5)])
def test_a_range_of_buckets_is_read_alone(tmp_path, make_cdrs, buckets):
    store = open_store(tmp_path / "store", create=True)
    cdrs = make_cdrs(3000, sims=900)
    store.add(NIGHT, cdrs)
    found = bucket(cdrs["imsi"].to_numpy())
    expected = in_order(cdrs.filter(pl.Series((found >= buckets[0]) & (found < buckets[1]))))
    assert store.read([NIGHT], buckets).equals(expected)
    assert store.read([NIGHT], buckets, ["cell", "imsi"]).equals(expected.select("cell", "imsi"))


@pytest.mark.parametrize("rows_per_part", [1, 100, 1000, 10**9])
def test_ranges_cover_all_buckets_once(tmp_path, make_cdrs, rows_per_part):
    store = open_store(tmp_path / "store", create=True)
    store.add(NIGHT, make_cdrs(3000, sims=900))
    ranges = store.bucket_ranges([NIGHT], rows_per_part)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == BUCKETS
    assert all(
        before[1] == after[0] and before[0] < before[1] for before, after in zip(ranges, ranges[1:], strict=False)
    )
    read = [store.read([NIGHT], buckets).height for buckets in ranges[:50]]
    assert len(ranges) > 50 or sum(read) == 3000
    if rows_per_part >= 1000:
        assert max(read) < 1.2 * max(rows_per_part, 3000 / len(ranges))


def test_ranges_of_a_single_part_are_whole_row_groups(tmp_path, make_cdrs, monkeypatch):
    monkeypatch.setattr("simbox.store.parts.ROW_GROUP_ROWS", 300)
    store = open_store(tmp_path / "store", create=True)
    store.add(NIGHT, make_cdrs(3000, sims=900))
    [part] = read_manifest(store.path, NIGHT).parts
    assert len(part.groups) > 5
    for rows_per_part in (1, 300, 1000):
        ranges = store.bucket_ranges([NIGHT], rows_per_part)
        assert {first for first, _ in ranges[1:]} <= {group.first_bucket for group in part.groups}
    assert len(store.bucket_ranges([NIGHT], 1)) == len({group.first_bucket for group in part.groups})


def test_ranges_of_several_parts_have_as_many_rows_of_each(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    for seed in range(3):
        store.add(NIGHT, make_cdrs(3000, sims=900, seed=seed))
    ranges = store.bucket_ranges([NIGHT], 1000)
    assert len(ranges) == 3
    assert max(store.read([NIGHT], buckets).height for buckets in ranges) < 1.2 * 3000


def test_an_empty_store_has_one_range_and_no_rows(tmp_path):
    store = open_store(tmp_path / "store", create=True)
    assert store.bucket_ranges([], 1000) == [(0, BUCKETS)]
    assert store.read([NIGHT]).equals(CDRS.empty())
    assert not (tmp_path / "store").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_a_byte(tmp_path_factory, make_cdrs, random):
    order = list(range(300))
    random.shuffle(order)
    cdrs = make_cdrs(300)
    contents = []
    for rows in (cdrs, cdrs[order]):
        store = open_store(tmp_path_factory.mktemp("store"), create=True)
        store.add(NIGHT, rows)
        contents.append({path.name: path.read_bytes() for path in store.path.rglob("*") if path.is_file()})
    assert contents[0] == contents[1]


def test_the_same_records_twice_change_nothing(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    for _ in range(2):
        store.add(NIGHT, make_cdrs(100))
    assert store.rows([NIGHT]) == 100


def test_records_of_another_night_are_refused(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    with pytest.raises(ValueError, match="another"):
        store.add(NEXT, make_cdrs(10))
    assert not (tmp_path / "store").exists()


def test_the_ledger_keeps_what_was_entered_first(tmp_path):
    store = open_store(tmp_path / "store", create=True)
    at = datetime(2025, 3, 1, tzinfo=UTC)
    counts = {name: 0 for name, dtype in FILES.schema.items() if dtype == pl.Int64}
    words = {"file": "cdr/a.csv", "sha256": "aa", "format": "csv", "columns_sha256": "bb"}
    row = {"first_at": at, "last_at": at} | counts | words | {"file_number": 1}
    files = pl.DataFrame([row], schema=FILES.schema)
    senders = pl.DataFrame({"other_party": [(1 << 61) + 1], "sender": ["BANK"]}, schema=SENDERS.schema)
    again = files.with_columns(file_number=pl.lit(2, dtype=pl.Int64), sha256=pl.lit("bb"))
    for added in (files, pl.concat([again, files])):
        with store.write() as writer:
            writer.commit(added, senders)
    reopened = open_store(tmp_path / "store")
    assert reopened.files()["sha256"].to_list() == ["aa", "bb"]
    assert reopened.senders().equals(senders)


def test_a_folder_that_is_no_store_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not a store"):
        open_store(tmp_path, create=True)
    with pytest.raises(InputError, match="no store"):
        open_store(tmp_path / "empty")
    with pytest.raises(InputError, match="a file"):
        open_store(tmp_path / "letter.txt", create=True)


def test_the_records_of_some_sims_are_read_alone(tmp_path, make_cdrs):
    store = open_store(tmp_path / "store", create=True)
    store.add(NEXT, make_cdrs(700, night=NEXT, seed=3, first_record=20_000, sims=90))
    store.add(NIGHT, make_cdrs(900, sims=90))
    store.add(NIGHT, make_cdrs(300, seed=2, first_record=10_000, sims=90, operators=("alpha", "zeta")))
    nights = store.nights()
    everything = store.read(nights)
    some = everything["imsi"].unique().sort().gather_every(7)
    found = store.read_sims(nights, some.reverse())
    assert 0 < some.len() < everything["imsi"].n_unique()
    assert found.equals(everything.filter(pl.col("imsi").is_in(some.implode())))
    assert store.read_sims(nights, some, ["cell", "imsi"]).equals(found.select("cell", "imsi"))
    nobody = store.read_sims(nights, some.clear())
    assert nobody.is_empty()
    assert nobody.schema == everything.schema
