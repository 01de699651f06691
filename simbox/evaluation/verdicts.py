"""VERDICTS read back from the file that an operator keeps, checked line by line."""

from pathlib import Path

import polars as pl

from simbox.errors import InputError
from simbox.evaluation.seizure import name_lines
from simbox.tables.cdrs import INSTANT
from simbox.tables.verdicts import VERDICT, VERDICTS
from simbox.tables.writing import FORMULA_STARTS
from simbox.telecom.identifiers import check_imsi, pack_imsi
from simbox.telecom.printing import print_table


def read_verdicts(path: Path) -> pl.DataFrame:
    """VERDICTS from CSV where the suffix is .csv, else from Parquet; InputError names all that can't be used."""
    text, first_line = _read_text(path)
    missing = [f"column {name} is missing" for name in VERDICTS.names if name not in text.columns]
    unknown = sum(name not in VERDICTS.schema for name in text.columns)
    # What stands in a header by mistake may be an identifier.
    foreign = [f"{unknown} of its columns {'is' if unknown == 1 else 'are'} not declared"] if unknown else []
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in VERDICTS.names if name not in text.columns]
    given = text.with_columns(absent).select(
        pl.col(name).str.strip_chars().replace("", None) for name in VERDICTS.names
    )
    read = given.with_row_index("line", first_line).select(
        "line",
        imsi=check_imsi(pack_imsi(pl.col("imsi"))),
        verdict=pl.col("verdict").cast(VERDICT, strict=False),
        rig_id=_unguarded(pl.col("rig_id")),
        seized_at=pl.col("seized_at")
        .str.replace(r"Z$", "+00:00")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
        .cast(INSTANT),
        source=_unguarded(pl.col("source")),
    )
    wrong = {
        "imsi is not 14 or 15 digits": read["imsi"].is_null(),
        "verdict is neither rig nor innocent": read["verdict"].is_null(),
        "seized_at is not ISO 8601 with an offset": read["seized_at"].is_null(),
        "source is empty": read["source"].is_null(),
    }
    wrong = {what: flags for what, flags in wrong.items() if what.split()[0] in text.columns}
    wrong["imsi is of a SIM that has a verdict already"] = (
        read["imsi"].is_not_null() & ~read["imsi"].is_first_distinct()
    )
    problems = [*missing, *foreign, *name_lines(read["line"], wrong)]
    if not problems and read.is_empty():
        problems = ["it holds no verdict"]
    if problems:
        raise InputError(f"{path.name} can't be used as VERDICTS:", problems)
    return VERDICTS.conform(read)


def _read_text(path: Path) -> tuple[pl.DataFrame, int]:
    """The columns as text, and the number of the first row: that of its line in CSV, of the row in Parquet."""
    is_csv = path.suffix.lower() == ".csv"
    try:
        if is_csv:
            return pl.read_csv(path, infer_schema=False, glob=False), 2
        return print_table(pl.read_parquet(path, glob=False)).cast(pl.String), 1
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path.name} can't be read as {'CSV' if is_csv else 'Parquet'}") from error


def _unguarded(text: pl.Expr) -> pl.Expr:
    """Text without the apostrophe that keeps spreadsheets from running it."""
    guarded = text.str.starts_with("'") & text.str.slice(1, 1).is_in(FORMULA_STARTS)
    return pl.when(guarded).then(text.str.slice(1)).otherwise(text)
