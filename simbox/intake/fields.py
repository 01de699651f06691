"""Fields of raw rows, text or what Parquet made of them, as the types of the declared tables; null where malformed."""

import polars as pl

from simbox.telecom import identifiers

# True and false by turns.
_TRUTHS = (
    "true", "false", "True", "False", "TRUE", "FALSE", "1", "0", "yes", "no", "Yes", "No", "YES", "NO",
    "t", "f", "T", "F", "y", "n", "Y", "N",
)  # fmt: skip


def imsi(raw: pl.Schema, name: str = "imsi") -> pl.Expr:
    """The IMSI as Int64."""
    if raw[name] == pl.String:
        return identifiers.pack_imsi(pl.col(name)).alias(name)
    return identifiers.check_imsi(pl.col(name)).alias(name)


def msisdn(raw: pl.Schema, name: str = "msisdn") -> pl.Expr:
    """The number as Int64."""
    if raw[name] == pl.String:
        return identifiers.pack_msisdn(pl.col(name)).alias(name)
    return identifiers.check_msisdn(pl.col(name)).alias(name)


def imei(raw: pl.Schema, name: str = "imei") -> pl.Expr:
    """The IMEI's first 14 digits as Int64, null for junk."""
    column = pl.col(name)
    if raw[name] == pl.String:
        packed = identifiers.pack_imei(column)
    else:
        cut = pl.when(column >= 10**15).then(column // 100).when(column >= 10**14).then(column // 10).otherwise(column)
        packed = pl.when(cut.is_between(1, 10**identifiers.IMEI_DIGITS - 1)).then(cut)
    return pl.when(~identifiers.is_junk_imei(packed)).then(packed).alias(name)


def read_cells(column: pl.Series) -> pl.Series:
    """The packed cell of each text `401-77-1000-10441`, or of an integer that packs one; each distinct one once."""
    distinct = column.drop_nulls().unique().to_frame("given")
    if column.dtype == pl.String:
        packed = identifiers.pack_cell(pl.col("given"))
    else:
        printable = pl.when(pl.col("given") >= 0).then(pl.col("given"))
        again = identifiers.pack_cell(identifiers.print_cell(printable))
        packed = pl.when(again == pl.col("given")).then(pl.col("given"))
    lookup = distinct.with_columns(packed.alias("packed"))
    return column.to_frame("given").join(lookup, on="given", how="left", maintain_order="left")["packed"]


def read_whole(column: pl.Series) -> pl.Series:
    """A signed whole number as Int64; a decimal fraction of zeros is let pass."""
    if column.dtype.is_float():
        whole = pl.when(pl.col("given") == pl.col("given").floor()).then(pl.col("given"))
        return column.to_frame("given").select(whole.cast(pl.Int64, strict=False)).to_series()
    numbers = column.cast(pl.Int64, strict=False)
    if column.dtype == pl.String and numbers.null_count() > column.null_count():
        without_fraction = column.str.replace(r"^([+-]?[0-9]+)\.0+$", "$1").cast(pl.Int64, strict=False)
        return numbers.fill_null(without_fraction)
    return numbers


def read_truth(column: pl.Series) -> pl.Series:
    """A truth value from true or false, 1 or 0, yes or no in small or capital letters."""
    if column.dtype == pl.Boolean:
        return column
    words = pl.col("given").cast(pl.Enum(_TRUTHS), strict=False).to_physical()
    if column.dtype != pl.String:
        words = pl.when(pl.col("given").is_in((0, 1))).then(1 - pl.col("given"))
    return column.to_frame("given").select(words % 2 == 0).to_series()


def word(name: str, dtype: pl.Enum) -> pl.Expr:
    """One of an Enum's words."""
    return pl.col(name).cast(pl.String).cast(dtype, strict=False)
