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
# So many rows at least go to a piece at once.
PIECE_ROWS = 32_768
# So many rows of each piece are held while pieces are merged, twice at most: of 256 with a hundred columns 120 MB. Half
# as many take half of that, and twice the time.
BLOCK_ROWS = 256
# Of more pieces some are merged on the way, so that neither memory nor open files grow with the table.
MOST_PIECES = 256


class TableStream:
    """Takes frames of a declared table, no first key column's value in two of them, and writes them sorted by key.

    All but PIECE_ROWS goes to files below `scratch` on the way.
    """

    def __init__(self, table: Table, path: Path, scratch: Path) -> None:
        self._table = table
        self._path = path
        self._scratch = scratch
        self._schema = table.empty().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        self._held = [table.empty()]
        self._held_rows = 0
        # Pieces on disk; those of each level are merged of MOST_PIECES of the one before.
        self._levels: list[list[Path]] = []
        self._files: list[Path] = []
        self.rows = 0

    def __enter__(self) -> "TableStream":
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Take rows."""
        self._held.append(self._table.check(frame))
        self._held_rows += frame.height
        self.rows += frame.height
        if self._held_rows >= PIECE_ROWS:
            self._put_aside(iter([self._take()]), 0)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            for path in self._files:
                path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._files and self._held_rows:
            self._put_aside(iter([self._take()]), 0)
        frames = iter([self._take()])
        if self._files:
            frames = _merge([piece for level in self._levels for piece in level], self._table.key[0])
        with replacing(self._path) as partial, open_parquet(partial, self._schema) as writer:
            for group in _groups(frames, self._table.empty()):
                rows = group.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
                writer.write_table(rows, row_group_size=max(group.height, 1))
                # Before the next is made.
                del group, rows

    def _take(self) -> pl.DataFrame:
        """The rows held, sorted, which are let go."""
        taken = pl.concat(self._held).sort(self._table.key)
        self._held, self._held_rows = [self._table.empty()], 0
        return taken

    def _put_aside(self, frames: Iterator[pl.DataFrame], level: int) -> None:
        """Write frames, sorted one after the other, as a piece; of as many pieces as may be merged at once make one."""
        path = self._scratch / f"{self._table.name}-{len(self._files)}.rows"
        self._files.append(path)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, self._schema, options=options) as stream:
            for frame in frames:
                arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
                stream.write_table(arrow, max_chunksize=BLOCK_ROWS)
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append(path)
        if len(self._levels[level]) == MOST_PIECES:
            merged, self._levels[level] = self._levels[level], []
            self._put_aside(_merge(merged, self._table.key[0]), level + 1)
            for piece in merged:
                piece.unlink()


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
            held = [*_cut(held)]
            # Nothing of it is held here while it is written.
            yield held.pop(0)
            rows -= GROUP_ROWS
            written += GROUP_ROWS
    if rows or not written:
        yield pl.concat(held)


def _cut(frames: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first GROUP_ROWS rows in one chunk, and the rest."""
    whole = pl.concat(frames)
    return whole.head(GROUP_ROWS).rechunk(), whole.slice(GROUP_ROWS)
