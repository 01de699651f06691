"""Whom to look at beside the suspects: quiet SIMs at their places and on their handsets."""

import numpy as np
import polars as pl

from simbox.rigs.behaviour import settled
from simbox.rigs.ties import NEIGHBOURS

LEAST_SEEDS = 2
# An IMEI on more SIMs than a rig has cards is a counterfeit series and says nothing.
COMMON_IMEI_SIMS = 500


def find_companions(presences: pl.DataFrame, seeds: pl.DataFrame) -> pl.DataFrame:
    """(imsi) of the seeds, of the SIMs settled where two seeds or more are, and of those on a seed's IMEI.

    `presences` are the PRESENCE of the nights looked back on.
    """
    at_home = settle(presences)
    hot = (
        at_home.join(seeds, on="imsi", how="semi")
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
                at_home.join(hot, on="place", how="semi").select("imsi"),
                handsets.join(shown, on="imei", how="semi").select("imsi"),
            ]
        )
        .unique()
        .sort("imsi")
    )


def settle(presences: pl.DataFrame) -> pl.DataFrame:
    """(imsi, place) of the places that hold a quarter of a SIM's legs or more."""
    located = presences.filter(pl.col("place").is_not_null())
    return settled(located.group_by("imsi", "place").agg(legs=pl.col("legs").sum()))


def find_neighbours(seeds: pl.DataFrame, imsis: pl.Series) -> pl.DataFrame:
    """(imsi) of the SIMs within five ranks of a seed in the order of IMSIs in use."""
    in_use = imsis.to_numpy()
    rank = np.searchsorted(in_use, seeds["imsi"].to_numpy())
    near = (rank[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)).ravel()
    return pl.DataFrame({"imsi": np.unique(in_use[np.clip(near, 0, in_use.size - 1)])})
