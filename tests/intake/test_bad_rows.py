"""Values that arrive odd, wrong or doubtful: cases 29 to 62 but those of whole batches."""

import polars as pl
import pytest
from dialects import FILE, USUAL, text_of

from simbox.config import config_from
from simbox.errors import ConfigError, FeedRefusedError, InputError
from simbox.intake import read_references
from simbox.tables.writing import guard_formula
from simbox.telecom.identifiers import print_cell

SUBSCRIBERS = "imsi,msisdn,operator,registration,activated_on,valid_from,valid_to\n"


def one(batch, column, **change):
    """What a usual record with a change becomes in one column."""
    batch.put(change)
    taken = batch.take()
    assert taken.rejects.is_empty(), taken.rejects.to_dicts()
    return batch.cdrs()[column][0]


def rejected(batch, rule, field, *changes):
    """A usual record, then changed ones: all but the first are rejected by a rule."""
    batch.put({}, *changes)
    taken = batch.take()
    assert taken.rejects.select("line", "rule", "field").rows() == [(3 + n, rule, field) for n in range(len(changes))]
    assert batch.cdrs().height == 1
    return taken


@pytest.mark.parametrize("blank", [" ", "\t", "  \t"])
def test_29_blanks_around_values_are_taken_off(batch, blank):
    batch.put({name: f"{blank}{value}{blank}" for name, value in USUAL.items() if value})
    assert batch.take().rejects.is_empty()
    row = batch.cdrs().to_dicts()[0]
    assert (row["imsi"], row["msisdn"], row["duration_s"]) == (401_770_000_000_001, 77_010_000_001, 60)


@pytest.mark.parametrize("field", ["imsi", "msisdn", "other_party"])
def test_30_a_number_that_went_through_a_spreadsheet_is_lost(batch, field):
    column = {"imsi": "SERVED_IMSI", "msisdn": "SERVED_MSISDN", "other_party": "CALLED_NUM"}[field]
    taken = rejected(batch, "precision_lost", field, {column: "7.70112E+10"}, {column: "4,0177E+14"})
    assert any("went through a spreadsheet" in warning for warning in taken.warnings)


@pytest.mark.parametrize(("form", "expected"), [("15", 1_567_890_123_456), ("auto", 15_678_901_234_567)])
def test_31_leading_zeros_come_back_only_where_the_width_is_known(batch, form, expected):
    batch.profile(change=lambda text: text.replace('form = "auto"', f'form = "{form}"'))
    assert one(batch, "imei", SERVED_IMEI="15678901234567") == expected


def test_31_a_zero_at_the_front_is_kept(batch):
    assert one(batch, "imei", SERVED_IMEI="015678901234567") == 1_567_890_123_456


def test_32_twenty_digits_are_no_identifier(batch):
    rejected(batch, "malformed", "imsi", {"SERVED_IMSI": "40177000000000100000"}, {"SERVED_IMSI": "9" * 30})


def test_33_a_negative_duration_is_rejected(batch):
    rejected(batch, "negative", "duration_s", {"DURATION": "-5"})


def test_33_unless_begin_and_end_tell_it(batch):
    batch.profile(
        change=lambda text: text.replace('unit = "s" }', 'unit = "s", ended_at = "CALL_REFERENCE" }').replace(
            'call_ref = "CALL_REFERENCE"', ""
        )
    )
    taken = one(batch, "duration_s", DURATION="-5", ANSWER_TIME="20250301130000", CALL_REFERENCE="20250301130130")
    assert taken == 90


def test_34_longer_than_a_day_is_no_call(batch):
    rejected(batch, "too_long", "duration_s", {"DURATION": "86401"})


def test_35_milliseconds_for_seconds_are_a_mistake_of_the_profile(batch):
    batch.put(*[{"DURATION": str(20_000 + n)} for n in range(50)])
    with pytest.raises(ConfigError, match=r"duration_s\.unit") as caught:
        batch.take()
    assert caught.value.exit_code == 6
    batch.profile(change=lambda text: text.replace('unit = "s"', 'unit = "ms"'))
    batch.take()
    assert batch.cdrs()["duration_s"].to_list() == [20] * 50


@pytest.mark.parametrize(
    "time", ["19700101000000", "20000101000000", "20360207062816", "20250220120000", "20250303120000"]
)
def test_36_a_clock_that_was_reset_is_outside_the_window(batch, time):
    rejected(batch, "outside_window" if time > "1991" else "malformed", "started_at", {"ANSWER_TIME": time})


def test_36_a_late_record_within_the_window_is_kept(batch):
    assert str(one(batch, "night", ANSWER_TIME="20250222120000")) == "2025-02-22"


@pytest.mark.parametrize("time", ["20250230120000", "20251301120000", "20250301240001", "20250301246000", "2025030112"])
def test_37_a_date_that_never_was_is_rejected(batch, time):
    rejected(batch, "malformed", "started_at", {"ANSWER_TIME": time})


def test_37_midnight_as_24_00_is_the_next_day(batch):
    batch.put({"ANSWER_TIME": "20250301240000"})
    taken = batch.take()
    assert str(batch.cdrs()["started_at"][0]) == "2025-03-01 19:00:00+00:00"
    assert str(batch.cdrs()["night"][0]) == "2025-03-02"
    assert any("midnights written as 24:00: 1" in warning for warning in taken.warnings)


def test_37_day_and_month_exchanged_are_told(batch):
    batch.profile(
        limits="rejects_share = 0.1",
        change=lambda text: text.replace("%Y%m%d%H%M%S", "%m/%d/%Y %H:%M:%S").replace("(?P<date>[0-9]{8})", "[0-9]{8}"),
    )
    batch.put(*[{"ANSWER_TIME": f"{day}/02/2025 12:00:00"} for day in range(13, 28)])
    with pytest.raises(FeedRefusedError, match="day and month exchanged"):
        batch.take()


def kyiv(batch):
    batch.profile(
        change=lambda text: text.replace('"%Y%m%d%H%M%S"', '"%Y%m%d%H%M%S", zone = "Europe/Kyiv"').replace(
            "(?P<date>[0-9]{8})", "[0-9]{8}"
        )
    )


def test_38_an_hour_that_was_skipped_is_no_time(batch):
    kyiv(batch)
    taken = rejected(batch, "no_such_local_time", "started_at", {"ANSWER_TIME": "20250330033000"})
    assert taken.files["rows_rejected"].to_list() == [1]


def test_38_an_hour_that_was_there_twice_is_taken_as_the_earlier_and_counted(batch):
    kyiv(batch)
    batch.put({"ANSWER_TIME": "20251026033000"}, {"ANSWER_TIME": "20251026043000"})
    taken = batch.take()
    assert [str(at) for at in batch.cdrs()["started_at"]] == ["2025-10-26 00:30:00+00:00", "2025-10-26 02:30:00+00:00"]
    assert batch.cdrs()["utc_offset_min"].to_list() == [180, 120]
    assert any("there twice" in warning and warning.endswith(": 1") for warning in taken.warnings)


def test_39_a_zone_that_changed_its_offset(batch):
    batch.profile(change=lambda text: text.replace("(?P<date>[0-9]{8})", "[0-9]{8}"))
    batch.put({"ANSWER_TIME": "20240229233000"}, {"ANSWER_TIME": "20240301003000"})
    batch.take()
    assert [str(at) for at in batch.cdrs()["started_at"]] == ["2024-02-29 17:30:00+00:00", "2024-02-29 19:30:00+00:00"]
    assert batch.cdrs()["utc_offset_min"].to_list() == [360, 300]


def test_47_both_legs_of_a_call_are_kept(batch):
    mo = {"CALL_REFERENCE": "7", "CALLED_NUM": "77010000002"}
    mt = mo | {"REC_TYPE": "MTC", "SERVED_IMSI": "401770000000002", "SERVED_MSISDN": "77010000002"}
    same = {"ANSWER_TIME": "20250301130000"}
    batch.put(mo | same, mt | same | {"CALLING_NUM": "77010000001"})
    taken = batch.take()
    assert taken.files["rows_kept"].to_list() == [2]
    assert batch.cdrs()["direction"].cast(pl.String).to_list() == ["mo", "mt"]


@pytest.mark.parametrize("imei", ["", "0", "000000000000000", "111111111111111", "123456789012345", "35678901"])
def test_48_no_imei_and_a_placeholder_are_no_device(batch, imei):
    batch.put({"SERVED_IMEI": imei})
    taken = batch.take()
    assert batch.cdrs()["imei"].to_list() == [None]
    assert taken.files["junk_imeis_share"].to_list() == [1.0 if imei else None]


@pytest.mark.parametrize("imei", ["35678901234567", "356789012345670", "356789012345678", "3567890123456701"])
def test_49_fourteen_digits_count_whatever_follows(batch, imei):
    assert one(batch, "imei", SERVED_IMEI=imei) == 35_678_901_234_567


@pytest.mark.parametrize(
    ("imei", "expected"),
    [("35-678901-234567-0", 35_678_901_234_567), ("35678901234567F", 35_678_901_234_567), ("3567890123456A0", None)],
)
def test_50_hyphens_and_filler_are_put_right_and_letters_are_not(batch, imei, expected):
    batch.put({"SERVED_IMEI": imei})
    taken = batch.take()
    assert batch.cdrs()["imei"].to_list() == [expected]
    assert any("IMEIs put right" in warning for warning in taken.warnings) == (expected is not None)


@pytest.mark.parametrize("imsi", ["40177000000001", "250010000000001", "001010000000001"])
def test_51_short_foreign_and_test_imsis_are_taken(batch, imsi):
    assert one(batch, "imsi", SERVED_IMSI=imsi) == int(imsi)


def test_51_without_imsi_and_number_there_is_nobody(batch):
    rejected(batch, "no_imsi_or_msisdn", "imsi", {"SERVED_IMSI": "", "SERVED_MSISDN": ""})


def test_51_a_missing_imsi_is_found_by_the_number_or_counted_by_service_and_direction(batch):
    found = {"SERVED_IMSI": "", "REC_TYPE": "MTC"}
    batch.put({}, found, {"SERVED_IMSI": "", "SERVED_MSISDN": "77019999999", "REC_TYPE": "SMT"})
    taken = batch.take()
    assert taken.rejects.select("rule", "field").rows() == [("unresolved_msisdn", "imsi (sms mt)")]
    assert "77019999999" in taken.rejects["raw"][0]
    assert batch.cdrs()["imsi"].to_list() == [401_770_000_000_001] * 2


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+77020000002", 77_020_000_002),
        ("87020000002", 77_020_000_002),
        ("77020000002", 77_020_000_002),
        ("7020000002", 77_020_000_002),
        ("00447911123456", 447_911_123_456),
        ("810447911123456", 447_911_123_456),
        ("447911123456", 447_911_123_456),
        ("B77020000002", 77_020_000_002),
        ("77020000002F", 77_020_000_002),
        ("77020000002;phone-context=+7", 77_020_000_002),
        ("tel:+77020000002", 77_020_000_002),
        ("sip:+77020000002@ims.example", 77_020_000_002),
        ("+7 (702) 000-00-02", 77_020_000_002),
        ("7702A00B002", None),
        ("0000000000", None),
    ],
)
def test_52_numbers_in_any_coat_are_e164_or_nothing(batch, number, expected):
    assert one(batch, "other_party", CALLED_NUM=number) == expected
    assert batch.cdrs()["other_kind"][0] == {None: "unknown", 447_911_123_456: "international"}.get(expected, "off_net")


@pytest.mark.parametrize(
    ("kind", "number", "expected", "word"),
    [
        ("1", "870200000021", 870_200_000_021, "international"),
        ("2", "7020000002", 77_020_000_002, "off_net"),
        ("5", "1414", None, "alphanumeric"),
        ("0", "87020000002", 77_020_000_002, "off_net"),
    ],
)
def test_52_the_type_of_number_comes_first(batch, kind, number, expected, word):
    batch.profile(change=lambda text: text.replace('cf = "CALLED_NUM" }', 'cf = "CALLED_NUM", type_of_number = "CI" }'))
    party = one(batch, "other_party", CALLED_NUM=number, CI=kind)
    assert (party == expected) if expected else (party >> 61 == 1)
    assert batch.cdrs()["other_kind"][0] == word


@pytest.mark.parametrize("number", ["7702000000200000000", "*100#", "**21*87020000002#", "8702000000200001234567"])
def test_53_dialled_codes_and_overlong_numbers_keep_their_row(batch, number):
    batch.put({"CALLED_NUM": number})
    taken = batch.take()
    assert batch.cdrs().select("other_party", "other_kind").rows() == [(None, "unknown")]
    assert any("other_party: 1 records" in warning for warning in taken.warnings)


@pytest.mark.parametrize("code", ["112", "1414"])
def test_53_short_codes_come_before_prefixes(batch, code):
    assert one(batch, "other_party", CALLED_NUM=code) == int(code)
    assert batch.cdrs()["other_kind"].to_list() == ["short_code"]


@pytest.mark.parametrize("sender", ["Kaspi", "Қазпошта", "=cmd|' /C calc'!A0", "<script>alert(1)</script>"])
def test_54_a_name_is_a_stable_code_with_its_text_beside(batch, sender):
    code = one(batch, "other_party", REC_TYPE="SMT", CALLING_NUM=sender.replace("|", "/"))
    assert batch.cdrs()["other_kind"].to_list() == ["alphanumeric"]
    assert dict(batch.store.senders().iter_rows()) == {code: sender.replace("|", "/")}


@pytest.mark.parametrize("caller", ["", "anonymous", "Withheld"])
def test_54_a_withheld_caller(batch, caller):
    assert one(batch, "other_party", REC_TYPE="MTC", CALLING_NUM=caller) is None
    assert batch.cdrs()["other_kind"].to_list() == ["withheld"]


def test_55_only_ascii_digits_are_digits(batch):
    arabic = "".join(chr(0x660 + int(digit)) for digit in "87020000002")
    assert one(batch, "other_party", CALLED_NUM=arabic) is None
    assert batch.cdrs()["other_kind"].to_list() == ["unknown"]
    batch.put({"SERVED_IMSI": "".join(chr(0x660 + int(digit)) for digit in "401770000000001")},
              name="cdr/MSC01_20250301_000002.csv")  # fmt: skip
    assert batch.take().rejects.select("rule", "field").rows() == [("malformed", "imsi")]


def test_56_a_number_belongs_to_whoever_had_it_that_night(batch):
    batch.write(
        "subscribers.csv",
        SUBSCRIBERS + "401770000000001,77010000005,alpha,registered,,2025-01-01,2025-02-27\n"
        "401770000000002,77010000005,alpha,registered,,2025-02-28,\n",
    )
    nobody = {"SERVED_IMSI": "", "SERVED_MSISDN": "77010000005"}
    batch.put(nobody | {"ANSWER_TIME": "20250227120000"}, nobody | {"ANSWER_TIME": "20250301120000"})
    assert batch.take().rejects.is_empty()
    assert batch.cdrs()["imsi"].to_list() == [401_770_000_000_001, 401_770_000_000_002]


def test_57_a_new_card_on_an_old_number_is_another_sim(batch):
    batch.put({}, {"SERVED_IMSI": "401770000000002"})
    batch.take()
    assert batch.cdrs().select("imsi", "msisdn").rows() == [
        (401_770_000_000_001, 77_010_000_001),
        (401_770_000_000_002, 77_010_000_001),
    ]


@pytest.mark.parametrize(
    ("lac", "ci"), [("0", "10441"), ("65535", "10441"), ("65534", "1"), ("1000", "0"), ("x", "1"), ("1000", "65536")]
)
def test_58_a_cell_that_is_none_is_counted(batch, lac, ci):
    batch.put({"LAC": lac, "CI": ci})
    taken = batch.take()
    assert batch.cdrs()["cell"].to_list() == [None]
    assert taken.files["unknown_cells_share"].to_list() == [1.0]


def test_58_a_wrong_radix_shows_in_the_share_of_unknown_cells(batch):
    batch.write("cells.csv", "cell,lat,lon\n401-77-1000-10441,43.2,76.9\n401-77-1000-10442,43.2,76.9\n")
    rows = [{"LAC": "3E8", "CI": "28C9"}, {"LAC": "3E8", "CI": "28CA"}]
    batch.profile(limits="unknown_cells_share = 0.05")
    batch.put(*rows)
    with pytest.raises(FeedRefusedError, match=r"100\.0% of its cells are not known, the limit is 5\.00%"):
        batch.take()
    batch.profile(
        limits="unknown_cells_share = 0.05", change=lambda text: text.replace('radix = "dec"', 'radix = "hex"')
    )
    batch.take()
    assert batch.cdrs().select(print_cell(pl.col("cell"))).to_series().to_list() == [
        "401-77-1000-10441",
        "401-77-1000-10442",
    ]


CELLS = {
    "eci": ('{ eci = "CI", kind = "ecgi" }', {"CI": "123456"}, "401-77-e123456"),
    "enb": ('{ enb = "LAC", sector = "CI", kind = "ecgi" }', {"LAC": "482", "CI": "64"}, "401-77-e123456"),
    "nci": ('{ nci = "CI", kind = "ncgi", radix = "hex", plmn = "401-07" }', {"CI": "75bcd15"}, "401-07-n123456789"),
    "plmn": ('{ lac = "LAC", ci = "CI", plmn = "CALL_REFERENCE" }', {"CALL_REFERENCE": "40107"}, "401-07-1000-10441"),
    "whole": ('{ from = "CI" }', {"CI": "401-77-e9"}, "401-77-e9"),
    "hex": ('{ from = "CI", radix = "hex" }', {"CI": "4017703E828C9"}, "401-77-1000-10441"),
    "kinds": (
        '[{ lac = "LAC", ci = "CI", when = { from = "CALL_REFERENCE", is = ["2G"] } },'
        ' { eci = "CI", kind = "ecgi", when = { from = "CALL_REFERENCE", is = ["4G"] } }]',
        {"CI": "77", "CALL_REFERENCE": "4G"},
        "401-77-e77",
    ),
}


@pytest.mark.parametrize(("columns", "change", "expected"), CELLS.values(), ids=CELLS)
def test_58_cells_of_all_kinds_are_composed(batch, columns, change, expected):
    old = '{ lac = "LAC", ci = "CI", kind = "cgi", radix = "dec" }'
    batch.profile(change=lambda text: text.replace(old, columns).replace('call_ref = "CALL_REFERENCE"', ""))
    cell = one(batch, "cell", **change)
    assert pl.select(print_cell(pl.lit(cell, dtype=pl.Int64))).item() == expected


def test_59_a_cell_that_moved_has_a_row_for_each_place(batch):
    batch.write(
        "cells.csv",
        "cell,lat,lon,valid_from,valid_to\n401-77-1000-10441,43.2,76.9,2024-01-01,2025-02-01\n"
        "401-77-1000-10441,43.3,76.8,2025-02-02,\n",
    )
    cells = read_references(batch.path).cells
    assert cells.select("lat", "valid_from").to_dicts() == [
        {"lat": 43.2, "valid_from": pl.Series(["2024-01-01"]).str.to_date()[0]},
        {"lat": 43.3, "valid_from": pl.Series(["2025-02-02"]).str.to_date()[0]},
    ]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("76.9;43.2", r"latitude and longitude exchanged \(line 5\)"),
        ("0;0", r"latitude and longitude 0 \(line 5\)"),
    ],
)
def test_60_a_mast_that_stands_elsewhere_spoils_the_table(batch, place, reason):
    rows = "".join(f"401-77-1000-{n};43.2{n};76.9{n}\n" for n in range(1, 4))
    batch.write("cells.csv", f"cell;lat;lon\n{rows}401-77-1000-9;{place}\n")
    with pytest.raises(InputError, match=reason):
        read_references(batch.path)


@pytest.mark.parametrize("place", ["43,25;76,95", "43°15'N;76°57'E"])
def test_60_places_in_another_notation_spoil_the_table(batch, place):
    batch.write("cells.csv", f"cell;lat;lon\n401-77-1000-1;{place}\n401-77-1000-2;{place}\n")
    with pytest.raises(InputError, match="column lat: 2 rows have no decimal degrees"):
        read_references(batch.path)


def test_60_one_place_in_another_notation_among_good_ones_spoils_the_table(batch):
    rows = "".join(f"401-77-1000-{n};43.2{n};76.9{n}\n" for n in range(1, 4))
    for place in ("43,25;76,95", "43°15'N;76°57'E", "N43.25;76.95E"):
        batch.write("cells.csv", f"cell;lat;lon\n{rows}401-77-1000-9;{place}\n")
        with pytest.raises(InputError) as caught:
            read_references(batch.path)
        assert caught.value.problems[0] == "cells.csv: column lat: 1 row has no decimal degrees (as 43.25) (line 5)"
        assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("76.9,43.2", "latitude and longitude exchanged"),
        ("0,0", "latitude and longitude 0"),
        ("51.1,-0.1", "a place out of country.bounds in simbox.toml"),
        ("143.2,76.9", "a place out of country.bounds in simbox.toml"),
    ],
)
def test_60_with_bounds_of_the_country_every_mast_must_lie_within_them(batch, place, reason):
    # Most rows are wrong: a median would have taken the good one for the stray.
    batch.write("cells.csv", f"cell,lat,lon\n401-77-1-1,43.2,76.9\n401-77-1-2,{place}\n401-77-1-3,{place}\n")
    bounds = config_from({"country": {"bounds": [40, 46, 56, 88]}}, "simbox.toml").country.bounds
    with pytest.raises(InputError) as caught:
        read_references(batch.path, bounds)
    assert f"cells.csv: column lat: 2 rows have {reason} (line 3, 4)" in caught.value.problems
    batch.write("cells.csv", "cell,lat,lon\n401-77-1-1,43.2,76.9\n401-77-1-2,,\n")
    assert read_references(batch.path, bounds).cells.height == 2


def test_60_bounds_may_reach_across_the_180th_meridian(batch):
    batch.write("cells.csv", "cell,lat,lon\n401-77-1-1,65,170\n401-77-1-2,65,-170\n")
    assert read_references(batch.path, (41, 19, 82, -169)).cells.height == 2


def test_61_control_characters_reach_no_message_and_no_reject(batch):
    batch.put({"CALLED_NUM": "\x1b[31m\x07", "SERVED_IMSI": "\x1b]0;owned\x07"})
    with pytest.raises(InputError) as caught:
        batch.take()
    assert str(caught.value).replace("\n", "").isprintable()
    batch.put({}, {"SERVED_IMSI": "\x1b]0;owned\x07"})
    taken = batch.take()
    assert taken.rejects["raw"][0].isprintable()
    assert "\\x1b]0;owned\\x07" in taken.rejects["raw"][0]
    assert all(warning.isprintable() for warning in taken.warnings)


@pytest.mark.parametrize("text", ["=1+1", "+7", "-2", "@x", "\tx"])
def test_62_what_a_spreadsheet_would_run_is_made_harmless(text):
    assert pl.select(guard_formula(pl.lit(text))).item() == f"'{text}"


@pytest.mark.parametrize(
    ("leg", "service", "direction"),
    [("FWD", "voice", "cf"), ("GPRS", "data", "mo"), ("LU", "signalling", "mo"), ("SMO", "sms", "mo")],
)
def test_legs_of_every_kind_are_taken(batch, leg, service, direction):
    assert one(batch, "service", REC_TYPE=leg) == service
    row = batch.cdrs().to_dicts()[0]
    assert row["direction"] == direction
    assert (row["other_party"] is None) == (service in ("data", "signalling"))


def test_records_of_types_to_skip_are_counted_and_unknown_ones_rejected(batch):
    batch.put({}, {"REC_TYPE": "TRANSIT"}, {"REC_TYPE": "USSD"}, {"REC_TYPE": "CAMEL"})
    taken = batch.take()
    assert taken.files.select("rows_kept", "rows_skipped", "rows_rejected").rows() == [(1, 2, 1)]
    assert taken.rejects.select("rule", "field").rows() == [("unknown_value", "service")]


def test_a_number_is_on_net_by_subscriber_then_porting_then_prefix(batch):
    batch.write("subscribers.csv", SUBSCRIBERS + "401770000000009,77027000001,alpha,registered,,,\n")
    batch.write("ported.csv", "msisdn,operator,valid_from\n77017000002,beta,2025-01-01\n")
    numbers = ["87027000001", "87017000002", "87017000003", "87027000004"]
    batch.put(*({"CALLED_NUM": number} for number in numbers))
    batch.take()
    assert batch.cdrs()["other_kind"].to_list() == ["on_net", "off_net", "on_net", "off_net"]


def test_lines_of_rejects_are_those_of_the_file_wherever_they_stand(batch):
    changes = [{"SERVED_IMSI": "x"} if n % 7 == 3 else {} for n in range(60)]
    batch.write(FILE, text_of(*changes))
    taken = batch.take()
    lines = text_of(*changes).splitlines()
    assert taken.rejects["line"].to_list() == [n + 2 for n in range(60) if n % 7 == 3]
    assert taken.rejects["raw"].to_list() == [lines[line - 1] for line in taken.rejects["line"]]
