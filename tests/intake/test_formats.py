"""The same rows arrive the same from every format, and no line of a file is lost."""

import bz2
import gzip
import lzma
from threading import Event

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simbox.errors import InputError
from simbox.intake import delimited
from simbox.intake.blocks import LINE
from simbox.intake.columnar import read_columnar
from simbox.intake.delimited import read_delimited
from simbox.intake.normalise import COLUMNS
from simbox.intake.sources import identify, read_ahead

FORMATS = ("csv", "csv.gz", "csv.zst", "parquet")
HEADER = "operator,service,direction,started_at,imsi,other_party\n"
LINE_OF = "alpha,voice,mo,2025-03-01T12:00:00+05:00,401770000000001,{}\n"


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_gives_the_same_records(source, rows, encode, suffix):
    frame = rows(
        {}, {"service": "sms", "other_party": "BANK", "cell": None}, {"imsi": "401770000000002", "answered": "false"}
    )
    source.write(f"cdr/a.{suffix}", encode(frame, suffix))
    taken = source.take()
    assert taken.files.select("file", "format", "rows_in", "rows_kept", "rows_rejected").rows() == [
        (f"cdr/a.{suffix}", "parquet" if suffix == "parquet" else suffix, 3, 3, 0)
    ]
    first = source.cdrs().row(0, named=True)
    assert first["imsi"] == 401_770_000_000_001
    assert first["imei"] == 35_678_901_234_567
    assert first["duration_s"] == 60
    assert first["utc_offset_min"] == 300
    assert str(first["started_at"]) == "2025-03-01 07:00:00+00:00"
    assert (first["record_id"] >> 32, first["record_id"] & 0xFFFFFFFF) == (1, 1 if suffix == "parquet" else 2)
    assert source.cdrs()["duration_s"].to_list() == [60, 0, 0]
    assert taken.senders["sender"].to_list() == ["BANK"]


def test_the_format_is_told_by_bytes_and_not_by_name(source, rows, encode):
    for number, suffix in enumerate(FORMATS):
        source.write(f"cdr/{number}.dat", encode(rows({"duration_s": str(number)}), suffix))
    taken = source.take()
    assert taken.files["format"].to_list() == list(FORMATS)


def test_operators_and_nights_are_mixed_in_a_file(source, rows, encode):
    changes = [
        {"operator": "alpha", "started_at": "2025-03-01T23:59:59+05:00"},
        {"operator": "beta", "started_at": "2025-03-02T00:00:00+05:00"},
        {"operator": "beta", "started_at": "2025-03-01T19:00:00Z"},
    ]
    source.write("cdr/deep/er/a.csv", encode(rows(*changes), "csv"))
    source.take()
    assert [str(night) for night in source.cdrs()["night"]] == ["2025-03-01", "2025-03-02", "2025-03-02"]
    assert source.cdrs()["operator"].cast(pl.String).to_list() == ["alpha", "beta", "beta"]
    assert source.store.read([source.store.nights()[0]]).schema["operator"] == pl.Enum(["alpha"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\N{BYTE ORDER MARK}" + text,
        lambda text: text.removesuffix("\n"),
        lambda text: text + "\0" * 5000,
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("alpha", '"alpha"').replace("voice", '"voice"'),
        lambda text: text + " \n\t\n",
    ],
    ids=["crlf", "cr", "blank", "bom", "no_end", "nuls", "semicolon", "tab", "spaces", "quotes", "blanks_at_end"],
)
def test_dialects_of_text_are_read(source, change):
    text = HEADER + LINE_OF.format("77020000001") + LINE_OF.format("77020000002")
    source.write("cdr/a.csv", change(text))
    taken = source.take()
    assert taken.rejects.is_empty()
    assert source.cdrs()["other_party"].to_list() == [77_020_000_001, 77_020_000_002]


def test_several_members_of_gzip_are_one_file(source):
    parts = [HEADER, LINE_OF.format("77020000001"), LINE_OF.format("77020000002")]
    source.write("cdr/a.csv.gz", b"".join(gzip.compress(part.encode()) for part in parts))
    assert source.take().files["rows_kept"].to_list() == [2]


def test_ragged_lines_are_rejected_one_by_one(source):
    good = LINE_OF.format("77020000001")
    broken = [
        (b"alpha,voice,mo\n", "field_count"),
        (good.replace("\n", ",more\n").encode(), "field_count"),
        (good.replace("alpha", '"alpha').encode(), "quotes"),
        (good.encode().replace(b"alpha", b"\xe0lpha"), "not_utf8"),
        (b"alpha,voice,mo,2025-03-01T12:00:00+05:00,4017700", "field_count"),
    ]
    source.write("cdr/a.csv", HEADER.encode() + good.encode() + good.encode().join(line for line, _ in broken))
    taken = source.take()
    assert taken.rejects.select("line", "rule").rows() == [(3 + 2 * n, rule) for n, (_, rule) in enumerate(broken)]
    assert taken.files.select("rows_in", "rows_kept", "rows_rejected").rows() == [(10, 5, 5)]
    assert [record & 0xFFFFFFFF for record in source.cdrs()["record_id"]] == [2, 4, 6, 8, 10]


def test_a_short_and_a_long_line_do_not_make_up_for_each_other(source):
    good = LINE_OF.format("77020000001")
    source.write("cdr/a.csv", HEADER + good + "alpha,voice\n" + good.replace("\n", ",a,b,c,d\n"))
    assert source.take().rejects["line"].to_list() == [3, 4]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    lines=st.lists(
        st.one_of(
            st.just("a,b,c"),
            st.lists(st.sampled_from(["1", "", " ", '"', '"x,y"', '"', "é", "\r", "\0"]), max_size=5).map(",".join),
        ),
        max_size=30,
    ),
    piece_bytes=st.integers(1, 60),
    end=st.sampled_from(["", "\n"]),
)
def test_every_line_is_a_row_or_blank_or_misshapen_however_the_file_is_cut(tmp_path_factory, lines, piece_bytes, end):
    path = tmp_path_factory.mktemp("lines") / "a.csv"
    path.write_bytes(("x,y,z\n" + "\n".join(lines) + end).encode())
    blocks = list(read_delimited(identify(path, "a.csv"), piece_bytes))
    seen = [line for block in blocks for line in block.frame[LINE]]
    seen += [line for block in blocks for line, _ in block.misshapen]
    blank = [n for n, line in enumerate(lines, start=2) if not line.strip(" \t\r\0")]
    assert sorted(seen + blank) == list(range(2, len(lines) + 2))
    whole = list(read_delimited(identify(path, "a.csv"), 1 << 20))
    one, other = (pl.concat([block.frame for block in read]) for read in (blocks, whole))
    assert one.sort(LINE).equals(other.sort(LINE))


def test_small_pieces_are_tried_before_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "SMALL_PIECE_BYTES", 100)
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "1,2\n" * 100 + "3\n" + "1,2\n" * 100)
    blocks = list(read_delimited(identify(path, "a.csv")))
    assert blocks[1].frame.height == 200
    assert blocks[1].misshapen == [(102, "field_count")]
    assert blocks[1].frame[LINE].to_list() == [*range(2, 102), *range(103, 203)]


def test_integers_in_parquet_are_identifiers(source, rows, encode):
    names = ["imsi", "msisdn", "imei", "other_party", "duration_s"]
    numbers = rows({}, {"imei": "015678901234565", "imsi": "001010000000001"}).with_columns(
        pl.col(names).cast(pl.Int64)
    )
    source.write("cdr/a.parquet", encode(numbers.with_columns(answered=pl.lit(True)), "parquet"))
    assert source.take().rejects.is_empty()
    read = source.cdrs()
    assert read["imsi"].to_list() == [401_770_000_000_001, 1_010_000_000_001]
    assert read["imei"].to_list() == [35_678_901_234_567, 1_567_890_123_456]
    assert read["other_party"].to_list() == [77_020_000_002] * 2


def test_the_width_of_integer_imeis_is_that_of_the_largest(source, rows, encode):
    frame = rows({"imei": "3567890123456701"}, {"imei": "0152000012345601"}).with_columns(pl.col("imei").cast(pl.Int64))
    source.write("cdr/a.parquet", encode(frame, "parquet"))
    source.take()
    assert source.cdrs()["imei"].to_list() == [35_678_901_234_567, 1_520_000_123_456]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Almaty", "+05:00"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps_of_any_unit_and_zone_are_read(source, rows, tmp_path, zone, unit):
    at = pl.Series(["2025-03-01T20:00:00"]).str.to_datetime(time_unit=unit, time_zone="UTC")
    table = rows().drop("started_at").to_arrow()
    table = table.append_column("started_at", pa.array(at.to_physical().to_numpy(), pa.timestamp(unit, tz=zone)))
    pa.parquet.write_table(table, source.path / "cdr" / "a.parquet")
    source.take()
    assert str(source.cdrs()["started_at"][0]) == "2025-03-01 20:00:00+00:00"
    assert source.cdrs()["utc_offset_min"].to_list() == [300]
    assert str(source.cdrs()["night"][0]) == "2025-03-02"


def test_parquet_is_read_in_batches_of_row_groups(source, rows):
    path = source.path / "cdr" / "a.parquet"
    rows(*({} for _ in range(100))).write_parquet(path, row_group_size=10)
    blocks = list(read_columnar(identify(path, "a"), COLUMNS, batch_rows=25))
    assert [block.frame.height for block in blocks] == [0, 30, 30, 30, 10]
    assert [line for block in blocks for line in block.frame[LINE]] == list(range(1, 101))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bz2.compress(HEADER.encode())[:-4], "bzip2 data is truncated"),
        (lzma.compress(HEADER.encode())[:-4], "xz data is truncated"),
        (b"PK\x03\x04rest", "zip"),
        (HEADER.encode("utf-16")[:-1], "UTF-16"),
        (b"\0" * 100, "binary"),
        (b"\xe0,\xe1\n", "not UTF-8"),
        (b"\n\n", "no header"),
        (b"a,b,a\n1,2,3\n", "twice: a"),
        (b"PAR1PAR1", "Parquet data is truncated or damaged"),
        (b"77010000001,77010000002\n", "column operator is missing"),
    ],
)
def test_what_can_not_be_read_is_refused_with_the_reason(source, content, reason):
    source.write("cdr/a.csv", content)
    with pytest.raises(InputError, match=reason) as caught:
        source.take()
    assert caught.value.exit_code == 5
    assert "77010000001" not in str(caught.value)


def test_nobody_waits_for_what_was_read_ahead_and_given_up():
    go_on, was_awaited = Event(), Event()

    def slow():
        yield "first"
        if not go_on.wait(20):
            was_awaited.set()
        yield "second"

    ahead = read_ahead(slow())
    assert next(ahead) == "first"
    ahead.close()
    go_on.set()
    assert not was_awaited.is_set()
