"""Groups that have one owner: the cards of one box are bought in several runs, from several networks.

What two groups have in common as a whole (profiles.py) is weighed by the points of joining.toml, ten of which double
the odds: where they stand, calls that the one's cards stage with the other's, how alike they work. Two boxes of one
building differ in how they work, and stay apart.
"""

from collections.abc import Collection
from itertools import combinations
from typing import NamedTuple

import networkx as nx
import numpy as np
import polars as pl

from simbox.rigs import handsets, profiles
from simbox.rigs.asking import ask_at_once
from simbox.rigs.behaviour import settled_places
from simbox.rigs.contacts import Called
from simbox.rigs.crowd import Crowd
from simbox.rigs.custom import compare_custom
from simbox.rigs.renewal import compare_renewal
from simbox.rigs.touching import count_touches
from simbox.rigs.weights import Weights
from simbox.telecom.cells import REACH_SHARE, distance_m, sector_middles

# Only staged calls join a group to one that looks lawful: a company next door calls its customers, not the rig.
STAGED_FOR_SURE = 40
# A rig that stages calls lets two cards of a hundred pairs call each other, at the least.
STAGED_CHANCE = 0.02
STAGED_CAP = 90
# Nine of ten estimates by one network lie within two thirds of its sectors' range of the truth, so two lie within one.
FARTHEST_RANGES = 1.2
# The masts of two networks may lie farther apart than that; who shows an IMEI there that few show is compared still.
FARTHEST_WITH_IMEI = 3.0
SELDOM_BITS = 9
# Parts of a box at several premises stand far apart, and so many of the pairs across are strongly linked.
DENSE_SHARE = 0.03
# Of two parts that were not compared, being too far apart, the one is hardly the other's.
NOT_COMPARED_POINTS = -40
# Joining what is no rig's accuses people, and costs more than a part that stays alone: beside its likeness so much of
# the weaker one's own doubt counts. Over the worlds that joining was estimated on, each by the others, that leaves 38
# of 102 groups of innocents joined, and 10 instead of 9 of a hundred parts alone.
DOUBT_COUNTED = 0.3
# Of which family of comparisons a measure is; a group's size and how sure it is are of none.
FAMILY = {
    **dict.fromkeys(handsets.MEASURES, "handset"),
    **dict.fromkeys(("distance_ranges", "renewals_across"), "place"),
    **dict.fromkeys(("runs_shared_share", "operators_shared_share"), "batch"),
    **dict.fromkeys(("staged", "custom_apart"), "contacts"),
    **dict.fromkeys(profiles.HABITS, "habits"),
}


class Joining(NamedTuple):
    """What groups are joined by: placed records of the SIMs involved, held from `begins` on, the pairs of them that are
    strongly linked (imsi_a, imsi_b), PLACES, whom they called, the crowd, what likeness of two groups is worth, the
    most SIMs that a rig has, and which families of comparisons are not to be trusted."""

    records: pl.DataFrame
    begins: pl.Expr
    strong: pl.DataFrame
    places: pl.DataFrame
    called: Called
    crowd: Crowd
    weights: Weights
    largest: int
    leave_out: Collection[str] = ()


def merge_groups(groups: pl.DataFrame, strength: pl.DataFrame, joining: Joining) -> pl.DataFrame:
    """(group, imsi) with the number of the first group for all that have one owner.

    `strength` is (group, rig_evidence, lawful); at least one of two groups that are joined must be sure to be a rig.
    Parts are put together two by two, those first that have most in common on average over their own parts.
    """
    pairs = measure_pairs(groups, strength, joining)
    if pairs.is_empty():
        return groups.sort("group", "imsi")
    members = {int(str(group)): sorted(part["imsi"]) for (group,), part in groups.group_by("group")}
    doubt = (DOUBT_COUNTED * pairs["weaker_evidence"].to_numpy()).round().astype(np.int64)
    told = joining.weights.weigh(pairs) + doubt
    points = {(a, b): int(worth) for (a, b), worth in zip(pairs.select("a", "b").iter_rows(), told, strict=True)}
    graph: nx.Graph = nx.Graph()
    graph.add_edges_from(pair for pair, worth in sorted(points.items()) if worth > 0)
    first: dict[int, int] = {}
    for component in nx.connected_components(graph):
        for part in _put_together(sorted(component), points, members, joining.largest):
            first |= dict.fromkeys(part, min(part))
    return groups.with_columns(pl.col("group").replace(first)).sort("group", "imsi")


def measure_pairs(groups: pl.DataFrame, strength: pl.DataFrame, joining: Joining) -> pl.DataFrame:
    """Pairs (a, b) of groups, a < b, that stand near each other, stage calls or are densely linked, with what they have
    in common.

    Near are also those somewhat farther apart that show an IMEI which few show.

    Beside the measures of `compare_groups`: `distance_ranges`, how far apart they stand in ranges of their sectors;
    `staged`, points for calls across; `weaker_evidence`, that of the less sure one, 0 at most; `smaller_sims`, the
    binary logarithm of the smaller one's SIMs; `custom_apart`, how much less their cards share callees than those
    within each do; `renewals_across`, how much oftener than by chance the ones begin where the others end.
    """
    judged = {group: (points, lawful) for group, points, lawful in strength.sort("group").iter_rows()}
    members = {int(str(group)): sorted(part["imsi"]) for (group,), part in groups.group_by("group")}
    held = joining.records.join(groups, on="imsi")
    staged = _staged_points(held, groups, members, joining.crowd)
    if "contacts" in joining.leave_out:
        staged = {}
    imeis = {} if "handset" in joining.leave_out else handsets.seldomest_imei(held, joining.crowd)
    apart = {
        pair: ranges
        for pair, ranges in _distances(groups, joining).items()
        if ranges <= FARTHEST_RANGES or imeis.get(pair, 0) >= SELDOM_BITS
    }
    linked = _linked_share(groups, members, joining.strong)
    dense = {pair for pair, share in linked.items() if share >= DENSE_SHARE}
    rows = []
    for a, b in sorted(staged.keys() | apart.keys() | dense):
        if a not in judged or b not in judged or max(judged[a][0], judged[b][0]) < 0:
            continue
        told = staged.get((a, b), 0)
        is_near = (a, b) in apart or (a, b) in dense
        if (judged[a][1] or judged[b][1] or not is_near) and told < STAGED_FOR_SURE:
            continue
        weaker = min(judged[a][0], judged[b][0], 0)
        smaller = float(np.log2(min(len(members[a]), len(members[b]))))
        rows.append((a, b, apart.get((a, b)), float(told), float(weaker), round(smaller, 4)))
    names = ("distance_ranges", "staged", "weaker_evidence", "smaller_sims")
    schema = {"a": pl.Int64, "b": pl.Int64} | dict.fromkeys(names, pl.Float64)
    pairs = pl.DataFrame(rows, schema=schema, orient="row")
    if not rows:
        return pairs
    measures = ask_at_once(
        {
            "renewals_across": lambda: compare_renewal(pairs, held, joining.begins),
            "custom_apart": lambda: compare_custom(pairs, groups, joining.called, joining.crowd),
            "as_groups": lambda: profiles.compare_groups(pairs, held, joining.crowd),
        }
    )
    known = [pl.Series(name, measures[name].round(4)).fill_nan(None) for name in ("custom_apart", "renewals_across")]
    measured = pairs.with_columns(*known, *measures["as_groups"].select(profiles.MEASURES))
    unknown = [name for name in measured.columns if FAMILY.get(name) in joining.leave_out]
    return measured.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in unknown)


def _put_together(
    parts: list[int], points: dict[tuple[int, int], int], members: dict[int, list[int]], largest: int
) -> list[list[int]]:
    """Parts that have one owner together, by average linkage: each pair of parts weighs as its pairs of SIMs."""
    clusters = [[part] for part in parts]
    while len(clusters) > 1:
        told = [
            (_average(first, second, points, members), -number, -other)
            for (number, first), (other, second) in combinations(enumerate(clusters), 2)
            if sum(len(members[part]) for part in (*first, *second)) <= largest
        ]
        best, number, other = max(told, default=(0.0, 0, 0))
        if best <= 0:
            break
        joined = sorted(clusters[-number] + clusters[-other])
        clusters = sorted([*(c for place, c in enumerate(clusters) if place not in (-number, -other)), joined])
    return clusters


def _average(
    first: list[int], second: list[int], points: dict[tuple[int, int], int], members: dict[int, list[int]]
) -> float:
    weights = [(len(members[a]) * len(members[b]), (min(a, b), max(a, b))) for a in first for b in second]
    return sum(weight * points.get(pair, NOT_COMPARED_POINTS) for weight, pair in weights) / sum(
        weight for weight, _ in weights
    )


def _linked_share(
    groups: pl.DataFrame, members: dict[int, list[int]], strong: pl.DataFrame
) -> dict[tuple[int, int], float]:
    return {
        (a, b): round(touches / (len(members[a]) * len(members[b])), 4)
        for a, b, touches in count_touches(strong, groups).iter_rows()
        if a != b
    }


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


def _distances(groups: pl.DataFrame, joining: Joining) -> dict[tuple[int, int], float]:
    """How far the main places of two groups are apart, in ranges of their sectors, of those that may be compared.

    Operators' masts differ, so the cards of one box settle at neighbouring places, not at one.
    """
    main = _main_points(groups, joining)
    numbers, lat, lon, range_m = (main[name].to_numpy() for name in ("group", "main_lat", "main_lon", "range_m"))
    apart: dict[tuple[int, int], float] = {}
    for row in range(numbers.size):
        ranges = distance_m(lat[row + 1 :], lon[row + 1 :], lat[row], lon[row]) / (
            (range_m[row + 1 :] + range_m[row]) / 2
        )
        for other in np.flatnonzero(ranges <= FARTHEST_WITH_IMEI):
            apart[int(numbers[row]), int(numbers[row + 1 + other])] = round(float(ranges[other]), 4)
    return apart


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
