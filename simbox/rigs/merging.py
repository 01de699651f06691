"""Groups that are sure to be rigs and stand at one place: one rig that bought its cards in several runs, or two owners.

Two rigs in one building are rarer than one rig with several runs of cards, so groups whose legs fall on the same
places at the same hours by the same service are put together, unless one shares its traffic and none with the other.
"""

from itertools import combinations

import networkx as nx
import polars as pl

from simbox.rigs.grouping import Traffic, carry_different_traffic

SAME_PLACES = 0.6
SAME_HABITS = 0.6
BLOCK_MINUTES = 240


def merge_rigs(groups: pl.DataFrame, records: pl.DataFrame, traffic: Traffic) -> pl.DataFrame:
    """(group, imsi) with the number of the first group for all that are one rig, from sure groups and their records."""
    members = {int(str(group)): sorted(part["imsi"]) for (group,), part in groups.group_by("group")}
    held = records.join(groups, on="imsi")
    made = held.filter(
        (pl.col("direction") == "mo") | pl.col("other_kind").is_in(["alphanumeric", "short_code"]),
    )
    minute = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0)) % 1440
    places = _overlaps(held.filter(pl.col("place").is_not_null()).select("group", key="place"))
    habits = _overlaps(
        made.select(
            "group",
            key=pl.concat_str(pl.col("service"), pl.col("direction"), minute // BLOCK_MINUTES, separator=" "),
        )
    )
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(sorted(members))
    for a, b in combinations(sorted(members), 2):
        together = places.get((a, b), 0.0) >= SAME_PLACES and habits.get((a, b), 0.0) >= SAME_HABITS
        if together and not carry_different_traffic(members[a], members[b], traffic):
            graph.add_edge(a, b)
    first = {group: min(part) for part in nx.connected_components(graph) for group in part}
    return groups.with_columns(pl.col("group").replace_strict(first, return_dtype=pl.Int64)).sort("group", "imsi")


def _overlaps(legs: pl.DataFrame) -> dict[tuple[int, int], float]:
    """For pairs of groups the sum over keys of the smaller share of legs."""
    counts = legs.group_by("group", "key").agg(legs=pl.len())
    shares = counts.with_columns(permille=pl.col("legs") * 1000 // pl.col("legs").sum().over("group"))
    met = shares.join(shares, on="key", suffix="_b").filter(pl.col("group") < pl.col("group_b"))
    common = met.group_by("group", "group_b").agg(common=pl.min_horizontal("permille", "permille_b").sum())
    return {(a, b): permille / 1000 for a, b, permille in common.iter_rows()}
