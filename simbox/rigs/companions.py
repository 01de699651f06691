"""Whom to look at beside the suspects: quiet SIMs at their places and on their handsets."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.rigs.behaviour import settled
from simbox.rigs.ties import NEIGHBOURS

LEAST_SEEDS = 2
# An IMEI on more SIMs than a rig has cards is a counterfeit series and says nothing.
COMMON_IMEI_SIMS = 500


class Habits(NamedTuple):
    """Which SIMs there are (imsi), where they are at home (imsi, place: those that hold a quarter of its legs) and what
    they were seen in (imsi, imei), once each, over the nights looked back on."""

    sims: pl.DataFrame
    at_home: pl.DataFrame
    handsets: pl.DataFrame


def find_habits(placed: pl.DataFrame) -> Habits:
    """The habits of the SIMs whose placed CDRS of all these nights are given."""
    stays = placed.group_by("imsi", "place").agg(legs=pl.len())
    seen_in = placed.filter(pl.col("imei").is_not_null()).select("imsi", "imei").unique()
    return Habits(placed.select("imsi").unique(), settle(stays), seen_in)


def join_habits(habits: Iterable[Habits]) -> Habits:
    """The habits of different SIMs together."""
    return Habits(*(pl.concat(frames) for frames in zip(*habits, strict=True)))


def find_companions(habits: Habits, seeds: pl.DataFrame) -> pl.DataFrame:
    """(imsi) of the seeds, of the SIMs settled where two seeds or more are, and of those on a seed's IMEI."""
    hot = (
        habits.at_home.join(seeds, on="imsi", how="semi")
        .group_by("place")
        .agg(seeds=pl.len())
        .filter(pl.col("seeds") >= LEAST_SEEDS)
    )
    handsets = habits.handsets
    common = handsets.group_by("imei").agg(sims=pl.len()).filter(pl.col("sims") > COMMON_IMEI_SIMS)
    shown = handsets.join(seeds, on="imsi", how="semi").select("imei").unique().join(common, on="imei", how="anti")
    return (
        pl.concat(
            [
                seeds.select("imsi"),
                habits.at_home.join(hot, on="place", how="semi").select("imsi"),
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
