"""Numbers as operators write them to E.164, by ranges of integers where they are plain digits, which most are."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.config import Numbers
from simbox.intake.parties import WITHHELD_WORDS
from simbox.intake.profile import NumberRules
from simbox.telecom.identifiers import pack_sender
from simbox.telecom.numbering import LONGEST_E164, SHORTEST_E164, country_codes, country_numbers

VALID, SHORT_CODE, INVALID, ALPHANUMERIC, WITHHELD, PRECISION_LOST, SERVICE_CODE = range(7)
KINDS = ("e164", "short_code", "invalid", "alphanumeric", "withheld", "precision_lost", "service_code")
LONGEST_DIALLED = 18
TypeOfNumber = Literal["international", "national", "short_code", "alphanumeric", "unknown"]
# Type of number alone (TS 24.008 10.5.4.7), and with extension bit and plan E.164, or plan unknown for senders.
USUAL_TYPES: dict[str, TypeOfNumber] = {
    "1": "international",
    "2": "national",
    "5": "alphanumeric",
    "91": "international",
    "A1": "national",
    "a1": "national",
    "D0": "alphanumeric",
    "d0": "alphanumeric",
    "145": "international",
    "161": "national",
    "208": "alphanumeric",
    "INT": "international",
    "NAT": "national",
}
_POWERS = 10 ** np.arange(LONGEST_DIALLED + 1, dtype=np.int64)
_SCHEME = r"^(?i:tel|sips?):"
_PARAMETERS = r"[;@?].*$"
_DECORATION = r"[ ()./-]"
_EXPONENT = r"^[0-9](?:[.,][0-9]+)?[Ee]\+?[0-9]{1,2}$"

Longs = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]


class Table(NamedTuple):
    """Dialled digits as integers cut into ranges: what is added in each to make E.164 of them, and what they are."""

    borders: Longs
    added: Longs
    codes: Codes

    def read(self, digits: Longs) -> tuple[Longs, Codes]:
        """The number of each row, and its code; -1 where there are no digits."""
        position = np.searchsorted(self.borders, digits, side="right") - 1
        code = np.where(position >= 0, self.codes[position], INVALID).astype(np.int8)
        return digits + self.added[position], code


class NumberReader:
    """Reads the numbers of one operator's feed by its rules and its country's plan."""

    def __init__(self, rules: NumberRules, numbers: Numbers) -> None:
        plan = country_numbers(rules.country) if rules.country else None
        self._code = plan.code if plan else numbers.country_code
        self._trunk = rules.trunk_prefix if rules.trunk_prefix is not None else (plan.trunk_prefix if plan else "")
        usual = [plan.international_prefix] if plan and plan.international_prefix else []
        self._abroad = rules.international_prefixes if rules.international_prefixes is not None else usual
        self._digits = rules.national_digits or list(plan.national_digits if plan else ())
        self._firsts = plan.first_digits if plan else "0123456789"
        self._short = rules.short_codes
        self._strip = "".join(sorted({letter.upper() + letter.lower() for letter in rules.strip}))
        self._tables = {kind: self._table(kind) for kind in ("unknown", "international", "national")}

    def read(self, text: pl.Series, kind: pl.Series | None = None) -> pl.DataFrame:
        """For each row `number` (null where there is none) and `code`, one of KINDS; `kind` is the type of number."""
        given = text.cast(pl.Int64, strict=False).fill_null(-1).to_numpy()
        length = text.str.len_bytes().fill_null(0).to_numpy()
        # With a sign or a leading zero there are more characters than the integer has digits.
        is_plain = (length <= LONGEST_DIALLED) & (given >= _POWERS[np.clip(length, 1, LONGEST_DIALLED) - 1])
        number, code = self._tables["unknown"].read(given)
        if kind is not None:
            self._by_type(given, kind, number, code)
        odd = np.flatnonzero(~is_plain & (length > 0))
        if odd.size:
            number[odd], code[odd] = self._read_odd(text.gather(odd), None if kind is None else kind.gather(odd))
        code[length == 0] = WITHHELD
        frame = pl.DataFrame({"number": number, "code": code})
        if kind is not None:
            names = np.flatnonzero((kind == "alphanumeric").fill_null(False).to_numpy() & (length > 0))
            code[names] = ALPHANUMERIC
            frame = frame.with_columns(pl.Series("code", code))
        has_number = (pl.col("code") == VALID) | (pl.col("code") == SHORT_CODE)
        return frame.with_columns(number=pl.when(has_number).then("number"))

    def _by_type(self, given: Longs, kind: pl.Series, number: Longs, code: Codes) -> None:
        for name in ("international", "national"):
            rows = np.flatnonzero((kind == name).fill_null(False).to_numpy())
            if rows.size:
                number[rows], code[rows] = self._tables[name].read(given[rows])
        rows = np.flatnonzero((kind == "short_code").fill_null(False).to_numpy() & (given > 0))
        number[rows], code[rows] = given[rows], SHORT_CODE

    def _read_odd(self, text: pl.Series, kind: pl.Series | None) -> tuple[Longs, Codes]:
        """The rows that are not plain digits."""
        given = pl.col("given")
        bare = given.str.replace(_SCHEME, "").str.replace(_PARAMETERS, "").str.replace_all(_DECORATION, "")
        if self._strip:
            # Debris of half-bytes stands before or after the digits, never among them.
            bare = bare.str.replace(rf"^[{self._strip}]*(\+?[0-9]{{3,}})[{self._strip}]*$", "$1")
        abroad = [prefix for prefix in self._abroad if prefix.startswith("0")]
        frame = text.to_frame("given").with_columns(bare=bare)
        stripped = pl.col("bare")
        is_abroad = stripped.str.starts_with("+")
        digits = pl.when(is_abroad).then(stripped.str.slice(1)).otherwise(stripped)
        for prefix in sorted(abroad, key=len, reverse=True):
            begins = ~is_abroad & stripped.str.starts_with(prefix)
            digits = pl.when(begins).then(stripped.str.slice(len(prefix))).otherwise(digits)
            is_abroad = is_abroad | begins
        is_national = pl.lit(False)
        if self._trunk.startswith("0"):
            is_national = ~is_abroad & stripped.str.starts_with(self._trunk)
            digits = pl.when(is_national).then(stripped.str.slice(len(self._trunk))).otherwise(digits)
        frame = frame.with_columns(is_abroad=is_abroad, is_national=is_national, digits=digits)
        whole = pl.when(pl.col("digits").str.contains(rf"^[1-9][0-9]{{0,{LONGEST_DIALLED - 1}}}$")).then("digits")
        word = given.str.to_lowercase().is_in(WITHHELD_WORDS)
        has_letter = given.str.contains(r"\p{L}")
        is_debris = given.str.contains(r"^[0-9A-Fa-f+]*$") & (given.str.count_matches("[0-9]") >= 5)
        other = (
            pl.when(word)
            .then(WITHHELD)
            .when(given.str.contains(_EXPONENT))
            .then(PRECISION_LOST)
            .when(given.str.contains(r"^[*#][0-9*#]+$"))
            .then(SERVICE_CODE)
            .when(has_letter & ~is_debris & ~given.str.contains(_SCHEME))
            .then(ALPHANUMERIC)
            .otherwise(INVALID)
        )
        frame = frame.with_columns(whole=whole.cast(pl.Int64, strict=False).fill_null(-1), other=other.cast(pl.Int8))
        whole_digits = frame["whole"].to_numpy()
        number, code = self._tables["unknown"].read(whole_digits)
        if kind is not None:
            self._by_type(whole_digits, kind, number, code)
        for column, table in (("is_abroad", "international"), ("is_national", "national")):
            rows = np.flatnonzero(frame[column].to_numpy())
            number[rows], code[rows] = self._tables[table].read(whole_digits[rows])
        is_other = whole_digits < 0
        code[is_other] = frame["other"].to_numpy()[is_other]
        return number, code

    def _table(self, kind: str) -> Table:
        """All rules painted over each other, the most certain last."""
        painted: list[tuple[int, int, int, int]] = []

        def paint(prefix: str, digits: int, added: int, code: int = VALID) -> None:
            rest = digits - len(prefix)
            if 0 <= rest and digits <= LONGEST_DIALLED and not prefix.startswith("0"):
                first = int(prefix or "0") * 10**rest if prefix else 10 ** (digits - 1)
                last = (int(prefix) + 1) * 10**rest if prefix else 10**digits
                painted.append((first, last, added, code))

        for code in country_codes():
            for digits in range(SHORTEST_E164, LONGEST_E164 + 1):
                paint(code, digits, 0)
        # Of its own country's numbers it is known how long they are.
        for digits in range(SHORTEST_E164, LONGEST_E164 + 1):
            if self._digits and digits - len(self._code) not in self._digits:
                paint(self._code, digits, 0, INVALID)
        if kind == "international":
            return _table_of(painted)
        for digits in self._digits:
            to_e164 = int(self._code) * 10**digits
            for first in self._firsts if kind == "unknown" else "123456789":
                paint(first, digits, to_e164)
            paint(self._code, digits + len(self._code), 0)
        for prefix in self._abroad:
            for rest in range(SHORTEST_E164, LONGEST_E164 + 1):
                is_national = self._trunk and prefix.startswith(self._trunk)
                if is_national and len(prefix) + rest - len(self._trunk) in self._digits:
                    continue
                for code in country_codes():
                    paint(prefix + code, len(prefix) + rest, -int(prefix) * 10**rest)
        if self._trunk and not self._trunk.startswith("0"):
            for digits in self._digits:
                added = (int(self._code) - int(self._trunk)) * 10**digits
                for first in "123456789":
                    paint(self._trunk + first, len(self._trunk) + digits, added)
        painted += [(int(code), int(code) + 1, 0, SHORT_CODE) for code in self._short if not code.startswith("0")]
        return _table_of([(0, SHORTEST_SHORT, 0, INVALID), (SHORTEST_SHORT, 10**6, 0, SHORT_CODE), *painted])


# Two digits are no number that anybody answers; up to six are short codes in every plan.
SHORTEST_SHORT = 100


def read_types(column: pl.Series, types: dict[str, TypeOfNumber]) -> pl.Series:
    """The type of number of each row by its code; null where the code has no meaning here."""
    return column.replace_strict(types or USUAL_TYPES, default=None, return_dtype=pl.String)


def code_senders(text: pl.Series, is_sender: pl.Series) -> tuple[pl.Series, dict[int, str]]:
    """The code of each row that is an alphanumeric sender, else null; and the text behind each code."""
    wanted = text.filter(is_sender).unique().sort().to_list()
    codes = {sender: pack_sender(sender) for sender in wanted}
    if not codes:
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, text.len()), {}
    coded = text.replace_strict(codes, default=None, return_dtype=pl.Int64)
    return coded.to_frame("code").select(pl.when(is_sender).then("code")).to_series(), {
        code: sender for sender, code in codes.items()
    }


def _table_of(painted: Iterable[tuple[int, int, int, int]]) -> Table:
    painted = list(painted)
    borders = np.unique(np.array([[0, 0], *([first, last] for first, last, _, _ in painted)], dtype=np.int64))
    added = np.zeros(borders.size, dtype=np.int64)
    codes = np.full(borders.size, INVALID, dtype=np.int8)
    for first, last, more, code in painted:
        within = slice(int(np.searchsorted(borders, first)), int(np.searchsorted(borders, last)))
        added[within], codes[within] = more, code
    return Table(borders, added, codes)
