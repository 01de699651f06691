"""How sure a group is a rig, how sure a SIM belongs to it, and which quiet SIMs join it."""

import polars as pl

from simbox.rigs.comparisons import family_weights
from simbox.rigs.grouping import SMALLEST_RIG

TIES_CAP = 120
# A rig is as sure as its third SIM: two suspects next to each other are a coincidence, three linked ones are not.
WITNESS_RANK = SMALLEST_RIG


def rig_evidence(groups: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """(group, rig_evidence) from (group, imsi) and (imsi, evidence_alone): the third strongest member's evidence,
    and ten points for each doubling of the members who are worth half as much, forty at most."""
    ranked = groups.join(evidence, on="imsi").sort("group", "evidence_alone", "imsi", descending=[False, True, False])
    third = ranked.group_by("group", maintain_order=True).agg(
        third=pl.col("evidence_alone").get(WITNESS_RANK - 1, null_on_oob=True)
    )
    supporters = (
        ranked.join(third, on="group")
        .filter(pl.col("evidence_alone") >= pl.col("third") - 20)
        .group_by("group")
        .agg(supporters=pl.len())
    )
    doubling = (10 * (pl.col("supporters") / SMALLEST_RIG).log(2)).clip(0, 40).round(0)
    return (
        third.filter(pl.col("third").is_not_null())
        .join(supporters, on="group")
        .select("group", rig_evidence=(pl.col("third") + doubling).cast(pl.Int32))
        .sort("group")
    )


def ties(groups: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """(group, imsi, ties): for each SIM its strongest link of each family to another member of a group, summed."""
    families = family_weights(links)
    both_ways = pl.concat(
        [
            families.select("family", "points", imsi="imsi_a", other="imsi_b"),
            families.select("family", "points", imsi="imsi_b", other="imsi_a"),
        ]
    )
    return (
        both_ways.join(groups.select("group", other="imsi"), on="other")
        .group_by("group", "imsi", "family")
        .agg(points=pl.col("points").max())
        .group_by("group", "imsi")
        .agg(ties=pl.col("points").sum().clip(0, TIES_CAP).cast(pl.Int32))
        .sort("group", "imsi")
    )


def join_quiet(
    groups: pl.DataFrame, links: pl.DataFrame, evidence: pl.DataFrame, sure: pl.DataFrame, watch: int
) -> pl.DataFrame:
    """(group, imsi) of the SIMs outside all groups whose own evidence and ties to one sure rig reach suspicion."""
    grouped = groups.select("imsi")
    return (
        ties(groups.join(sure, on="group", how="semi"), links)
        .join(grouped, on="imsi", how="anti")
        .join(evidence, on="imsi")
        .filter(pl.col("evidence_alone") + pl.col("ties") >= watch)
        .sort("imsi", "ties", "group", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .select("group", "imsi")
    )
