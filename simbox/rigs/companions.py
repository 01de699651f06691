"""Whom to look at beside the suspects: quiet SIMs at their places and on their handsets."""

import polars as pl

SETTLED_SHARE = 0.5
LEAST_SEEDS = 2
# An IMEI on more SIMs than a rig has cards is a counterfeit series and says nothing.
COMMON_IMEI_SIMS = 500


def find_companions(presences: pl.DataFrame, seeds: pl.DataFrame) -> pl.DataFrame:
    """(imsi) of the seeds, of the SIMs settled where two seeds or more are settled, and of those on a seed's IMEI.

    `presences` are the PRESENCE of the nights looked back on.
    """
    settled = (
        presences.filter(pl.col("place").is_not_null())
        .group_by("imsi", "place")
        .agg(legs=pl.col("legs").sum())
        .filter(pl.col("legs") >= SETTLED_SHARE * pl.col("legs").sum().over("imsi"))
    )
    hot = (
        settled.join(seeds, on="imsi", how="semi")
        .group_by("place")
        .agg(seeds=pl.len())
        .filter(pl.col("seeds") >= LEAST_SEEDS)
    )
    handsets = presences.filter(pl.col("imei").is_not_null()).select("imsi", "imei").unique()
    common = handsets.group_by("imei").agg(sims=pl.len()).filter(pl.col("sims") > COMMON_IMEI_SIMS)
    shown = handsets.join(seeds, on="imsi", how="semi").select("imei").unique().join(common, on="imei", how="anti")
    return (
        pl.concat(
            [
                presences.join(seeds, on="imsi", how="semi").select("imsi"),
                settled.join(hot, on="place", how="semi").select("imsi"),
                handsets.join(shown, on="imei", how="semi").select("imsi"),
            ]
        )
        .unique()
        .sort("imsi")
    )
