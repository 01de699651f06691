"""Suspects to the rigs they found: links, groups, those of one owner put together, and how sure each is."""

from typing import NamedTuple

import polars as pl

from simbox.config import Rigs as RigsConfig
from simbox.rigs.asking import ask_at_once
from simbox.rigs.behaviour import outside_calls
from simbox.rigs.companions import BUSY_CALLEES, LEAST_RINGING, RINGING_SHARE
from simbox.rigs.crowd import Crowd
from simbox.rigs.evidence import compare
from simbox.rigs.found import Suspects
from simbox.rigs.grouping import SMALLEST_RIG, group_pairs, strong_link_points
from simbox.rigs.judging import measure_groups, rig_evidence
from simbox.rigs.linked import Linked
from simbox.rigs.membership import do_alike
from simbox.rigs.merging import Joining, measure_pairs, merge_groups
from simbox.rigs.pairs import NO_PAIRS
from simbox.rigs.ties import Ground, Sought, ties, ties_to_founders
from simbox.rigs.traits import find_traits
from simbox.rigs.weights import Weights, load_weights

# Thirty points above any SIM: hardly anybody reaches that, most cards of a rig do.
MATE_POINTS = 30
# Whose own records say that much may vouch for others.
SPONSOR_POINTS = -40
JOINED_FROM = 1_000_000


class Founding(NamedTuple):
    """`founders` (group, imsi) of the groups that are rigs, `sure` (group, rig_evidence, lawful) of the same, `lawful`
    (imsi) of groups that their customers explain, `rung` (imsi) of suspects whom customers ring, `companies` (imsi) of
    all busy lines whom customers ring, `outside` (imsi, other_party) the numbers that ring suspects from outside,
    `compared` (imsi) of the suspects between which there is what is `linked`."""

    founders: pl.DataFrame
    sure: pl.DataFrame
    lawful: pl.DataFrame
    rung: pl.DataFrame
    companies: pl.DataFrame
    outside: pl.DataFrame
    compared: pl.DataFrame
    linked: Linked
    pairs_dropped: int


NO_FOUNDING = Founding(
    pl.DataFrame(schema={"group": pl.Int64, "imsi": pl.Int64}),
    pl.DataFrame(schema={"group": pl.Int64, "rig_evidence": pl.Int32, "lawful": pl.Boolean}),
    lawful=pl.DataFrame(schema={"imsi": pl.Int64}),
    rung=pl.DataFrame(schema={"imsi": pl.Int64}),
    companies=pl.DataFrame(schema={"imsi": pl.Int64}),
    outside=pl.DataFrame(schema={"imsi": pl.Int64, "other_party": pl.Int64}),
    compared=pl.DataFrame(schema={"imsi": pl.Int64}),
    linked=Linked(NO_PAIRS, {}),
    pairs_dropped=0,
)


class Grouped(NamedTuple):
    """Linked suspects before any group is judged: `groups` (group, imsi), what they are measured on, and what of a
    Founding is known by then."""

    groups: pl.DataFrame
    ground: Ground
    joining: Joining
    rung: pl.DataFrame
    linked: Linked
    pairs_dropped: int


def seek_founders(
    suspects: Suspects, crowd: Crowd, places: pl.DataFrame, base_points: int, config: RigsConfig
) -> Founding:
    """The groups of suspects that are rigs; `base_points` is the evidence of a SIM of which nothing is known.

    Of `suspects` the records are those of the SIMs that may found a rig, the evidence is that of all SIMs. A group of
    linked suspects is a rig when what it shows as a whole makes that likelier than not.
    """
    if suspects.records.is_empty():
        return NO_FOUNDING
    grouped = _group(suspects, crowd, places, base_points, config)
    judging = load_weights("judging")
    strength = rig_evidence(grouped.groups, suspects.evidence, grouped.ground, judging)
    founders, sure = _found(grouped, strength, suspects.evidence, judging)
    lawful = grouped.groups.join(strength.filter("lawful"), on="group", how="semi").select("imsi")
    ground = grouped.ground
    return Founding(
        founders,
        sure,
        lawful,
        grouped.rung,
        ground.rung,
        ground.outside,
        ground.traits.sims,
        grouped.linked,
        grouped.pairs_dropped,
    )


def measure_founding(
    suspects: Suspects, crowd: Crowd, places: pl.DataFrame, base_points: int, config: RigsConfig
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What `judging` and `joining` are estimated on: groups of suspects (group, imsi) and what each shows (group and
    measures), before and after they are joined, the latter numbered from a million on; and what pairs of groups have in
    common (a, b and measures)."""
    grouped = _group(suspects, crowd, places, base_points, config)
    strength = rig_evidence(grouped.groups, suspects.evidence, grouped.ground, load_weights("judging"))
    every = pl.concat([strength, _pairs_strength(grouped.groups, suspects.evidence)])
    joined = merge_groups(grouped.groups, every, grouped.joining).with_columns(pl.col("group") + JOINED_FROM)
    groups = pl.concat([grouped.groups, joined])
    measured = measure_groups(groups, suspects.evidence, grouped.ground)
    return groups, measured, measure_pairs(grouped.groups, every, grouped.joining)


def _group(suspects: Suspects, crowd: Crowd, places: pl.DataFrame, base_points: int, config: RigsConfig) -> Grouped:
    outside = outside_calls(suspects.records, _numbers(suspects, crowd, base_points + MATE_POINTS), crowd)
    habits = _customers(suspects.records, outside)
    rung = habits.filter("is_rung")
    seeds = suspects.records.select("imsi").unique().join(rung, on="imsi", how="anti").sort("imsi")
    records = suspects.records.join(seeds, on="imsi", how="semi", maintain_order="left")
    begins, limit, leave_out = pl.lit(suspects.begins), config.candidates_per_sim, config.leave_out
    compared = compare(records, seeds, crowd, begins, limit, leave_out=leave_out)
    threshold = strong_link_points(seeds.height, config.strong_link_points)
    strong = do_alike(compared.points.filter(pl.col("points") >= threshold), records)
    answers = ask_at_once(
        {"groups": lambda: _as_frame(group_pairs(strong, threshold)), "traits": lambda: find_traits(records)}
    )
    companies = pl.concat(
        [
            rung.filter(pl.col("callees") >= BUSY_CALLEES).select("imsi"),
            crowd.lines.join(habits, on="imsi", how="anti"),
        ]
    )
    calls = compared.linked.of("calls_inside")
    ground = Ground(records, answers["traits"], calls, outside, companies, crowd, base_points, leave_out)
    weights = load_weights("joining")
    joining = Joining(records, begins, strong, places, compared.called, crowd, weights, config.largest_rig, leave_out)
    return Grouped(answers["groups"], ground, joining, rung.select("imsi"), compared.linked, compared.dropped)


def _found(
    grouped: Grouped, strength: pl.DataFrame, evidence: pl.DataFrame, judging: Weights
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(group, imsi) of the groups that are rigs, those of one owner as one, and their (group, rig_evidence, lawful)."""
    groups, ground = grouped.groups, grouped.ground
    merged = merge_groups(groups, pl.concat([strength, _pairs_strength(groups, evidence)]), grouped.joining)
    sure = rig_evidence(merged, evidence, ground, judging).filter(pl.col("rig_evidence") >= 0)
    founders = merged.join(sure, on="group", how="semi")
    # Who came in by a single coincidence would bring his own neighbours along, and cards of whom little is known would
    # vouch for each other.
    sponsors = founders.join(evidence.filter(pl.col("evidence_alone") >= SPONSOR_POINTS), on="imsi", how="semi")
    tied = (
        ties(sponsors, ties_to_founders(sponsors, ground, Sought(ground.traits.sims.clear(), founders)), ground)
        .join(evidence, on="imsi")
        .filter(pl.col("evidence_alone") + pl.col("ties") >= 0)
    )
    founders = founders.join(tied, on=["group", "imsi"], how="semi")
    sure = rig_evidence(founders, evidence, ground, judging).filter(pl.col("rig_evidence") >= 0)
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


def _numbers(suspects: Suspects, crowd: Crowd, least: int) -> pl.DataFrame:
    """(other_party) of the numbers of SIMs with so much evidence or more."""
    likely = suspects.evidence.filter(pl.col("evidence_alone") >= least)
    return crowd.numbers.join(likely, on="imsi", how="semi").select(other_party="msisdn").unique()


def _customers(records: pl.DataFrame, outside: pl.DataFrame) -> pl.DataFrame:
    """(imsi, callees, customers, is_rung): numbers that call a SIM from `outside`, against those it calls.

    Who is rung by many of the people it calls has customers: a company's line, a courier, a licensed gateway.
    """
    voice = records.filter((pl.col("service") == "voice") & pl.col("other_party").is_not_null())
    callees = voice.filter(pl.col("direction") == "mo").group_by("imsi").agg(callees=pl.col("other_party").n_unique())
    customers = outside.group_by("imsi").agg(customers=pl.len())
    return (
        callees.join(customers, on="imsi", how="left")
        .with_columns(pl.col("customers").fill_null(0))
        .with_columns(
            is_rung=(pl.col("customers") >= LEAST_RINGING) & (pl.col("customers") >= RINGING_SHARE * pl.col("callees"))
        )
    )


def _as_frame(groups: list[list[int]]) -> pl.DataFrame:
    rows = [(number, imsi) for number, group in enumerate(groups) for imsi in group]
    return pl.DataFrame(rows, schema={"group": pl.Int64, "imsi": pl.Int64}, orient="row")
