"""Numbers fall into the ranges of the country's plan and the operators' prefixes."""

from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.config import Numbers, Operator
from simbox.telecom import numbering
from simbox.telecom.numbering import country_codes, country_numbers

NUMBERS = Numbers(country_code="7", short_code_digits=6, landline_prefixes=["7727", "7701"])
OPERATORS = {
    "alpha": Operator(msisdn_prefixes=["7701", "77051"]),
    "beta": Operator(msisdn_prefixes=["7705"]),
}
NAMES = ["alpha", "beta", "unlisted"]
PLAN = numbering.make_plan(NUMBERS, OPERATORS, NAMES)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (-1, numbering.UNKNOWN),
        (112, numbering.SHORT_CODE),
        (999_999, numbering.SHORT_CODE),
        (1_000_000, numbering.UNKNOWN),
        (2_501_234, numbering.UNKNOWN),
        (77_010_000_001, 0),
        (77_050_000_001, 1),
        (77_051_000_001, 0),
        (77_272_501_234, numbering.LANDLINE),
        (77_090_000_000, numbering.MOBILE_UNKNOWN),
        (79_161_234_567, numbering.MOBILE_UNKNOWN),
        (998_901_234_567, numbering.INTERNATIONAL),
        (12_025_550_123, numbering.INTERNATIONAL),
        (10**15, numbering.UNKNOWN),
        ((1 << 61) + 5, numbering.UNKNOWN),
    ],
)
def test_a_number_has_the_kind_of_its_longest_prefix(number, expected):
    assert numbering.owner_or_kind(np.array([number]), PLAN).tolist() == [expected]


@given(st.integers(10**7, 10**15 - 1))
def test_ranges_agree_with_reading_prefixes(number):
    text = str(number)
    prefixes = [("7", numbering.MOBILE_UNKNOWN), ("7727", numbering.LANDLINE), ("7701", 0), ("7705", 1), ("77051", 0)]
    matches = [(len(prefix), code) for prefix, code in prefixes if text.startswith(prefix)]
    expected = max(matches)[1] if matches else numbering.INTERNATIONAL
    assert numbering.owner_or_kind(np.array([number]), PLAN).tolist() == [expected]


def test_a_short_code_of_eight_digits_is_no_foreign_number():
    plan = numbering.make_plan(Numbers(short_code_digits=8), {}, [])
    assert numbering.owner_or_kind(np.array([12_345_678]), plan).tolist() == [numbering.SHORT_CODE]


def test_countries_number_as_the_public_plans_say():
    kazakhstan = country_numbers("KZ")
    assert kazakhstan == ("7", "810", "8", (10,), "7")
    assert country_numbers("DE").code == "49"
    assert country_numbers("XX") is None
    assert {"1", "7", "44", "998", "883"} <= set(country_codes())
    assert not {"0", "999", "210"} & set(country_codes())


def test_the_table_of_countries_names_its_source_and_licence():
    text = (resources.files("simbox.telecom") / "country_numbers.csv").read_text()
    assert "libphonenumber" in text.split("country,code")[0]
    assert "Apache License 2.0" in text.split("country,code")[0]
