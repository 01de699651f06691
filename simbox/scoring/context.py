"""How suspect the others are: at a SIM's places, on its handsets, in its batch, among those it calls; itself left out.
And whether it came to its places with many others.

A second pass over the first pass's evidence. Sums are of probabilities in thousandths, so that no order of rows
matters.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

# SIMs on each side in the order of the IMSIs in use.
BATCH_NEIGHBOURS = 5
# An IMEI on more SIMs than a rig has cards is a counterfeit series and says nothing.
COMMON_IMEI_SIMS = 500
# Others that stand for those who are not seen, in the share of suspects at a place, of newcomers, and among callees.
UNSEEN = 3
# Nights before and after a SIM's first on which others come with it.
TOGETHER_NIGHTS = 1


class Surroundings(NamedTuple):
    """Where SIMs are at home (imsi, place), what they were seen in (imsi, imei), once each, all SIMs (imsi), the night
    on which each was first heard (imsi, first_night), which SIMs under suspicion it called or wrote to (imsi, called),
    and how many numbers it called (imsi, callees)."""

    at_home: pl.DataFrame
    handsets: pl.DataFrame
    sims: pl.DataFrame
    first_nights: pl.DataFrame
    calls: pl.DataFrame
    callees: pl.DataFrame


CONTEXT = (
    "suspects_at_place", "suspect_share_at_place", "suspects_on_imei", "suspects_in_batch", "newcomers_ratio_at_place",
    "suspect_share_of_callees",
)  # fmt: skip
# What calls are found from, and the evidence from which on a SIM that is called is suspect enough for its records to be
# read: a chance of one in nine.
SUSPECTS_FROM = -30
CALL_COLUMNS = ("imsi", "direction", "other_party")


def find_calls(records: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """(imsi, called): who called or wrote to each SIM of these records, of those whose number (imsi, msisdn) is known.

    Only who calls is told of, not who is called: victims have done nothing.
    """
    callers = records.filter(pl.col("direction") == "mt").select("other_party", called="imsi").unique()
    known = callers.join(numbers.select("imsi", other_party="msisdn"), on="other_party")
    return known.select("imsi", "called").unique().filter(pl.col("imsi") != pl.col("called"))


def measure_context(evidence: pl.DataFrame, around: Surroundings) -> pl.DataFrame:
    """(imsi, *CONTEXT) of every SIM with evidence (imsi, evidence), from that of the others.

    Suspects are counted in whole SIMs' worth of probability: two at one half make one. `newcomers_ratio_at_place` is
    how many others at home there were first heard within a night of its own first, to as many as the place's crowd has
    by its share of the country's; `suspect_share_of_callees` is how many of the numbers it called are suspects', from a
    chance of one in nine on, to all of them and a few more. Null where a SIM has no place, no IMEI, called nobody, or
    was there on the first night of all.
    """
    odds = pl.lit(2.0).pow(-pl.col("evidence") / 10)
    sims = around.sims.select("imsi").join(evidence, on="imsi", how="left").sort("imsi")
    sims = sims.with_columns(own=(1000 / (1 + odds)).round(0).cast(pl.Int64).fill_null(0)).select("imsi", "own")
    places = _others(around.at_home, sims, "place")
    share = pl.col("others") / (pl.col("crowd") - 1 + UNSEEN) / 1000
    by_place = places.group_by("imsi").agg(
        suspects_at_place=(pl.col("others").max() / 1000).round(3),
        suspect_share_at_place=share.max().round(4),
    )
    telling = _others(around.handsets, sims, "imei").with_columns(
        others=pl.when(pl.col("crowd") <= COMMON_IMEI_SIMS).then("others").otherwise(0)
    )
    by_imei = telling.group_by("imsi").agg(suspects_on_imei=(pl.col("others").max() / 1000).round(3))
    own = sims["own"].to_numpy()
    total = np.concatenate([[0], np.cumsum(own)])
    rank = np.arange(own.size)
    first = np.maximum(rank - BATCH_NEIGHBOURS, 0)
    last = np.minimum(rank + BATCH_NEIGHBOURS + 1, own.size)
    batch = sims.select("imsi", suspects_in_batch=pl.Series(np.round((total[last] - total[first] - own) / 1000, 3)))
    return (
        evidence.select("imsi")
        .join(by_place, on="imsi", how="left")
        .join(by_imei, on="imsi", how="left")
        .join(batch, on="imsi", how="left")
        .join(_newcomers(around), on="imsi", how="left")
        .join(_callees(around, sims), on="imsi", how="left")
        .select("imsi", *CONTEXT)
        .sort("imsi")
    )


def _others(seen: pl.DataFrame, sims: pl.DataFrame, thing: str) -> pl.DataFrame:
    """(imsi, others, crowd): for each thing a SIM shares, the suspicion of the others there and how many all are."""
    held = seen.join(sims, on="imsi")
    by_thing = held.group_by(thing).agg(all=pl.col("own").sum(), crowd=pl.len().cast(pl.Int64))
    return held.join(by_thing, on=thing).select("imsi", (pl.col("all") - pl.col("own")).alias("others"), "crowd")


def _callees(around: Surroundings, sims: pl.DataFrame) -> pl.DataFrame:
    """(imsi, suspect_share_of_callees) of the SIMs that called anybody."""
    least = round(1000 / (1 + 2 ** (-SUSPECTS_FROM / 10)))
    suspects = around.calls.join(sims.filter(pl.col("own") >= least).select("own", called="imsi"), on="called")
    by_caller = suspects.group_by("imsi").agg(others=pl.col("own").sum())
    callers = around.callees.filter(pl.col("callees") > 0).join(by_caller, on="imsi", how="left")
    share = pl.col("others").fill_null(0) / (pl.col("callees") + UNSEEN) / 1000
    return callers.select("imsi", suspect_share_of_callees=share.round(4))


def _newcomers(around: Surroundings) -> pl.DataFrame:
    """(imsi, newcomers_ratio_at_place) of the SIMs that were not yet there on the first night, at their fullest place.

    Against the nights' own starts, so that a feed that begins late brings nobody under suspicion.
    """
    firsts = around.first_nights.select("imsi", "first_night")
    came = firsts.filter(pl.col("first_night") > pl.col("first_night").min())
    everywhere = _near_nights(came.group_by("first_night").agg(starts=pl.len().cast(pl.Int64)), [])
    share = pl.col("starts") / firsts.height
    homes = around.at_home.join(came, on="imsi")
    at_place = _near_nights(homes.group_by("place", "first_night").agg(starts=pl.len().cast(pl.Int64)), ["place"])
    crowds = around.at_home.group_by("place").agg(crowd=pl.len().cast(pl.Int64))
    usual = crowds.join(everywhere, how="cross").select(
        "place", "first_night", usual=(pl.col("crowd") - 1) * share + UNSEEN
    )
    found = homes.join(at_place, on=["place", "first_night"]).join(usual, on=["place", "first_night"])
    ratio = (pl.col("starts") - 1) / pl.col("usual")
    return found.group_by("imsi").agg(newcomers_ratio_at_place=ratio.max().round(2))


def _near_nights(starts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """(*by, first_night, starts): the starts of a night and of those next to it together."""
    nights = range(-TOGETHER_NIGHTS, TOGETHER_NIGHTS + 1)
    moved = [starts.with_columns(pl.col("first_night").dt.offset_by(f"{by_nights}d")) for by_nights in nights]
    return pl.concat(moved).group_by(*by, "first_night").agg(pl.col("starts").sum())
