"""How sure a group is a rig: its third strongest member, how many are worth as much, and what it shows as a whole."""

import numpy as np
import polars as pl

from simbox.rigs.behaviour import is_act, outside_calls, settled_places
from simbox.rigs.comparisons import near_imsi
from simbox.rigs.grouping import SMALLEST_RIG
from simbox.rigs.ties import Ground, staged_ties

# What a group shows as a whole. Customers ring a company's seats back, and it keeps its staff and its cards.
OUTSIDE_CALLER_EDGES = (0.03, 0.045, 0.055, 0.08, 0.12)
OUTSIDE_CALLER_POINTS = (25, 10, -15, -35, -55, -70)
LEAST_CALLEES = 30
# A passer-by among the members calls few and is called by his friends: only busy lines tell of customers.
BUSY_CALLEES = 12
# Each doubling of the members who are worth nearly as much as the third.
DOUBLING_POINTS = 15
DOUBLING_CAP = 50
NEARLY = (0, 10, 20)
HOME_SHARE = 0.1
# Turnover is told by members who are heard of often: a quiet one's first record says nothing of its first day.
TURNOVER_EDGES = (0.02, 0.3)
TURNOVER_POINTS = (-20, 20, 35)
LEAST_EVENTS = 10
LEAST_LOUD = 10
LEAST_NIGHTS = 3
# SIMs that customers ring, from the runs of cards the group's own come from, by the group's size.
COLLEAGUES_EDGES = (0.15, 0.4)
COLLEAGUES_POINTS = (0, -30, -70)
LARGEST_OPERATOR_EDGE = 0.8
MIXED_OPERATORS_POINTS = 20
STAGING_SHARE = 0.4
STAGING_POINTS = 25
# Who belongs to a group that its customers ring is explained by that, and joins nobody else's rig.
LAWFUL_HABITS = -25


def rig_evidence(groups: pl.DataFrame, evidence: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, rig_evidence, lawful) from (group, imsi) and (imsi, evidence_alone).

    The third strongest member's evidence: two suspects next to each other are a coincidence, three linked ones are
    not. Fifteen points for each doubling of the members who are worth nearly as much, fifty at most, beyond as many as
    live at any such places; and what the group shows as a whole: whether strangers ring its members, whether its cards
    come and go, are of several operators, and call each other. A group that customers ring is lawful when
    all that together speaks clearly against a rig.
    """
    ranked = groups.join(evidence, on="imsi").sort("group", "evidence_alone", "imsi", descending=[False, True, False])
    third = ranked.group_by("group", maintain_order=True).agg(
        third=pl.col("evidence_alone").get(SMALLEST_RIG - 1, null_on_oob=True)
    )
    settled = _settled_at(groups, ground)
    doubling = pl.concat([_doubling(ranked.join(third, on="group"), margin, evidence, settled) for margin in NEARLY])
    return (
        third.filter(pl.col("third").is_not_null())
        .join(doubling.group_by("group").agg(pl.col("doubling").max()), on="group")
        .join(_group_habits(groups, ground), on="group", how="left")
        .select(
            "group",
            rig_evidence=(pl.col("third") + pl.col("doubling") + pl.col("habits").fill_null(0)).cast(pl.Int32),
            lawful=(pl.col("habits").fill_null(0) <= LAWFUL_HABITS) & pl.col("is_rung").fill_null(value=False),
        )
        .sort("group")
    )


def _doubling(ranked: pl.DataFrame, margin: int, evidence: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """(group, doubling): points for the members within a margin of the third, beyond those whom chance puts there.

    Chance: the share of all SIMs with so much evidence, the group's own left out, of all that settle at its places.
    """
    counted = (
        ranked.filter(pl.col("evidence_alone") >= pl.col("third") - margin)
        .group_by("group", "third")
        .agg(supporters=pl.len().cast(pl.Int64))
        .join(settled, on="group", how="left")
        .sort("group")
    )
    known = np.sort(evidence["evidence_alone"].to_numpy())
    above = known.size - np.searchsorted(known, (counted["third"] - margin).to_numpy(), side="left")
    others = (pl.Series(above, dtype=pl.Int64) - counted["supporters"]).clip(0)
    beyond = pl.col("supporters") - others * pl.col("chance").fill_null(0)
    doubling = DOUBLING_POINTS * (beyond.clip(1) / SMALLEST_RIG).log(2)
    return counted.select("group", doubling=doubling.clip(-DOUBLING_POINTS, DOUBLING_CAP).round(0))


def _settled_at(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, chance): share of all SIMs that settle at the places that hold a tenth of a group's homes or more."""
    homes = settled_places(ground.records.join(groups, on="imsi", how="semi")).join(groups, on="imsi")
    return (
        homes.group_by("group", "place")
        .agg(homes=pl.len())
        .filter(pl.col("homes") >= HOME_SHARE * pl.col("homes").sum().over("group"))
        .join(ground.crowd.settled, on="place")
        .group_by("group")
        .agg(chance=pl.col("settled_sims").cast(pl.Int64).sum() / max(ground.crowd.sims, 1))
    )


def _group_habits(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, habits, is_rung): points for what the group shows as a whole, and whether customers ring it."""
    records = ground.records
    held = records.join(groups, on="imsi")
    voice = held.filter((pl.col("service") == "voice") & pl.col("other_party").is_not_null())
    busy = (
        voice.filter(pl.col("direction") == "mo")
        .group_by("group", "imsi")
        .agg(callees=pl.col("other_party").n_unique())
        .filter(pl.col("callees") >= BUSY_CALLEES)
    )
    voice = voice.join(busy, on=["group", "imsi"], how="semi")
    numbers = held.select("group", other_party="msisdn").drop_nulls().unique()
    by_member = (
        outside_calls(ground.records, ground.mates, ground.crowd)
        .join(busy.select("group", "imsi"), on="imsi")
        .join(numbers, on=["group", "other_party"], how="anti")
        .group_by("group", "imsi")
        .agg(callers=pl.len())
        .join(groups.group_by("group").agg(size=pl.len()), on="group")
        .sort("group", "callers", "imsi", descending=[False, True, False])
        .with_columns(place=pl.int_range(pl.len()).over("group"))
    )
    # The most rung twentieth is left out: one lawful line among the members does not make the group a company.
    callers = (
        by_member.filter(pl.col("place") >= (pl.col("size") / 20).ceil()).group_by("group").agg(pl.col("callers").sum())
    )
    called = voice.filter(pl.col("direction") == "mo")
    callees = called.group_by("group").agg(callees=pl.struct("imsi", "other_party").n_unique())
    nights = records.select(first=pl.col("night").min(), last=pl.col("night").max())
    lives = (
        held.group_by("group", "imsi")
        .agg(begun=pl.col("night").min(), ended=pl.col("night").max(), events=is_act().sum())
        .join(nights, how="cross")
        .with_columns(come_or_gone=(pl.col("begun") > pl.col("first")) | (pl.col("ended") < pl.col("last")))
    )
    turnover = (
        lives.filter(pl.col("events") >= LEAST_EVENTS)
        .group_by("group")
        .agg(turnover=pl.col("come_or_gone").mean(), loud=pl.len())
    )
    sims = held.group_by("group", "operator").agg(sims=pl.col("imsi").n_unique())
    mixed = sims.group_by("group").agg(largest=pl.col("sims").max() / pl.col("sims").sum(), all=pl.col("sims").sum())
    stagers = staged_ties(groups, ground.links).join(groups, on=["group", "imsi"], how="semi")
    staging = stagers.group_by("group").agg(stagers=pl.len())
    facts = (
        mixed.join(turnover, on="group", how="left")
        .join(callees, on="group", how="left")
        .join(callers, on="group", how="left")
        .join(staging, on="group", how="left")
        .join(_colleagues(groups, ground), on="group", how="left")
        .with_columns(
            outside=pl.when(pl.col("callees") >= LEAST_CALLEES).then(
                pl.col("callers").fill_null(0) / pl.col("callees")
            ),
            staging=pl.col("stagers").fill_null(0) / pl.col("all"),
            colleagues=pl.col("colleagues").fill_null(0) / pl.col("all"),
        )
        .sort("group")
    )
    outside_points = _in_bins(facts["outside"], OUTSIDE_CALLER_EDGES, OUTSIDE_CALLER_POINTS)
    turnover_points = _in_bins(facts["turnover"], TURNOVER_EDGES, TURNOVER_POINTS)
    operator_points = pl.when(pl.col("largest") < LARGEST_OPERATOR_EDGE).then(MIXED_OPERATORS_POINTS).otherwise(0)
    staging_points = pl.when(pl.col("staging") >= STAGING_SHARE).then(STAGING_POINTS).otherwise(0)
    # That nobody comes or goes says something of many members over some nights; of one night nothing does.
    held_nights = records["night"].n_unique()
    settled_staff = (pl.col("loud") >= LEAST_LOUD) & (held_nights >= LEAST_NIGHTS)
    coming_and_going = (turnover_points > 0) & (pl.col("loud") >= SMALLEST_RIG) & (held_nights > 1)
    told = pl.when(coming_and_going | settled_staff).then(turnover_points).otherwise(0)
    colleague_points = _in_bins(facts["colleagues"], COLLEAGUES_EDGES, COLLEAGUES_POINTS)
    points = operator_points + staging_points + colleague_points + outside_points.fill_null(0) + told.fill_null(0)
    return facts.select("group", habits=points.cast(pl.Int32), is_rung=outside_points < 0)


def _colleagues(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, colleagues): busy lines outside a group that customers ring and whose cards come from its runs."""
    cards = pl.concat([groups.select("imsi"), ground.rung]).unique()
    runs = near_imsi(cards, ground.crowd).filter(pl.col("weight") > 0)
    both_ways = pl.concat([runs.select(imsi="imsi_a", other="imsi_b"), runs.select(imsi="imsi_b", other="imsi_a")])
    return (
        both_ways.join(groups, on="imsi")
        .join(ground.rung, left_on="other", right_on="imsi", how="semi")
        .join(groups, left_on=["group", "other"], right_on=["group", "imsi"], how="anti")
        .group_by("group")
        .agg(colleagues=pl.col("other").n_unique())
    )


def _in_bins(values: pl.Series, edges: tuple[float, ...], points: tuple[int, ...]) -> pl.Series:
    found = np.array(points, dtype=np.int32)[np.searchsorted(np.array(edges), values.to_numpy(), side="right")]
    return pl.select(pl.when(values.is_not_null()).then(pl.Series(found))).to_series()
