"""Sorted pieces read from their beginnings and merged as they come, so that memory does not grow with the rows."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from simbox.store.order import merge_records
from simbox.telecom.identifiers import sim_key

# Below this the cost of each step outweighs what it holds.
LEAST_ROWS = 4_096


class Cursor:
    """One sorted piece: some of its rows held, the rest still to come."""

    def __init__(self, blocks: Iterator[pl.DataFrame]) -> None:
        self._blocks = blocks
        self._held: pl.DataFrame | None = None
        self.is_exhausted = False

    @property
    def rows(self) -> int:
        """How many rows are held."""
        return 0 if self._held is None else self._held.height

    def fill(self, rows: int) -> None:
        """Hold at least so many rows, or all there are."""
        fresh = []
        missing = rows - self.rows
        while missing > 0 and not self.is_exhausted:
            block = next(self._blocks, None)
            if block is None:
                self.is_exhausted = True
            else:
                fresh.append(block)
                missing -= block.height
        if fresh:
            self._held = pl.concat(fresh if self._held is None else [self._held, *fresh], rechunk=True)

    def last_key(self) -> int:
        """The key of the last SIM held."""
        assert self._held is not None
        return int(sim_key(self._held["imsi"].tail(1).to_numpy())[0])

    def take(self, before: int | None) -> pl.DataFrame | None:
        """The rows held of SIMs before a key, or all, which are let go."""
        held = self._held
        if held is None or before is None:
            self._held = None
            return held
        imsi = held["imsi"].to_numpy()
        # A few keys instead of all: what is held may be many times what is taken.
        rows = bisect_left(range(imsi.size), before, key=lambda row: int(sim_key(imsi[row : row + 1])[0]))
        self._held = held.slice(rows)
        return held.head(rows)


def merge_cursors(cursors: Sequence[Cursor], rows: int) -> Iterator[pl.DataFrame]:
    """Frames in store order of about `rows` rows, never with a part of a SIM only; more where one SIM has more."""
    each = max(rows // max(len(cursors), 1), LEAST_ROWS)
    while True:
        for cursor in cursors:
            cursor.fill(each)
        unfinished = [cursor for cursor in cursors if not cursor.is_exhausted]
        border = min((cursor.last_key() for cursor in unfinished), default=None)
        taken = [piece for cursor in cursors if (piece := cursor.take(border)) is not None and piece.height]
        if taken:
            yield merge_records(taken)
        elif not unfinished:
            return
        else:
            # All that is held belongs to one SIM.
            for cursor in unfinished:
                if cursor.last_key() == border:
                    cursor.fill(2 * cursor.rows)


def cut_between_sims(frame: pl.DataFrame, sims: int) -> Iterator[pl.DataFrame]:
    """A frame in store order in pieces of at most so many SIMs."""
    imsi = frame["imsi"].to_numpy()
    starts = np.flatnonzero(np.r_[True, imsi[1:] != imsi[:-1]])[::sims].tolist() if imsi.size else []
    for start, end in zip(starts, [*starts[1:], frame.height][: len(starts)], strict=True):
        yield frame.slice(start, end - start)
