"""Who is tied to whom: the strongest links of a rig, few enough to be seen."""

from typing import Any

import polars as pl

from simbox.tables.rigs import LINKS

SIMS_DRAWN = 80
LINKS_PER_SIM = 3

COMPARISONS = {
    "imei_in_turn": "one handset, one after the other",
    "near_imei": "handsets of one delivery",
    "same_model": "handsets of one model",
    "same_places": "at the same places together",
    "relay": "one falls silent, the other starts there",
    "near_imsi": "cards of one batch",
    "same_batch": "activated together",
    "shared_callees": "call the same numbers",
    "calls_inside": "call each other",
    "contacts_kept": "one falls silent, the other goes on with its contacts",
    "same_cap": "change after as many calls",
    "moved_together": "moved at one time",
    "silent_together": "silent on the same nights",
    "same_habits": "alike in habits",
}


def name_comparison(comparison: str) -> str:
    """What two SIMs agree in, in words."""
    return COMPARISONS.get(comparison, comparison.replace("_", " "))


def draw_graph(links: pl.DataFrame, drawn: pl.DataFrame) -> dict[str, Any]:
    """Nodes (numbers of members) and edges (two places in nodes, comparison, points, events, comparisons that agree).

    An edge is a pair, drawn as its strongest comparison; of all pairs those stay that hold everything together (a
    maximum spanning forest), then the strongest.
    """
    ends = [drawn.select(pl.col("imsi").alias(f"imsi_{end}"), pl.col("number").alias(end)) for end in ("a", "b")]
    # A habit differs for SIMs of one rig as well: only what ties is drawn.
    ties = links.select(LINKS.names).join(ends[0], on="imsi_a").join(ends[1], on="imsi_b").filter(pl.col("weight") > 0)
    pairs = (
        ties.sort("a", "b", "weight", "comparison", descending=[False, False, True, False])
        .group_by("a", "b", maintain_order=True)
        .agg(
            pl.col("comparison", "weight", "events").first(),
            agree=pl.len(),
            hundredths=(pl.col("weight") * 100).round(0).cast(pl.Int64).sum(),
        )
        .sort("hundredths", "a", "b", descending=[True, False, False])
    )
    strength = pl.concat([pairs.select(pl.col(end).alias("number"), "hundredths") for end in ("a", "b")])
    strongest = (
        strength.group_by("number")
        .agg(pl.col("hundredths").sum())
        .sort("hundredths", "number", descending=[True, False])
    )
    nodes = sorted(strongest["number"].head(SIMS_DRAWN).to_list())
    place = {number: index for index, number in enumerate(nodes)}
    inside = [row for row in pairs.iter_rows(named=True) if row["a"] in place and row["b"] in place]
    kept = _spanning_first(inside)[: max(LINKS_PER_SIM * len(nodes), len(nodes) - 1)]
    kinds = sorted({row["comparison"] for row in kept})
    edges = [
        [
            place[row["a"]],
            place[row["b"]],
            kinds.index(row["comparison"]),
            round(row["weight"]),
            row["events"],
            row["agree"],
        ]
        for row in kept
    ]
    return {"nodes": nodes, "edges": edges, "kinds": [name_comparison(kind) for kind in kinds], "pairs": pairs.height}


def sum_up_links(links: pl.DataFrame) -> list[dict[str, Any]]:
    """For each comparison how many pairs agree in it, their median points and how often; strongest first."""
    telling = links.filter(pl.col("weight") > 0).group_by("comparison")
    rows = telling.agg(pairs=pl.len(), points=pl.col("weight").median(), events=pl.col("events").cast(pl.Int64).sum())
    ordered = rows.sort("points", "comparison", descending=[True, False])
    return [row | {"name": name_comparison(row["comparison"])} for row in ordered.iter_rows(named=True)]


def _spanning_first(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pairs, strongest first, those before all others that join what was not joined yet (Kruskal)."""
    root: dict[int, int] = {}

    def find(number: int) -> int:
        while root.setdefault(number, number) != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    joining: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for pair in pairs:
        first, second = find(pair["a"]), find(pair["b"])
        (others if first == second else joining).append(pair)
        root[first] = second
    return joining + others
