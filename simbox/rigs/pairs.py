"""Pairs of SIMs by number, and what is told once of each: columns as long as the pairs instead of joins."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

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


NO_PAIRS = Pairs(*(np.zeros(0, dtype=np.int64) for _ in Pairs._fields))


class Told(NamedTuple):
    """What a comparison without a direction tells: rows (pair, weight, events and, where it has them, first_at and
    last_at) by place of the pair, and the weight of every pair, NaN where there is no link."""

    links: pl.DataFrame
    weight: Floats


def tell(pairs: Pairs, weight: Floats, events: Longs, is_link: Flags, **times: Longs) -> Told:
    """Links of the pairs of which `is_link` says so; `times` are first_at and last_at in microseconds."""
    rounded = pl.Series(weight).round(2).to_numpy()
    chosen = np.flatnonzero(is_link)
    rows = {"pair": chosen.astype(np.int32), "weight": rounded[chosen], "events": events[chosen].astype(np.int32)}
    links = pl.DataFrame(rows | {name: values[chosen] for name, values in times.items()})
    return Told(
        links.with_columns(pl.col(name).cast(LINKS.schema[name]) for name in times), np.where(is_link, rounded, np.nan)
    )
