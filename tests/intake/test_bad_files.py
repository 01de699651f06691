"""Files that arrive broken, packed or written oddly: cases 1 to 28, each with what has to come of it."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile

import polars as pl
import pyarrow as pa
import pytest
from dialects import COLUMNS, FILE, USUAL, Batch, text_of

from simbox.errors import FeedRefusedError, InputError
from simbox.intake import Allowances, sources, staging

GZ, ZST = FILE + ".gz", FILE + ".zst"
GOOD = "cdr/MSC02_20250301_000001.csv"
PACKS = {
    "gzip": gzip.compress,
    "zstd": lambda content: pa.compress(content, codec="zstd", asbytes=True),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.fixture
def batch(batch):
    """A batch with one good file, beside which the other stands."""
    batch.write(GOOD, text_of({"CALLED_NUM": "87020000009"}))
    return batch


def refused(batch, reason):
    """The batch is taken without the file, which is named with the reason and leaves no record."""
    taken = batch.take()
    entry = taken.files.filter(pl.col("refused").is_not_null()).to_dicts()
    assert len(entry) == 1, taken.refused
    assert reason in entry[0]["refused"]
    assert len(taken.refused) == 1
    assert entry[0]["file"] in taken.refused[0]
    assert taken.refused[0] in taken.warnings
    assert batch.cdrs()["other_party"].to_list() == [77_020_000_009]
    assert batch.store.files()["file"].to_list() == [GOOD]
    return taken


def accounted(taken, file=FILE):
    """FILES of one file, every line and row of which came to something."""
    entry = taken.files.filter(pl.col("file") == file).to_dicts()[0]
    lines = entry["header_lines"] + entry["trailer_lines"] + entry["blank_lines"] + entry["rows_in"]
    assert entry["lines"] == lines
    parts = ("rows_kept", "rows_rejected", "rows_skipped", "rows_merged", "rows_repeated")
    assert entry["rows_in"] == sum(entry[part] for part in parts)
    return entry


def rules(taken, file=FILE):
    return taken.rejects.filter(pl.col("file") == file).select("line", "rule", "field").rows()


def many(count=500):
    return [{"CALLED_NUM": f"8702000{n:04d}"} for n in range(count)]


def test_01_truncated_gzip(batch):
    batch.write(GZ, gzip.compress(text_of(*many()).encode())[:-200])
    refused(batch, "gzip data is truncated or damaged")


def test_02_gzip_without_its_last_eight_bytes(batch):
    batch.write(GZ, gzip.compress(text_of(*many()).encode())[:-8])
    refused(batch, "gzip data is truncated or damaged")


def test_03_gzip_with_a_wrong_checksum(batch):
    packed = bytearray(gzip.compress(text_of(*many()).encode()))
    packed[-6] ^= 0xFF
    batch.write(GZ, bytes(packed))
    refused(batch, "gzip data is truncated or damaged")


@pytest.mark.parametrize("tail", [b"\0" * 512, b"garbage"])
def test_04_gzip_with_padding_or_garbage_behind(batch, tail):
    batch.write(GZ, gzip.compress(text_of(*many()).encode()) + tail)
    refused(batch, "gzip data is truncated or damaged")


@pytest.mark.parametrize("tail", [b"\0" * 512, b"garbage", b"\x1f"])
@pytest.mark.parametrize("members", [1, 2])
def test_04_salvage_reads_what_is_whole_and_says_what_it_left(batch, tail, members):
    lines = text_of(*many()).encode().splitlines(keepends=True)
    parts = [b"".join(lines[:200]), b"".join(lines[200:])] if members == 2 else [b"".join(lines)]
    batch.write(GZ, b"".join(gzip.compress(part) for part in parts) + tail)
    taken = batch.take(Allowances(salvage=True))
    entry = accounted(taken, GZ)
    assert (entry["rows_kept"], entry["refused"], entry["tail_bytes"]) == (500, None, len(tail))
    assert f"{GZ}: {len(tail)} bytes behind its compressed data were left out" in taken.warnings
    assert batch.store.files().filter(pl.col("file") == GZ)["tail_bytes"].to_list() == [len(tail)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed[:-200],
        lambda packed: packed[:-8],
        lambda packed: packed[:-6] + bytes([packed[-6] ^ 0xFF]) + packed[-5:],
        lambda packed: packed + packed[:-8],
    ],
)
def test_04_salvage_takes_no_damaged_member(batch, spoil):
    batch.write(GZ, spoil(gzip.compress(text_of(*many()).encode())))
    taken = batch.take(Allowances(salvage=True))
    assert [f"{GZ} was refused: the gzip data is truncated or damaged"] == taken.refused
    assert batch.store.files()["file"].to_list() == [GOOD]


def test_04_salvage_changes_nothing_of_a_good_file(batch):
    packed = gzip.compress(text_of(*many()).encode())
    batch.write(GZ, packed)
    pieces = [sources.read_pieces(sources.Source(batch.path / GZ, GZ, False, "gzip", on), 999) for on in (False, True)]
    assert b"".join(pieces[0]) == b"".join(pieces[1])
    taken = batch.take(Allowances(salvage=True))
    assert taken.files["tail_bytes"].to_list() == [None, None]
    assert not any("left out" in warning for warning in taken.warnings)


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_05_several_members_are_one_file(batch, pack):
    parts = text_of({}, {}, {}).encode().splitlines(keepends=True)
    batch.write(GZ, b"".join(pack(part) for part in parts))
    entry = accounted(batch.take(), GZ)
    assert (entry["rows_kept"], entry["refused"]) == (3, None)


def test_06_truncated_zstd(batch):
    batch.write(ZST, pa.compress(text_of(*many()).encode(), codec="zstd", asbytes=True)[:-9])
    refused(batch, "zstd data is truncated or damaged")


@pytest.mark.parametrize(("pack", "suffix"), [(bz2.compress, ".bz2"), (lzma.compress, ".xz")])
def test_07_bzip2_and_xz_are_told_by_their_bytes(batch, pack, suffix):
    batch.write(FILE, pack(text_of({}, {}).encode()))
    entry = accounted(batch.take())
    assert (entry["format"], entry["rows_kept"]) == (f"csv{suffix}", 2)


def test_07_zip_is_refused_by_name(batch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", text_of({}))
    batch.write(FILE, packed.getvalue())
    taken = batch.take()
    assert any("zip archive" in reason for reason in taken.refused)
    assert batch.cdrs().height == 1


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_08_a_bomb_is_refused(batch, pack, monkeypatch):
    monkeypatch.setattr(sources, "ALWAYS_UNPACKED_BYTES", 1 << 20)
    batch.profile(limits="unpacked_ratio = 50")
    batch.write(GZ, pack((text_of() + "|" * 12 + "\n" * 99).encode() * 100_000))
    refused(batch, "unpacks to more than 50 times its size")


@pytest.mark.parametrize("salvage", [False, True])
@pytest.mark.parametrize("kind", PACKS)
def test_08_a_bomb_with_a_long_tail_is_refused_after_its_first_pieces(tmp_path, kind, salvage, monkeypatch):
    monkeypatch.setattr(sources, "ALWAYS_UNPACKED_BYTES", 1 << 20)
    packed = PACKS[kind](b"|;" * (8 << 20) + random.Random(8).randbytes(4 << 20))
    assert len(packed) > 4 << 20, "the whole unpacks to five times its size only"
    path = tmp_path / GZ.rpartition("/")[2]
    path.write_bytes(packed)
    tally = sources.ByteTally()
    pieces = sources.read_pieces(sources.Source(path, GZ, False, kind, salvage), 1 << 18, 50, tally)
    with pytest.raises(sources.UnreadableError, match="unpacks to more than 50 times its size"):
        list(pieces)
    assert tally.packed < len(packed) // 8


@pytest.mark.parametrize("name", ["../../escaped.csv", "a.csv"])
def test_09_archives_are_never_opened(batch, tmp_path, name):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        content = text_of({}).encode()
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    batch.write(FILE, packed.getvalue())
    before = sorted(tmp_path.rglob("*.csv"))
    taken = batch.take()
    assert any("tar archive" in reason for reason in taken.refused)
    assert sorted(tmp_path.rglob("*.csv")) == before


def test_10_an_empty_file_is_a_warning(batch):
    batch.write(FILE, b"")
    taken = batch.take()
    assert accounted(taken)["rows_in"] == 0
    assert any(f"{FILE} holds no rows" in warning for warning in taken.warnings)


def test_11_a_header_alone_is_a_warning_where_there_used_to_be_more(batch):
    for day in range(20, 28):
        times = [f"202502{day:02d}1200{n:02d}" for n in range(30)]
        rows = [{"SEIZURE_TIME": time, "ANSWER_TIME": time} for time in times]
        batch.put(*rows, name=f"cdr/MSC01_202502{day:02d}_0000{day}.csv")
    batch.take()
    batch.write("cdr/MSC01_20250228_000028.csv", text_of())
    warnings = batch.take().warnings
    assert any("holds no rows" in warning for warning in warnings)
    assert any("feed alpha/msc: 0 rows, in the last 14 nights it had 30 a night" in warning for warning in warnings)


def test_12_a_last_line_that_was_cut_is_rejected(batch):
    batch.write(FILE, text_of({}, {})[:-60])
    taken = batch.take()
    assert rules(taken) == [(3, "field_count", "line")]
    assert accounted(taken)["rows_kept"] == 1


def test_12_without_its_trailer_the_file_is_refused(batch):
    batch.profile(feed='trailer_record = { field = 0, value = "TR", count_field = 1 }')
    batch.write(GOOD, text_of({"CALLED_NUM": "87020000009"}) + "TR|1\n")
    batch.write(FILE, text_of({}, {})[:-60])
    refused(batch, "no trailer")


def test_13_a_short_row_is_rejected(batch):
    batch.write(FILE, text_of({}) + "MOC|401770000000001|77010000001\n" + text_of({"CI": "2"}, header=False))
    taken = batch.take()
    assert rules(taken) == [(3, "field_count", "line")]
    assert taken.rejects["raw"].to_list() == ["MOC|401770000000001|77010000001"]
    assert accounted(taken)["rows_kept"] == 2


def test_14_a_long_row_is_rejected_alone(batch):
    batch.write(FILE, text_of({}) + "|".join(USUAL.values()) + "|more|still\n" + text_of({"CI": "2"}, header=False))
    taken = batch.take()
    assert rules(taken) == [(3, "field_count", "line")]
    assert accounted(taken)["rows_kept"] == 2


def test_15_a_lone_quote_is_a_character_where_nothing_is_quoted(batch):
    batch.put({}, {"REC_TYPE": "SMT", "CALLING_NUM": '"Kaspi'}, {"CI": "2"})
    taken = batch.take()
    assert accounted(taken)["rows_kept"] == 3
    assert taken.senders["sender"].to_list() == ['"Kaspi']


def test_15_a_lone_quote_spoils_its_line_only_where_quotes_mean_something(batch):
    batch.profile(feed="quote = '\"'")
    batch.put({}, {"SERVED_MSISDN": '"77010000001'}, {"CI": "2"})
    taken = batch.take()
    assert rules(taken) == [(3, "quotes", "line")]
    assert accounted(taken)["rows_kept"] == 2


def test_16_a_line_end_inside_quotes_needs_multiline(batch):
    broken = text_of({}, {"REC_TYPE": "SMT", "CALLING_NUM": '"Kas\npi"'}, {"CI": "2"})
    batch.profile(feed="quote = '\"'")
    batch.write(FILE, broken)
    taken = batch.take()
    assert [line for line, _, _ in rules(taken)] == [3, 4]
    assert accounted(taken)["rows_kept"] == 2


def test_16_with_multiline_it_is_one_row_and_later_lines_keep_their_numbers(batch):
    batch.profile(feed="quote = '\"'\nmultiline = true")
    batch.write(FILE, text_of({}, {"REC_TYPE": "SMT", "CALLING_NUM": '"Kas\npi"'}, {"CI": "2"}))
    taken = batch.take()
    entry = taken.files.filter(pl.col("file") == FILE).to_dicts()[0]
    assert (entry["lines"], entry["rows_in"], entry["rows_kept"]) == (5, 3, 3)
    assert taken.senders["sender"].to_list() == ["Kas\npi"]
    assert sorted(record & 0xFFFFFFFF for record in batch.cdrs()["record_id"] if record >> 32 == 1) == [2, 3, 5]


def test_17_carriage_returns_alone_end_lines(batch):
    batch.write(FILE, text_of({}, {}, end="\r"))
    entry = accounted(batch.take())
    assert (entry["lines"], entry["rows_kept"]) == (3, 2)


def test_18_line_ends_may_be_mixed(batch):
    lines = text_of({}, {}, {}).splitlines()
    batch.write(FILE, "\r\n".join(lines[:2]) + "\n" + "\n".join(lines[2:]) + "\r\n")
    assert accounted(batch.take())["rows_kept"] == 3


def test_19_a_byte_order_mark_is_no_part_of_the_header(batch):
    batch.write(FILE, b"\xef\xbb\xbf" + text_of({}).encode())
    assert accounted(batch.take())["rows_kept"] == 1


def test_20_a_header_in_the_middle_is_rejected(batch):
    batch.write(FILE, text_of({}) + "\ufeff" + text_of({"CI": "2"}) + text_of({"CI": "3"}))
    taken = batch.take()
    assert rules(taken) == [(3, "repeated_header", "line"), (5, "repeated_header", "line")]
    assert accounted(taken)["rows_kept"] == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_21_utf_16_is_read(batch, encoding):
    batch.write(FILE, text_of({"REC_TYPE": "SMT", "CALLING_NUM": "Қазпошта"}, {}).encode(encoding))
    taken = batch.take()
    assert accounted(taken)["rows_kept"] == 2
    assert taken.senders["sender"].to_list() == ["Қазпошта"]


def test_21_half_a_character_of_utf_16_is_damage(batch):
    batch.write(FILE, text_of({}).encode("utf-16")[:-1])
    refused(batch, "damaged UTF-16")


def test_22_cp1251_by_profile(batch):
    batch.profile(feed='encoding = "cp1251"')
    batch.write(FILE, text_of({"REC_TYPE": "SMT", "CALLING_NUM": "Почта"}).encode("cp1251"))
    taken = batch.take()
    assert accounted(taken)["rows_kept"] == 1
    assert taken.senders["sender"].to_list() == ["Почта"]


def test_22_without_it_the_line_is_rejected_with_its_bytes(batch):
    batch.write(FILE, text_of({}, {"REC_TYPE": "SMT", "CALLING_NUM": "Почта"}).encode("cp1251"))
    taken = batch.take()
    assert rules(taken) == [(3, "not_utf8", "line")]
    assert "\\xcf\\xee\\xf7\\xf2\\xe0" in taken.rejects["raw"][0]


def test_23_a_nul_inside_a_field_spoils_its_line(batch):
    batch.put({}, {"CALLED_NUM": "8702\x000000002"}, {"CI": "2"})
    taken = batch.take()
    assert rules(taken) == [(3, "nul_character", "line")]
    assert "8702\\x000000002" in taken.rejects["raw"][0]


def test_24_nuls_at_the_end_are_cut_off_with_a_warning(batch):
    batch.write(FILE, text_of({}).encode() + b"\0" * 4096)
    taken = batch.take()
    assert accounted(taken)["rows_kept"] == 1
    assert any("4096 NUL characters" in warning for warning in taken.warnings)


def test_25_blank_lines_are_counted(batch):
    lines = text_of({}, {}).splitlines()
    batch.write(FILE, "\n\n".join(lines) + "\n \n\t\n")
    entry = accounted(batch.take())
    assert (entry["lines"], entry["blank_lines"], entry["rows_kept"]) == (7, 4, 2)


def test_26_a_column_that_stands_there_twice_is_ambiguous(batch):
    batch.write(FILE, text_of({}).replace("SERVED_MSISDN", "SERVED_IMSI", 1))
    refused(batch, "columns stand there twice: SERVED_IMSI")


def reordered(*changes):
    """A file of the usual records after an upgrade of the switch: columns in another order, and one more."""
    order = [*COLUMNS[::-1], "TARIFF"]
    rows = [USUAL | {"TARIFF": "gold"} | change for change in changes or ({},)]
    return (
        "\n".join("|".join(row[name] for name in order) for row in [dict(zip(order, order, strict=True)), *rows]) + "\n"
    )


def test_27_columns_that_changed_refuse_the_file_until_they_are_accepted(batch):
    batch.take()
    batch.write(FILE, reordered())
    taken = batch.take()
    assert len(taken.refused) == 1
    assert "its columns are not those of the feed's files before" in taken.refused[0]
    assert "--accept-columns" in taken.refused[0]
    assert batch.store.files()["file"].to_list() == [GOOD]
    taken = batch.take(Allowances(columns=True))
    assert accounted(taken)["rows_kept"] == 1
    assert any("its columns are not those of the feed's other files" in warning for warning in taken.warnings)
    assert batch.cdrs()["imsi"].to_list() == [401_770_000_000_001] * 2


def test_27_columns_once_accepted_are_known_and_so_are_the_old_ones(batch):
    batch.take()
    batch.write(FILE, reordered())
    batch.take(Allowances(columns=True))
    batch.write("cdr/MSC01_20250301_000002.csv", reordered({"ANSWER_TIME": "20250301150000"}))
    batch.write("cdr/MSC02_20250301_000002.csv", text_of({"ANSWER_TIME": "20250301160000"}))
    taken = batch.take()
    assert taken.refused == []
    assert not any("its columns" in warning for warning in taken.warnings)
    assert batch.cdrs().height == 4


def test_27_a_changed_profile_begins_anew(batch):
    batch.take()
    batch.profile(feed="late_nights = 8")
    batch.write(FILE, reordered())
    assert batch.take().refused == []


def test_27_in_one_first_batch_other_columns_are_a_warning(batch):
    batch.write(FILE, reordered())
    taken = batch.take()
    assert taken.refused == []
    assert len([warning for warning in taken.warnings if "not those of the feed's other files" in warning]) == 1


def test_27_the_interchange_format_is_read_by_name_in_any_order(source, rows, encode):
    frame = rows({}, {"started_at": "2025-03-01T13:00:00+05:00"})
    source.write("cdr/a.csv", encode(frame[:1], "csv"))
    source.take()
    source.write("cdr/b.csv", encode(frame[1:].select(frame.columns[::-1]).with_columns(tariff=pl.lit("x")), "csv"))
    taken = source.take()
    assert taken.refused == []
    assert any("columns without a meaning here were passed over: tariff" in warning for warning in taken.warnings)
    assert source.cdrs()["imsi"].to_list() == [401_770_000_000_001] * 2


def test_27_a_renamed_column_is_missing(batch):
    batch.write(FILE, text_of({}).replace("SERVED_IMSI", "IMSI"))
    refused(batch, "column SERVED_IMSI of feed alpha/msc is missing")


PADDED = gzip.compress(text_of({}).encode()) + b"\0" * 9


@pytest.mark.parametrize(("content", "flag"), [(PADDED, "--salvage"), (reordered(), "--accept-columns")])
def test_04_and_27_are_let_through_from_the_command_line(batch, simbox, tmp_path, content, flag):
    batch.take()
    batch.write("simbox.toml", '[operators.alpha]\nmcc_mncs = ["401-77"]\ntimezone = "Asia/Almaty"\n')
    batch.write(FILE, content)
    refusing = simbox("intake", batch.path, "--store", batch.store.path)
    assert (refusing.code, f"{FILE} was refused" in refusing.out) == (4, True)
    assert simbox("intake", batch.path, "--store", batch.store.path, flag).code == 0
    assert batch.cdrs().height == 2
    scanned = simbox("scan", batch.path, "-o", tmp_path / "out", "--store", batch.store.path, flag)
    # There is no table of subscribers or cells.
    assert scanned.code == 3, scanned.err


def test_28_a_record_where_the_header_should_be(batch):
    batch.write(FILE, text_of({}, {}, header=False))
    taken = refused(batch, "its first line is no header")
    assert "401770000000001" not in "\n".join(taken.warnings)


def test_a_file_of_nothing_but_rejects_is_given_up(batch, monkeypatch):
    monkeypatch.setattr(staging, "MOST_REJECTS", 20)
    batch.put(*({"SERVED_IMSI": "x"} for _ in range(30)))
    refused(batch, "most of its rows break a rule")


def test_where_nothing_else_is_there_a_refused_file_ends_the_run(tmp_path):
    batch = Batch(tmp_path)
    batch.write(FILE, text_of({}, header=False))
    with pytest.raises(FeedRefusedError, match=r"MSC01_20250301_000001\.csv was refused") as caught:
        batch.take()
    assert caught.value.exit_code == 4
    assert not batch.store.path.exists()


def test_a_broken_file_in_the_interchange_format_refuses_the_batch(batch):
    batch.write("cdr/plain.csv", "operator,service\n")
    with pytest.raises(InputError, match=r"plain\.csv: column direction is missing"):
        batch.take()
    assert not batch.store.path.exists()
