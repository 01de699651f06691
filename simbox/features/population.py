"""What a SIM's features need to know of the others: who was where on which handset, night by night.

One pass over a night gives its PRESENCE; counts for a window are sums over the presences of its nights, exact, since
a SIM lives in one bucket.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from simbox.features.received import NOTHING_RECEIVED, Received, count_abroad


class Population(NamedTuple):
    """Counts over all SIMs: `sims_on_imei` by window, `sims_at_place` by night, first night of each SIM, and calls
    from abroad to each number served, by window."""

    sims_on_imei: dict[int, pl.DataFrame]
    sims_at_place: pl.DataFrame
    first_night: pl.DataFrame
    store_begins: date
    abroad: pl.DataFrame


def presence(placed: pl.DataFrame) -> pl.DataFrame:
    """For each night, SIM, IMEI and place of placed CDRS: legs, first and last instant."""
    return placed.group_by("night", "imsi", "imei", "place").agg(
        legs=pl.len().cast(pl.Int32), first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max()
    )


def count_population(
    presences: Iterable[pl.DataFrame],
    first_night: pl.DataFrame,
    night: date,
    windows: Sequence[int],
    begins: date,
    received: Received = NOTHING_RECEIVED,
) -> Population:
    """The counts known at `night`, from the presences of the nights up to it."""
    known = pl.concat(list(presences))
    age = (pl.lit(night) - pl.col("night")).dt.total_days()
    pairs = known.filter(pl.col("imei").is_not_null()).group_by("imei", "imsi").agg(age=age.min())
    sims_on_imei = {
        window: pairs.filter(pl.col("age") < window).group_by("imei").agg(imei_sims=pl.len().cast(pl.Int32))
        for window in windows
    }
    sims_at_place = (
        known.filter(pl.col("place").is_not_null())
        .group_by("night", "place")
        .agg(place_sims=pl.col("imsi").n_unique().cast(pl.Int32))
    )
    return Population(sims_on_imei, sims_at_place, first_night, begins, count_abroad(received, night, windows))
