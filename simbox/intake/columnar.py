"""Parquet files to frames of the wanted columns, each as text, integer, instant or truth value."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.intake.blocks import LINE, Block
from simbox.intake.sources import Source, UnreadableError

BATCH_ROWS = 1 << 19
# Columns that may come as what they are; all others are text or integers.
_INSTANTS = ("started_at", "reported_at")
_TRUTHS = ("answered",)
_NUMBERS = ("duration_s", "utc_offset_min", "lat", "lon", "azimuth_deg", "range_m", "radius_m")
_DATES = ("activated_on", "valid_from", "valid_to", "snapshot_on", "until")


def read_columnar(
    source: Source, wanted: tuple[str, ...], batch_rows: int = BATCH_ROWS, *, cut_imeis: bool = True
) -> Iterator[Block]:
    """The rows of a Parquet file in blocks of whole row groups; the first block is empty and shows all columns.

    An integer `imei` comes as its first 14 digits; how many digits it had is told by the largest in the file.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            groups = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
        schema = pl.read_parquet_schema(source.path)
        yield Block(pl.DataFrame(schema={**schema, LINE: pl.Int64}), [], 0)
        lazy = pl.scan_parquet(source.path, glob=False)
        columns = [_column(name, dtype) for name, dtype in schema.items() if name in wanted]
        if cut_imeis and schema.get("imei", pl.String).is_integer():
            largest = lazy.select(pl.col("imei").max()).collect().item()
            columns = [_cut_imei(column, largest) for column in columns]
        for first, rows in _batches(groups, batch_rows):
            frame = lazy.slice(first, rows).select(columns).collect(engine="in-memory")
            line = pl.int_range(first + 1, first + 1 + rows, dtype=pl.Int64)
            yield Block(frame.with_columns(line.alias(LINE)), [], rows, b"", first + 1)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, OSError) as error:
        raise UnreadableError("the Parquet data is truncated or damaged") from error


def wrong_types(schema: pl.Schema, wanted: tuple[str, ...]) -> list[str]:
    """What is wrong with the types of a Parquet file's columns, one sentence each."""
    problems = []
    for name, dtype in schema.items():
        if name in wanted and not _is_allowed(name, dtype):
            expected = "text or integer"
            if name in _INSTANTS:
                expected = "a timestamp with time zone, or text with an offset"
            elif name in _TRUTHS:
                expected = "a truth value"
            elif name in _NUMBERS:
                expected = "a number"
            elif name in _DATES:
                expected = "a date"
            problems.append(f"column {name} is {dtype}, not {expected}")
    return problems


def _is_allowed(name: str, dtype: pl.DataType) -> bool:
    if _is_text(dtype) or dtype == pl.Null:
        return True
    if name in _INSTANTS:
        return isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    if name in _DATES:
        return isinstance(dtype, pl.Date | pl.Datetime)
    if name in _TRUTHS:
        return dtype == pl.Boolean or dtype.is_integer()
    return dtype.is_integer() or (name in _NUMBERS and dtype.is_float())


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def _column(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if _is_text(dtype) or dtype == pl.Null:
        trimmed = column.cast(pl.String).str.strip_chars(" \t")
        return pl.when(trimmed != "").then(trimmed).alias(name)
    if dtype.is_integer():
        return column.cast(pl.Int64, strict=False)
    return column


def _cut_imei(column: pl.Expr, largest: int | None) -> pl.Expr:
    if column.meta.output_name() != "imei":
        return column
    digits = min(max(len(str(largest or 0)), 14), 16)
    return column // 10 ** (digits - 14)


def _batches(groups: list[int], batch_rows: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of batches made of whole row groups."""
    first = rows = 0
    for group in groups:
        rows += group
        if rows >= batch_rows:
            yield first, rows
            first, rows = first + rows, 0
    if rows:
        yield first, rows
