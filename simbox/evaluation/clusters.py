"""How well predicted rigs agree with true ones: B-cubed, pairs, purity, fragments and fusions.

All take one frame with a row for each true rig SIM and for each predicted member: `sim`, `rig` (null: innocent) and
`found` (the predicted rig; null: in none). A rig SIM in no predicted rig is a miss, never a cluster of its own that
agrees with itself; an innocent member is wrong, whoever it stands with.
"""

from typing import NamedTuple

import polars as pl

# A rig has at least three SIMs: so many of one rig in one predicted rig are a part of it.
PART_SIMS = 3
PURE_SHARE = 0.9
MOST_SHARE = 0.5


class Agreement(NamedTuple):
    """Precision, recall and their harmonic mean; null where there is nothing to count."""

    precision: float | None
    recall: float | None
    f1: float | None


def b_cubed(sims: pl.DataFrame, rigs: pl.Series | None = None) -> Agreement:
    """B-cubed (Bagga, Baldwin 1998): how much of its predicted rig, and of its true rig, a SIM shares with its like.

    Precision is the mean over predicted members, recall over true rig SIMs. With `rigs` both are over the SIMs of those
    true rigs, and precision over the innocents in predicted rigs with them as well.
    """
    cells = _cells(sims, rigs)
    members = cells.filter(pl.col("found").is_not_null() & (pl.col("is_own") | pl.col("rig").is_null()))
    right = _right(cells)
    return _agreement(
        float((right["both"] ** 2 / right["in_found"]).sum()),
        float(members.filter(pl.col("own_in_found") > 0)["both"].sum() if rigs is not None else members["both"].sum()),
        float((right["both"] ** 2 / right["in_rig"]).sum()),
        float(cells.filter("is_own")["both"].sum()),
    )


def pairwise(sims: pl.DataFrame, rigs: pl.Series | None = None) -> Agreement:
    """Of the pairs in one predicted rig how many are of one true rig, and the other way round.

    With `rigs` of the pairs with a SIM of those true rigs.
    """
    cells = _cells(sims, rigs)
    shared = _pairs(_right(cells)["both"])
    predicted = cells.filter(pl.col("found").is_not_null()).unique("found")
    foreign = predicted["in_found"] - predicted["own_in_found"]
    of_predicted = _pairs(predicted["in_found"]) - (_pairs(foreign) if rigs is not None else 0.0)
    true = cells.filter("is_own").unique("rig")["in_rig"]
    return _agreement(shared, of_predicted, shared, _pairs(true))


def match_rigs(sims: pl.DataFrame) -> pl.DataFrame:
    """Each true rig with the predicted rig that holds most of its SIMs, if three or more, and all its parts.

    Columns: rig, in_rig (SIMs), found (null: none holds three of them), both, in_found, parts (predicted rigs that hold
    three or more), recovered (one holds half of its SIMs at purity 0.9).
    """
    cells = _cells(sims).filter(pl.col("rig").is_not_null())
    parts = cells.filter(pl.col("found").is_not_null() & (pl.col("both") >= PART_SIMS))
    best = parts.sort("rig", "both", "in_found", "found", descending=[False, True, False, False]).unique(
        "rig", keep="first", maintain_order=True
    )
    pure = (pl.col("both") >= PURE_SHARE * pl.col("in_found")) & (pl.col("both") >= MOST_SHARE * pl.col("in_rig"))
    return (
        cells.select("rig", "in_rig")
        .unique()
        .join(best.select("rig", "found", "both", "in_found"), on="rig", how="left")
        .join(parts.group_by("rig").agg(parts=pl.len()), on="rig", how="left")
        .join(parts.group_by("rig").agg(recovered=pure.any()), on="rig", how="left")
        .with_columns(pl.col("parts").fill_null(0), pl.col("recovered").fill_null(value=False))
        .sort("rig")
    )


def describe_found(sims: pl.DataFrame) -> pl.DataFrame:
    """Each predicted rig: found, members, innocents, rigs (true rigs with three or more of its SIMs)."""
    cells = _cells(sims).filter(pl.col("found").is_not_null())
    return (
        cells.group_by("found")
        .agg(
            members=pl.col("in_found").first(),
            innocents=pl.col("both").filter(pl.col("rig").is_null()).sum(),
            rigs=(pl.col("rig").is_not_null() & (pl.col("both") >= PART_SIMS)).sum(),
        )
        .sort("found")
    )


def _cells(sims: pl.DataFrame, rigs: pl.Series | None = None) -> pl.DataFrame:
    """How many SIMs each true rig and each predicted rig have in common, with the size of both.

    is_own: of one of `rigs`, by default of any true rig; own_in_found: how many of the predicted rig's SIMs are.
    """
    is_own = pl.col("rig").is_not_null() if rigs is None else pl.col("rig").is_in(rigs.implode()).fill_null(value=False)
    return (
        sims.group_by("rig", "found")
        .agg(both=pl.len().cast(pl.Float64))
        .with_columns(
            is_own=is_own, in_rig=pl.col("both").sum().over("rig"), in_found=pl.col("both").sum().over("found")
        )
        .with_columns(own_in_found=(pl.col("both") * pl.col("is_own")).sum().over("found"))
        .sort("rig", "found", nulls_last=True)
    )


def _right(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.filter(pl.col("is_own") & pl.col("found").is_not_null())


def _pairs(sizes: pl.Series) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def _agreement(precise: float, of_predicted: float, recalled: float, of_true: float) -> Agreement:
    precision = precise / of_predicted if of_predicted else None
    recall = recalled / of_true if of_true else None
    if precision is None or recall is None:
        return Agreement(precision, recall, None)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Agreement(precision, recall, f1)
