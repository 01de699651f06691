"""Pairs of SIMs by number, and what is told once of each: columns as long as the pairs instead of joins."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.lookup import look_up, make_lookup
from simbox.kernels.pairs import order_pairs
from simbox.rigs.comparisons import COMPARISON
from simbox.tables.rigs import LINKS

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Pairs(NamedTuple):
    """Pairs of SIMs in order, each by its place among `sims`, which are IMSIs in order; a < b."""

    sims: Longs
    a: Longs
    b: Longs

    def imsis(self) -> pl.DataFrame:
        """(imsi_a, imsi_b) of the pairs."""
        return pl.DataFrame({"imsi_a": self.sims[self.a], "imsi_b": self.sims[self.b]})


class Told(NamedTuple):
    """LINKS of a comparison that has no direction, and the weight of every pair, NaN where there is no link."""

    links: pl.DataFrame
    weight: Floats


def tell(pairs: Pairs, comparison: str, weight: Floats, events: Longs, is_link: Flags, **times: Longs) -> Told:
    """Links of the pairs of which `is_link` says so; `times` are first_at and last_at in microseconds, null without."""
    rounded = pl.Series(weight).round(2)
    chosen = slice(None) if is_link.all() else np.flatnonzero(is_link)
    links = pl.DataFrame(
        {
            "imsi_a": pairs.sims[pairs.a[chosen]],
            "imsi_b": pairs.sims[pairs.b[chosen]],
            "weight": rounded.to_numpy()[chosen],
            "events": events[chosen],
            **{name: pl.Series(times[name][chosen]) if name in times else None for name in ("first_at", "last_at")},
        }
    ).select(
        "imsi_a",
        "imsi_b",
        pl.lit(comparison, dtype=COMPARISON).alias("comparison"),
        "weight",
        pl.lit("none", dtype=LINKS.schema["direction"]).alias("direction"),
        pl.col("events").cast(pl.Int32),
        pl.col("first_at", "last_at").cast(LINKS.schema["first_at"]),
    )
    return Told(links, np.where(is_link, rounded.to_numpy(), np.nan))


def in_order(links: list[pl.DataFrame], sims: pl.Series) -> pl.DataFrame:
    """LINKS of these frames, all of which join two of `sims`, sorted by their key: twice as fast as a sort by its
    columns."""
    known = sims.unique().sort().to_numpy()
    table = make_lookup(known)
    rows = np.cumsum([0, *(part.height for part in links)])
    a, b = np.empty((2, rows[-1]), dtype=np.int64)
    for part, first, last in zip(links, rows[:-1], rows[1:], strict=True):
        a[first:last] = look_up(table, part["imsi_a"].to_numpy())
        b[first:last] = look_up(table, part["imsi_b"].to_numpy())
        b[first:last] *= COMPARISON.categories.len()
        b[first:last] += part["comparison"].to_physical().to_numpy()
    order, _ = order_pairs(a, b, known.size)
    # A column at a time, so that only one is held twice; from a column in pieces rows are gathered twenty times as
    # slowly.
    columns = [pl.concat([part[name] for part in links], rechunk=True).gather(order) for name in links[0].columns]
    return pl.DataFrame(columns)
