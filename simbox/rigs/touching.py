"""How many pairs of SIMs within groups, and across two of them, are among some pairs that were found."""

import polars as pl


def count_touches(pairs: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """(a, b, touches) for groups (group, imsi), each SIM in one: how many of the pairs (imsi_a, imsi_b) join a card of
    one to a card of the other, or two of one where a = b; a <= b, and only those with any."""
    ends = groups.select("group", "imsi")
    joined = pairs.join(ends.rename({"imsi": "imsi_a", "group": "group_a"}), on="imsi_a").join(
        ends.rename({"imsi": "imsi_b", "group": "group_b"}), on="imsi_b"
    )
    return (
        joined.group_by(a=pl.min_horizontal("group_a", "group_b"), b=pl.max_horizontal("group_a", "group_b"))
        .agg(touches=pl.len().cast(pl.Int64))
        .sort("a", "b")
    )
