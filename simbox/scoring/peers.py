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

    def add(self, other: "Histograms") -> "Histograms":
        """Both together."""
        return Histograms(pl.concat([self.counts, other.counts]).group_by(*_KEYS, "bin").agg(pl.col("sims").sum()))


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

    def rows_of(self, asked: pl.DataFrame) -> pl.DataFrame:
        """(row, peer_group) for each of (feature, window_nights, peer_group), in their order: the peers that it is
        compared with; null where there are none."""
        wanted = asked.select(_KEYS).unique()
        found = wanted.with_columns(named="peer_group")
        chosen = []
        for ending in ("", *_ENDINGS):
            found = found.with_columns(pl.col("named").str.replace(ending, "")) if ending else found
            chosen.append(
                found.join(self._kinds.rename({"peer_group": "named"}), on=["feature", "window_nights", "named"])
            )
        enough = pl.col("size") >= LEAST_PEERS
        best = (
            pl.concat([part.with_columns(width=pl.lit(width)) for width, part in enumerate(chosen)])
            .sort(*_KEYS, pl.when(enough).then("width").otherwise(len(chosen) - pl.col("width") + len(chosen)))
            .unique(_KEYS, keep="first", maintain_order=True)
        )
        told = asked.select(_KEYS).join(best, on=_KEYS, how="left", maintain_order="left")
        return told.select("row", peer_group="named")

    def shares(self, rows: npt.NDArray[np.int64], bins: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The thousandths of the peers of each row of `rows_of` that are in a lower bin."""
        found: npt.NDArray[np.int64] = self._below[rows, bins]
        return found

    def limits(self, feature: str, rows: npt.NDArray[np.int64], shares: npt.NDArray[np.int64]) -> Floats:
        """The least value of a feature from which on so many thousandths of the peers have less; NaN where none."""
        edges = np.array([-np.inf, *peer_edges(feature)])
        reached = self._below[rows, : edges.size] >= shares[:, None]
        first = reached.argmax(axis=1)
        limits: Floats = np.where(reached.any(axis=1) & (first > 0), edges[first], np.nan)
        return limits


def add_percentiles(reasons: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """Reasons (with `feature`, `value`, `window_nights`, `peer_group`) with the per cent of peers that have less, and
    the peers that these are."""
    if reasons.is_empty():
        return reasons.with_columns(percentile=pl.lit(None, dtype=pl.Float64))
    compared = peers.rows_of(reasons)
    known = compared.select(pl.col("row").is_not_null()).to_series() & reasons["value"].is_not_null()
    percentiles = np.full(reasons.height, np.nan)
    numbered = reasons.select("feature", "value").with_columns(compared["row"]).with_row_index("place").filter(known)
    for (name,), part in numbered.group_by("feature", maintain_order=True):
        bins = peer_bins(str(name), part["value"].to_numpy())
        percentiles[part["place"].to_numpy()] = peers.shares(part["row"].to_numpy().astype(np.int64), bins) / 10
    return reasons.with_columns(peer_group=compared["peer_group"], percentile=pl.Series(percentiles, nan_to_null=True))


def peer_bins(feature: str, values: Floats) -> npt.NDArray[np.int32]:
    """The bin of each value among the feature's declared edges."""
    return np.searchsorted(np.array(peer_edges(feature)), values, side="right").astype(np.int32)


def peer_edges(feature: str) -> tuple[float, ...]:
    """The declared edges of a feature's histograms."""
    return SHARE_EDGES if feature.endswith(("_share", "fan_out")) else COUNT_EDGES
