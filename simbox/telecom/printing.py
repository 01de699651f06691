"""Tables as text, for people and other programs: identifiers in digits, instants in ISO 8601, nothing that bites."""

from collections.abc import Callable

import polars as pl

from simbox.tables.writing import guard_formula
from simbox.telecom.identifiers import (
    ALPHANUMERIC_BIT,
    print_cell,
    print_imei,
    print_imsi,
    redact_iccid,
    redact_imei,
    redact_imeis,
    redact_imsi,
    redact_msisdn,
)

Show = Callable[[pl.Expr], pl.Expr]
# What XML 1.0 can't hold and a terminal or spreadsheet may act on; line ends and tabs become blanks.
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u{fffe}\u{ffff}]"


def _print_number(number: pl.Expr) -> pl.Expr:
    return pl.when(number < ALPHANUMERIC_BIT).then(number.cast(pl.String))


def _redact_number(number: pl.Expr) -> pl.Expr:
    return pl.when(number < ALPHANUMERIC_BIT).then(redact_msisdn(number))


# For each column of identifiers how it is shown whole and in part.
_IDENTIFIERS: dict[str, tuple[Show, Show]] = {
    **dict.fromkeys(("imsi", "imsi_a", "imsi_b", "replaces_imsi"), (print_imsi, redact_imsi)),
    **dict.fromkeys(("msisdn", "other_party"), (_print_number, _redact_number)),
    "imei": (print_imei, redact_imei),
}
_TEXT_IDENTIFIERS: dict[str, Show] = {"iccid": redact_iccid, "imeis": redact_imeis}


def print_table(frame: pl.DataFrame, *, redact: bool = False) -> pl.DataFrame:
    """The frame with every column as text: identifiers by the names of their columns, in part where `redact` is set.

    Nulls stay null, also of the code of a sender with a name; parts of a list stand side by side. Control characters
    are dropped, line ends and tabs become blanks; a fraction of a second is shown only where there is one.
    """
    return frame.select(_print_column(name, dtype, redact).alias(name) for name, dtype in frame.schema.items())


def clean_text(text: pl.Expr) -> pl.Expr:
    """Text without control characters."""
    return text.str.replace_all(r"[\t\r\n]", " ").str.replace_all(_CONTROLS, "")


def csv_text(frame: pl.DataFrame, *, redact: bool = False, separator: str = ",", byte_order_mark: bool = False) -> str:
    """The frame as CSV for people: as `print_table` shows it, text that a spreadsheet would run made harmless.

    The byte order mark tells Excel that it is UTF-8.
    """
    shown = print_table(frame, redact=redact)
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    guarded = shown.with_columns(guard_formula(pl.col(name)).alias(name) for name in texts)
    return guarded.write_csv(separator=separator, include_bom=byte_order_mark)


def _print_column(name: str, dtype: pl.DataType, redact: bool) -> pl.Expr:
    column = pl.col(name)
    if name in _TEXT_IDENTIFIERS and dtype == pl.String:
        return clean_text(_TEXT_IDENTIFIERS[name](column) if redact else column)
    if name in _IDENTIFIERS and dtype == pl.Int64:
        return _IDENTIFIERS[name][redact](column)
    if name == "cell" and dtype == pl.Int64:
        return print_cell(column)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if dtype == pl.String:
        return clean_text(column)
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(" ")
    return column.cast(pl.String)
