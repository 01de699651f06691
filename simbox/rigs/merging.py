"""Groups that have one owner: the cards of one box are bought in several runs, from several networks.

What two groups have in common is weighed as for two SIMs, in points, ten of which double the odds: calls that the one's
cards stage with the other's, a place nearer than strangers' places are, one seldom handset model. Two boxes of one
building differ in hours, in service or in customers, and stay apart.
"""

from itertools import combinations
from typing import NamedTuple

import networkx as nx
import numpy as np
import polars as pl

from simbox.rigs.behaviour import settled_places
from simbox.rigs.crowd import Crowd
from simbox.rigs.grouping import Traffic, carry_different_traffic
from simbox.telecom.cells import REACH_SHARE, distance_m, sector_middles

# What is sure to be a rig is one of a few boxes, each of which comes out in two parts or so.
PARTS_OF_A_RIG = 2
LEAST_POINTS = 35
# Only staged calls join a group to one that looks lawful: a company next door calls its customers, not the rig.
STAGED_FOR_SURE = 40
# A rig that stages calls lets two cards of a hundred pairs call each other, at the least.
STAGED_CHANCE = 0.02
STAGED_CAP = 90
# Of groups of one box two in three have their main places nearer to each other than a stranger's settles.
NEAR_CHANCE = 0.67
PLACE_CAP = 60
# Nine of ten estimates by one network lie within two thirds of its sectors' range of the truth, so two lie within one.
FARTHEST_RANGES = 1.0
# Boxes of one trade and town overlap in two thirds of what they do at most, the parts of one in more.
SAME_HABITS, CLOSE_HABITS = 0.6, 0.78
CLOSE_HABITS_POINTS, LOOSE_HABITS_POINTS = 12, -25
# Customers of their own speak for two owners; a rig's cards dial one list, yet each run another stretch of it.
DIFFERENT_TRAFFIC_POINTS = -40
BLOCK_MINUTES = 240


class Joining(NamedTuple):
    """What groups are joined by: placed records of the SIMs involved, PLACES, their traffic and the crowd."""

    records: pl.DataFrame
    places: pl.DataFrame
    traffic: Traffic
    crowd: Crowd


def merge_groups(groups: pl.DataFrame, strength: pl.DataFrame, joining: Joining) -> pl.DataFrame:
    """(group, imsi) with the number of the first group for all that have one owner.

    `strength` is (group, rig_evidence, lawful); at least one of two groups that are joined must be sure to be a rig.
    """
    judged = {group: (points, lawful) for group, points, lawful in strength.sort("group").iter_rows()}
    members = {int(str(group)): sorted(part["imsi"]) for (group,), part in groups.group_by("group")}
    held = joining.records.join(groups, on="imsi")
    habits = _overlaps(_acts(held))
    staged = _staged_points(held, groups, members, joining.crowd)
    near = _place_points(groups, joining)
    rigs = sum(points >= 0 for points, _ in judged.values())
    among_rigs = max(LEAST_POINTS, round(10 * np.log2(max(rigs / PARTS_OF_A_RIG, 1))))
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(sorted(members))
    for a, b in combinations(sorted(judged), 2):
        (strength_a, lawful_a), (strength_b, lawful_b) = judged[a], judged[b]
        weaker = min(strength_a, strength_b, 0)
        alike = habits.get((a, b), 0.0)
        if max(strength_a, strength_b) < 0 or alike < SAME_HABITS:
            continue
        if (lawful_a or lawful_b) and staged.get((a, b), 0) < STAGED_FOR_SURE:
            continue
        habit_points = CLOSE_HABITS_POINTS if alike >= CLOSE_HABITS else LOOSE_HABITS_POINTS
        points = staged.get((a, b), 0) + near.get((a, b), 0) + habit_points
        apart = staged.get((a, b), 0) < STAGED_FOR_SURE
        if apart and carry_different_traffic(members[a], members[b], joining.traffic):
            points += DIFFERENT_TRAFFIC_POINTS
        if points + weaker >= among_rigs:
            graph.add_edge(a, b)
    first = {group: min(part) for part in nx.connected_components(graph) for group in part}
    return groups.with_columns(pl.col("group").replace_strict(first, return_dtype=pl.Int64)).sort("group", "imsi")


def _acts(held: pl.DataFrame) -> pl.DataFrame:
    """(group, key): what members do, by service, direction and block of the local day."""
    made = held.filter((pl.col("direction") == "mo") | pl.col("other_kind").is_in(["alphanumeric", "short_code"]))
    minute = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0)) % 1440
    return made.select(
        "group",
        key=pl.concat_str(pl.col("service"), pl.col("direction"), minute // BLOCK_MINUTES, separator=" "),
    )


def _overlaps(legs: pl.DataFrame) -> dict[tuple[int, int], float]:
    """For pairs of groups the sum over keys of the smaller share of legs."""
    counts = legs.group_by("group", "key").agg(legs=pl.len())
    shares = counts.with_columns(permille=pl.col("legs") * 1000 // pl.col("legs").sum().over("group"))
    met = shares.join(shares, on="key", suffix="_b").filter(pl.col("group") < pl.col("group_b"))
    common = met.group_by("group", "group_b").agg(common=pl.min_horizontal("permille", "permille_b").sum())
    return {(a, b): permille / 1000 for a, b, permille in common.iter_rows()}


def _staged_points(
    held: pl.DataFrame, groups: pl.DataFrame, members: dict[int, list[int]], crowd: Crowd
) -> dict[tuple[int, int], int]:
    """Points for pairs of cards across two groups that call or write to each other, against what chance would have.

    A Poisson ratio: strangers that reach r numbers reach r / N of each other's; in a rig two of a hundred pairs more.
    """
    made = held.filter(pl.col("direction") == "mo").select("group", "imsi", "other_party").unique()
    reach = dict(made.group_by("group").agg(reach=pl.len()).iter_rows())
    numbers = held.drop_nulls("msisdn").select(group_b="group", called="imsi", other_party="msisdn").unique()
    across = (
        made.join(numbers, on="other_party")
        .filter(pl.col("group") != pl.col("group_b"))
        .select(
            a=pl.min_horizontal("group", "group_b"),
            b=pl.max_horizontal("group", "group_b"),
            low=pl.min_horizontal("imsi", "called"),
            high=pl.max_horizontal("imsi", "called"),
        )
        .unique()
        .group_by("a", "b")
        .agg(pairs=pl.len())
    )
    points = {}
    for a, b, pairs in across.iter_rows():
        chance = (reach.get(a, 0) * len(members[b]) + reach.get(b, 0) * len(members[a])) / max(crowd.sims, 1)
        inside = chance + STAGED_CHANCE * len(members[a]) * len(members[b])
        ratio = 10 * (pairs * np.log2(inside / chance) - (inside - chance) / np.log(2))
        points[a, b] = int(np.clip(np.rint(ratio), 0, STAGED_CAP))
    return points


def _place_points(groups: pl.DataFrame, joining: Joining) -> dict[tuple[int, int], int]:
    """Points for groups whose main places are near each other: the fewer SIMs settle within that distance, the more.

    Operators' masts differ, so the cards of one box settle at neighbouring places, not at one.
    """
    crowd = joining.crowd
    main = _main_points(groups, joining)
    settled = crowd.settled.join(crowd.places, on="place").sort("place")
    lat, lon, sims = (settled[name].to_numpy() for name in ("place_lat", "place_lon", "settled_sims"))
    numbers, mains_lat, mains_lon, range_m = (
        main[name].to_numpy() for name in ("group", "main_lat", "main_lon", "range_m")
    )
    points: dict[tuple[int, int], int] = {}
    for row in range(numbers.size):
        to_all = distance_m(lat, lon, mains_lat[row], mains_lon[row])
        order = np.argsort(to_all, kind="stable")
        within = np.cumsum(sims[order])
        to_mains = distance_m(mains_lat, mains_lon, mains_lat[row], mains_lon[row])
        # At least the nearest place lies within.
        nearer = within[np.maximum(np.searchsorted(to_all[order], to_mains, side="right") - 1, 0)]
        ratio = 10 * np.log2(NEAR_CHANCE * within[-1] / nearer)
        within_range = to_mains <= FARTHEST_RANGES * (range_m + range_m[row]) / 2
        for other in np.flatnonzero((ratio > 0) & within_range):
            pair = (int(min(numbers[row], numbers[other])), int(max(numbers[row], numbers[other])))
            worth = int(min(np.rint(ratio[other]), PLACE_CAP))
            # Seen from either group; what is less surprising counts.
            points[pair] = min(worth, points.get(pair, worth))
    return points


def _main_points(groups: pl.DataFrame, joining: Joining) -> pl.DataFrame:
    """(group, main_lat, main_lon, range_m): the middle of the sectors that serve a group where most of it settles."""
    held = joining.records.join(groups, on="imsi")
    main = (
        settled_places(held)
        .join(groups, on="imsi")
        .group_by("group", "place")
        .agg(sims=pl.len())
        .sort("group", "sims", "place", descending=[False, True, False])
        .unique("group", keep="first", maintain_order=True)
    )
    sectors = (
        held.join(main, on=["group", "place"], how="semi")
        .group_by("group", "cell")
        .agg(legs=pl.len())
        .join(sector_middles(joining.places), on="cell")
        .sort("group", "cell")
    )
    rows = []
    for (group,), part in sectors.group_by("group", maintain_order=True):
        weight = part["legs"].to_numpy() / part["legs"].sum()
        middle = (float(np.dot(weight, part[name].to_numpy())) for name in ("middle_lat", "middle_lon"))
        # The farthest-reaching layer says how far off the house may be.
        rows.append((group, *middle, float(part["reach_m"].to_numpy().max()) / REACH_SHARE))
    schema = {"group": pl.Int64, "main_lat": pl.Float64, "main_lon": pl.Float64, "range_m": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("group")
