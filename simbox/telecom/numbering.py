"""What kind of number the far end is, by how the country and its operators number their lines."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simbox.config import Numbers, Operator

SHORTEST_E164, LONGEST_E164 = 8, 15
SHORT_CODE, LANDLINE, INTERNATIONAL, MOBILE_UNKNOWN, UNKNOWN = -1, -2, -3, -4, -5
KIND_OF_CODE = {
    SHORT_CODE: "short_code",
    LANDLINE: "landline",
    INTERNATIONAL: "international",
    MOBILE_UNKNOWN: "mobile_unknown",
    UNKNOWN: "unknown",
}

Codes = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class NumberingPlan(NamedTuple):
    """All numbers cut into ranges: from each border to the next one code holds, an operator's index or a kind."""

    borders: Longs
    codes: Codes
    operators: tuple[str, ...]


def make_plan(numbers: Numbers, operators: Mapping[str, Operator], names: Sequence[str]) -> NumberingPlan:
    """The plan of a country; `names` are the operators that codes 0, 1, 2 ... stand for.

    The longest prefix decides; between equal ones an operator's comes before a landline's.
    """
    prefixes = [(numbers.country_code, MOBILE_UNKNOWN)]
    prefixes += [(prefix, LANDLINE) for prefix in numbers.landline_prefixes]
    for code, name in enumerate(names):
        if name in operators:
            prefixes += [(prefix, code) for prefix in operators[name].msisdn_prefixes]
    # Painted in this order, the later over the earlier; sorted() keeps equal lengths as listed above.
    prefixes = sorted(prefixes, key=lambda entry: len(entry[0]))
    ranges = [(0, 10**numbers.short_code_digits, SHORT_CODE)]
    for digits in range(SHORTEST_E164, LONGEST_E164 + 1):
        ranges.append((10 ** (digits - 1), 10**digits, INTERNATIONAL))
        for prefix, code in prefixes:
            if len(prefix) < digits and not prefix.startswith("0"):
                scale = 10 ** (digits - len(prefix))
                ranges.append((int(prefix) * scale, (int(prefix) + 1) * scale, code))
    borders = np.unique(np.array([[first, last] for first, last, _ in ranges], dtype=np.int64))
    codes = np.full(borders.size, UNKNOWN, dtype=np.int32)
    # A short code of eight digits looks like a short foreign number; the country's own rule goes last and wins.
    for first, last, code in [*ranges[1:], ranges[0]]:
        codes[np.searchsorted(borders, first) : np.searchsorted(borders, last)] = code
    return NumberingPlan(borders, codes, tuple(names))


def owner_or_kind(number: Longs, plan: NumberingPlan) -> Codes:
    """For each number the index of the operator whose prefix it has, else the code of its kind."""
    position = np.searchsorted(plan.borders, number, side="right") - 1
    codes: Codes = np.where(position >= 0, plan.codes[np.maximum(position, 0)], UNKNOWN).astype(np.int32)
    return codes


class CountryNumbers(NamedTuple):
    """How a country numbers its lines; digits of a national number without the trunk prefix."""

    code: str
    international_prefix: str
    trunk_prefix: str
    national_digits: tuple[int, ...]
    first_digits: str


def country_numbers(country: str) -> CountryNumbers | None:
    """The numbering of a country by its ISO 3166 code; None for a code that no country has."""
    return _read_countries().get(country)


def country_codes() -> tuple[str, ...]:
    """Every country code that is assigned (E.164), those of services without a country included."""
    return tuple(sorted({entry.code for entry in _read_countries().values()}))


@cache
def _read_countries() -> dict[str, CountryNumbers]:
    text = (resources.files("simbox.telecom") / "country_numbers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    found = {}
    for row in rows:
        # The services share the code 001, of which each is one entry.
        key = row["country"] if row["country"] != "001" else f"001 {row['code']}"
        digits = tuple(int(count) for count in row["national_digits"].split())
        found[key] = CountryNumbers(
            row["code"], row["international_prefix"], row["trunk_prefix"], digits, row["first_digits"]
        )
    return found
