"""Links told of numbered pairs, and how they become the table LINKS.

There are forty million between 100,000 SIMs, so the names of a link's SIMs and of its comparison are written once, into
the table itself, and its rows go to their places instead of being sorted.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.chunks import in_threads
from simbox.kernels.pairs import count_rows, take_places
from simbox.kernels.partition import scatter
from simbox.rigs.asking import ask_at_once
from simbox.rigs.comparisons import COMPARISON
from simbox.rigs.pairs import Pairs
from simbox.tables.rigs import LINK_DIRECTION, LINKS

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

TIMES = ("first_at", "last_at")
# Where a time is not told.
NEVER = np.iinfo(np.int64).min
NO_DIRECTION = LINK_DIRECTION.categories.to_list().index("none")
_SIM_BITS = 32


class Linked(NamedTuple):
    """Pairs of SIMs, and by comparison what links them: rows (pair, weight, events and, where it is told, direction,
    first_at, last_at), a pair being a place among the pairs and having one row at most."""

    pairs: Pairs
    links: dict[str, pl.DataFrame]

    def of(self, comparison: str) -> pl.DataFrame:
        """LINKS of one comparison, in no order."""
        rows = self.links[comparison]
        at = rows["pair"].to_numpy()
        ends = {"imsi_a": self.pairs.sims[self.pairs.a[at]], "imsi_b": self.pairs.sims[self.pairs.b[at]]}
        untold = [name for name in LINKS.names if name not in rows.columns]
        told = rows.with_columns(pl.lit(None, dtype=LINKS.schema[name]).alias(name) for name in untold)
        return told.with_columns(
            **{name: pl.Series(imsi) for name, imsi in ends.items()},
            comparison=pl.lit(comparison, dtype=COMPARISON),
            direction=pl.col("direction").fill_null("none"),
        ).select(LINKS.names)


def as_linked(links: pl.DataFrame, comparison: str) -> Linked:
    """LINKS of one comparison, a pair once, as rows of numbered pairs."""
    ends = links["imsi_a"].to_numpy(), links["imsi_b"].to_numpy()
    sims = np.unique(np.concatenate(ends))
    pairs = Pairs(sims, *(np.searchsorted(sims, imsi) for imsi in ends))
    rows = links.select("weight", "events", "direction", *TIMES, pair=pl.int_range(pl.len(), dtype=pl.Int32))
    return Linked(pairs, {comparison: rows})


def to_links(parts: Sequence[Linked]) -> pl.DataFrame:
    """LINKS of all parts together; of a pair and comparison there is a row in one of them at most."""
    sims = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(part.pairs.sims for part in parts)]))
    keys = [_key(part.pairs, sims) for part in parts]
    # Parts are in order, and merging them took a thirtieth of the time of numpy's unique, which hashes.
    every = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *keys]), kind="stable")
    every = every[np.diff(every, prepend=-1) != 0]
    numbers = [np.searchsorted(every, key).astype(np.int32) for key in keys]
    counts = np.zeros(every.size, dtype=np.int64)
    for part, number in zip(parts, numbers, strict=True):
        for rows in part.links.values():
            count_rows(rows["pair"].to_numpy(), number, counts)
    columns = ask_at_once(
        {
            "told": lambda: _gather(parts, numbers, counts),
            "imsi_a": lambda: np.repeat(sims[every >> _SIM_BITS], counts),
            "imsi_b": lambda: np.repeat(sims[every & ((1 << _SIM_BITS) - 1)], counts),
        }
    )
    told = columns.pop("told")
    return _as_table(columns | told)


def _gather(parts: Sequence[Linked], numbers: Sequence[Ints], counts: Longs) -> dict[str, Array]:
    """What the parts' rows tell, those of each pair together, of which there are so many."""
    free = np.cumsum(counts) - counts
    columns = _allot(int(counts.sum()))
    # In the order of the alphabet, so that those of a pair are.
    for code, comparison in enumerate(COMPARISON.categories):
        for part, number in zip(parts, numbers, strict=True):
            if comparison in part.links:
                rows = part.links[comparison]
                places = np.empty(rows.height, dtype=np.int32)
                take_places(rows["pair"].to_numpy(), number, free, places)
                columns["comparison"][places] = code
                _put(rows, places, columns)
    # 0.0 and -0.0 are equal and differ in bytes.
    columns["weight"] += 0.0
    return columns


def _key(pairs: Pairs, sims: Longs) -> Longs:
    """For each pair one number, in the order of pairs."""
    place = np.searchsorted(sims, pairs.sims)
    key: Longs = (place[pairs.a] << _SIM_BITS) | place[pairs.b]
    return key


def _allot(size: int) -> dict[str, Array]:
    return {
        "comparison": np.empty(size, dtype=np.int8),
        "weight": np.empty(size),
        "direction": np.full(size, NO_DIRECTION, dtype=np.int8),
        "events": np.empty(size, dtype=np.int32),
        **{name: np.full(size, NEVER, dtype=np.int64) for name in TIMES},
    }


def _put(rows: pl.DataFrame, places: Ints, columns: dict[str, Array]) -> None:
    """Write the values of rows to their places in the columns."""
    names = [name for name in columns if name in rows.columns]

    def put(first: int, last: int) -> None:
        for name in names[first:last]:
            told, into = rows[name].to_physical(), columns[name]
            values = (told.fill_null(NEVER) if name in TIMES else told).to_numpy()
            width = f"i{into.itemsize}"
            scatter(np.ascontiguousarray(values).view(width), places, into.view(width))

    in_threads(put, len(names), 1)


def _as_table(columns: dict[str, Array]) -> pl.DataFrame:
    times = [pl.when(pl.col(name) != NEVER).then(pl.col(name)).cast(LINKS.schema[name]).alias(name) for name in TIMES]
    names = pl.Series("comparison", COMPARISON.categories)
    return LINKS.check(
        pl.DataFrame(columns)
        .with_columns(
            names.gather(columns["comparison"]), pl.col("direction").cast(pl.UInt8).cat.to(LINK_DIRECTION), *times
        )
        .select(LINKS.names)
    )
