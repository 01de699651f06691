"""Operators' files, as they would arrive: text, gzipped CSV or Parquet, one for each operator and night."""

import datetime
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.synth.dialects import MSC_COLUMNS, in_dialect
from simbox.synth.scenario import Habit

SUFFIX = {"csv.gz": "csv.gz", "parquet": "parquet", "parquet_int": "parquet"}
DIALECTS = ("msc", "tas")
# The running number of a switch's files goes on from night to night.
FIRST_SEQUENCE = 4711
ROW_GROUP_ROWS = 262_144


def as_written(habit: Habit, records: pl.LazyFrame, offset_min: int) -> pl.DataFrame:
    """Records with identifiers and times in the form that this operator's files have."""
    if habit.format != "parquet_int":
        # Nothing here has leading zeros but IMSIs of test networks: filling up takes as long as printing.
        imsi = pl.col("imsi").cast(pl.String)
        records = records.with_columns(
            imsi.str.zfill(15) if habit.mcc_mnc.startswith("0") else imsi,
            pl.col("msisdn", "imei").cast(pl.String),
        )
    if habit.format in ("csv.gz", *DIALECTS):
        sign = "+" if offset_min >= 0 else "-"
        zone = f"{sign}{abs(offset_min) // 60:02d}:{abs(offset_min) % 60:02d}"
        local = (pl.col("started_at") + pl.duration(minutes=offset_min)).dt.to_string("%Y-%m-%dT%H:%M:%S")
        records = records.with_columns(started_at=pl.concat_str(local, pl.lit(zone)))
    # Rows keep their order in this engine only.
    return records.collect(engine="in-memory")


def file_name(habit: Habit, date: datetime.date, night: int) -> str:
    """What an operator calls its file of a night."""
    if habit.format == "msc":
        return f"MSC01_{date:%Y%m%d}_{FIRST_SEQUENCE + night:06d}.csv.gz"
    return f"{date}.txt.zst" if habit.format == "tas" else f"{date}.{SUFFIX[habit.format]}"


class FeedWriter:
    """One file, written piece by piece; the same pieces give the same bytes."""

    def __init__(self, habit: Habit, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._out: _CsvGz | _Parquet | _Msc | _Tas
        if habit.format == "msc":
            self._out = _Msc(habit, path)
        elif habit.format == "tas":
            self._out = _Tas(habit, path)
        else:
            self._out = _CsvGz(path) if habit.format == "csv.gz" else _Parquet(path)

    def append(self, records: pl.DataFrame) -> None:
        """Add records; the first piece says which columns there are."""
        self._out.append(records)

    def close(self) -> None:
        """Finish the file."""
        self._out.close()


class _CsvGz:
    """Gzipped CSV without a time of its own."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=6, mtime=0)
        self._begun = False

    def append(self, records: pl.DataFrame) -> None:
        text = io.BytesIO()
        records.write_csv(text, include_header=not self._begun)
        self._begun = True
        self._packed.write(text.getbuffer())

    def close(self) -> None:
        self._packed.close()
        self._raw.close()


class _Msc:
    """A switch's lines between a header and a trailer that counts them, gzipped."""

    def __init__(self, habit: Habit, path: Path) -> None:
        self._habit = habit
        self._raw = path.open("wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=6, mtime=0)
        self._packed.write(f"HD|{path.name}\n{'|'.join(MSC_COLUMNS)}\n".encode())
        self._rows = 0

    def append(self, records: pl.DataFrame) -> None:
        text = io.BytesIO()
        in_dialect(self._habit, records).write_csv(text, include_header=False, separator="|", quote_style="never")
        self._packed.write(text.getbuffer())
        self._rows += records.height

    def close(self) -> None:
        self._packed.write(f"TR|{self._rows}\n".encode())
        self._packed.close()
        self._raw.close()


class _Tas:
    """A telephony server's lines, as they are, in zstd."""

    def __init__(self, habit: Habit, path: Path) -> None:
        self._habit = habit
        self._packed = pa.CompressedOutputStream(str(path), "zstd")

    def append(self, records: pl.DataFrame) -> None:
        text = io.BytesIO()
        in_dialect(self._habit, records).write_csv(text, include_header=False, separator=";", quote_style="never")
        self._packed.write(text.getvalue())

    def close(self) -> None:
        self._packed.close()


class _Parquet:
    """Row groups of the pieces' size, written on one thread; Enum columns become text with a dictionary."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def append(self, records: pl.DataFrame) -> None:
        arrow = records.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            repeated = [field.name for field in arrow.schema if pa.types.is_dictionary(field.type)]
            # Without Arrow's own schema in the file, a reader sees plain text where a dictionary was written.
            # Snappy takes half of the time that zstd does, for files half as large again; nobody needs statistics.
            self._writer = pq.ParquetWriter(
                self._path,
                arrow.schema,
                compression="snappy",
                use_dictionary=repeated,
                store_schema=False,
                write_statistics=False,
            )
        for start in range(0, max(arrow.num_rows, 1), ROW_GROUP_ROWS):
            group: pa.Table = arrow.slice(start, ROW_GROUP_ROWS)
            self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """One table as a Parquet file."""
    write_pieces([frame], path)


def write_pieces(frames: Iterable[pl.DataFrame], path: Path) -> None:
    """A table as a Parquet file, its pieces one after another."""
    writer = _Parquet(path)
    for frame in frames:
        writer.append(frame)
    writer.close()
