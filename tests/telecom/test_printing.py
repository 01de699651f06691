"""Tables as text: identifiers by their columns, whole or in part, nothing that a spreadsheet runs or XML can't hold."""

import csv
import io
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.telecom.identifiers import pack_cell, pack_sender
from simbox.telecom.printing import clean_text, csv_text, print_table


@pytest.fixture
def frame():
    return pl.DataFrame(
        {
            "imsi": [401_770_000_000_001, 1_010_000_000_001, None],
            "imsi_b": [401_770_000_000_002, None, None],
            "msisdn": [77_011_234_567, 101, None],
            "other_party": [77_021_234_567, pack_sender("Bank"), None],
            "imei": [1_234_567_812_345, 35_123_456_123_456, None],
            "iccid": ["89770112345678901234", None, ""],
            "imeis": ["35123456123456 01234567812345", "", None],
            "count": [401_770_000_000_001, 0, None],
            "share": [0.5, 1.0, None],
            "is_known": [True, False, None],
            "night": [date(2026, 5, 12), None, None],
            "at": [
                datetime(2026, 5, 12, 3, 4, 5, tzinfo=UTC),
                datetime(2026, 5, 12, 3, 4, 5, 250_000, tzinfo=UTC),
                None,
            ],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    ).with_columns(cell=pack_cell(pl.lit("401-77-1000-10441")))


def test_identifiers_have_their_digits_and_leading_zeros(frame):
    shown = print_table(frame).to_dict(as_series=False)
    assert shown["imsi"] == ["401770000000001", "001010000000001", None]
    assert shown["other_party"] == ["77021234567", None, None]
    assert shown["imei"] == ["01234567812345", "35123456123456", None]
    assert shown["cell"] == ["401-77-1000-10441"] * 3
    assert shown["at"] == ["2026-05-12T03:04:05Z", "2026-05-12T03:04:05.250Z", None]
    assert shown["night"] == ["2026-05-12", None, None]
    assert shown["is_known"] == ["true", "false", None]
    assert shown["share"] == ["0.5", "1.0", None]


def test_redaction_goes_by_the_name_of_the_column(frame):
    shown = print_table(frame, redact=True).to_dict(as_series=False)
    assert shown["imsi"][0] == "40177********01"
    assert shown["imsi_b"][0] == "40177********02"
    assert shown["msisdn"] == ["7701*****67", "101", None]
    assert shown["other_party"] == ["7702*****67", None, None]
    assert shown["imei"][1] == "35123456******"
    assert shown["iccid"] == ["8977011***********34", None, ""]
    assert shown["imeis"] == ["35123456****** 01234567******", "", None]
    assert shown["count"][0] == "401770000000001"


def test_a_count_that_is_named_like_a_list_of_identifiers_stays_a_number():
    shown = print_table(pl.DataFrame({"imeis": [3.0]}), redact=True)
    assert shown["imeis"].to_list() == ["3.0"]


def test_the_parts_of_a_list_stand_side_by_side():
    shown = print_table(pl.DataFrame({"hours": [[0, 12, 3], [], None]}))
    assert shown["hours"].to_list() == ["0 12 3", "", None]


@given(st.text(max_size=20))
def test_clean_text_is_fit_for_xml_and_a_terminal(text):
    (cleaned,) = pl.DataFrame({"text": [text]}).select(clean_text(pl.col("text"))).to_series()
    assert not [
        letter for letter in cleaned if ord(letter) < 32 or 127 <= ord(letter) < 160 or letter in "\ufffe\uffff"
    ]
    assert [letter for letter in cleaned if letter != " "] == [
        letter for letter in text if not (ord(letter) < 33 or 127 <= ord(letter) < 160 or letter in "\ufffe\uffff")
    ]


@given(st.lists(st.text(max_size=8), min_size=1), st.sampled_from(",;\t"))
def test_csv_reads_back_and_no_cell_is_a_formula(texts, separator):
    content = csv_text(pl.DataFrame({"dealer": texts, "other": texts}), separator=separator)
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator))
    assert len(rows) == len(texts) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))]
    (cleaned,) = pl.DataFrame({"text": [texts]}).explode("text").select(clean_text(pl.col("text"))).to_dict().values()
    assert [row[0].removeprefix("'") for row in rows[1:]] == [text.removeprefix("'") for text in cleaned]
