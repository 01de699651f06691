"""LINKS to the pairs that hold rigs together."""

import polars as pl

from simbox.rigs import FAMILY

PAIR = ("imsi_a", "imsi_b")
# LINKS have two decimals; as integers they add up alike in any order.
CENTI = 100
CODES = 64


def strong_pairs(links: pl.DataFrame, least: float) -> pl.DataFrame:
    """Pairs (imsi_a, imsi_b, points, comparison) of `least` points or more, with their strongest comparison.

    A pair's points are the strongest of each family, families summed. A country's tens of millions of links are grouped
    by integers and never sorted.
    """
    names = sorted(set(links["comparison"].unique()) | set(FAMILY))
    families = pl.Enum(sorted({*FAMILY.values(), *names}))
    told = links.select(
        *PAIR,
        family=pl.col("comparison").replace_strict(FAMILY, default=pl.col("comparison")).cast(families),
        centipoints=(pl.col("weight") * CENTI).round(0).cast(pl.Int64),
        code=pl.col("comparison").cast(pl.Enum(names)).to_physical().cast(pl.Int64),
    )
    # Of comparisons that weigh as much the first by name.
    strongest = told.with_columns(key=pl.col("centipoints") * CODES + (CODES - 1 - pl.col("code")))
    by_family = strongest.group_by(*PAIR, "family").agg(pl.col("centipoints", "key").max())
    pairs = by_family.group_by(PAIR).agg(pl.col("centipoints").sum(), pl.col("key").max())
    code = CODES - 1 - pl.col("key") % CODES
    return (
        pairs.filter(pl.col("centipoints") >= least * CENTI)
        .select(*PAIR, points=pl.col("centipoints") / CENTI, code=code)
        .join(pl.DataFrame({"comparison": names}).with_row_index("code").cast({"code": pl.Int64}), on="code")
        .select(*PAIR, "points", "comparison")
        .sort(PAIR)
    )
