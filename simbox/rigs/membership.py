"""How sure a group is a rig, how sure a SIM belongs to it, and which quiet SIMs join it.

A SIM is tied to a rig by what few others share with it: its place, its handset, its neighbours among the IMSIs in use.
How dense the rig's members are there, the SIM itself left out, gives the odds that a SIM of that place, handset or run
of cards is one of them; over the odds of any SIM that is the weight of the tie.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.rigs.comparisons import Crowd
from simbox.rigs.grouping import SMALLEST_RIG

# One fact seen from several sides: what more than this many points would say is said already.
TIES_CAP = 150
TIE_CAP = {"place": 90, "handset": 110, "batch": 135, "contacts": 40}
NEIGHBOURS = 5
RUN_WIDTH = 10_000
# A gateway at rest is served by two to six cells in turn, so no single place need hold half of its legs.
SETTLED_SHARE = 0.25
LEAST_PARTNERS = 2
LEAST_IN_RUN = 3
LEAST_LIKENESS = 300
# What a group shows as a whole. Customers ring a company's seats back, and it keeps its staff and its cards.
OUTSIDE_CALLER_EDGES = (0.03, 0.045, 0.055, 0.08, 0.12)
OUTSIDE_CALLER_POINTS = (25, 10, -15, -35, -55, -70)
LEAST_CALLEES = 30
# A passer-by among the members calls few and is called by his friends: only busy lines tell of customers.
BUSY_CALLEES = 12
# Each doubling of the members who are worth nearly as much as the third.
DOUBLING_POINTS = 15
DOUBLING_CAP = 50
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


class Ground(NamedTuple):
    """What ties are read from: records of the SIMs involved, their links, numbers (other_party) of those that look more
    like a rig's than any SIM does, busy SIMs that customers ring (imsi), the crowd, and the evidence of any SIM."""

    records: pl.DataFrame
    links: pl.DataFrame
    mates: pl.DataFrame
    rung: pl.DataFrame
    crowd: Crowd
    base_points: int


def rig_evidence(groups: pl.DataFrame, evidence: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, rig_evidence, lawful) from (group, imsi) and (imsi, evidence_alone).

    The third strongest member's evidence: two suspects next to each other are a coincidence, three linked ones are
    not. Fifteen points for each doubling of the members who are worth nearly as much, fifty at most; and what the group
    shows as a whole: whether strangers ring its members, whether its cards come and go, are of several operators, and
    call each other. A group is lawful when that alone speaks clearly against a rig.
    """
    ranked = groups.join(evidence, on="imsi").sort("group", "evidence_alone", "imsi", descending=[False, True, False])
    third = ranked.group_by("group", maintain_order=True).agg(
        third=pl.col("evidence_alone").get(SMALLEST_RIG - 1, null_on_oob=True)
    )
    supporters = (
        ranked.join(third, on="group")
        .filter(pl.col("evidence_alone") >= pl.col("third") - 20)
        .group_by("group")
        .agg(supporters=pl.len())
    )
    doubling = (DOUBLING_POINTS * (pl.col("supporters") / SMALLEST_RIG).log(2)).clip(0, DOUBLING_CAP).round(0)
    return (
        third.filter(pl.col("third").is_not_null())
        .join(supporters, on="group")
        .join(_group_habits(groups, ground), on="group", how="left")
        .select(
            "group",
            rig_evidence=(pl.col("third") + doubling + pl.col("habits").fill_null(0)).cast(pl.Int32),
            lawful=pl.col("habits").fill_null(0) <= LAWFUL_HABITS,
        )
        .sort("group")
    )


def _group_habits(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, habits): points for what the group shows as a whole."""
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
    callers = (
        outside_calls(ground.records, ground.mates)
        .join(busy.select("group", "imsi"), on="imsi")
        .join(numbers, on=["group", "other_party"], how="anti")
        .group_by("group")
        .agg(callers=pl.len())
    )
    called = voice.filter(pl.col("direction") == "mo")
    callees = called.group_by("group").agg(callees=pl.struct("imsi", "other_party").n_unique())
    nights = records.select(first=pl.col("night").min(), last=pl.col("night").max())
    lives = (
        held.group_by("group", "imsi")
        .agg(begun=pl.col("night").min(), ended=pl.col("night").max(), events=_is_act().sum())
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
    stagers = _staged(groups, ground.links).join(groups, on=["group", "imsi"], how="semi")
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
    return facts.select("group", habits=points.cast(pl.Int32))


def _colleagues(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, colleagues): SIMs outside a group that customers ring and whose cards come from its runs."""
    runs = ground.links.filter(pl.col("comparison") == "near_imsi")
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


def ties(groups: pl.DataFrame, founders: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """(group, imsi, ties): points that tie each SIM involved to each group, at most 150.

    The strongest family counts whole, the others a quarter: who lives at the rig's place also buys at its dealer's. At
    places and on handsets only founders count, or a rig would swallow its neighbours one by one; a run of cards
    has an end.
    """
    at_places = _density(
        founders, _settled(ground.records), ground.crowd.settled, ["place"], "place", ground.base_points
    )
    parts = [
        _by_coverage(at_places, founders, ground.records),
        _density(
            founders, _handsets(ground.records), ground.crowd.sims_on_imei, ["imei"], "handset", ground.base_points
        ),
        _run_density(groups, ground),
        _staged(groups, ground.links),
    ]
    return (
        pl.concat(parts)
        .group_by("group", "imsi", "family")
        .agg(points=pl.col("points").max().cast(pl.Int32))
        .group_by("group", "imsi")
        .agg(strongest=pl.col("points").max(), all=pl.col("points").sum())
        .select("group", "imsi", ties=((3 * pl.col("strongest") + pl.col("all")) // 4).clip(0, TIES_CAP).cast(pl.Int32))
        .sort("group", "imsi")
    )


def join_quiet(
    groups: pl.DataFrame,
    founders: pl.DataFrame,
    taken: pl.DataFrame,
    ground: Ground,
    evidence: pl.DataFrame,
    sure: pl.DataFrame,
) -> pl.DataFrame:
    """(group, imsi) of active SIMs, not `taken`, that their own evidence and ties make likelier of a rig than not."""
    return (
        ties(groups, founders, ground)
        .join(sure, on="group", how="semi")
        .join(_likeness(founders, ground.records), on=["group", "imsi"])
        .join(taken, on="imsi", how="anti")
        .join(evidence, on="imsi")
        .filter(pl.col("evidence_alone") + pl.col("ties") >= 0)
        .with_columns(fit=pl.col("ties") * pl.col("likeness"))
        .sort("imsi", "fit", "group", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .select("group", "imsi")
    )


def _likeness(founders: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """(group, imsi, likeness): how far an active SIM does what the group does, in thousandths, if at all."""
    own = act_shares(records)
    usual = (
        own.join(founders, on="imsi")
        .group_by("group", "act")
        .agg(events=pl.col("events").sum())
        .with_columns(usual=pl.col("events") * 1000 // pl.col("events").sum().over("group"))
    )
    return (
        own.join(usual, on="act")
        .group_by("group", "imsi")
        .agg(likeness=pl.min_horizontal("permille", "usual").sum())
        .filter(pl.col("likeness") >= LEAST_LIKENESS)
    )


def act_shares(records: pl.DataFrame) -> pl.DataFrame:
    """(imsi, act, events, permille): what each active SIM does, calling, sending SMS, receiving codes."""
    act = pl.when(pl.col("direction") == "mt").then(pl.lit("codes")).otherwise(pl.col("service").cast(pl.String))
    acts = records.filter(_is_act()).group_by("imsi", act=act).agg(events=pl.len())
    return acts.with_columns(permille=pl.col("events") * 1000 // pl.col("events").sum().over("imsi"))


def do_alike(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The pairs (imsi_a, imsi_b) whose SIMs do the same: one box calls, another collects codes, whoever owns both."""
    own = act_shares(records).select("imsi", "act", "permille")
    alike = (
        pairs.select("imsi_a", "imsi_b")
        .join(own.rename({"imsi": "imsi_a"}), on="imsi_a")
        .join(own.rename({"imsi": "imsi_b", "permille": "permille_b"}), on=["imsi_b", "act"])
        .group_by("imsi_a", "imsi_b")
        .agg(likeness=pl.min_horizontal("permille", "permille_b").sum())
        .filter(pl.col("likeness") >= LEAST_LIKENESS)
    )
    return pairs.join(alike, on=["imsi_a", "imsi_b"], how="semi")


def _is_act() -> pl.Expr:
    """Whether a leg makes its SIM active: a call or SMS of its own, or a service's SMS received."""
    made = (pl.col("direction") == "mo") & pl.col("service").is_in(["voice", "sms"])
    code = (pl.col("direction") == "mt") & pl.col("other_kind").is_in(["short_code", "alphanumeric"])
    return made | code


def settled(legs: pl.DataFrame) -> pl.DataFrame:
    """(imsi, place) of the places that hold a quarter of a SIM's legs or more, from (imsi, place, legs)."""
    return legs.filter(pl.col("legs") >= SETTLED_SHARE * pl.col("legs").sum().over("imsi")).select("imsi", "place")


def outside_calls(records: pl.DataFrame, mates: pl.DataFrame) -> pl.DataFrame:
    """Calls received (imsi, other_party) but for those of likely mates and of SIMs settled at the same place: staged
    calls come from the box itself, customers from all over the town."""
    voice = (pl.col("service") == "voice") & (pl.col("direction") == "mt") & pl.col("other_party").is_not_null()
    calls = records.filter(voice).select("imsi", "other_party").unique().join(mates, on="other_party", how="anti")
    homes = _settled(records)
    numbers = records.filter(pl.col("msisdn").is_not_null()).select(other_party="msisdn", caller="imsi").unique()
    neighbours = (
        calls.join(numbers, on="other_party")
        .join(homes, on="imsi")
        .join(homes.rename({"imsi": "caller"}), on=["caller", "place"], how="semi")
        .select("imsi", "other_party")
        .unique()
    )
    return calls.join(neighbours, on=["imsi", "other_party"], how="anti").sort("imsi", "other_party")


def _settled(records: pl.DataFrame) -> pl.DataFrame:
    located = records.filter(pl.col("place").is_not_null())
    return settled(located.group_by("imsi", "place").agg(legs=pl.len()))


def _by_coverage(at_places: pl.DataFrame, founders: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Ties at places times the share of a SIM's legs at any of the group's places: who only works there goes home."""
    located = records.filter(pl.col("place").is_not_null())
    haunts = _settled(records).join(founders, on="imsi").select("group", "place").unique()
    legs = located.group_by("imsi", "place").agg(legs=pl.len())
    covered = (
        legs.join(haunts, on="place")
        .group_by("group", "imsi")
        .agg(covered=pl.col("legs").sum())
        .join(legs.group_by("imsi").agg(all=pl.col("legs").sum()), on="imsi")
    )
    return at_places.join(covered, on=["group", "imsi"]).select(
        "group", "imsi", "family", points=(pl.col("points") * pl.col("covered") / pl.col("all")).round(0)
    )


def _handsets(records: pl.DataFrame) -> pl.DataFrame:
    """(imsi, imei, place): an IMEI elsewhere is a copy of it, so the place belongs to the handset."""
    return records.drop_nulls(["imei", "place"]).select("imsi", "imei", "place").unique()


def _density(
    groups: pl.DataFrame, holders: pl.DataFrame, crowd: pl.DataFrame, key: list[str], family: str, base_points: int
) -> pl.DataFrame:
    """Ties by members of a group among all SIMs that share a key, the SIM itself left out.

    `crowd` counts all SIMs by `key`; `holders` may have a place beside it, where the members must have been too.
    """
    count = next(name for name in crowd.columns if name not in key)
    shared = [name for name in holders.columns if name != "imsi"]
    inside = holders.join(groups, on="imsi").group_by("group", *shared).agg(members=pl.col("imsi").n_unique())
    member = groups.with_columns(is_member=pl.lit(1))
    odds = (
        holders.join(inside, on=shared)
        .join(crowd.select(*key, everybody=count), on=key)
        .join(member, on=["group", "imsi"], how="left")
        .with_columns(others=pl.col("members").cast(pl.Int64) - pl.col("is_member").fill_null(0))
        .with_columns(strangers=(pl.col("everybody").cast(pl.Int64) - 1 - pl.col("others")).clip(0))
    )
    return _tie_points(odds, family, base_points)


def _run_density(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Ties by members of a group among a SIM's five neighbours on either side in the order of IMSIs in use."""
    imsis = ground.crowd.imsis.to_numpy()
    sims = ground.records["imsi"].unique().sort().to_numpy()
    rank = np.searchsorted(imsis, sims)
    steps = np.array([step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step != 0])
    position = rank[:, None] + steps
    valid = (position >= 0) & (position < imsis.size)
    neighbour = imsis[np.clip(position, 0, imsis.size - 1)]
    valid &= np.abs(neighbour - sims[:, None]) < RUN_WIDTH
    pairs = pl.DataFrame(
        {"imsi": np.repeat(sims, steps.size)[valid.ravel()], "neighbour": neighbour.ravel()[valid.ravel()]}
    )
    everybody = pairs.group_by("imsi").agg(neighbours=pl.len())
    inside = (
        pairs.join(groups.rename({"imsi": "neighbour"}), on="neighbour").group_by("group", "imsi").agg(others=pl.len())
    )
    odds = inside.join(everybody, on="imsi").with_columns(strangers=pl.col("neighbours") - pl.col("others"))
    return _tie_points(odds.filter(pl.col("others") >= LEAST_IN_RUN), "batch", ground.base_points)


def _staged(groups: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Ties of SIMs that themselves call or write to two members or more; being called makes a victim, not a mate."""
    calls = links.filter(pl.col("comparison") == "calls_inside")
    out = ("both", "a_to_b"), ("both", "b_to_a")
    by_caller = pl.concat(
        [
            calls.filter(pl.col("direction").is_in(out[0])).select("weight", imsi="imsi_a", other="imsi_b"),
            calls.filter(pl.col("direction").is_in(out[1])).select("weight", imsi="imsi_b", other="imsi_a"),
        ]
    )
    return (
        by_caller.join(groups.rename({"imsi": "other"}), on="other")
        .group_by("group", "imsi")
        .agg(partners=pl.len(), points=pl.col("weight").max())
        .filter(pl.col("partners") >= LEAST_PARTNERS)
        .select(
            "group", "imsi", family=pl.lit("contacts"), points=pl.col("points").clip(0, TIE_CAP["contacts"]).round(0)
        )
    )


def _tie_points(odds: pl.DataFrame, family: str, base_points: int) -> pl.DataFrame:
    """Points of (group, imsi) with `others` members and `strangers` beside it, over the odds of any SIM."""
    log2_odds = (pl.col("others") / (pl.col("strangers") + 1)).log(2)
    return odds.filter(pl.col("others") > 0).select(
        "group",
        "imsi",
        family=pl.lit(family),
        points=(10 * log2_odds - base_points).clip(0, TIE_CAP[family]).round(0),
    )
