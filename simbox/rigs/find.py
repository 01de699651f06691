"""Suspect SIMs to rigs: links, groups, quiet members, names kept over nights, places and facts."""

import polars as pl

from simbox.config import Rigs as RigsConfig
from simbox.rigs.behaviour import outside_calls
from simbox.rigs.crowd import Crowd
from simbox.rigs.evidence import compare, pair_weights
from simbox.rigs.facts import count_facts
from simbox.rigs.found import NO_RIGS, Found, Suspects
from simbox.rigs.grouping import SMALLEST_RIG, Traffic, group_pairs, strong_link_points
from simbox.rigs.judging import rig_evidence
from simbox.rigs.locating import locate
from simbox.rigs.members import to_members
from simbox.rigs.membership import do_alike, join_quiet
from simbox.rigs.merging import Joining, merge_groups
from simbox.rigs.ties import Ground, ties
from simbox.rigs.tracking import name_groups, status_of
from simbox.tables.rigs import MEMBERS, RIGS, SITES

# Points from which on common callees or calls to each other say something of a pair.
TELLING_CONTACT = 10
# Each round fills gaps in the runs of cards of the one before, as far as these look like a rig's at all.
JOINING_ROUNDS = 3
TELLING_POINTS = 10
# Thirty points above any SIM: hardly anybody reaches that, most cards of a rig do.
MATE_POINTS = 30
# Whose customers tell of a company: lines that call so many themselves.
BUSY_CALLEES = 25
LEAST_RINGING = 4
RINGING_SHARE = 0.1


def find_rigs(
    suspects: Suspects,
    crowd: Crowd,
    places: pl.DataFrame,
    zones: pl.DataFrame,
    previous: Found,
    watch: int,
    base_points: int,
    config: RigsConfig,
) -> Found:
    """The rigs among the suspects of a night; `watch` is the evidence from which a SIM may found one.

    `base_points` is the evidence of a SIM of which nothing is known.

    A group of linked SIMs is a rig when its third strongest member would make it likelier than not. Each member gains
    the points of its ties, once, times the rig's probability. Members whose records are no longer held stay with it.
    """
    watched = suspects.evidence.filter(pl.col("evidence_alone") >= watch).select("imsi")
    mates = _numbers(suspects, base_points + MATE_POINTS)
    habits = _customers(suspects.records, mates)
    rung = habits.filter("is_rung")
    seeds = watched.join(rung, on="imsi", how="anti").sort("imsi")
    links, dropped = compare(suspects.records, seeds, crowd, pl.lit(suspects.begins), config.candidates_per_sim)
    among_seeds = links.join(seeds, left_on="imsi_a", right_on="imsi", how="semi").join(
        seeds, left_on="imsi_b", right_on="imsi", how="semi"
    )
    threshold = strong_link_points(seeds.height, config.strong_link_points)
    traffic = _traffic(among_seeds, habits)
    pairs = do_alike(pair_weights(among_seeds), suspects.records)
    groups = _as_frame(group_pairs(pairs, traffic, threshold, config.largest_rig))
    companies = rung.filter(pl.col("callees") >= BUSY_CALLEES)
    ground = Ground(suspects.records, links, mates, companies, crowd, base_points)
    strength = rig_evidence(groups, suspects.evidence, ground)
    joining = Joining(suspects.records, places, traffic, crowd)
    founders, sure = _found(groups, strength, suspects.evidence, ground, joining)
    lawful = groups.join(strength.filter("lawful"), on="group", how="semi")
    taken = pl.concat([founders.select("imsi"), lawful.select("imsi")])
    groups = founders
    telling = suspects.evidence.filter(pl.col("evidence_alone") >= base_points + TELLING_POINTS)
    for _ in range(JOINING_ROUNDS):
        taken = pl.concat([taken, groups.select("imsi")]).unique()
        core = groups.join(telling, on="imsi", how="semi")
        groups = pl.concat([groups, join_quiet(core, founders, taken, rung, ground, suspects.evidence, sure)])
    gained = ties(groups.join(telling, on="imsi", how="semi"), founders, ground)
    named = groups.join(name_groups(groups, previous.members, suspects.night), on="group")
    members = to_members(named, gained, links, suspects, sure, previous)
    if members.is_empty():
        return NO_RIGS._replace(links=links, pairs_dropped=dropped)
    return _describe(members, links, suspects, places, zones, previous, dropped)


def _found(
    groups: pl.DataFrame, strength: pl.DataFrame, evidence: pl.DataFrame, ground: Ground, joining: Joining
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(group, imsi) of the groups that are rigs, those of one owner as one, and their (group, rig_evidence, lawful)."""
    merged = merge_groups(groups, pl.concat([strength, _pairs_strength(groups, evidence)]), joining)
    sure = rig_evidence(merged, evidence, ground).filter(pl.col("rig_evidence") >= 0)
    founders = merged.join(sure, on="group", how="semi")
    # Who came in by a single coincidence would bring his own neighbours along.
    tied = (
        ties(founders, founders, ground)
        .join(evidence, on="imsi")
        .filter(pl.col("evidence_alone") + pl.col("ties") >= 0)
    )
    founders = founders.join(tied, on=["group", "imsi"], how="semi")
    sure = rig_evidence(founders, evidence, ground).filter(pl.col("rig_evidence") >= 0)
    return founders.join(sure, on="group", how="semi"), sure


def _pairs_strength(groups: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """(group, rig_evidence, lawful) of groups of two: worth the weaker card, for a pair is no rig of its own."""
    by_group = groups.join(evidence, on="imsi").group_by("group")
    weaker = by_group.agg(pl.len(), rig_evidence=pl.col("evidence_alone").min().clip(upper_bound=-1))
    return (
        weaker.filter(pl.col("len") < SMALLEST_RIG)
        .select("group", pl.col("rig_evidence").cast(pl.Int32), lawful=pl.lit(value=False))
        .sort("group")
    )


def _numbers(suspects: Suspects, least: int) -> pl.DataFrame:
    """(other_party) of the SIMs with so much evidence or more."""
    likely = suspects.evidence.filter(pl.col("evidence_alone") >= least)
    held = suspects.records.join(likely, on="imsi", how="semi")
    return held.select(other_party="msisdn").drop_nulls().unique()


def _customers(records: pl.DataFrame, mates: pl.DataFrame) -> pl.DataFrame:
    """(imsi, callees, customers, is_rung): numbers that call a SIM, its likely mates aside, against those it calls.

    Who is rung by many of the people it calls has customers: a company's line, a courier, a licensed gateway.
    """
    voice = records.filter((pl.col("service") == "voice") & pl.col("other_party").is_not_null())
    callees = voice.filter(pl.col("direction") == "mo").group_by("imsi").agg(callees=pl.col("other_party").n_unique())
    customers = outside_calls(records, mates).group_by("imsi").agg(customers=pl.len())
    return (
        callees.join(customers, on="imsi", how="left")
        .with_columns(pl.col("customers").fill_null(0))
        .with_columns(
            is_rung=(pl.col("customers") >= LEAST_RINGING) & (pl.col("customers") >= RINGING_SHARE * pl.col("callees"))
        )
    )


def _traffic(links: pl.DataFrame, habits: pl.DataFrame) -> Traffic:
    telling = links.filter(pl.col("weight") >= TELLING_CONTACT).select("comparison", "imsi_a", "imsi_b")
    pairs = {
        comparison: set(telling.filter(pl.col("comparison") == comparison).select("imsi_a", "imsi_b").iter_rows())
        for comparison in ("shared_callees", "calls_inside")
    }
    return Traffic(
        pairs["shared_callees"],
        pairs["calls_inside"],
        dict(habits.select("imsi", "callees").iter_rows()),
        dict(habits.select("imsi", "customers").iter_rows()),
    )


def _as_frame(groups: list[list[int]]) -> pl.DataFrame:
    rows = [(number, imsi) for number, group in enumerate(groups) for imsi in group]
    return pl.DataFrame(rows, schema={"group": pl.Int64, "imsi": pl.Int64}, orient="row")


def _describe(
    members: pl.DataFrame,
    links: pl.DataFrame,
    suspects: Suspects,
    places: pl.DataFrame,
    zones: pl.DataFrame,
    previous: Found,
    dropped: int,
) -> Found:
    records = suspects.records.join(members.select("imsi", "rig_id"), on="imsi")
    night = pl.lit(suspects.night)
    sites = locate(records, places, zones, night)
    main = _main_places(records, places)
    probability = members.group_by("rig_id").agg(probability=pl.col("rig_probability").max())
    rigs = (
        count_facts(records, night)
        .join(probability, on="rig_id")
        .join(main, on="rig_id", how="left")
        .join(sites.group_by("rig_id").agg(place_count=pl.len()), on="rig_id", how="left")
        .with_columns(pl.col("place_count").fill_null(0))
    )
    rigs = status_of(rigs, previous.rigs, suspects.night)
    gone = previous.rigs.join(rigs, on="rig_id", how="anti").with_columns(
        status=pl.lit("dissolved").cast(RIGS.schema["status"])
    )
    kept_sites = previous.sites.join(rigs, on="rig_id", how="anti")
    return Found(
        links=links,
        rigs=RIGS.conform(pl.concat([RIGS.conform(rigs), gone])),
        sites=SITES.conform(pl.concat([sites, kept_sites])),
        members=MEMBERS.conform(members),
        points=members.select("imsi", "points", "value").sort("imsi"),
        pairs_dropped=dropped,
    )


def _main_places(records: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """(rig_id, lat, lon, site) of the mast that served most of a rig's legs."""
    return (
        records.filter(pl.col("cell").is_not_null())
        .group_by("rig_id", "cell")
        .agg(legs=pl.len())
        .join(places.select("cell", "lat", "lon", "site"), on="cell")
        .group_by("rig_id", "lat", "lon")
        .agg(legs=pl.col("legs").sum(), site=pl.col("site").min())
        .sort("rig_id", "legs", "lat", "lon", descending=[False, True, False, False])
        .unique("rig_id", keep="first", maintain_order=True)
        .select("rig_id", "lat", "lon", "site")
    )
