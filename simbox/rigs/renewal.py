"""Whether two groups of SIMs are at work as one box: the ones begin where the others end, and all rest at once.

With a hundred cards a port most cards of a rig never meet, and those of one network have other masts than those of
another. What is left is time: a port's next card begins minutes after its last one has fallen silent for good, and a
box that is switched off or carried about is silent with all its cards.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.behaviour import is_act
from simbox.rigs.comparisons import RELAY_LIMIT_S, come_and_gone

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MEASURES = ("renewals_across", "swings_alike")
# How often somebody ends in the hours around tells how often one begins after an end by chance.
AROUND_S = 3 * 3600
# Fewer beginnings that somebody's end lies near to tell nothing.
LEAST_CHANCES = 3
HOUR_S = 3600
DAY_HOURS = 24
# A day's hours say what is usual only where there are more days than one.
LEAST_DAYS = 3
PAIRS_AT_ONCE = 4096


def compare_renewal(pairs: pl.DataFrame, held: pl.DataFrame, begins: pl.Expr) -> dict[str, Floats]:
    """MEASURES of the pairs (a, b) of groups, from placed records of their SIMs (with `group`), held from `begins` on;
    NaN where one of them shows nothing of the kind.

    `renewals_across`: how many times as often as by chance a SIM of the one is first heard within half an hour of the
    end of one of the other, as a binary logarithm; chance is how often somebody ends in the hours around.
    `swings_alike`: the correlation of their acts by the hour, less what is usual at that hour of the day.
    """
    groups = np.sort(held["group"].unique().to_numpy())
    a, b = (np.searchsorted(groups, pairs[name].to_numpy()) for name in ("a", "b"))
    return {"renewals_across": _renewals(held, groups, a, b, begins), "swings_alike": _swings(held, groups, a, b)}


def _renewals(held: pl.DataFrame, groups: Longs, a: Longs, b: Longs, begins: pl.Expr) -> Floats:
    new, silent = come_and_gone(held.select("imsi", "started_at"), begins)
    of = held.select("group", "imsi").unique()
    begun = _times(new.join(of, on="imsi"), "first_at", groups)
    ended = _times(silent.join(of, on="imsi"), "last_at", groups)
    times = np.full(a.size, np.nan)
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        told = [_follow(begun[x], ended[y]) for x, y in ((one, other), (other, one))]
        chances, met, expected = (sum(values) for values in zip(*told, strict=True))
        if chances >= LEAST_CHANCES:
            times[pair] = np.log2((met + 0.5) / (expected + 0.5))
    return times


def _times(frame: pl.DataFrame, name: str, groups: Longs) -> list[Longs]:
    """Of each group the seconds of its SIMs' beginnings or ends, in order."""
    ordered = frame.select("group", s=pl.col(name).dt.epoch("s")).sort("group", "s")
    borders = np.searchsorted(ordered["group"].to_numpy(), groups)
    return np.split(ordered["s"].to_numpy(), borders[1:])


def _follow(begun: Longs, ended: Longs) -> tuple[int, int, float]:
    """How many beginnings have an end near them, how many follow one closely, and how many would by chance."""
    after = np.searchsorted(ended, begun, side="right")
    before = np.searchsorted(ended, begun - RELAY_LIMIT_S, side="left")
    close = after - before
    around = np.searchsorted(ended, begun + AROUND_S, side="right") - after
    around += before - np.searchsorted(ended, begun - RELAY_LIMIT_S - AROUND_S, side="left")
    chance = 1 - np.exp(-around * (RELAY_LIMIT_S / (2 * AROUND_S)))
    near = (close + around) > 0
    return int(near.sum()), int((close > 0).sum()), float(chance.sum())


def _swings(held: pl.DataFrame, groups: Longs, a: Longs, b: Longs) -> Floats:
    second = pl.col("started_at").dt.epoch("s")
    counts = (
        held.filter(is_act())
        .group_by("group", hour=second // HOUR_S)
        .agg(acts=pl.len().cast(pl.Int64))
        .sort("group", "hour")
    )
    correlation = np.full(a.size, np.nan)
    if counts.is_empty():
        return correlation
    hour = counts["hour"].to_numpy()
    hour = hour - hour.min()
    days = int(hour.max()) // DAY_HOURS + 1
    if days < LEAST_DAYS:
        return correlation
    table = np.zeros((groups.size, days * DAY_HOURS))
    table[np.searchsorted(groups, counts["group"].to_numpy()), hour] = counts["acts"].to_numpy()
    by_day = table.reshape(groups.size, days, DAY_HOURS)
    swing = (by_day - by_day.mean(axis=1, keepdims=True)).reshape(table.shape)
    length = np.sqrt(np.einsum("ij,ij->i", swing, swing))
    for first in range(0, a.size, PAIRS_AT_ONCE):
        one, other = a[first : first + PAIRS_AT_ONCE], b[first : first + PAIRS_AT_ONCE]
        both = length[one] * length[other]
        dot = np.einsum("ij,ij->i", swing[one], swing[other])
        correlation[first : first + PAIRS_AT_ONCE] = np.divide(dot, both, out=np.full_like(dot, np.nan), where=both > 0)
    return correlation
