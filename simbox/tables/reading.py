"""The tables of a finished run, read back as they are declared."""

from pathlib import Path

import polars as pl

from simbox.errors import DamagedError
from simbox.tables.declare import Column, Table
from simbox.tables.writing import FORMULA_STARTS


def read_run_table(run: Path, table: Table, of: pl.DataFrame | None = None) -> pl.DataFrame:
    """One Parquet table of a finished run, sorted by key and checked; DamagedError where there is none.

    With `of`, a frame of some of its columns, only the rows that it holds are read.
    """
    try:
        if of is None:
            return table.check(pl.read_parquet(run / str(table.file), glob=False))
        rows = pl.scan_parquet(run / str(table.file), glob=False).join(of.lazy(), on=of.columns, how="semi")
        return table.check(rows.collect().sort(table.key, nulls_last=True))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise _damaged(run, table) from error


def read_run_list(run: Path, table: Table) -> pl.DataFrame:
    """One CSV list of a finished run, in its order, without the apostrophes that spreadsheets need."""
    try:
        text = pl.read_csv(run / str(table.file), infer_schema=False, glob=False)
        return table.check(text.select(_parse(column) for column in table.columns))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise _damaged(run, table) from error


def _parse(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.dtype == pl.String:
        guarded = value.str.starts_with("'") & value.str.slice(1, 1).is_in(FORMULA_STARTS)
        value = pl.when(guarded).then(value.str.slice(1)).otherwise(value)
        return (value if column.nullable else value.fill_null("")).alias(column.name)
    if isinstance(column.dtype, pl.Datetime):
        return value.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
    return value.str.to_date("%Y-%m-%d") if column.dtype == pl.Date else value.cast(column.dtype)


def _damaged(run: Path, table: Table) -> DamagedError:
    return DamagedError(f"{run} is not a finished run: {table.file} is missing or broken")
