"""A table too large to hold, written as it comes: the same bytes however the rows are cut into pieces."""

from types import TracebackType

import polars as pl

from simbox.tables.declare import Table
from simbox.tables.writing import open_parquet, replacing

# A group of a hundred columns is 26 MB; as long as those of other tables it would be 210.
GROUP_ROWS = 32_768


class TableStream:
    """Takes frames of a declared table in their final order and writes row groups of fixed size."""

    def __init__(self, table: Table, path: "replacing") -> None:
        self._table = table
        self._place = path
        self._held: list[pl.DataFrame] = []
        self._held_rows = 0
        self.rows = 0

    def __enter__(self) -> "TableStream":
        partial = self._place.__enter__()
        schema = self._table.empty().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        self._writer = open_parquet(partial, schema)
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Append rows."""
        self._held.append(self._table.check(frame))
        self._held_rows += frame.height
        self.rows += frame.height
        while self._held_rows >= GROUP_ROWS:
            self._flush(GROUP_ROWS)

    def _flush(self, rows: int) -> None:
        held = pl.concat(self._held)
        group = held.head(rows).to_arrow(compat_level=pl.CompatLevel.oldest())
        self._writer.write_table(group.combine_chunks(), row_group_size=max(rows, 1))
        rest = held.slice(rows)
        self._held, self._held_rows = [rest], rest.height

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and (self._held_rows or self.rows == 0):
            if not self._held:
                self._held = [self._table.empty()]
            self._flush(self._held_rows)
        self._writer.close()
        self._place.__exit__(kind, error, trace)
