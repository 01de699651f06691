"""What groups of SIMs are like as a whole, and how much two of them have in common.

The parts of one box differ in network and in cards; what they have alike is the work: when, whom and how long they
call, how much a card makes of a night, how long it lives, whose runs and handsets it comes from.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs import handsets
from simbox.rigs.behaviour import is_act
from simbox.rigs.comparisons import RUN_RANKS, RUN_WIDTH
from simbox.rigs.crowd import Crowd

BLOCK_MINUTES = 240
# Steps of the length of a call: what a hang-up, a message, a talk and a long talk are.
LENGTH_EDGES_S = (6, 15, 30, 60, 120, 240, 480)
NEAREST_BATCH = 64

# Which network a number is of depends on whose card calls it.
MOBILE = ["on_net", "off_net", "mobile_unknown"]

Floats = npt.NDArray[np.float64]
HABITS = (
    "acts_alike",
    "hours_alike",
    "callees_alike",
    "lengths_alike",
    "rate_apart",
    "nights_apart",
    "duration_apart",
)
MEASURES = (*HABITS, "runs_shared_share", "operators_shared_share", *handsets.MEASURES)


def compare_groups(pairs: pl.DataFrame, held: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """The pairs (a, b) of groups with MEASURES, from placed records of their SIMs (with `group`); null where one of
    them shows nothing of the kind.

    `..._alike`: overlap of their distributions of acts by service and block of the day, of hours, of kinds of callees
    (networks aside), of lengths of calls. `..._apart`: how many times as much, as a binary logarithm, of events a SIM
    and night, nights a SIM, median duration. `runs_shared_share`: of the cards of either, those next to one of the
    other's in the order of IMSIs in use, the smaller share. And those of `compare_handsets`.
    """
    groups = np.sort(held["group"].unique().to_numpy())
    a, b = (np.searchsorted(groups, pairs[name].to_numpy()) for name in ("a", "b"))
    minute = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0)) % 1440
    acts = held.filter(is_act()).with_columns(minute=minute)
    made = acts.filter(pl.col("direction") == "mo")
    answered = made.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))
    act = pl.concat_str(pl.col("service"), pl.col("direction"), pl.col("minute") // BLOCK_MINUTES, separator=" ")
    kind = pl.col("other_kind").cast(pl.String)
    whom = pl.when(pl.col("other_kind").is_in(MOBILE)).then(pl.lit("mobile")).otherwise(kind)
    spans = pl.sum_horizontal((pl.col("duration_s") >= edge).cast(pl.Int8) for edge in LENGTH_EDGES_S)
    rates = acts.group_by("group").agg(
        events=pl.len(), sim_nights=pl.struct("imsi", "night").n_unique(), sims=pl.col("imsi").n_unique()
    )
    medians = answered.group_by("group").agg(median=pl.col("duration_s").median())
    measures = {
        "acts_alike": _overlap(acts, act, groups, a, b),
        "hours_alike": _overlap(acts, pl.col("minute") // 60, groups, a, b),
        "callees_alike": _overlap(made, whom, groups, a, b),
        "lengths_alike": _overlap(answered, spans, groups, a, b),
        "rate_apart": _apart(rates, pl.col("events") / pl.col("sim_nights"), groups, a, b),
        "nights_apart": _apart(rates, pl.col("sim_nights") / pl.col("sims"), groups, a, b),
        "duration_apart": _apart(medians, pl.col("median") + 1, groups, a, b),
        "runs_shared_share": _runs_shared(held, crowd, groups, a, b),
        "operators_shared_share": _overlap(
            held.unique(["group", "imsi", "operator"]), pl.col("operator").cast(pl.String), groups, a, b
        ),
        **handsets.compare_handsets(pairs, held, crowd),
    }
    return pairs.with_columns(pl.Series(name, values.round(4)).fill_nan(None) for name, values in measures.items())


def _overlap(
    legs: pl.DataFrame, key: pl.Expr, groups: npt.NDArray[np.int64], a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]
) -> Floats:
    """The sum over keys of the smaller share of legs."""
    shares = _shares(legs, key, groups)
    return np.minimum(shares[a], shares[b]).sum(axis=1)


def _shares(legs: pl.DataFrame, key: pl.Expr, groups: npt.NDArray[np.int64]) -> Floats:
    """(groups, keys): the share of a group's legs with each key; nan for a group without legs."""
    counts = legs.group_by("group", key=key).agg(legs=pl.len())
    keys = counts["key"].unique().sort()
    table = np.zeros((groups.size, max(keys.len(), 1)))
    column = counts["key"].replace_strict(keys, list(range(keys.len())), return_dtype=pl.Int64).to_numpy()
    table[np.searchsorted(groups, counts["group"].to_numpy()), column] = counts["legs"].to_numpy()
    totals = table.sum(axis=1, keepdims=True)
    return np.divide(table, totals, out=np.full_like(table, np.nan), where=totals > 0)


def _apart(
    facts: pl.DataFrame,
    value: pl.Expr,
    groups: npt.NDArray[np.int64],
    a: npt.NDArray[np.int64],
    b: npt.NDArray[np.int64],
) -> Floats:
    known = np.full(groups.size, np.nan)
    values = facts.select("group", value=value)
    known[np.searchsorted(groups, values["group"].to_numpy())] = np.log2(values["value"].to_numpy())
    return np.abs(known[a] - known[b])


def _runs_shared(
    held: pl.DataFrame,
    crowd: Crowd,
    groups: npt.NDArray[np.int64],
    a: npt.NDArray[np.int64],
    b: npt.NDArray[np.int64],
) -> Floats:
    cards = held.select("group", "imsi").unique().sort("imsi")
    imsi = cards["imsi"].to_numpy()
    rank = np.searchsorted(crowd.imsis.to_numpy(), imsi)
    group = np.searchsorted(groups, cards["group"].to_numpy())
    near: list[pl.DataFrame] = []
    for step in range(1, min(NEAREST_BATCH, imsi.size)):
        close = (rank[step:] - rank[:-step] <= RUN_RANKS) & (imsi[step:] - imsi[:-step] < RUN_WIDTH)
        close &= group[step:] != group[:-step]
        left, right = np.flatnonzero(close), np.flatnonzero(close) + step
        near += [
            pl.DataFrame({"card": x, "own": group[x], "other": group[y]}) for x, y in ((left, right), (right, left))
        ]
    if not near:
        return np.zeros(a.size)
    counts = pl.concat(near).group_by("own", "other").agg(cards=pl.col("card").n_unique())
    sizes = np.bincount(group, minlength=groups.size)
    shared = {(own, other): cards / sizes[own] for own, other, cards in counts.iter_rows()}
    return np.array([min(shared.get((x, y), 0.0), shared.get((y, x), 0.0)) for x, y in zip(a, b, strict=True)])
