"""Each row that can't be used is rejected once, by the first rule it breaks; what can be used is put right."""

from datetime import date

import polars as pl
import pytest

from simbox.config import Config
from simbox.errors import InputError
from simbox.tables.cdrs import FILES, REJECTS


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"operator": None}, "missing", "operator"),
        ({"operator": "gamma"}, "unknown_operator", "operator"),
        ({"service": "fax"}, "unknown_value", "service"),
        ({"service": None}, "unknown_value", "service"),
        ({"direction": "MO"}, "unknown_value", "direction"),
        ({"started_at": None}, "malformed", "started_at"),
        ({"started_at": "2025-03-01"}, "malformed", "started_at"),
        ({"started_at": "2025-02-30T12:00:00Z"}, "malformed", "started_at"),
        ({"started_at": "2025-03-01T24:00:00Z"}, "malformed", "started_at"),
        ({"started_at": "01.03.2025 12:00:00"}, "malformed", "started_at"),
        ({"started_at": "1970-01-01T00:00:00Z"}, "malformed", "started_at"),
        ({"started_at": "2025-03-01T12:00:00+25:00"}, "malformed", "started_at"),
        ({"started_at": "2025-03-01T12:00:00+05:60"}, "malformed", "started_at"),
        ({"started_at": "2025-03-01T12:00:00 Almaty"}, "malformed", "started_at"),
        ({"started_at": "2025-03-01T12:00:00"}, "no_utc_offset", "started_at"),
        ({"started_at": "2025-03-01T12:00:00.5"}, "no_utc_offset", "started_at"),
        ({"utc_offset_min": "5h"}, "malformed", "utc_offset_min"),
        ({"utc_offset_min": "841"}, "malformed", "utc_offset_min"),
        ({"imsi": "4017700000001"}, "malformed", "imsi"),
        ({"imsi": "4.0177E+14"}, "malformed", "imsi"),
        ({"msisdn": "0770100000"}, "malformed", "msisdn"),
        ({"imsi": None, "msisdn": None}, "no_imsi_or_msisdn", "imsi"),
        ({"duration_s": "1:00"}, "malformed", "duration_s"),
        ({"duration_s": "1.5"}, "malformed", "duration_s"),
        ({"duration_s": "-1"}, "negative", "duration_s"),
        ({"duration_s": "86401"}, "too_long", "duration_s"),
        ({"imsi": None, "msisdn": "77019999999"}, "unresolved_msisdn", "imsi (voice mo)"),
        ({"operator": None, "imsi": "x", "started_at": "y"}, "missing", "operator"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_row_that_breaks_a_rule_is_rejected_under_it(source, rows, encode, change, rule, field, suffix):
    source.write(f"cdr/a.{suffix}", encode(rows({}, change, {"utc_offset_min": None}), suffix))
    taken = source.take()
    line = 2 if suffix == "parquet" else 3
    assert taken.rejects.drop("raw").rows() == [(f"cdr/a.{suffix}", line, rule, field)]
    assert taken.files.select("rows_in", "rows_kept", "rows_rejected").rows() == [(3, 2, 1)]
    REJECTS.check(taken.rejects)
    FILES.check(taken.files)


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"imei": None}, "imei", None),
        ({"imei": "00000000000000"}, "imei", None),
        ({"imei": "35678901"}, "imei", None),
        ({"imei": "3567890123456701"}, "imei", 35_678_901_234_567),
        ({"cell": "0"}, "cell", None),
        ({"cell": None}, "cell", None),
        ({"answered": "maybe"}, "answered", None),
        ({"answered": "0"}, "answered", False),
        ({"answered": "Yes"}, "answered", True),
        ({"duration_s": "60.0"}, "duration_s", 60),
        ({"duration_s": None}, "duration_s", 0),
        ({"answered": "false"}, "duration_s", 0),
        ({"service": "sms"}, "duration_s", 0),
        ({"service": "data", "duration_s": "100000"}, "duration_s", 100_000),
        ({"imsi": "40177000000001"}, "imsi", 40_177_000_000_001),
        ({"imsi": "001010000000001"}, "imsi", 1_010_000_000_001),
        ({"msisdn": "+77010000001"}, "msisdn", 77_010_000_001),
        ({"started_at": "2025-03-01T12:00:00.1234567+05"}, "utc_offset_min", 300),
        ({"started_at": "2025-03-01 12:00:00+0530"}, "utc_offset_min", 330),
        ({"started_at": "2025-03-01T01:00:00-03:00"}, "utc_offset_min", -180),
        ({"started_at": "2025-03-01T12:00:00Z"}, "utc_offset_min", 300),
        ({"started_at": "2025-03-01T12:00:00+00:00"}, "utc_offset_min", 300),
        ({"started_at": "2024-02-01T12:00:00Z"}, "utc_offset_min", 360),
        ({"started_at": "2025-03-01T12:00:00+05:00", "utc_offset_min": "240"}, "utc_offset_min", 240),
        ({"started_at": "2025-03-01T19:00:00Z"}, "night", date(2025, 3, 2)),
        ({"started_at": "2025-03-01T19:00:00Z", "operator": "nozone"}, "utc_offset_min", None),
        ({"started_at": "2025-03-01T19:00:00Z", "operator": "nozone"}, "night", date(2025, 3, 1)),
    ],
)
def test_what_can_be_used_is_kept(source, rows, encode, change, column, expected):
    source.write("cdr/a.csv", encode(rows(change), "csv"))
    taken = source.take()
    assert taken.rejects.is_empty()
    assert source.cdrs()[column].to_list() == [expected]


def test_fractions_of_a_second_are_kept(source, rows, encode):
    times = ["2025-03-01T12:00:00.25+05:00", "2025-03-01T12:00:00,000001Z", "2025-03-01T12:00:00z"]
    source.write("cdr/a.csv", encode(rows(*({"started_at": time} for time in times)), "csv"))
    source.take()
    assert source.cdrs()["started_at"].dt.microsecond().to_list() == [250_000, 1, 0]


def test_optional_columns_may_be_absent(source, rows, encode):
    names = ["operator", "service", "direction", "started_at", "msisdn", "imsi", "other_party"]
    source.write("cdr/a.csv", encode(rows({}).select(names), "csv"))
    source.take()
    read = source.cdrs()
    assert read.select("imei", "answered", "cell").rows() == [(None, None, None)]
    assert read["duration_s"].to_list() == [0]


def test_any_operator_is_taken_where_none_is_configured(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({}, {"operator": "gamma"}), "csv"))
    taken = source.take(Config())
    assert taken.rejects.is_empty()
    assert source.cdrs()["operator"].cast(pl.String).to_list() == ["alpha", "gamma"]


def test_local_time_that_nobody_knows_is_warned_of_by_operator(source, rows, encode):
    utc = "2025-03-01T12:00:00Z"
    source.write("cdr/a.csv", encode(rows({}, {"started_at": utc}, {"started_at": utc, "operator": "nozone"}), "csv"))
    warned = [warning for warning in source.take().warnings if "timezone" in warning]
    assert len(warned) == 1
    assert "operator nozone" in warned[0]
    assert "1 records" in warned[0]


def test_warnings_count_what_was_left_empty_and_passed_over(source, rows, encode):
    changes = [
        {"imei": "0"},
        {"imei": "1"},
        {"cell": "x"},
        {"answered": "x"},
        {"other_party": "*100#"},
        {"tariff": "gold"},
    ]
    source.write("cdr/a.csv", encode(rows(*changes), "csv"))
    source.write("cdr/b.csv", encode(rows({"tariff": "silver"}), "csv"))
    text = "\n".join(source.take().warnings)
    assert "imei: 2 records" in text
    assert "cell: 1 records" in text
    assert "answered: 1 records" in text
    assert "other_party: 1 records" in text
    assert text.count("tariff") == 1


def test_a_source_without_a_usable_row_is_refused(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({"service": "fax"}, {"imsi": None, "msisdn": None}), "csv"))
    with pytest.raises(InputError, match="unknown_value") as caught:
        source.take()
    assert "no_imsi_or_msisdn" in str(caught.value)
    assert not source.store.path.exists()


def test_the_order_of_rows_changes_record_ids_only(tmp_path_factory, source, rows, encode):
    changes = [
        {"imsi": f"40177000000000{n % 3}", "duration_s": str(n), "imei": f"35678901234567{n % 9}", "other_party": party}
        for n, party in enumerate(
            ["BANK", "77010000001", None, "1414", "Shop", "77020000001", "anonymous", "442071234567"]
        )
    ]
    frame = rows(*changes, {"service": "fax"}, {"imsi": None, "msisdn": "77010000001"})
    found = []
    for ordered in (frame, frame.reverse()):
        folder = type(source)(tmp_path_factory.mktemp("shuffled"))
        folder.write("cdr/a.csv", encode(ordered, "csv"))
        taken = folder.take()
        cdrs = folder.store.read(folder.store.nights()).drop("record_id")
        found.append((cdrs.sort(cdrs.columns), taken.rejects.drop("line").sort("rule"), taken.senders, taken.warnings))
    for one, other in zip(*found, strict=True):
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other
