"""Source folders read back as frames, identifiers as text."""

from pathlib import Path

import polars as pl


def read_feed(path: Path) -> pl.DataFrame:
    """One CDR file with every column as text or number as the file has it, the place of each row beside."""
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    if frame.schema["started_at"] == pl.String:
        frame = frame.with_columns(
            pl.col("started_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False, time_unit="us"),
            pl.col("duration_s").cast(pl.Int64),
            answered=pl.col("answered") == "true",
        )
    return frame.with_columns(pl.col("imsi", "msisdn", "imei").cast(pl.String)).with_row_index("row")


def read_cdrs(source: Path) -> pl.DataFrame:
    """All records of a source folder."""
    files = sorted((source / "cdr").rglob("*.*"))
    return pl.concat(
        [read_feed(path).with_columns(file=pl.lit(str(path.relative_to(source)))) for path in files],
        how="diagonal_relaxed",
    )


def read_table(source: Path, name: str) -> pl.DataFrame:
    """A table beside the records, identifiers as text."""
    path = source / f"{name}.csv"
    return pl.read_csv(path, infer_schema=False) if path.exists() else pl.read_parquet(source / f"{name}.parquet")
