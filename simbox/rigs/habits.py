"""Whether two SIMs work by one habit: the same service at the same hours."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.tables.rigs import LINKS

# Four hours a block: finer ones say more of chance than of habit in a night's handful of events.
BLOCK_MINUTES = 240
BLOCKS = 6
# Events come in bursts, so each says less than an independent one would.
TEMPER = 0.5
LEAST_WEIGHT, MOST_WEIGHT = -60.0, 5.0


def compare_habits(pairs: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """LINKS `same_habits` of the pairs: how much likelier their events come from one distribution than from two.

    The Bayes factor of two multinomials over (service, block of the local day) with a uniform Dirichlet prior, events
    made and service SMS received; tempered, and cut to -60 .. 5 points: that both work by day is no surprise.
    Pairs without events get none.
    """
    sims, counts = _profiles(spoken)
    a = np.searchsorted(sims, pairs["imsi_a"].to_numpy())
    b = np.searchsorted(sims, pairs["imsi_b"].to_numpy())
    single = _log2_dirichlet(counts)
    both = np.empty(a.size)
    for start in range(0, a.size, 1 << 18):
        part = slice(start, start + (1 << 18))
        both[part] = _log2_dirichlet(counts[a[part]] + counts[b[part]])
    nothing = _log2_dirichlet(np.zeros((1, counts.shape[1]), dtype=np.int64))[0]
    points = np.clip(10 * TEMPER * (both + nothing - single[a] - single[b]), LEAST_WEIGHT, MOST_WEIGHT)
    made = counts.sum(axis=1)
    events = np.minimum(made[a], made[b])
    return (
        pairs.select(
            "imsi_a",
            "imsi_b",
            comparison=pl.lit("same_habits"),
            weight=pl.Series(points).round(2),
            direction=pl.lit("none").cast(LINKS.schema["direction"]),
            events=pl.Series(events).cast(pl.Int32),
            first_at=pl.lit(None, dtype=LINKS.schema["first_at"]),
            last_at=pl.lit(None, dtype=LINKS.schema["last_at"]),
        )
        .filter(pl.col("events") > 0)
        .sort("imsi_a", "imsi_b")
    )


def _profiles(spoken: pl.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The SIMs in order, and for each its events by service and block of the day, in UTC where no zone is known."""
    minute = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0)) % 1440
    counted = spoken.filter(
        (pl.col("direction") == "mo") | pl.col("other_kind").is_in(["alphanumeric", "short_code"])
    ).group_by(
        "imsi",
        slot=pl.when(pl.col("service") == "voice").then(0).when(pl.col("direction") == "mo").then(1).otherwise(2)
        * BLOCKS
        + minute // BLOCK_MINUTES,
    )
    rows = counted.agg(events=pl.len().cast(pl.Int64))
    sims = np.sort(spoken["imsi"].unique().to_numpy())
    counts = np.zeros((sims.size, 3 * BLOCKS), dtype=np.int64)
    counts[np.searchsorted(sims, rows["imsi"].to_numpy()), rows["slot"].to_numpy()] = rows["events"].to_numpy()
    return sims, counts


def _log2_dirichlet(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """log2 of the probability of an ordered sequence with these counts, up to a constant: prod n_k! / (n + K - 1)!"""
    size = int(counts.sum(axis=1).max(initial=0)) + counts.shape[1]
    log2_factorial = np.concatenate([[0.0], np.cumsum(np.log2(np.arange(1, size + 1)))])
    total: npt.NDArray[np.float64] = (
        log2_factorial[counts].sum(axis=1) - log2_factorial[counts.sum(axis=1) + counts.shape[1] - 1]
    )
    return total
