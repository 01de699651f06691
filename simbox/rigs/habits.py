"""Whether two SIMs work by one habit: what they do, at what hours, how long they talk and to whom."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.dirichlet import bits_for_one
from simbox.rigs.behaviour import is_act
from simbox.rigs.pairs import Pairs, Told, tell

# Four hours a block: finer ones say more of chance than of habit in a night's handful of events.
BLOCK_MINUTES = 240
BLOCKS = 6
# Steps of the length of a call: what a hang-up, a message, a talk and a long talk are.
LENGTH_EDGES_S = (6, 15, 30, 60, 120, 240, 480)
# Which network a number is of depends on whose card calls it.
CALLEES = {
    **dict.fromkeys(("on_net", "off_net", "mobile_unknown"), 0),
    "landline": 1,
    "international": 2,
    **dict.fromkeys(("short_code", "alphanumeric"), 3),
    **dict.fromkeys(("withheld", "unknown"), 4),
}
# Events come in bursts, so each says less than an independent one would: what a bit of each aspect is worth in points,
# by logistic regression over pairs of suspects at one place on worlds of the scenarios ladder, quiet and crowded.
BIT_POINTS = {"acts": 0.9, "hours": 1.0, "lengths": 1.5, "callees": 2.5}
LEAST_WEIGHT = -90.0
# That both call, by day, mobile numbers, is no surprise in any aspect.
MOST_FOR_ASPECT = 1.0

Counts = npt.NDArray[np.int64]


def compare_habits(pairs: Pairs, spoken: pl.DataFrame) -> Told:
    """LINKS `same_habits` of the pairs: how much likelier their events come from one distribution than from two.

    For each aspect the Bayes factor of two multinomials with a uniform Dirichlet prior, over events made and service
    SMS received: acts (calls, SMS, codes), hours (acts by block of the local day, in UTC where no zone is known),
    lengths of answered calls, kinds of callees. Each is tempered and worth a point at most, the
    sum -90 at least. Pairs without events get none.
    """
    aspects = _profiles(spoken, pairs.sims)
    points = np.zeros(pairs.a.size)
    for aspect, counts in aspects.items():
        bits = bits_for_one(counts, pairs.a, pairs.b)
        # Of ten million pairs every array takes as long to lay out as to fill.
        np.multiply(bits, BIT_POINTS[aspect], out=bits)
        points += np.minimum(bits, MOST_FOR_ASPECT, out=bits)
    made = aspects["acts"].sum(axis=1)
    events = np.minimum(made[pairs.a], made[pairs.b])
    return tell(pairs, np.maximum(points, LEAST_WEIGHT, out=points), events, events > 0)


def _profiles(spoken: pl.DataFrame, sims: Counts) -> dict[str, Counts]:
    """For each aspect a table (SIMs, kinds of event)."""
    minute = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0)) % 1440
    acts = spoken.filter(is_act())
    act = pl.when(pl.col("direction") == "mt").then(2).when(pl.col("service") == "voice").then(0).otherwise(1)
    made = acts.filter(pl.col("direction") == "mo")
    answered = made.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))
    length = pl.sum_horizontal((pl.col("duration_s") >= edge).cast(pl.Int64) for edge in LENGTH_EDGES_S)
    callee = pl.col("other_kind").cast(pl.String).replace_strict(CALLEES, return_dtype=pl.Int64)
    return {
        "acts": _count(acts, act, 3, sims),
        "hours": _count(acts, act * BLOCKS + minute // BLOCK_MINUTES, 3 * BLOCKS, sims),
        "lengths": _count(answered, length, len(LENGTH_EDGES_S) + 1, sims),
        "callees": _count(made, callee, max(CALLEES.values()) + 1, sims),
    }


def _count(legs: pl.DataFrame, slot: pl.Expr, slots: int, sims: Counts) -> Counts:
    known = legs.select("imsi", slot=slot.cast(pl.Int64))
    place = np.searchsorted(sims, known["imsi"].to_numpy()) * slots + known["slot"].to_numpy()
    return np.bincount(place, minlength=sims.size * slots).astype(np.int64, copy=False).reshape(sims.size, slots)
