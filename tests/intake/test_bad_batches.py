"""Batches that are late, doubled, incomplete, by a wrong clock, or interrupted: cases 39 to 74 beyond single values."""

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dialects import COLUMNS, FILE, USUAL, Batch, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simbox.errors import DamagedError, FeedRefusedError, InputError, LockedError
from simbox.intake.batch import DECODER
from simbox.store import Memory, open_store

SIMBOX_TOML = '[operators.alpha]\nmcc_mncs = ["401-77"]\ntimezone = "Asia/Almaty"\n'
PARQUET = "cdr/MSC01_20250301_000001.csv"


def at(hour, minute=0, second=0, day=1):
    return {"ANSWER_TIME": f"202503{day:02d}{hour:02d}{minute:02d}{second:02d}"}


def file_of(day, sequence, node="01", suffix="csv"):
    return f"cdr/MSC{node}_202503{day:02d}_{sequence:06d}.{suffix}"


def entries(taken, *columns):
    return taken.files.sort("file").select(columns).rows()


def a_day(day, shift=0):
    """A thousand calls in a day with quiet hours and a peak, some hours later."""
    weight = [1, 0, 0, 0, 0, 1, 3, 8, 15, 30, 50, 60, 70, 80, 90, 100, 110, 120, 150, 130, 90, 40, 20, 5]
    rows = []
    for hour, calls in enumerate(weight):
        rows += [at((hour + shift) % 24, n % 60, n // 60, day) for n in range(calls)]
    return rows


def test_39_a_day_that_moved_by_an_hour_or_more_is_told(batch):
    for day in (1, 2):
        batch.put(*a_day(day), name=file_of(day, day))
    assert not any("time zone" in warning for warning in batch.take().warnings)
    batch.put(*a_day(3, shift=5), name=file_of(3, 3))
    assert any("5 h later" in warning and "time zone" in warning for warning in batch.take().warnings)


@pytest.mark.parametrize(("ahead_s", "told"), [(300, True), (-300, True), (20, False)])
def test_40_a_clock_that_goes_wrong_is_estimated_and_left_alone(batch, ahead_s, told):
    def second(n, shift):
        moment = datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp() + 60 * n + shift
        return {"ANSWER_TIME": datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M%S"), "DURATION": str(30 + n)}

    nodes: dict[str, list[dict[str, str]]] = {"01": [], "02": [], "03": []}
    for n in range(60):
        caller, called = f"770100001{n:02d}", f"770100002{n:02d}"
        one, other = [("01", "02"), ("02", "03"), ("03", "01")][n % 3]
        skew = {"01": 0, "02": 0, "03": ahead_s}
        nodes[one].append({"SERVED_MSISDN": caller, "CALLED_NUM": called, "SERVED_IMSI": f"4017700000001{n:02d}"}
                          | second(n, skew[one]))  # fmt: skip
        nodes[other].append({"REC_TYPE": "MTC", "SERVED_MSISDN": called, "CALLING_NUM": caller,
                             "SERVED_IMSI": f"4017700000002{n:02d}"} | second(n, skew[other]))  # fmt: skip
    for node, rows in nodes.items():
        batch.put(*rows, name=file_of(1, 1, node))
    clocks = [warning for warning in batch.take().warnings if "clock" in warning]
    assert len(clocks) == told
    if told:
        assert "msc 03" in clocks[0]
        assert f"{abs(ahead_s)} s {'ahead of' if ahead_s > 0 else 'behind'}" in clocks[0]
    times = batch.cdrs().filter(pl.col("record_id") // (1 << 32) == 3)["started_at"]
    assert times.min() <= datetime(2025, 3, 1, 7, 3, tzinfo=UTC) or ahead_s > 0


def test_41_a_late_file_is_taken_for_its_own_night_and_told(batch):
    batch.put({}, at(12, day=2), name=file_of(2, 2))
    batch.take()
    batch.put(at(9), name=file_of(1, 1))
    taken = batch.take()
    assert any(f"{file_of(1, 1)} came late" in warning for warning in taken.warnings)
    assert [batch.store.rows([night]) for night in batch.store.nights()] == [2, 1]
    assert len(batch.store.describe()[0].damages) == 0


def test_42_the_same_file_again_changes_nothing(batch):
    batch.put({}, {})
    batch.take()
    before = {path: path.read_bytes() for path in batch.store.path.rglob("*") if path.is_file()}
    taken = batch.take()
    assert entries(taken, "rows_kept") == [(2,)]
    assert {path: path.read_bytes() for path in batch.store.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("later", [True, False])
def test_42_under_another_name_it_is_told_and_skipped(batch, later):
    batch.put({}, {})
    if later:
        batch.take()
    batch.write(file_of(1, 2), (batch.path / FILE).read_bytes())
    taken = batch.take()
    assert any("is the same file as" in warning for warning in taken.warnings)
    assert batch.cdrs().height == 2


@pytest.mark.parametrize("later", [True, False])
def test_43_rows_that_were_there_before_are_counted_and_left_out(batch, later):
    rows = [at(12, n) for n in range(20)]
    batch.put(*rows[:12], name=file_of(1, 1))
    if later:
        batch.take()
    batch.put(*rows[7:], name=file_of(1, 2))
    taken = batch.take()
    assert entries(taken, "rows_in", "rows_kept", "rows_repeated") == [(12, 12, 0), (13, 8, 5)]
    assert batch.cdrs().height == 20
    assert any("5 records were there before" in warning for warning in taken.warnings)


def test_43_equal_rows_of_one_file_may_be_parts_of_a_long_sms(batch):
    part = {"REC_TYPE": "SMO"} | at(12)
    batch.put(part, part, part, name=file_of(1, 1))
    batch.put(part, part, at(13), name=file_of(1, 2))
    taken = batch.take()
    assert entries(taken, "rows_kept", "rows_repeated") == [(3, 0), (1, 2)]


def test_43_with_a_call_reference_they_are_one_row(batch):
    row = {"CALL_REFERENCE": "77"} | at(12)
    batch.put(row, row, row | {"CALL_REFERENCE": "78"})
    taken = batch.take()
    assert entries(taken, "rows_in", "rows_kept", "rows_repeated") == [(3, 2, 1)]


def test_44_gaps_and_repeats_of_running_numbers_are_told(batch):
    batch.profile(feed="sequence_last = 999999")
    for number in (4, 5, 8, 8):
        batch.put(at(12, number), name=file_of(1, number))
    batch.put(at(12, 50), name=file_of(1, 8, suffix="csv.late"))
    batch.put(at(12, 30), name=file_of(1, 999_998))
    batch.put(at(12, 31, day=2), name=file_of(2, 2))
    batch.put(at(12, 32), name=file_of(1, 3, node="02"))
    told = "\n".join(batch.take().warnings)
    assert "feed alpha/msc, node 01: files are missing, by their numbers: 6-7, 9-999997, 999999, 1\n" in told + "\n"
    assert "feed alpha/msc, node 01: numbers came twice: 8" in told
    assert "node 02" not in told
    batch.put(at(13, 1, day=2), name=file_of(2, 5))
    assert any("by their numbers: 3-4" in warning for warning in batch.take().warnings)


@pytest.mark.parametrize(("policy", "refused"), [("refuse", True), ("warn", False)])
def test_45_a_trailer_that_counts_otherwise(batch, policy, refused):
    batch.profile(feed=f'trailer = "{policy}"\nheader_record = {{ value = "HD" }}\n'
                  'trailer_record = { value = "TR", count_field = 1 }')  # fmt: skip
    batch.write(file_of(1, 1), "HD|20250301\n" + text_of({}, {}) + "TR|2\n")
    batch.write(file_of(1, 2), "HD|20250301\n" + text_of(at(9), at(8)) + "TR|3\n")
    taken = batch.take()
    said = "its trailer counts 3 records, there are 2"
    assert any(said in warning for warning in taken.warnings)
    assert (len(taken.refused), batch.cdrs().height) == ((1, 2) if refused else (0, 4))
    good = taken.files.sort("file").to_dicts()[0]
    assert [good[name] for name in ("lines", "header_lines", "trailer_lines", "trailer_count", "rows_in")] == [
        5,
        2,
        1,
        2,
        2,
    ]


class Little(Memory):
    """So little memory that records go to disk after every one or two."""

    rows_held = 2
    rows_merged = 2


@pytest.mark.parametrize("memory", [Memory(1 << 30), Little(1 << 30)], ids=["held", "on disk"])
@pytest.mark.parametrize("numbered", [True, False])
def test_46_parts_of_a_long_call_are_one_call(batch, numbered, memory):
    batch.store = open_store(batch.store.path, create=True, memory=memory)
    if numbered:
        batch.profile(change=lambda text: text.replace('imei = { from = "SERVED_IMEI", form = "auto" }',
                                                       'part_no = "SERVED_IMEI"'))  # fmt: skip
    call = {"CALL_REFERENCE": "4711", "SERVED_IMEI": ""}
    parts = [
        call | at(12) | {"DURATION": "1800", "CAUSE_FOR_TERM": "1"},
        call | at(12, 30) | {"DURATION": "1800", "CAUSE_FOR_TERM": "1"},
        call | at(13) | {"DURATION": "240"},
    ]
    if numbered:
        parts = [part | {"SERVED_IMEI": str(n)} for n, part in enumerate(parts, start=1)]
    # The counter of references begins again within the day.
    another = {"CALL_REFERENCE": "4711", "SERVED_IMEI": "1" if numbered else ""} | at(18)
    batch.put(parts[0], {"SERVED_IMEI": ""} | at(12, 10), another, name=file_of(1, 1))
    batch.put(parts[2], parts[1], parts[1], name=file_of(1, 2))
    taken = batch.take()
    assert batch.cdrs().sort("started_at")["duration_s"].to_list() == [3840, 60, 60]
    assert entries(taken, "rows_in", "rows_kept", "rows_merged", "rows_repeated") == [(3, 3, 0, 0), (3, 0, 2, 1)]


def test_63_names_can_not_write_elsewhere_or_to_the_terminal(batch):
    batch.write("cdr/MSC01_20250301_000009.csv\x1b[31m..%2f", "nothing\n")
    batch.put({})
    taken = batch.take()
    assert all(warning.isprintable() for warning in taken.warnings)
    assert any("\\x1b[31m" in warning for warning in taken.warnings)
    assert sorted(path.name for path in batch.path.parent.iterdir()) == ["source", "store"]


def parquet(batch, change=lambda frame: frame, feed='kind = "parquet"'):
    batch.profile(feed=feed, change=lambda text: text.replace('separator = "|"', ""))
    frame = change(pl.DataFrame([USUAL, USUAL | at(14)]))
    frame.write_parquet(batch.path / PARQUET)


def test_68_parquet_by_a_profile(batch):
    parquet(batch)
    taken = batch.take()
    assert entries(taken, "format", "lines", "rows_in", "rows_kept") == [("parquet", 2, 2, 2)]
    assert batch.cdrs()["imsi"].to_list() == [401_770_000_000_001] * 2


def test_68_integers_are_identifiers(batch):
    numbers = ["SERVED_IMSI", "SERVED_MSISDN", "SERVED_IMEI", "DURATION", "LAC", "CI", "CAUSE_FOR_TERM"]
    parquet(batch, lambda frame: frame.with_columns(pl.col(numbers).cast(pl.Int64)))
    assert batch.take().rejects.is_empty()
    assert (
        batch.cdrs().select("imsi", "imei", "duration_s").rows() == [(401_770_000_000_001, 35_678_901_234_567, 60)] * 2
    )


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_68_timestamps_of_any_unit(batch, unit):
    def change(frame):
        time = pl.col("ANSWER_TIME").str.to_datetime("%Y%m%d%H%M%S", time_unit=unit)
        return frame.with_columns(time.dt.replace_time_zone(None), SEIZURE_TIME=time)

    parquet(batch, change)
    batch.take()
    assert str(batch.cdrs()["started_at"][1]) == "2025-03-01 09:00:00+00:00"


@pytest.mark.parametrize("kind", [pl.Float64, pl.Decimal(20, 0)])
def test_68_identifiers_as_fractions_are_refused(batch, kind):
    parquet(batch, lambda frame: frame.with_columns(pl.col("SERVED_IMSI").cast(kind)))
    with pytest.raises(FeedRefusedError, match="column SERVED_IMSI is"):
        batch.take()


def test_68_without_its_footer_it_is_refused(batch):
    parquet(batch)
    path = batch.path / PARQUET
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FeedRefusedError, match="Parquet data is truncated or damaged"):
        batch.take()


def test_68_another_layout_than_the_profile_says(batch):
    parquet(batch, lambda frame: frame.rename({"LAC": "AREA"}))
    with pytest.raises(FeedRefusedError, match="column LAC of feed alpha/msc is missing"):
        batch.take()
    batch.profile()
    pq.write_table(pa.table({name: [USUAL[name]] for name in COLUMNS}), batch.path / PARQUET)
    with pytest.raises(FeedRefusedError, match="it is parquet, and its feed alpha/msc is delimited"):
        batch.take()


def test_70_one_sim_with_most_of_the_records_and_one_imei_on_many_sims(batch, simbox, tmp_path):
    batch.store = open_store(batch.store.path, create=True, memory=Memory(1 << 30))
    rows = 30_000
    who = pl.Series([401_770_000_000_001] * (rows // 2) + [401_770_000_000_002 + n for n in range(rows // 2)])
    start = pl.datetime(2025, 3, 1) + pl.duration(seconds=pl.int_range(rows))
    frame = pl.concat([pl.DataFrame([USUAL])] * rows).with_columns(
        SERVED_IMSI=who.cast(pl.String), ANSWER_TIME=start.dt.strftime("%Y%m%d%H%M%S")
    )
    frame.write_csv(batch.path / FILE, separator="|")
    taken = batch.take()
    assert entries(taken, "rows_kept") == [(rows,)]
    assert batch.cdrs()["imei"].n_unique() == 1
    batch.write("simbox.toml", SIMBOX_TOML)
    printed = simbox("scan", batch.path, "-o", tmp_path / "out")
    assert printed.code == 3, printed.err
    warnings = json.loads((tmp_path / "out" / "manifest.json").read_text())["warnings"]
    assert (
        "SIMs with more than 10,000 records in a night: 1, one with 15,000; are these records of one SIM?" in warnings
    )
    imeis = "IMEIs with more than 1,000 SIMs: 1, one with 15,001; a filler or a cloned IMEI that proves little"
    assert imeis in warnings
    assert not any("401770000000001" in warning for warning in warnings)


def test_71_a_store_that_was_edited_is_found_out(batch):
    batch.put(*[at(12, n) for n in range(20)])
    batch.take()
    part = next(batch.store.path.rglob("part-*.parquet"))
    pl.read_parquet(part).head(10).write_parquet(part)
    reopened = open_store(batch.store.path)
    assert reopened.describe(verify=True)[0].damages
    with pytest.raises(DamagedError, match="SHA-256"):
        reopened.read(reopened.nights())


def test_71_a_ledger_row_names_the_bytes_and_the_profile(batch):
    batch.put({})
    row = batch.take().files.to_dicts()[0]
    assert len(row["sha256"]) == len(row["profile"]) == len(row["columns_sha256"]) == 64
    assert (row["decoder"], row["node"], row["sequence"]) == (DECODER, "01", 1)
    assert row["feed"] == "alpha/msc"


def test_72_no_message_holds_an_identifier_and_files_are_the_owners(batch, tmp_path, simbox):
    batch.write("simbox.toml", SIMBOX_TOML)
    batch.put(
        {},
        {"SERVED_IMSI": "40177000000000x"},
        {"SERVED_IMEI": "1"},
        {"SERVED_IMSI": "", "SERVED_MSISDN": "77019999999"},
    )
    batch.write(file_of(1, 2), text_of({}, header=False))
    batch.write(file_of(1, 3), text_of({}).replace("REC_TYPE", "77010000001"))
    printed = simbox("intake", batch.path, "--store", tmp_path / "cdr", "--rejects", tmp_path / "rejects.parquet")
    assert printed.code == 4, printed
    said = printed.out + printed.err
    assert not any(text in said for text in ("77010000001", "40177000000000", "356789012345"))
    for path in [tmp_path / "rejects.parquet", *(tmp_path / "cdr").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert pl.read_parquet(tmp_path / "rejects.parquet")["rule"].to_list() == ["malformed", "unresolved_msisdn"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from dialects import OPERATORS
from simbox.config import Config
from simbox.intake import take_in
from simbox.store import open_store
from simbox.store import night_manifest, writer
moments = iter(range(10_000))
def die_at(module, name):
    function = getattr(module, name)
    def perhaps(*arguments, **named):
        if next(moments) == int(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    setattr(module, name, perhaps)
die_at(writer, "write_part")
die_at(writer, "prepare_ledger")
die_at(writer, "commit")
die_at(night_manifest, "_write")
die_at(writer, "sweep")
take_in(Path(sys.argv[2]), open_store(Path(sys.argv[3]), create=True), Config(operators=OPERATORS))
"""


@pytest.mark.parametrize("moment", range(0, 12))
def test_73_killed_at_any_moment_the_whole_batch_is_there_or_none_of_it(batch, moment):
    batch.put({}, name=file_of(1, 1))
    batch.take()
    batch.put(at(9), at(9, day=2), at(9, day=3), name=file_of(3, 2))
    here = os.path.dirname(__file__)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, here, batch.path, batch.store.path,
         str(moment)], capture_output=True, text=True, env=environment, check=False)  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    held = open_store(batch.store.path)
    assert held.rows(held.nights()) in (1, 4)
    assert held.files().height == (2 if held.rows(held.nights()) == 4 else 1)
    batch.store = held
    batch.take()
    assert batch.cdrs().height == 4
    assert not any(night.damages for night in held.describe(verify=True))


def test_74_of_two_at_once_the_second_says_who_has_the_lock(batch, simbox, tmp_path):
    batch.write("simbox.toml", SIMBOX_TOML)
    batch.put({})
    with open_store(batch.store.path, create=True).locked():
        with pytest.raises(LockedError, match=f"process {os.getpid()} on"):
            batch.take()
        printed = simbox("intake", batch.path, "--store", batch.store.path)
        assert printed.code == 7
        assert "Traceback" not in printed.err
    assert batch.take().files["rows_kept"].to_list() == [1]


def test_a_feed_over_its_limit_is_refused_and_the_others_go_on(batch):
    batch.profile(limits="rejects_share = 0.1")
    batch.put({}, {"SERVED_IMSI": "x"}, {}, name=file_of(1, 1))
    batch.put(at(9), name=file_of(1, 2))
    batch.write("cdr/plain.csv", "operator,service,direction,started_at,imsi,other_party\n"
                "beta,voice,mo,2025-03-01T12:00:00Z,401010000000001,77020000001\n")  # fmt: skip
    taken = batch.take()
    assert taken.refused == [
        "feed alpha/msc was refused: 25.0% of its rows are rejected, the limit is 10.0% (rejects_share)"
    ]
    assert batch.cdrs()["operator"].cast(pl.String).to_list() == ["beta"]
    assert taken.files["refused"].is_not_null().to_list() == [True, True, False]
    assert taken.rejects["rule"].to_list() == ["malformed"]
    assert batch.store.files()["file"].to_list() == ["cdr/plain.csv"]
    batch.profile()
    assert batch.take().refused == []
    assert batch.cdrs().height == 4


def test_what_is_unusual_for_a_feed_is_refused_below_the_fixed_limit(batch):
    for day in range(1, 7):
        batch.put(*[at(9, n % 60, n // 60, day) for n in range(200)], name=file_of(day, day))
    batch.take()
    batch.profile(limits="rejects_share = 0.1")
    batch.put(
        *[at(9, n % 60, n // 60, 7) | ({"SERVED_IMSI": "x"} if n < 5 else {}) for n in range(200)], name=file_of(7, 7)
    )
    assert "2.50% of its rows are rejected, in the last 14 nights it was 0.00%" in batch.take().refused[0]
    batch.profile(limits="rejects_share = 0.1\ntimes_median = 0")
    assert batch.take().refused == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), packed=st.sampled_from(["", "gzip", "zstd"]))
def test_flipped_bytes_never_break_the_books(tmp_path_factory, data, packed):
    batch = Batch(tmp_path_factory.mktemp("flipped"))
    good = text_of(*({"CALLED_NUM": f"8702000{n:04d}"} for n in range(12))).encode()
    content = bytearray(good if not packed else pa.compress(good, codec=packed, asbytes=True))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    batch.write(FILE, bytes(content))
    try:
        taken = batch.take()
    except (FeedRefusedError, InputError):
        return
    for row in taken.files.to_dicts():
        lines = row["header_lines"] + row["trailer_lines"] + row["blank_lines"] + row["rows_in"]
        parts = [row[f"rows_{name}"] for name in ("kept", "rejected", "skipped", "merged", "repeated")]
        assert (row["lines"], row["rows_in"]) == (lines, sum(parts))
    assert json.dumps(taken.warnings)
