"""A SIM's own kind, and how its values stand among theirs.

Percentiles come from integer histograms over declared edges: they can be summed over buckets in any order.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

# The feature whose bands part the peers of one operator.
PEERS_BY = "mo_events"
ACTIVITY_EDGES = (3, 10, 30)
ACTIVITY_NAMES = ("1-2", "3-9", "10-29", "30+")
# Shares sit on a grid of twentieths, everything else on steps of about a fifth.
SHARE_EDGES = tuple(round(step / 20, 2) for step in range(1, 21))
COUNT_EDGES = tuple(sorted({round(1.2**step, 3) for step in range(-30, 80)} | {float(n) for n in range(1, 21)}))


class Histograms(NamedTuple):
    """How many SIMs of a peer group and window had a feature in a bin."""

    counts: pl.DataFrame

    def add(self, other: "Histograms") -> "Histograms":
        """Both together."""
        keys = ["feature", "window_nights", "peer_group", "bin"]
        return Histograms(pl.concat([self.counts, other.counts]).group_by(keys).agg(pl.col("sims").sum()))


EMPTY = Histograms(
    pl.DataFrame(
        schema={
            "feature": pl.String,
            "window_nights": pl.Int16,
            "peer_group": pl.String,
            "bin": pl.Int32,
            "sims": pl.Int64,
        }
    )
)


def peer_group(operator: pl.Expr, mo_events: pl.Expr) -> pl.Expr:
    """The SIM's peers: same operator, same band of events made in the window."""
    band = pl.sum_horizontal((mo_events >= edge).cast(pl.Int32) for edge in ACTIVITY_EDGES)
    names = band.replace_strict(list(range(len(ACTIVITY_NAMES))), list(ACTIVITY_NAMES), return_dtype=pl.String)
    return pl.concat_str(operator, pl.lit(" "), names)


def add_percentiles(reasons: pl.DataFrame, histograms: Histograms) -> pl.DataFrame:
    """Reasons (with `feature`, `value`, `window_nights`, `peer_group`) with the per cent of peers that have less."""
    if reasons.is_empty():
        return reasons.with_columns(percentile=pl.lit(None, dtype=pl.Float64))
    keys = ["feature", "window_nights", "peer_group"]
    below = (
        histograms.counts.sort(*keys, "bin")
        .with_columns(below=pl.col("sims").cum_sum().over(keys) - pl.col("sims"), all=pl.col("sims").sum().over(keys))
        .select(*keys, "bin", share=pl.col("below") * 1000 // pl.col("all"))
    )
    binned = pl.concat(
        [
            part.with_columns(bin=pl.Series(peer_bins(str(name), part["value"].to_numpy())))
            for (name,), part in reasons.group_by("feature", maintain_order=True)
        ]
    )
    return binned.join(below, on=[*keys, "bin"], how="left", maintain_order="left").with_columns(
        percentile=pl.col("share") / 10
    )


def peer_bins(feature: str, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """The bin of each value among the feature's declared edges."""
    return np.searchsorted(np.array(peer_edges(feature)), values, side="right").astype(np.int32)


def peer_edges(feature: str) -> tuple[float, ...]:
    """The declared edges of a feature's histograms."""
    return SHARE_EDGES if feature.endswith(("_share", "fan_out")) else COUNT_EDGES
