"""A table too large to hold, written sorted by key: the same bytes however its rows come in pieces."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa

from simbox.tables.declare import Table
from simbox.tables.writing import open_parquet, replacing

# A group of a hundred columns is 26 MB; as long as those of other tables it would be 210.
GROUP_ROWS = 32_768
# So many rows of each piece are held while pieces are merged: of three hundred with a hundred columns 60 MB.
BLOCK_ROWS = 256


class TableStream:
    """Takes frames of a declared table, no first key column's value in two of them, and writes them sorted by key.

    All but a single frame go to files below `scratch` on the way.
    """

    def __init__(self, table: Table, path: Path, scratch: Path) -> None:
        self._table = table
        self._path = path
        self._scratch = scratch
        self._only: pl.DataFrame | None = None
        self._pieces: list[Path] = []
        self.rows = 0

    def __enter__(self) -> "TableStream":
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Take rows."""
        ordered = self._table.check(frame).sort(self._table.key)
        self.rows += frame.height
        if self._only is None and not self._pieces:
            self._only = ordered
            return
        for piece in (self._only, ordered):
            if piece is not None and piece.height:
                self._put_aside(piece)
        self._only = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            for path in self._pieces:
                path.unlink(missing_ok=True)

    def _write(self) -> None:
        empty = self._table.empty()
        whole = empty if self._only is None else self._only
        frames = _merge(self._pieces, self._table.key[0]) if self._pieces else iter([whole])
        schema = empty.to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        with replacing(self._path) as partial, open_parquet(partial, schema) as writer:
            for group in _groups(frames, empty):
                rows = group.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
                writer.write_table(rows, row_group_size=max(group.height, 1))

    def _put_aside(self, piece: pl.DataFrame) -> None:
        path = self._scratch / f"{self._table.name}-{len(self._pieces)}.rows"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        arrow = piece.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, arrow.schema, options=options) as stream:
            stream.write_table(arrow, max_chunksize=BLOCK_ROWS)
        self._pieces.append(path)


def _merge(pieces: list[Path], key: str) -> Iterator[pl.DataFrame]:
    """Frames sorted by the key of pieces that are, of which no two share a value of it."""
    pieces_left = [_Piece(_read(path)) for path in pieces]
    while pieces_left:
        for piece in pieces_left:
            piece.fill()
        # Each holds a block at least, so that about a block of each is ready, not one block of them all.
        border = min((piece.held[key][-1] for piece in pieces_left if not piece.is_exhausted), default=None)
        yield pl.concat([piece.take(key, border) for piece in pieces_left]).sort(key, maintain_order=True)
        pieces_left = [piece for piece in pieces_left if piece.held.height or not piece.is_exhausted]


class _Piece:
    """Blocks of rows sorted by key, a block or two of them held."""

    def __init__(self, blocks: Iterator[pl.DataFrame]) -> None:
        self._blocks = blocks
        self.held = next(blocks)
        self.is_exhausted = False

    def fill(self) -> None:
        """Hold a block's rows at least, or all that are left."""
        while self.held.height < BLOCK_ROWS and not self.is_exhausted:
            block = next(self._blocks, None)
            if block is None:
                self.is_exhausted = True
            else:
                self.held = pl.concat([self.held, block])

    def take(self, key: str, border: int | None) -> pl.DataFrame:
        """The rows up to a key, or all, which are let go."""
        rows = self.held.height if border is None else int(self.held[key].search_sorted(border, side="right"))
        taken, self.held = self.held.head(rows), self.held.slice(rows)
        return taken


def _read(path: Path) -> Iterator[pl.DataFrame]:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            yield pl.DataFrame(batch)


def _groups(frames: Iterator[pl.DataFrame], empty: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows of all frames in groups of GROUP_ROWS, the last one with the rest; a single empty one of none."""
    held = [empty]
    rows = written = 0
    for frame in frames:
        held.append(frame)
        rows += frame.height
        while rows >= GROUP_ROWS:
            whole = pl.concat(held)
            yield whole.head(GROUP_ROWS)
            held = [whole.slice(GROUP_ROWS)]
            rows -= GROUP_ROWS
            written += GROUP_ROWS
    if rows or not written:
        yield pl.concat(held)
