"""Identifiers survive packing and printing with their leading zeros; what is none becomes null."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.telecom import identifiers

DIGITS = "0123456789"


def apply(function, *values):
    return pl.DataFrame({"value": list(values)}).select(function(pl.col("value"))).to_series().to_list()


def digits(low: int, high: int, first: str = DIGITS) -> st.SearchStrategy[str]:
    rest = st.text(DIGITS, min_size=low - 1, max_size=high - 1)
    return st.tuples(st.sampled_from(first), rest).map("".join)


imsis = st.one_of(digits(14, 15, DIGITS[1:]), st.text(DIGITS, min_size=12, max_size=12).map("001".__add__))
mcc_mncs = st.tuples(st.integers(0, 999), st.integers(0, 999), st.booleans()).map(
    lambda network: f"{network[0]:03}-{network[1]:03}" if network[2] else f"{network[0]:03}-{network[1] % 100:02}"
)
cell_ids = st.one_of(
    st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(lambda cgi: f"{cgi[0]}-{cgi[1]}"),
    st.integers(0, 2**28 - 1).map("e{}".format),
    st.integers(0, 2**36 - 1).map("n{}".format),
)


@given(st.lists(imsis, min_size=1))
def test_an_imsi_comes_back_as_it_was(texts):
    packed = apply(identifiers.pack_imsi, *texts)
    assert apply(identifiers.print_imsi, *packed) == texts
    assert apply(identifiers.check_imsi, *packed) == packed


@pytest.mark.parametrize(
    "text",
    [
        "4017700000001",
        "4017700000000011",
        "040177000000001",
        "01770000000001",
        "40177000000000a",
        "+40177000000001",
        "-40177000000001",
        "40177000000000\N{ARABIC-INDIC DIGIT ONE}",
        "401770000000001 ",
        "4.0177E+14",
        "",
    ],
)
def test_what_is_no_imsi_is_null(text):
    assert apply(identifiers.pack_imsi, text) == [None]


@pytest.mark.parametrize("number", [0, -1, 4017700000001, 10**15, 123])
def test_an_integer_that_is_no_imsi_is_null(number):
    assert apply(identifiers.check_imsi, number) == [None]


@given(digits(3, 15, DIGITS[1:]), st.sampled_from(["", "+"]))
def test_a_number_is_packed_without_its_plus(text, plus):
    assert apply(identifiers.pack_msisdn, plus + text) == [int(text)]


@pytest.mark.parametrize(
    "text", ["77", "7701000000000000", "0770100000", "+0770100000", "++77010000000", "BANK", "-770100"]
)
def test_what_is_no_number_is_null(text):
    assert apply(identifiers.pack_msisdn, text) == [None]


@given(digits(14, 14), st.sampled_from(["", "7", "04"]))
def test_an_imei_keeps_its_first_14_digits(text, more):
    packed = apply(identifiers.pack_imei, text + more)
    assert apply(identifiers.print_imei, *packed) == [text]


@pytest.mark.parametrize("text", ["3567890123456", "35678901234567890", "35678901234567f", "+3567890123456", ""])
def test_what_is_no_imei_is_null(text):
    assert apply(identifiers.pack_imei, text) == [None]


@pytest.mark.parametrize(
    ("text", "junk"),
    [
        ("00000000000000", True),
        ("11111111111111", True),
        ("99999999999999", True),
        ("12345678901234", True),
        ("01234567890123", True),
        ("35678901234567", False),
        ("01123456789012", False),
    ],
)
def test_placeholder_imeis_are_junk(text, junk):
    assert apply(lambda value: identifiers.is_junk_imei(identifiers.pack_imei(value)), text) == [junk]


@given(st.lists(st.tuples(mcc_mncs, cell_ids).map("-".join), min_size=1))
def test_a_cell_of_any_kind_comes_back_as_it_was(texts):
    packed = apply(identifiers.pack_cell, *texts)
    assert apply(identifiers.print_cell, *packed) == texts
    assert all(0 <= cell < 1 << 62 for cell in packed)


def test_cells_that_differ_have_codes_that_differ():
    texts = ["401-77-1-2", "401-077-1-2", "401-77-e65538", "401-77-n65538", "410-77-1-2", "401-77-2-1"]
    assert len(set(apply(identifiers.pack_cell, *texts))) == len(texts)
    assert apply(lambda text: identifiers.cell_network(identifiers.pack_cell(text)), *texts[:2]) == [
        "401-77",
        "401-077",
    ]


@pytest.mark.parametrize(
    "text", ["401-77-65536-1", "401-77-1-65536", "401-77-e268435456", "401-7-1-1", "401-77-1", "401-77-x12", "0", ""]
)
def test_what_is_no_cell_is_null(text):
    assert apply(identifiers.pack_cell, text) == [None]


@given(st.text(min_size=1))
def test_a_senders_code_has_bit_61_set_and_no_higher(sender):
    code = identifiers.pack_sender(sender)
    assert code >> 61 == 1
    assert code == identifiers.pack_sender(f" {sender} ")


def test_buckets_are_the_same_everywhere_and_even():
    imsi = np.arange(401_770_000_000_000, 401_770_000_100_000)
    buckets = identifiers.bucket(imsi)
    expected = [(int(one) * 0x9E3779B97F4A7C15) % 2**64 >> 52 for one in imsi[:100]]
    assert buckets[:100].tolist() == expected
    assert np.bincount(buckets, minlength=identifiers.BUCKETS).max() < 60


@given(st.lists(imsis, min_size=1))
def test_a_redacted_imsi_hides_eight_digits_and_keeps_its_length(texts):
    for text, redacted in zip(texts, apply(redacted_imsi, *texts), strict=True):
        assert len(redacted) == len(text)
        assert redacted.count("*") >= len(text) - 7
        assert redacted[:5] + redacted[-2:] == text[:5] + text[-2:]


def redacted_imsi(text):
    return identifiers.redact_imsi(identifiers.pack_imsi(text))


def test_redaction_shows_digits_only_in_part():
    assert apply(identifiers.redact_msisdn, 77011234567, 1234567, 12345678, 1414, None) == [
        "7701*****67",
        "*****67",
        "1*****78",
        "1414",
        None,
    ]
    assert apply(identifiers.redact_imei, 1234567812345, 35123456123456) == ["01234567******", "35123456******"]
    assert apply(identifiers.redact_iccid, "89770112345678901234", "8977011234567890123") == [
        "8977011***********34",
        "8977011**********23",
    ]
    assert apply(identifiers.redact_imeis, "35123456123456 01234567812345", "") == ["35123456****** 01234567******", ""]


@given(st.integers(10**6, 10**15 - 1))
def test_of_a_redacted_number_five_digits_are_hidden_at_least(number):
    (redacted,) = apply(identifiers.redact_msisdn, number)
    assert redacted.count("*") >= identifiers.LEAST_HIDDEN
    assert len(redacted) == len(str(number))
