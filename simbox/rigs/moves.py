"""Whether two SIMs are moved together: from one of their homes to another at one time, as hardly anybody else is.

A box whose cards serve several gateways, or that moves house, takes them all at once from one place to the next. So
does a train with its passengers and a phone with its two SIMs; neither is a box.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.candidates import spread
from simbox.rigs.comparisons import SECOND_BITS, links_of
from simbox.rigs.crowd import Crowd
from simbox.telecom.cells import distance_m

# Of pairs of one box that move at all so many are moved together, three times of four; the others move like strangers,
# each card when its turn comes. Set by reasoning: in worlds of the scenarios ladder, quiet, crowded and partial, whose
# boxes move cards one by one, no pair is moved together.
MOVED_SHARE = 0.01
TOGETHER_CHANCE = 0.75
# Whatever is counted, one in ten goes when another one does.
LEAST_CHANCE = 0.1
# Nearer masts may serve one house by turns, and who is heard once at a place has not stayed there.
LEAST_M = 2_000.0
LEAST_LEGS = 2
# Two cards that go at one time are a person's; a box moves more.
LEAST_AT_ONCE = 3
# Who is not heard of for longer may have gone at any time.
LONGEST_S = 24 * 3600
# People, and boxes that live among them, move while they are awake.
WAKING_SHARE = 2 / 3
SHORTEST_LIFE_S = 8 * 3600
# More than any number of moves needs to say.
MOST_BITS = 60.0
CENTI = 100
# Each with some dozen moves.
PAIRS_AT_ONCE = 100_000

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Moves(NamedTuple):
    """Moves from one home to another, those of a SIM on one way together and in time: between which legs (seconds since
    1970), whether enough suspects were on that way then, where each SIM's begin on each way and the last of all ends;
    and of each SIM and way whose these are, the way, and the share of those who go it that are no suspects."""

    begin_s: Longs
    end_s: Longs
    many: Flags
    borders: Longs
    imsi: Longs
    way: Longs
    people: Floats


def moved_together(spoken: pl.DataFrame, crowd: Crowd, candidates_per_sim: int) -> pl.DataFrame:
    """LINKS of SIMs that go from one of their homes to another far from it, each between the same two legs as the
    other, oftener than such moves meet by chance; `events` are the moves they have in common.

    A stranger's chance is what the number and the lengths of the gaps between legs make it, or the share of those at
    home at both places who are no suspects on the way, whichever is more: of a train or a shift's bus nothing follows.
    Each move of one without the other, while that one was about, speaks against it. Of two alone, as in a phone with
    two slots, nothing is said.
    """
    moves = _moves(spoken, crowd)
    one, other = _candidates(moves, candidates_per_sim)
    lives = spoken.group_by("imsi").agg(
        first_s=pl.col("started_at").min().dt.epoch("s"), last_s=pl.col("started_at").max().dt.epoch("s")
    )
    about = pl.DataFrame({"imsi": moves.imsi}).join(lives, on="imsi", how="left", maintain_order="left")
    first_s, last_s = (about[name].to_numpy() for name in ("first_s", "last_s"))
    since, until = np.maximum(first_s[one], first_s[other]), np.minimum(last_s[one], last_s[other])
    made = [_made_between(moves, row, since, until) for row in (one, other)]
    gap_s = np.bincount(_row_of_move(moves), moves.end_s - moves.begin_s, moves.imsi.size) / np.diff(moves.borders)
    common_s = WAKING_SHARE * np.maximum(until - since, SHORTEST_LIFE_S)
    by_chance = -np.expm1(-np.maximum(*made) * (gap_s[one] + gap_s[other]) / common_s)
    chance = np.clip(np.maximum(by_chance, moves.people[one]), LEAST_CHANCE, TOGETHER_CHANCE)
    together, first, last = _made_together(moves, one, other)
    alone = np.maximum(np.maximum(*made) - together, 0)
    bits = together * np.log2(TOGETHER_CHANCE / chance) + alone * np.log2((1 - TOGETHER_CHANCE) / (1 - chance))
    imsi_a, imsi_b = (order(moves.imsi[one], moves.imsi[other]) for order in (np.minimum, np.maximum))
    ways = pl.DataFrame({"imsi_a": imsi_a, "imsi_b": imsi_b, "events": together, "first_s": first, "last_s": last})
    # Sums of integers are the same in any order.
    of_pairs = (
        ways.with_columns(centibits=pl.Series(np.rint(CENTI * bits)).cast(pl.Int64))
        .group_by("imsi_a", "imsi_b")
        .agg(pl.col("events", "centibits").sum(), pl.col("first_s").min(), pl.col("last_s").max())
        .filter(pl.col("events") > 0)
        .sort("imsi_a", "imsi_b")
    )
    ratio = 1 - MOVED_SHARE + MOVED_SHARE * pl.lit(2.0).pow((pl.col("centibits") / CENTI).clip(-MOST_BITS, MOST_BITS))
    times = [
        pl.from_epoch(f"{name}_s").dt.replace_time_zone("UTC").dt.cast_time_unit("us").alias(f"{name}_at")
        for name in ("first", "last")
    ]
    told = of_pairs.with_columns(
        *times, weight=10 * ratio.log(2), forward=pl.lit(value=False), backward=pl.lit(value=False)
    )
    return links_of(told, "moved_together")


def _moves(spoken: pl.DataFrame, crowd: Crowd) -> Moves:
    gone = _far_ones(_stays(spoken, crowd), crowd).sort("origin", "place", "begin_s", "end_s", "imsi")
    way = gone.select(pl.struct("origin", "place").rle_id().cast(pl.Int64)).to_series().to_numpy()
    begin_s, end_s = gone["begin_s"].to_numpy(), gone["end_s"].to_numpy()
    # A way and seconds since 1970 fit one integer, by which both can be sorted.
    begun, ended = (way << SECOND_BITS) + begin_s, np.sort((way << SECOND_BITS) + end_s)
    at_once = np.searchsorted(begun, (way << SECOND_BITS) + end_s, side="right")
    at_once -= np.searchsorted(ended, begun, side="left")
    on_way = (
        gone.with_columns(way=pl.Series(way), at_once=pl.Series(at_once))
        .join(_others(gone, spoken, crowd), on=["origin", "place"], how="left")
        .with_columns(pl.col("others").fill_null(0), most=pl.col("at_once").max().over("way"))
        .with_columns(people=(pl.col("others") + 1) / (pl.col("others") + pl.col("most")))
        .filter(pl.col("people") < TOGETHER_CHANCE)
        .sort("way", "imsi", "begin_s")
    )
    key = pl.struct("way", "imsi").rle_id()
    firsts = np.flatnonzero(np.diff(on_way.select(key.cast(pl.Int64)).to_series().to_numpy(), prepend=-1))
    return Moves(
        on_way["begin_s"].to_numpy(),
        on_way["end_s"].to_numpy(),
        on_way["at_once"].to_numpy() >= LEAST_AT_ONCE,
        np.append(firsts, on_way.height),
        on_way["imsi"].to_numpy()[firsts],
        on_way["way"].to_numpy()[firsts],
        on_way["people"].to_numpy()[firsts],
    )


def _stays(spoken: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(imsi, place, first_s, last_s) of two legs or more in a row at one of a SIM's several homes; in order."""
    several = crowd.homes.filter(pl.len().over("imsi") > 1)
    legs = (
        spoken.select("imsi", "place", s=pl.col("started_at").dt.epoch("s"))
        .join(several, on=["imsi", "place"], how="semi")
        .sort("imsi", "s", "place")
    )
    return (
        legs.group_by("imsi", "place", stay=pl.struct("imsi", "place").rle_id(), maintain_order=True)
        .agg(legs=pl.len(), first_s=pl.col("s").min(), last_s=pl.col("s").max())
        .filter(pl.col("legs") >= LEAST_LEGS)
        .select("imsi", "place", "first_s", "last_s")
    )


def _far_ones(stays: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(imsi, origin, place, begin_s, end_s) of moves between stays at places far enough from each other."""
    gone = stays.select(
        "imsi",
        "place",
        former=pl.col("imsi").shift(),
        origin=pl.col("place").shift(),
        begin_s=pl.col("last_s").shift(),
        end_s="first_s",
    ).filter(
        (pl.col("imsi") == pl.col("former"))
        & (pl.col("place") != pl.col("origin"))
        & (pl.col("end_s") - pl.col("begin_s") <= LONGEST_S)
    )
    located = crowd.places.drop_nulls()
    known = gone.join(located, on="place").join(
        located.select(origin="place", origin_lat="place_lat", origin_lon="place_lon"), on="origin"
    )
    columns = ("place_lat", "place_lon", "origin_lat", "origin_lon")
    far = distance_m(*(known[name].to_numpy() for name in columns)) >= LEAST_M
    return known.filter(pl.Series(far)).select("imsi", "origin", "place", "begin_s", "end_s")


def _others(gone: pl.DataFrame, spoken: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(origin, place, others): how many who are no suspects are at home at both ends of each way."""
    ways = gone.select("origin", "place").unique()
    people = (
        crowd.homes.filter(pl.len().over("imsi") > 1)
        .join(pl.concat([ways["origin"], ways["place"]]).unique().to_frame("place"), on="place", how="semi")
        .join(spoken.select("imsi").unique(), on="imsi", how="anti")
    )
    both = people.join(people.select("imsi", origin="place"), on="imsi")
    return both.group_by("origin", "place").agg(others=pl.len())


def _candidates(moves: Moves, candidates_per_sim: int) -> tuple[Longs, Longs]:
    """Two SIMs each on one way, as places among those of `moves`, each with those that went it first after it did, and
    with so many as a SIM may be compared with."""
    _, number, ways = np.unique(moves.imsi, return_inverse=True, return_counts=True)
    firsts = moves.borders[:-1]
    is_one = np.logical_or.reduceat(moves.many, firsts) if firsts.size else np.zeros(0, dtype=np.bool_)
    chosen = np.flatnonzero(is_one)
    order = chosen[np.lexsort((moves.imsi[chosen], moves.begin_s[firsts[chosen]], moves.way[chosen]))]
    way = moves.way[order]
    following = np.arange(order.size) + 1
    most = np.maximum(candidates_per_sim // ways[number[order]], 1)
    one, other = spread(following, np.minimum(np.searchsorted(way, way, side="right"), following + most))
    return order[one], order[other]


def _row_of_move(moves: Moves) -> Longs:
    return np.repeat(np.arange(moves.imsi.size), np.diff(moves.borders))


def _made_between(moves: Moves, row: Longs, since: Longs, until: Longs) -> Longs:
    """How many moves of each row of SIMs and ways there are that touch the time from `since` to `until`."""
    of = _row_of_move(moves) << SECOND_BITS
    begun = np.searchsorted(of + moves.begin_s, (row << SECOND_BITS) + until, side="right")
    ended = np.searchsorted(of + moves.end_s, (row << SECOND_BITS) + since, side="left")
    return np.maximum(begun - ended, 0)


def _made_together(moves: Moves, one: Longs, other: Longs) -> tuple[Longs, Longs, Longs]:
    """Of each two rows of SIMs and ways how many moves of the one meet one of the other in time, both among enough, and
    when the first of these began and the last one ended."""
    begun = (_row_of_move(moves) << SECOND_BITS) + moves.begin_s
    together = np.zeros(one.size, dtype=np.int64)
    first, last = np.full(one.size, np.iinfo(np.int64).max), np.zeros(one.size, dtype=np.int64)
    for begin in range(0, one.size, PAIRS_AT_ONCE):
        rows, others = one[begin : begin + PAIRS_AT_ONCE], other[begin : begin + PAIRS_AT_ONCE]
        pair, move = spread(moves.borders[rows], moves.borders[rows + 1])
        its = np.searchsorted(begun, (others[pair] << SECOND_BITS) + moves.end_s[move], side="right") - 1
        has_begun = its >= moves.borders[others[pair]]
        its = np.maximum(its, 0)
        met = has_begun & (moves.end_s[its] >= moves.begin_s[move]) & moves.many[move] & moves.many[its]
        pair, move, its = pair[met], move[met], its[met]
        np.add.at(together, begin + pair, 1)
        np.minimum.at(first, begin + pair, np.minimum(moves.begin_s[move], moves.begin_s[its]))
        np.maximum.at(last, begin + pair, np.maximum(moves.end_s[move], moves.end_s[its]))
    return together, first, last
