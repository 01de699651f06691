"""Clocks of switches against each other: both legs of a call begin at one instant, so their difference is the skew."""

from collections.abc import Iterable

import numpy as np
import polars as pl

WARN_S = 60
# Pairs are drawn by their numbers, so that both legs of a call are drawn or none.
SAMPLE_ROWS = 400_000
LEAST_PAIRS = 5
_WINDOW_S = 2 * 3600
_DRAWN_OF = 1 << 16
COLUMNS = ("node", "direction", "caller", "called", "started_at", "duration_s")


class ClockSample:
    """Answered calls of some pairs of numbers, a smaller share the more there are."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._rows = 0
        self._share = _DRAWN_OF

    def add(self, cdrs: pl.DataFrame, feed: str) -> None:
        """Take records with their column `node`."""
        msisdn, other = pl.col("msisdn"), pl.col("other_party")
        is_mo = pl.col("direction") == "mo"
        wanted = (
            (pl.col("service") == "voice")
            & pl.col("direction").is_in(["mo", "mt"])
            & pl.col("answered").fill_null(True)
            & msisdn.is_not_null()
            & other.is_between(1, 10**15)
            & pl.col("node").is_not_null()
            & (_draw(msisdn, other) < self._share)
        )
        rows = cdrs.filter(wanted).select(
            node=pl.lit(f"{feed} ") + pl.col("node").cast(pl.String),
            direction=pl.col("direction").cast(pl.String),
            caller=pl.when(is_mo).then(msisdn).otherwise(other),
            called=pl.when(is_mo).then(other).otherwise(msisdn),
            started_at="started_at",
            duration_s=pl.col("duration_s").cast(pl.Int64),
        )
        self._frames.append(rows)
        self._rows += rows.height
        while self._rows > SAMPLE_ROWS:
            self._share //= 2
            kept = pl.concat(self._frames).filter(_draw(pl.col("caller"), pl.col("called")) < self._share)
            self._frames, self._rows = [kept], kept.height

    def skews(self) -> dict[str, tuple[int, int]]:
        """For each node that can be compared with another, by how many seconds its clock is ahead (negative: behind),
        and from how many calls that is known."""
        if not self._frames:
            return {}
        rows = pl.concat(self._frames)
        mo, mt = (rows.filter(pl.col("direction") == side).drop("direction") for side in ("mo", "mt"))
        pairs = mo.join(mt, on=["caller", "called"], suffix="_mt").with_columns(
            ahead_s=(pl.col("started_at") - pl.col("started_at_mt")).dt.total_seconds()
        )
        # Two calls between the same people on one day seldom last equally long.
        pairs = pairs.filter(
            (pl.col("node") != pl.col("node_mt"))
            & (pl.col("ahead_s").abs() <= _WINDOW_S)
            & ((pl.col("duration_s") - pl.col("duration_s_mt")).abs() <= 2)
        )
        return _solve(pairs)


def _solve(pairs: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Skews against the clock that most nodes share: each node's median difference to the others, taken to zero at the
    median of nodes, until nothing moves."""
    both = pl.concat(
        [
            pairs.select("node", against="node_mt", ahead_s="ahead_s"),
            pairs.select(node="node_mt", against="node", ahead_s=-pl.col("ahead_s")),
        ]
    )
    medians = both.group_by("node", "against").agg(pl.col("ahead_s").median(), calls=pl.len()).sort("node", "against")
    names = sorted(medians["node"].unique())
    skew = dict.fromkeys(names, 0.0)
    rows = medians.rows(named=True)
    for _ in range(8):
        for name in names:
            told = [(skew[row["against"]] + row["ahead_s"], row["calls"]) for row in rows if row["node"] == name]
            skew[name] = _weighted_median(told)
        middle = float(np.median(list(skew.values()))) if names else 0.0
        skew = {name: value - middle for name, value in skew.items()}
    calls = {name: sum(row["calls"] for row in rows if row["node"] == name) for name in names}
    return {name: (round(skew[name]), calls[name]) for name in names if calls[name] >= LEAST_PAIRS}


def _weighted_median(told: Iterable[tuple[float, int]]) -> float:
    ordered = sorted(told)
    half = sum(weight for _, weight in ordered) / 2
    below = 0
    for value, weight in ordered:
        below += weight
        if below >= half:
            return value
    return 0.0


def _draw(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """A number below 65,536 of a pair of numbers, whichever comes first."""
    # The sum is the same from both ends; a product spreads neighbouring sums (Knuth's multiplicative hashing).
    return (one + other) % _DRAWN_OF * 40_503 % _DRAWN_OF
