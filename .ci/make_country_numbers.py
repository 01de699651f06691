"""Makes simbox/telecom/country_numbers.csv from libphonenumber's metadata: `make_country_numbers.py OUT`.

Needs the package phonenumbers, which simbox itself does not: it is far too slow for every row, its facts are not.
"""

import re
import sys
from pathlib import Path

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

HEADER = f"""\
# How countries number their lines: country code, what is dialled before a foreign and before a national number, how
# many digits a fixed or mobile national number has and with which it begins.
# Derived by .ci/make_country_numbers.py from libphonenumber's metadata (phonenumbers {phonenumbers.__version__}),
# Copyright The Libphonenumber Authors, licensed under the Apache License 2.0
# (https://github.com/google/libphonenumber). Countries without a plain prefix have none here.
country,code,international_prefix,trunk_prefix,national_digits,first_digits
"""


def first_digits(pattern: str, lengths: list[int]) -> str:
    """Digits with which a number of the pattern can begin: those that some completion of zeros to nines matches."""
    parsed = re._parser.parse(pattern)
    return "".join(sorted(_firsts(parsed)))


def _firsts(parsed: list[tuple[object, object]]) -> set[str]:
    found: set[str] = set()
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            return found | {chr(value)}
        if name == "IN":
            return found | _members(value)
        if name == "SUBPATTERN":
            return found | _firsts(value[3])
        if name == "BRANCH":
            return found.union(*(_firsts(branch) for branch in value[1]))
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            found |= _firsts(value[2])
            if value[0] > 0:
                return found
    return found


def _members(values: list[tuple[object, object]]) -> set[str]:
    found = set()
    for kind, value in values:
        if str(kind) == "LITERAL":
            found.add(chr(value))
        elif str(kind) == "RANGE":
            found |= {chr(code) for code in range(value[0], value[1] + 1)}
        elif str(kind) == "CATEGORY":
            found |= set("0123456789")
    return found


rows = []
for country in sorted(phonenumbers.SUPPORTED_REGIONS):
    meta = PhoneMetadata.metadata_for_region(country)
    kinds = [kind for kind in (meta.fixed_line, meta.mobile) if kind and kind.national_number_pattern]
    lengths = sorted({length for kind in kinds for length in kind.possible_length or meta.general_desc.possible_length})
    lengths = [length for length in lengths if length > 0]
    firsts = sorted({digit for kind in kinds for digit in first_digits(kind.national_number_pattern, lengths)})
    plain = [prefix for prefix in (meta.international_prefix or "", meta.preferred_international_prefix or "")]
    abroad = next((prefix.replace("~", "") for prefix in plain if re.fullmatch(r"[0-9~]+", prefix)), "")
    trunk = meta.national_prefix if meta.national_prefix and meta.national_prefix.isdigit() else ""
    rows.append(f"{country},{meta.country_code},{abroad},{trunk},{' '.join(map(str, lengths))},{''.join(firsts)}")
for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
    if phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code] == ("001",):
        rows.append(f"001,{code},,,,")
Path(sys.argv[1]).write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
print(f"{len(rows)} rows")
