"""How sure a group is a rig: its third strongest member, how many are worth as much, and what it shows as a whole."""

import numpy as np
import polars as pl

from simbox.rigs.asking import ask_at_once
from simbox.rigs.behaviour import is_act
from simbox.rigs.comparisons import RUN_RANKS, RUN_WIDTH, TAC_DIVISOR, near_imsi
from simbox.rigs.grouping import SMALLEST_RIG
from simbox.rigs.ties import Ground, staged_ties
from simbox.rigs.weights import Weights

LEAST_CALLEES = 30
# A passer-by among the members calls few and is called by his friends: only busy lines tell of customers.
BUSY_CALLEES = 12
NEARLY = (0, 10, 20)
HOME_SHARE = 0.1
# Turnover is told by members who are heard of often: a quiet one's first record says nothing of its first day.
LEAST_EVENTS = 10
# That nobody comes or goes says something of some members over some nights; of one night nothing does.
LEAST_LOUD = 3
# Who belongs to a group that its customers ring is explained by that, and joins nobody else's rig.
LAWFUL_OUTSIDE_SHARE = 0.055
LAWFUL_POINTS = -25
# What is read of members' records.
HELD = ("imsi", "msisdn", "imei", "operator", "service", "direction", "other_party", "other_kind", "night")
OF_MEMBERS = ("third_evidence", "supporters_doublings")


def rig_evidence(groups: pl.DataFrame, evidence: pl.DataFrame, ground: Ground, weights: Weights) -> pl.DataFrame:
    """(group, rig_evidence, lawful) from (group, imsi) and (imsi, evidence_alone), of groups of three SIMs or more.

    A group that customers ring is lawful when all that it shows as a whole speaks clearly against a rig.
    """
    measured = measure_groups(groups, evidence, ground)
    as_a_whole = sum(
        measure.weigh(measured[measure.name]) for measure in weights.measure if measure.name not in OF_MEMBERS
    )
    rung = pl.col("outside_callers_share").fill_null(0) >= LAWFUL_OUTSIDE_SHARE
    return measured.select(
        "group",
        rig_evidence=pl.Series(weights.weigh(measured)).cast(pl.Int32),
        lawful=rung & pl.Series(np.asarray(as_a_whole) <= LAWFUL_POINTS),
    ).sort("group")


def measure_groups(groups: pl.DataFrame, evidence: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """What groups (group, imsi) of three SIMs or more show, one row each, as floats; null where it can't be told.

    `third_evidence`: the third strongest member's; two suspects next to each other are a coincidence, three linked ones
    are not. `supporters_doublings`: how often the members who are worth nearly as much double three, beyond as many as
    live at any such places. `outside_callers_share`: strangers that ring its busy members for each callee, the most
    rung twentieth left out. `turnover_share`: busy members that came or went since the records begin.
    `largest_operator_share` of its SIMs; `stagers_share`: SIMs that call two members; `colleagues_share`: busy lines
    that customers ring from the runs its cards are of; `run_share`: cards next to one another in the order of IMSIs in
    use; `model_share`: SIMs that show its main handset model; `imeis_a_sim`; `nights_share`: nights each card works, of
    those since its first; `uniformity`: near 1 where all cards are of one network and run, a handset of one model each,
    as an office buys them.
    """
    ranked = groups.join(evidence, on="imsi").sort("group", "evidence_alone", "imsi", descending=[False, True, False])
    third = (
        ranked.group_by("group", maintain_order=True)
        .agg(
            third=pl.col("evidence_alone").get(SMALLEST_RIG - 1, null_on_oob=True),
            sims=pl.len().cast(pl.Int64),
        )
        .filter(pl.col("third").is_not_null())
    )
    groups = groups.join(third, on="group", how="semi")
    settled = _settled_at(groups, ground)
    doublings = pl.concat([_doublings(ranked.join(third, on="group"), margin, evidence, settled) for margin in NEARLY])
    held = ground.records.select(HELD).join(groups, on="imsi")
    measured = third.select("group", "sims", third_evidence=pl.col("third").cast(pl.Float64))
    facts = ask_at_once(
        {
            "doublings": lambda: doublings.group_by("group").agg(supporters_doublings=pl.col("doublings").max()),
            "outside": lambda: _outside(groups, held, ground),
            "lives": lambda: _lives(held),
            "networks": lambda: _networks(held),
            "handsets": lambda: _handsets(held),
            "runs": lambda: _runs(groups, ground),
            "stagers": lambda: _stagers(groups, ground),
            "colleagues": lambda: _colleagues(groups, ground),
        }
    )
    for of_groups in facts.values():
        measured = measured.join(of_groups, on="group", how="left")
    shares = [
        (pl.col(name).fill_null(0) / pl.col("sims")).round(4).alias(f"{name}_share")
        for name in ("stagers", "colleagues")
    ]
    alike = pl.col("largest_operator_share") * pl.col("model_share").fill_null(0.5) * pl.col("run_share")
    return (
        measured.with_columns(*shares, uniformity=(alike / pl.col("imeis_a_sim").fill_null(1)).round(4))
        .drop("stagers", "colleagues")
        .sort("group")
    )


def _doublings(ranked: pl.DataFrame, margin: int, evidence: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """(group, doublings) by members within a margin of the third, beyond those whom chance puts there.

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
    return counted.select("group", doublings=(beyond.clip(1) / SMALLEST_RIG).log(2).round(4))


def _settled_at(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, chance): share of all SIMs that settle at the places that hold a tenth of a group's homes or more."""
    homes = ground.traits.homes.join(groups, on="imsi")
    return (
        homes.group_by("group", "place")
        .agg(homes=pl.len())
        .filter(pl.col("homes") >= HOME_SHARE * pl.col("homes").sum().over("group"))
        .join(ground.crowd.settled, on="place")
        .group_by("group")
        .agg(chance=pl.col("settled_sims").cast(pl.Int64).sum() / max(ground.crowd.sims, 1))
    )


def _outside(groups: pl.DataFrame, held: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, outside_callers_share)."""
    voice = held.filter((pl.col("service") == "voice") & pl.col("other_party").is_not_null())
    called = voice.filter(pl.col("direction") == "mo")
    busy = (
        called.group_by("group", "imsi")
        .agg(callees=pl.col("other_party").n_unique())
        .filter(pl.col("callees") >= BUSY_CALLEES)
    )
    numbers = held.select("group", other_party="msisdn").drop_nulls().unique()
    by_member = (
        ground.outside.join(busy.select("group", "imsi"), on="imsi")
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
    callees = (
        called.join(busy, on=["group", "imsi"], how="semi")
        .group_by("group")
        .agg(callees=pl.struct("imsi", "other_party").n_unique())
    )
    share = pl.col("callers").fill_null(0) / pl.col("callees")
    return (
        callees.filter(pl.col("callees") >= LEAST_CALLEES)
        .join(callers, on="group", how="left")
        .select("group", outside_callers_share=share.round(4))
    )


def _lives(held: pl.DataFrame) -> pl.DataFrame:
    """(group, turnover_share, nights_share)."""
    nights = held.select(first=pl.col("night").min(), last=pl.col("night").max())
    lives = (
        held.filter(is_act())
        .group_by("group", "imsi")
        .agg(
            begun=pl.col("night").min(),
            ended=pl.col("night").max(),
            worked=pl.col("night").n_unique(),
            events=pl.len(),
        )
        .filter(pl.col("events") >= LEAST_EVENTS)
        .join(nights, how="cross")
        .with_columns(
            come_or_gone=(pl.col("begun") > pl.col("first")) | (pl.col("ended") < pl.col("last")),
            since=(pl.col("last") - pl.col("begun")).dt.total_days() + 1,
            held=(pl.col("last") - pl.col("first")).dt.total_days() + 1,
        )
    )
    told = (pl.col("loud") >= LEAST_LOUD) & (pl.col("held") > 1)
    return (
        lives.group_by("group")
        .agg(
            loud=pl.len(),
            held=pl.col("held").first(),
            gone=pl.col("come_or_gone").sum(),
            worked=pl.col("worked").sum(),
            since=pl.col("since").sum(),
        )
        .select(
            "group",
            turnover_share=pl.when(told).then((pl.col("gone") / pl.col("loud")).round(4)),
            nights_share=pl.when(told).then((pl.col("worked") / pl.col("since")).round(4)),
        )
    )


def _networks(held: pl.DataFrame) -> pl.DataFrame:
    """(group, largest_operator_share)."""
    sims = held.group_by("group", "operator").agg(sims=pl.col("imsi").n_unique().cast(pl.Int64))
    share = pl.col("sims").max() / pl.col("sims").sum()
    return sims.group_by("group").agg(largest_operator_share=share.round(4))


def _handsets(held: pl.DataFrame) -> pl.DataFrame:
    """(group, model_share, imeis_a_sim)."""
    shown = held.filter(pl.col("imei").is_not_null())
    sims = shown.group_by("group").agg(sims=pl.col("imsi").n_unique(), pairs=pl.struct("imsi", "imei").n_unique())
    models = (
        shown.group_by("group", tac=pl.col("imei") // TAC_DIVISOR)
        .agg(on_model=pl.col("imsi").n_unique())
        .group_by("group")
        .agg(pl.col("on_model").max())
    )
    return sims.join(models, on="group").select(
        "group",
        model_share=(pl.col("on_model") / pl.col("sims")).round(4),
        imeis_a_sim=(pl.col("pairs") / pl.col("sims")).round(4),
    )


def _runs(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, run_share): cards within ten ranks of another of the group in the order of IMSIs in use."""
    cards = groups.sort("group", "imsi")
    rank = np.searchsorted(ground.crowd.imsis.to_numpy(), cards["imsi"].to_numpy())
    ranked = cards.with_columns(rank=pl.Series(rank))
    gap = pl.col("rank").diff().over("group") <= RUN_RANKS
    near = gap & (pl.col("imsi").diff().over("group") < RUN_WIDTH)
    after = near.fill_null(value=False)
    joined = ranked.with_columns(after=after).with_columns(
        before=pl.col("after").shift(-1).over("group").fill_null(value=False)
    )
    in_run = (pl.col("after") | pl.col("before")).sum() / pl.len()
    return joined.group_by("group").agg(run_share=in_run.round(4))


def _stagers(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, stagers): members that call two of their group."""
    staged = staged_ties(groups, ground.links).join(groups, on=["group", "imsi"], how="semi")
    return staged.group_by("group").agg(stagers=pl.len())


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
