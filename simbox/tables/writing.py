"""The one writer of tables: the same rows give the same bytes, readable by their owner only, whole or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.tables.declare import Table

ROW_GROUP_ROWS = 262_144
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def write_table(table: Table, frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as its declared table says, rows by key, floats at their decimals, to Parquet."""
    write_parquet(table.conform(frame), path)


def write_parquet(
    frame: pl.DataFrame, path: Path, group_borders: list[int] | None = None, plain: Sequence[str] = ()
) -> None:
    """Write rows in the order given; row groups end at `group_borders` (row counts from the start) if given.

    Columns named in `plain` get no dictionary: it halves the time where values seldom repeat.
    pyarrow on one thread, fixed row groups: polars' own sink wrote three different files on 1, 2 and 4 threads.
    """
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    borders = group_borders or list(range(ROW_GROUP_ROWS, frame.height, ROW_GROUP_ROWS)) + [frame.height]
    with replacing(path) as partial, open_parquet(partial, arrow.schema, plain) as writer:
        start = 0
        for border in borders:
            if border > start or frame.height == 0:
                writer.write_table(
                    _one_chunk(arrow.slice(start, border - start)), row_group_size=max(border - start, 1)
                )
            start = border


def open_parquet(
    path: Path,
    schema: pa.Schema,
    plain: Sequence[str] = (),
    page_bytes: int | None = None,
    *,
    statistics: bool = True,
) -> pq.ParquetWriter:
    """A writer of row groups with the settings of every table; smaller pages let many files be read at once.

    Without `statistics` a tenth of the time is saved, where something else tells which row groups to read.
    """
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        version="2.6",
        use_dictionary=[name for name in schema.names if name not in plain],
        data_page_size=page_bytes,
        write_statistics=statistics,
    )


def write_text(text: str, path: Path) -> None:
    """Write text as UTF-8, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


class replacing:  # noqa: N801 -- reads as a verb in a with statement
    """A path beside the wanted one, mode 0600, that takes its name when the block ends well and goes otherwise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")

    def __enter__(self) -> Path:
        # mkdir(parents=True) gives its mode to the last folder only.
        for folder in reversed([self._path.parent, *self._path.parent.parents]):
            folder.mkdir(exist_ok=True, mode=0o700)
        self._partial.unlink(missing_ok=True)
        os.close(os.open(self._partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return self._partial

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                with self._partial.open("rb") as written:
                    os.fsync(written.fileno())
                self._partial.replace(self._path)
        finally:
            self._partial.unlink(missing_ok=True)


def guard_formula(text: pl.Expr) -> pl.Expr:
    """Text that a spreadsheet would take for a formula, made harmless by a leading apostrophe (OWASP ASVS 1.2.10)."""
    return pl.when(text.str.slice(0, 1).is_in(FORMULA_STARTS)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def _one_chunk(arrow: pa.Table) -> pa.Table:
    return arrow.combine_chunks()
