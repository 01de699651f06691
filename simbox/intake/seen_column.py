"""What is seen of one column of a file, as evidence of what it is, and words for a draft."""

import re
from collections.abc import Callable
from typing import NamedTuple

import polars as pl

LINES = 10_000
SURE, LIKELY = 0.9, 0.6


class Column(NamedTuple):
    """What was seen of one column."""

    name: str
    given: float
    distinct: int
    values: pl.Series


def shares_of(pattern: str) -> Callable[[Column], float]:
    """The share of a column's values that a pattern fits, as a function of the column."""
    return lambda column: share_of(column, pattern)


def share_of(column: Column, pattern: str) -> float:
    """The share of a column's first values that a pattern fits; 0 where it is no text."""
    if column.values.dtype != pl.String:
        return 0.0
    return float(str(column.values.head(LINES).str.contains(pattern).mean() or 0.0))


def word_for(share: float) -> str:
    """How sure such a share makes."""
    return "sure" if share >= SURE else "likely" if share >= LIKELY else "guess"


def escaped(text: str) -> str:
    """Text as it stands between quotation marks in TOML."""
    return text.encode("unicode_escape").decode().replace("\\x", "\\u00").replace('"', '\\"')


def bare(code: str) -> str:
    """A key of TOML, quoted where it must be."""
    return code if re.fullmatch(r"[A-Za-z0-9_-]+", code) else f'"{escaped(code)}"'
