"""A source is taken whole or not at all, once, and without a word of whom it speaks."""

import gzip
import re

import polars as pl
import pytest

from simbox.config import Config
from simbox.errors import InputError
from simbox.intake import take_in
from simbox.intake.staging import Staging
from simbox.store import open_store
from simbox.tables.cdrs import FILES

IDENTIFIER = re.compile(r"[0-9]{10,}")


def damaged(source, rows, encode):
    """Five files that can't be read beside one that can."""
    source.write("cdr/good.csv", encode(rows({}), "csv"))
    source.write("cdr/truncated.csv.gz", encode(rows(*[{}] * 500), "csv.gz")[:-20])
    source.write("cdr/garbage.csv.gz", gzip.compress(b"operator,") + b"garbage")
    source.write("cdr/truncated.csv.zst", encode(rows(*[{}] * 500), "csv.zst")[:-5])
    source.write("cdr/columns.csv", encode(rows({}).drop("service", "imsi", "msisdn"), "csv"))
    source.write("cdr/types.parquet", encode(rows({}).with_columns(imsi=pl.lit(4.0177e14)), "parquet"))
    naive = pl.Series(["2025-03-01T12:00:00"]).str.to_datetime()
    source.write("cdr/zone.parquet", encode(rows({}).with_columns(started_at=naive), "parquet"))


def test_every_damaged_file_is_named_and_nothing_is_written(source, rows, encode):
    damaged(source, rows, encode)
    with pytest.raises(InputError) as caught:
        source.take()
    assert caught.value.exit_code == 5
    assert list(caught.value.problems) == [
        "cdr/columns.csv: column service is missing; column imsi or msisdn is missing",
        "cdr/garbage.csv.gz: the gzip data is truncated or damaged",
        "cdr/truncated.csv.gz: the gzip data is truncated or damaged",
        "cdr/truncated.csv.zst: the zstd data is truncated or damaged",
        "cdr/types.parquet: column imsi is Float64, not text or integer",
        "cdr/zone.parquet: column started_at is Datetime(time_unit='us', time_zone=None), "
        "not a timestamp with time zone, or text with an offset",
    ]
    assert not source.store.path.exists()


def test_a_failure_leaves_a_store_as_it_was(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({}), "csv"))
    source.take()
    before = {path: path.read_bytes() for path in source.store.path.rglob("*") if path.is_file()}
    damaged(source, rows, encode)
    with pytest.raises(InputError):
        source.take()
    assert {path: path.read_bytes() for path in source.store.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("folder", [True, False])
def test_a_source_without_cdr_files_is_refused(source, folder):
    if not folder:
        (source.path / "cdr").rmdir()
    with pytest.raises(InputError, match="no CDR files"):
        source.take()


def test_empty_and_hidden_files_are_passed_over(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({}), "csv"))
    source.write("cdr/b.csv", b"")
    source.write("cdr/c.csv", encode(rows({}).clear(), "csv"))
    source.write("cdr/.d.csv.partial", b"half")
    source.write("cdr/.tmp/e.csv", b"half")
    taken = source.take()
    assert taken.files.select("file", "rows_in").rows() == [("cdr/a.csv", 1), ("cdr/b.csv", 0), ("cdr/c.csv", 0)]
    assert sum("holds no rows" in warning for warning in taken.warnings) == 2


def test_a_file_under_two_names_is_taken_once(source, rows, encode):
    for name in ("cdr/a.csv", "cdr/b.csv"):
        source.write(name, encode(rows({}), "csv"))
    taken = source.take()
    assert taken.files["file"].to_list() == ["cdr/a.csv"]
    assert source.cdrs().height == 1
    assert any("cdr/b.csv is the same file as cdr/a.csv" in warning for warning in taken.warnings)


def test_a_file_taken_before_is_skipped_and_numbers_go_on(source, rows, encode):
    source.write("cdr/b.csv", encode(rows({}), "csv"))
    source.take()
    source.write("cdr/a.csv", encode(rows({"duration_s": "7", "other_party": "BANK"}), "csv"))
    taken = source.take()
    assert taken.files.select("file", "file_number", "rows_kept").rows() == [("cdr/a.csv", 2, 1), ("cdr/b.csv", 1, 1)]
    assert [record >> 32 for record in source.cdrs()["record_id"]] == [1, 2]
    before = {path: path.read_bytes() for path in source.store.path.rglob("*") if path.is_file()}
    again = source.take()
    assert again.files.equals(taken.files)
    assert again.senders["sender"].to_list() == ["BANK"]
    assert {path: path.read_bytes() for path in source.store.path.rglob("*") if path.is_file()} == before
    FILES.check(open_store(source.store.path).files().sort("file"))


def test_killed_before_anything_counts_the_next_intake_takes_all(source, rows, encode, monkeypatch):
    source.write("cdr/a.csv", encode(rows({}, {"started_at": "2025-03-02T12:00:00+05:00"}), "csv"))
    with monkeypatch.context() as patch:
        patch.setattr("simbox.store.writer.commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            source.take()
    source.take()
    assert source.store.rows(source.store.nights()) == 2


def test_rows_that_vanish_are_a_bug_that_is_seen(source, rows, encode, monkeypatch):
    source.write("cdr/a.csv", encode(rows({}, {}), "csv"))
    take = Staging._take
    monkeypatch.setattr(Staging, "_take", lambda self, cdrs: take(self, cdrs[1:]))
    with pytest.raises(AssertionError, match=r"cdr/a\.csv"):
        source.take()
    assert not source.store.path.exists()


def test_no_message_holds_an_identifier(source, rows, encode):
    odd = [{"imei": "35678901"}, {"cell": "x401770000000001"}, {"other_party": "*77010000001#"}, {"operator": "gamma"}]
    source.write("cdr/a.csv", encode(rows({}, *odd), "csv"))
    source.write("cdr/headless.csv", b"alpha,voice,mo,2025-03-01T12:00:00Z,401770000000001,77020000002\n")
    source.write(
        "subscribers.csv", "imsi,msisdn,operator,registration,activated_on\n4017700000,77010000001,alpha,x,y\n"
    )
    messages = []
    for fixed in ("subscribers.csv", "cdr/headless.csv"):
        with pytest.raises(InputError) as caught:
            source.take()
        messages.append(str(caught.value))
        (source.path / fixed).unlink()
    messages += source.take().warnings
    assert not IDENTIFIER.search("\n".join(messages))
    assert len(messages) > 5


def test_progress_is_told(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({}), "csv"))
    told = []
    take_in(source.path, source.store, Config(), lambda *step: told.append(step))
    size = (source.path / "cdr/a.csv").stat().st_size
    assert told == [("reading", 0, size), ("reading", size, size), ("storing", 1, 1)]
