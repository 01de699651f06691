"""What two SIMs may agree in, each with its weight: a log-likelihood ratio in points, ten of which double the odds.

Each is discounted by how common the shared thing is: an IMEI cloned onto thousands of phones or a place that everybody
passes weighs nothing. The chances inside a rig are those of chances.toml or, where it has none, set by reasoning from
how gateways rotate SIMs.
"""

import numpy as np
import polars as pl

from simbox.kernels.pairs import order_pairs
from simbox.rigs.candidates import spread
from simbox.rigs.chances import load_chances
from simbox.rigs.crowd import Crowd
from simbox.tables.rigs import LINK_DIRECTION, LINKS

# A gateway switches within minutes of a port's cap; within ten on average, and half of all starts are such switches.
# Set by reasoning: in drawn worlds one start in thirteen is, but the new SIMs of a place, by which it is discounted,
# are the rig's own among others.
RELAY_CHANCE = 0.5
RELAY_MEAN_S = 600
RELAY_LIMIT_S = 1800
# Who is not heard for half a day may have fallen silent, and who was not heard in the first half may be new.
SETTLED = pl.duration(hours=12)
# Cards are bought in runs of tens, those of one run being ten ranks apart on average.
BATCH_RANKS = 30
RUN_RANKS = 10
# Cards of one run share all but the last four digits; a gap in use wider than that is no run.
RUN_WIDTH = 10_000
# Enough for seconds since 1970 until the year 2242.
SECOND_BITS = 33
# There are tens of millions of links between 100,000 SIMs: a name takes a byte of each instead of sixteen, and these in
# the order of the alphabet sort as names do.
COMPARISON = pl.Enum(
    [
        "calls_inside",
        "contacts_kept",
        "imei_in_turn",
        "moved_together",
        "near_imei",
        "near_imsi",
        "relay",
        "same_batch",
        "same_cap",
        "same_habits",
        "same_model",
        "same_places",
        "shared_callees",
        "silent_together",
    ]
)
NO_LINKS = LINKS.empty().cast({"comparison": COMPARISON})
TAC_DIVISOR = 1_000_000


def imei_in_turn(spoken: pl.DataFrame, crowd: Crowd, candidates_per_sim: int) -> pl.DataFrame:
    """One IMEI shown by both at one place; `events` and direction tell of legs of the one right after the other's.

    Of several such IMEIs and places the one counts that says most.
    """
    legs = (
        spoken.select("imei", "place", "imsi", "started_at", "duration_s")
        .drop_nulls(["imei", "place"])
        .sort("imei", "place", "started_at", "imsi", "duration_s")
        .with_columns(ended_at=pl.col("started_at") + pl.duration(seconds=pl.col("duration_s")))
    )
    holders = (
        legs.group_by("imei", "place", "imsi")
        .agg(first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max())
        .with_columns(sims=pl.len().over("imei", "place"))
        .filter(pl.col("sims") > 1)
        .join(crowd.sims_on_imei, on="imei", how="left")
        .with_columns(weight=points_of(crowd.sims / pl.col("imei_sims").fill_null(1)))
        .sort("weight", "imei", "place", "first_at", "imsi", descending=[True, False, False, False, False])
        .with_columns(position=pl.int_range(pl.len()).over("imei", "place"))
    )
    # Of the holders of one IMEI at one place each is paired with so many that came after it.
    rows = np.arange(holders.height)
    left = (holders["sims"].cast(pl.Int64) - holders["position"].cast(pl.Int64)).to_numpy()
    row, position = spread(rows + 1, rows + np.minimum(left, candidates_per_sim + 1))
    sims, sim = np.unique(holders["imsi"].to_numpy(), return_inverse=True)
    one, other = sim[row], sim[position]
    order, starts = order_pairs(np.minimum(one, other), np.maximum(one, other), sims.size)
    first = order[starts]
    one, other, row, position = one[first], other[first], row[first], position[first]
    first_at, last_at = holders["first_at"], holders["last_at"]
    shared = pl.DataFrame(
        {
            "imsi_a": sims[np.minimum(one, other)],
            "imsi_b": sims[np.maximum(one, other)],
            "weight": holders["weight"].gather(row),
            # Holders come in order of their first legs.
            "first_at": first_at.gather(row),
            "last_at": pl.select(pl.max_horizontal(last_at.gather(row), last_at.gather(position))).to_series(),
        }
    )
    same_slot = (pl.col("imei") == pl.col("imei").shift()) & (pl.col("place") == pl.col("place").shift())
    turns = legs.with_columns(
        former=pl.when(same_slot & (pl.col("started_at") >= pl.col("ended_at").shift())).then(pl.col("imsi").shift())
    ).filter(pl.col("former") != pl.col("imsi"))
    handed = (
        ordered(turns, "former", "imsi")
        .group_by("imsi_a", "imsi_b")
        .agg(
            events=pl.len().cast(pl.Int32),
            forward=(pl.col("imsi_a") == pl.col("former")).any(),
            backward=(pl.col("imsi_b") == pl.col("former")).any(),
        )
    )
    pairs = shared.join(handed, on=["imsi_a", "imsi_b"], how="left").with_columns(
        pl.col("events").fill_null(0), pl.col("forward", "backward").fill_null(value=False)
    )
    return links_of(pairs, "imei_in_turn")


def relay(spoken: pl.DataFrame, crowd: Crowd, begins: pl.Expr, ends: pl.DataFrame | None = None) -> pl.DataFrame:
    """One SIM's first event follows another's last at a place, sooner than chance would have it there.

    Chance: as many SIMs as are first heard there that night begin at any second of a waking day of sixteen hours. With
    `ends` (imsi), only of pairs that have one of these.
    """
    legs = spoken.select("imsi", "started_at", "place", "night").drop_nulls("place")
    new, silent = come_and_gone(legs, begins)
    # Of two legs that begin at one instant the place decides, so that the order of records does not.
    starters = (
        legs.join(new, left_on=["imsi", "started_at"], right_on=["imsi", "first_at"])
        .group_by("imsi", first_at="started_at")
        .agg(pl.col("place", "night").min())
    )
    enders = (
        legs.join(silent, left_on=["imsi", "started_at"], right_on=["imsi", "last_at"])
        .group_by("imsi", last_at="started_at")
        .agg(pl.col("place").max())
    )
    met = _follow(starters, enders)
    if ends is not None:
        known = ends["imsi"].implode()
        met = met.filter(pl.col("imsi").is_in(known) | pl.col("imsi_former").is_in(known))
    met = (
        met.with_columns(gap_s=(pl.col("first_at") - pl.col("last_at")).dt.total_seconds())
        .filter((pl.col("gap_s") >= 0) & (pl.col("gap_s") <= RELAY_LIMIT_S) & (pl.col("imsi") != pl.col("imsi_former")))
        .join(crowd.begun, on=["place", "night"], how="left")
        .with_columns(
            # The SIM itself is one of them, unless its first leg told no place.
            chance=pl.col("new_sims").fill_null(1) / (16 * 3600),
            inside=RELAY_CHANCE * (-pl.col("gap_s") / RELAY_MEAN_S).exp() / RELAY_MEAN_S,
        )
        .with_columns(weight=points_of(pl.col("inside") / pl.col("chance")), events=pl.lit(1, dtype=pl.Int32))
    )
    pairs = ordered(met, "imsi_former", "imsi").with_columns(
        forward=pl.col("imsi_a") == pl.col("imsi_former"), backward=pl.col("imsi_b") == pl.col("imsi_former")
    )
    return links_of(pairs.with_columns(first_at=pl.col("last_at"), last_at=pl.col("first_at")), "relay")


def come_and_gone(legs: pl.DataFrame, begins: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of legs (imsi, started_at) the SIMs that began half a day after `begins` or later (imsi, first_at), and those
    silent for half a day at the end (imsi, last_at)."""
    lives = legs.group_by("imsi").agg(first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max())
    new = lives.filter(pl.col("first_at") > begins + SETTLED).select("imsi", "first_at")
    silent = lives.filter(pl.col("last_at") < pl.col("last_at").max() - SETTLED).select("imsi", "last_at")
    return new, silent


def _follow(starters: pl.DataFrame, enders: pl.DataFrame) -> pl.DataFrame:
    """(imsi, first_at, place, imsi_former, last_at) of starters and enders at one place, half an hour apart at most or
    a little more: at a place where thousands come and go only these are paired."""
    places = starters.select("place").unique().sort("place")["place"].to_numpy()
    ended = enders.filter(pl.col("place").is_in(places)).sort("place", "last_at", "imsi")
    # Places by rank and seconds since 1970 fit one integer of 64 bits, by which both can be sorted.
    by_place_and_second = [
        (np.searchsorted(places, frame["place"].to_numpy()) << SECOND_BITS) + frame[at].dt.epoch("s").to_numpy()
        for frame, at in ((starters, "first_at"), (ended, "last_at"))
    ]
    begun_s, ended_s = by_place_and_second
    first = np.searchsorted(ended_s, begun_s - RELAY_LIMIT_S - 1, side="left")
    row, position = spread(first, np.searchsorted(ended_s, begun_s + 1, side="right"))
    former = ended.select(imsi_former="imsi", last_at="last_at")
    return pl.concat([starters[row], former[position]], how="horizontal")


def near_imsi(spoken: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """IMSIs a few ranks apart among all in use, so that a densely sold range is worth less than a sparse one."""
    imsi = np.sort(spoken["imsi"].unique().to_numpy())
    rank = np.searchsorted(crowd.imsis.to_numpy(), imsi)
    parts = []
    for step in range(1, BATCH_RANKS + 1):
        if imsi.size <= step:
            break
        distance = rank[step:] - rank[:-step]
        near = distance <= BATCH_RANKS
        parts.append(pl.DataFrame({"imsi_a": imsi[:-step][near], "imsi_b": imsi[step:][near], "ranks": distance[near]}))
    if not parts:
        return NO_LINKS
    # Cards of one run share all but the last four digits; a gap in use wider than that is no run.
    pairs = pl.concat(parts).filter(pl.col("imsi_b") - pl.col("imsi_a") < RUN_WIDTH)
    ranks = pl.col("ranks").clip(1)
    inside = load_chances().near_imsi * (1 - (-ranks / RUN_RANKS).exp())
    chance = 2 * ranks / max(crowd.sims, 1)
    return links_of(
        pairs.with_columns(
            weight=points_of(inside / chance),
            events=pl.col("ranks").cast(pl.Int32),
            forward=pl.lit(False),
            backward=pl.lit(False),
            first_at=pl.lit(None, dtype=LINKS.schema["first_at"]),
            last_at=pl.lit(None, dtype=LINKS.schema["last_at"]),
        ),
        "near_imsi",
    )


def ordered(frame: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    """Rows with `imsi_a` the smaller and `imsi_b` the larger of two IMSI columns."""
    return frame.with_columns(imsi_a=pl.min_horizontal(first, second), imsi_b=pl.max_horizontal(first, second))


def points_of(ratio: pl.Expr) -> pl.Expr:
    return 10 * ratio.log(2)


def links_of(pairs: pl.DataFrame, comparison: str) -> pl.DataFrame:
    direction = (
        pl.when(pl.col("forward") & pl.col("backward"))
        .then(pl.lit("both"))
        .when(pl.col("forward"))
        .then(pl.lit("a_to_b"))
        .when(pl.col("backward"))
        .then(pl.lit("b_to_a"))
        .otherwise(pl.lit("none"))
        .cast(LINK_DIRECTION)
    )
    return pairs.select(
        "imsi_a",
        "imsi_b",
        pl.lit(comparison, dtype=COMPARISON).alias("comparison"),
        pl.col("weight").cast(pl.Float64).round(2),
        direction.alias("direction"),
        pl.col("events").cast(pl.Int32),
        pl.col("first_at"),
        pl.col("last_at"),
    )
