"""A SIM's own kind, and how its values stand among theirs.

Percentiles come from integer histograms over declared edges: they can be summed over buckets in any order.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

# The features whose bands part the peers of one operator: how much it does, how long it is known, with how many it
# has to do.
ACTIVITY, AGE = "mo_events", "age_days"
PARTIES = ("callees", "callers", "sms_recipients", "sms_senders")
PEERS_BY = (ACTIVITY, AGE, *PARTIES)
ACTIVITY_EDGES = (3, 10, 30)
ACTIVITY_NAMES = ("1-2", "3-9", "10-29", "30+")
# Known for so few nights a SIM is new; one that was there on the first night of all may be of any age.
NEW_NIGHTS = 7
# A machine does a lot with hardly anybody: meters, alarms, terminals.
MACHINE_EVENTS, MACHINE_PARTIES = 10, 2
# Fewer peers say little: those of the next wider kind are asked then.
LEAST_PEERS = 100
# Shares sit on a grid of twentieths, everything else on steps of about a fifth.
SHARE_EDGES = tuple(round(step / 20, 2) for step in range(1, 21))
COUNT_EDGES = tuple(sorted({round(1.2**step, 3) for step in range(-30, 80)} | {float(n) for n in range(1, 21)}))

_KEYS = ("feature", "window_nights", "peer_group")
# What ends the name of a kind: without the first of these it is that of all who are as active, without the next that of
# the operator.
_ENDINGS = (r" (settled|new)( machine)?$", r" [^ ]+$")

Floats = npt.NDArray[np.float64]


class Histograms(NamedTuple):
    """How many SIMs of a peer group and window had a feature in a bin."""

    counts: pl.DataFrame

    def add(self, *others: "Histograms") -> "Histograms":
        """All together."""
        counts = pl.concat([self.counts, *(other.counts for other in others)])
        return Histograms(counts.group_by(*_KEYS, "bin").agg(pl.col("sims").sum()))


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


def peer_group(operator: pl.Expr) -> pl.Expr:
    """The SIM's own kind in a row of FEATURES: same operator, same band of events made, new or not, machine or not."""
    done = pl.col(ACTIVITY).fill_null(0)
    band = pl.sum_horizontal((done >= edge).cast(pl.Int32) for edge in ACTIVITY_EDGES)
    names = band.replace_strict(list(range(len(ACTIVITY_NAMES))), list(ACTIVITY_NAMES), return_dtype=pl.String)
    age = pl.when(is_new()).then(pl.lit(" new")).otherwise(pl.lit(" settled"))
    machine = pl.when(is_machine()).then(pl.lit(" machine")).otherwise(pl.lit(""))
    return pl.concat_str(operator, pl.lit(" "), names, age, machine)


def is_new() -> pl.Expr:
    """Whether the SIM of a row of FEATURES was first heard a few nights ago."""
    return pl.col(AGE).fill_null(NEW_NIGHTS) < NEW_NIGHTS


def is_machine() -> pl.Expr:
    """Whether the SIM of a row of FEATURES does a lot with hardly anybody."""
    parties = pl.max_horizontal(PARTIES).fill_null(MACHINE_PARTIES + 1)
    return (pl.col(ACTIVITY).fill_null(0) >= MACHINE_EVENTS) & (parties <= MACHINE_PARTIES)


class Peers:
    """What share of a SIM's own kind has less of a feature in a window.

    Of a kind of fewer than LEAST_PEERS all count who are as active, new or not, machines or not; where these are too
    few, all of the operator.
    """

    def __init__(self, histograms: Histograms) -> None:
        levels = [histograms.counts]
        for ending in _ENDINGS:
            levels.append(levels[-1].with_columns(pl.col("peer_group").str.replace(ending, "")))
        counts = pl.concat(levels).group_by(*_KEYS, "bin").agg(pl.col("sims").sum())
        self._kinds = counts.select(_KEYS).unique().sort(_KEYS).with_row_index("row")
        placed = counts.join(self._kinds, on=_KEYS)
        held = np.zeros((self._kinds.height, len(COUNT_EDGES) + 1), dtype=np.int64)
        held[placed["row"].to_numpy(), placed["bin"].to_numpy()] = placed["sims"].to_numpy()
        sizes = held.sum(axis=1)
        self._kinds = self._kinds.with_columns(size=pl.Series(sizes))
        self._below = (np.cumsum(held, axis=1) - held) * 1000 // np.maximum(sizes, 1)[:, None]

    def add_percentiles(self, reasons: pl.DataFrame) -> pl.DataFrame:
        """Reasons (with `feature`, `value`, `window_nights`, `peer_group`) with the per cent of peers that have less,
        and the peers that these are; null where there are none."""
        compared = self._compared_with(reasons)
        known = compared["row"].is_not_null() & reasons["value"].is_not_null()
        percentiles = np.full(reasons.height, np.nan)
        asked = reasons.select("feature", "value").with_columns(compared["row"]).with_row_index("place").filter(known)
        for (feature,), part in asked.group_by("feature", maintain_order=True):
            bins = peer_bins(str(feature), part["value"].to_numpy())
            percentiles[part["place"].to_numpy()] = self._below[part["row"].to_numpy(), bins] / 10
        return reasons.with_columns(
            peer_group=compared["peer_group"], percentile=pl.Series(percentiles, nan_to_null=True)
        )

    def _compared_with(self, asked: pl.DataFrame) -> pl.DataFrame:
        """(row, peer_group) for each (feature, window_nights, peer_group), in their order: the kind that is asked."""
        found = asked.select(_KEYS).unique().with_columns(named="peer_group")
        kinds = self._kinds.rename({"peer_group": "named"})
        levels = []
        for width, ending in enumerate(("", *_ENDINGS)):
            found = found.with_columns(pl.col("named").str.replace(ending, ""), width=pl.lit(width))
            levels.append(found.join(kinds, on=["feature", "window_nights", "named"]))
        # The narrowest that is large enough, else the widest.
        order = pl.when(pl.col("size") >= LEAST_PEERS).then("width").otherwise(2 * len(levels) - pl.col("width"))
        best = pl.concat(levels).sort(*_KEYS, order).unique(_KEYS, keep="first", maintain_order=True)
        told = asked.select(_KEYS).join(best, on=_KEYS, how="left", maintain_order="left")
        return told.select("row", peer_group="named")


def peer_bins(feature: str, values: Floats) -> npt.NDArray[np.int32]:
    """The bin of each value among the feature's declared edges."""
    return np.searchsorted(np.array(peer_edges(feature)), values, side="right").astype(np.int32)


def peer_edges(feature: str) -> tuple[float, ...]:
    """The declared edges of a feature's histograms."""
    return SHARE_EDGES if feature.endswith(("_share", "fan_out")) else COUNT_EDGES
