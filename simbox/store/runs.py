"""What is put on disk when memory is full: sorted runs, to be merged, and piles, to be gone through again."""

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

# Of a hundred runs a block each is held while they are merged: 100 MB.
BLOCK_ROWS = 8_192


class Pile:
    """Frames of the same columns in no order; those beyond `rows_held` rows lie on disk."""

    def __init__(self, path: Path, rows_held: int) -> None:
        self.rows = 0
        self._path = path
        self._rows_held = rows_held
        self._held: list[pl.DataFrame] = []
        self._held_rows = 0
        self._files: list[Path] = []
        self._wanted: pl.Expr | None = None

    def filter(self, wanted: pl.Expr) -> None:
        """From now on go through the rows only that are wanted."""
        self._wanted = wanted
        self.rows = sum(frame.height for frame in self)

    def add(self, frame: pl.DataFrame) -> None:
        """Put a frame on the pile."""
        self.rows += frame.height
        self._held.append(frame)
        self._held_rows += frame.height
        if self._held_rows >= self._rows_held:
            path = self._path.with_name(f"{self._path.name}-{len(self._files)}.run")
            write_run(pl.concat(self._held), path)
            self._files.append(path)
            self._held, self._held_rows = [], 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Everything on the pile, a frame for each file on disk and those held."""
        for path in self._files:
            frame = pl.concat(read_run(path))
            yield frame if self._wanted is None else frame.filter(self._wanted)
        for frame in self._held:
            yield frame if self._wanted is None else frame.filter(self._wanted)


def write_run(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as it is to a new file, in blocks that can be read one by one."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    # Packing takes three times as long as writing: runs live for minutes.
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, arrow.schema) as stream:
        stream.write_table(arrow.combine_chunks(), max_chunksize=BLOCK_ROWS)


def read_run(path: Path) -> Iterator[pl.DataFrame]:
    """The frame that was written, block by block."""
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            yield pl.DataFrame(batch)
