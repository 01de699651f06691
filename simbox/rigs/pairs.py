"""Pairs of SIMs by number, and what is told once of each: columns as long as the pairs instead of joins."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

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
