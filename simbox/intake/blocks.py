"""Lines of a text file: how they are written, and what a block of them comes to."""

from typing import NamedTuple

import polars as pl

from simbox.intake.sources import UNPACKED_RATIO

# A name that no header can have.
LINE = "\0line"


class Misshapen(NamedTuple):
    """A line that is not a row: its number and the rule that it breaks."""

    line: int
    rule: str


class Block(NamedTuple):
    """Some lines of a file: the rows among them with their line numbers, those that are none, and how many there are.

    `raw` are the lines' bytes, the first of them is line `first_line`; `trailers` what trailers say of the file's rows.
    """

    frame: pl.DataFrame
    misshapen: list[Misshapen]
    lines: int
    raw: bytes = b""
    first_line: int = 0
    blank: int = 0
    headers: int = 0
    trailers: tuple[str, ...] = ()


class Mark(NamedTuple):
    """A line that is no record: the field that tells, what it holds, and the field that counts records."""

    field: int
    value: str
    count_field: int | None = None


class Dialect(NamedTuple):
    """How text is written: by default with a header, one of the usual separators, and quotes where needed.

    `integers` are columns that may be read as such, with the least that they hold.
    `names` are given where there is no header, `fixed` (first character from 0, width) where there is no separator.
    """

    separator: str | None = None
    quote: str = '"'
    encoding: str = "auto"
    multiline: bool = False
    names: tuple[str, ...] = ()
    fixed: tuple[tuple[int, int], ...] = ()
    header_mark: Mark | None = None
    trailer_mark: Mark | None = None
    unpacked_ratio: int = UNPACKED_RATIO
    integers: tuple[tuple[str, int], ...] = ()

    @property
    def width(self) -> int:
        """How many characters a line of fixed width has."""
        return max(start + length for start, length in self.fixed)


USUAL = Dialect()


class Shape(NamedTuple):
    """Names of the columns, in order, what separates them, and the header line if there is one."""

    names: list[str]
    separator: str
    header: bytes
    dialect: Dialect
    integers: dict[str, int]


def is_marked(fields: list[str], mark: Mark) -> bool:
    """Whether the fields are those of a line with the mark, which is no record."""
    return len(fields) > mark.field and fields[mark.field].strip(" \t\ufeff") == mark.value


def count_in(fields: list[str] | list[str | None], mark: Mark) -> str:
    """What a trailer says of how many records there are, empty where it says nothing."""
    if mark.count_field is None or len(fields) <= mark.count_field:
        return ""
    return (fields[mark.count_field] or "").strip()


def number_lines(frame: pl.DataFrame, lines: range | list[int]) -> pl.DataFrame:
    """Rows with the number of the line that each stands in."""
    numbers = pl.int_range(lines.start, lines.stop, eager=True) if isinstance(lines, range) else pl.Series(lines)
    return frame.with_columns(numbers.cast(pl.Int64).alias(LINE))
