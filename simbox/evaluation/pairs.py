"""LINKS to the pairs that hold rigs together."""

import polars as pl

from simbox.rigs import FAMILY

PAIR = ("imsi_a", "imsi_b")


def strong_pairs(links: pl.DataFrame, least: float) -> pl.DataFrame:
    """Pairs (imsi_a, imsi_b, points, comparison) of `least` points or more, with their strongest comparison.

    A pair's points are the strongest of each family, families summed.
    """
    family = pl.col("comparison").replace_strict(FAMILY, default=pl.col("comparison"), return_dtype=pl.String)
    strongest = (
        links.with_columns(family=family)
        .sort(*PAIR, "weight", "comparison", descending=[False, False, True, False])
        .unique([*PAIR, "family"], keep="first", maintain_order=True)
    )
    return (
        strongest.group_by(PAIR, maintain_order=True)
        .agg(points=pl.col("weight").sum(), comparison=pl.col("comparison").first())
        .filter(pl.col("points") >= least)
    )
