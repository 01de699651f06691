"""Whether two groups of SIMs renew the same ports: the ones begin where the others end.

With a hundred cards a port most cards of a rig never meet, and those of one network have other masts than those of
another. What is left is time: a port's next card begins minutes after its last one has fallen silent for good.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.comparisons import RELAY_LIMIT_S, come_and_gone

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# How often somebody ends in the hours around tells how often one begins after an end by chance.
AROUND_S = 3 * 3600
# Where ranges of ends begin and end, the last ones before, in seconds from a beginning.
RANGE_ENDS = np.array([[-RELAY_LIMIT_S - AROUND_S], [-RELAY_LIMIT_S], [1], [AROUND_S + 1]])
# Fewer beginnings that somebody's end lies near to tell nothing.
LEAST_CHANCES = 3


def compare_renewal(pairs: pl.DataFrame, held: pl.DataFrame, begins: pl.Expr) -> Floats:
    """For each pair (a, b) of groups how many times as often as by chance a SIM of the one is first heard within half
    an hour of the end of one of the other, as a binary logarithm.

    Chance is how often somebody ends in the hours around. `held` are placed records of their SIMs (with `group`), held
    from `begins` on. NaN where too few begin near an end.
    """
    groups = np.sort(held["group"].unique().to_numpy())
    a, b = (np.searchsorted(groups, pairs[name].to_numpy()) for name in ("a", "b"))
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
    # One search for the ends of all ranges: of a few beginnings each call takes as long as its search.
    earliest, before, after, latest = np.searchsorted(ended, begun + RANGE_ENDS)
    close = after - before
    around = latest - after + before - earliest
    chance = 1 - np.exp(-around * (RELAY_LIMIT_S / (2 * AROUND_S)))
    near = (close + around) > 0
    return int(near.sum()), int((close > 0).sum()), float(chance.sum())
