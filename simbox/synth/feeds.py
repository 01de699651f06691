"""Operators' files, as they would arrive: gzipped CSV or Parquet, one for each operator and night."""

import gzip
import io
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.synth.habits import print_imei
from simbox.synth.scenario import Habit

SUFFIX = {"csv.gz": "csv.gz", "parquet": "parquet", "parquet_int": "parquet"}
ROW_GROUP_ROWS = 262_144


def as_written(habit: Habit, records: pl.DataFrame, offset_min: int) -> pl.DataFrame:
    """Records with identifiers and times in the form that this operator's files have."""
    records = records.with_columns(print_imei(habit, records["imei"]))
    if habit.format != "parquet_int":
        digits = {"csv.gz": habit.imei_digits, "parquet": habit.imei_digits}[habit.format]
        records = records.with_columns(
            pl.col("imsi").cast(pl.String).str.zfill(15),
            pl.col("msisdn").cast(pl.String),
            pl.col("imei").cast(pl.String).str.zfill(digits),
        )
    if habit.format == "csv.gz":
        sign = "+" if offset_min >= 0 else "-"
        zone = f"{sign}{abs(offset_min) // 60:02d}:{abs(offset_min) % 60:02d}"
        local = (pl.col("started_at") + pl.duration(minutes=offset_min)).dt.to_string("%Y-%m-%dT%H:%M:%S")
        records = records.with_columns(started_at=pl.concat_str(local, pl.lit(zone)))
    return records


def write_feed(habit: Habit, records: pl.DataFrame, path: Path) -> None:
    """Write one file; the same records give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if habit.format == "csv.gz":
        write_csv_gz(records, path)
    else:
        write_parquet(records, path)


def write_csv_gz(records: pl.DataFrame, path: Path) -> None:
    """Gzipped CSV without a time of its own."""
    text = io.BytesIO()
    records.write_csv(text)
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as packed:
        packed.write(text.getbuffer())


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Parquet with fixed row groups, written on one thread; Enum columns become text with a dictionary."""
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    repeated = [field.name for field in arrow.schema if pa.types.is_dictionary(field.type)]
    # Without Arrow's own schema in the file, a reader sees plain text where a dictionary was written.
    with pq.ParquetWriter(
        path, arrow.schema, compression="zstd", compression_level=1, use_dictionary=repeated, store_schema=False
    ) as writer:
        for start in range(0, max(arrow.num_rows, 1), ROW_GROUP_ROWS):
            group: pa.Table = arrow.slice(start, ROW_GROUP_ROWS)
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
