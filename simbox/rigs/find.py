"""Rigs' founders to rigs: quiet members, names kept over nights, links, places and facts."""

from datetime import date

import polars as pl

from simbox.config import Rigs as RigsConfig
from simbox.rigs.asking import ask_at_once
from simbox.rigs.banking import bank_signs
from simbox.rigs.companions import JOINING_ROUNDS
from simbox.rigs.comparisons import relay
from simbox.rigs.contacts import calls_inside
from simbox.rigs.crowd import Crowd
from simbox.rigs.evidence import compare
from simbox.rigs.facts import count_facts
from simbox.rigs.found import NO_RIGS, Found, Suspects
from simbox.rigs.founding import Founding
from simbox.rigs.linked import Linked, as_linked, to_links
from simbox.rigs.locating import locate
from simbox.rigs.members import probability_of, to_members
from simbox.rigs.membership import join_quiet
from simbox.rigs.ties import Ground, Sought, model_ties, ties, ties_to_founders
from simbox.rigs.tracking import name_groups, status_of
from simbox.rigs.traits import find_traits
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES

TELLING_POINTS = 10


def find_rigs(
    suspects: Suspects,
    founding: Founding,
    crowd: Crowd,
    places: pl.DataFrame,
    zones: pl.DataFrame,
    previous: Found,
    base_points: int,
    config: RigsConfig,
    *,
    with_links: bool = True,
) -> Found:
    """The rigs of a night from their founders, and the quiet SIMs among those around them (`suspects.records`).

    Each member gains the points of its ties, once, up to the evidence of the rig itself. Members whose records are no
    longer held stay with it. Without `with_links`, where nobody reads them, there are none.
    """
    founders, sure = _told(founding, previous, suspects.night, config.new_rig_probability)
    spoken = suspects.records.filter(pl.col("service").is_in(["voice", "sms"]))
    around = ask_at_once(
        {
            "traits": lambda: find_traits(suspects.records),
            "relay": lambda: relay(spoken, crowd, pl.lit(suspects.begins), founders),
            "calls": lambda: calls_inside(spoken, crowd, founders),
        }
    )
    near = pl.concat([around["calls"], around["relay"]]).filter(pl.col("weight") > 0)
    traits, leave_out = around["traits"], config.leave_out
    ground = Ground(suspects.records, traits, near, founding.outside, founding.companies, crowd, base_points, leave_out)
    telling = suspects.evidence.filter(pl.col("evidence_alone") >= base_points + TELLING_POINTS)
    taken, groups = founding.lawful, founders
    quiet = traits.sims.join(pl.concat([founding.lawful, founders.select("imsi")]), on="imsi", how="anti")
    to_founders = ties_to_founders(founders, ground, Sought(quiet, founders))
    for _ in range(JOINING_ROUNDS):
        taken = pl.concat([taken, groups.select("imsi")]).unique()
        core = groups.join(telling, on="imsi", how="semi")
        groups = pl.concat(
            [groups, join_quiet(core, founders, to_founders, taken, founding.rung, ground, suspects.evidence, sure)]
        )
    near_telling = ties(groups.join(telling, on="imsi", how="semi"), to_founders, ground)
    gained = pl.concat([near_telling, model_ties(groups, near_telling.select("group", "imsi"), to_founders)])
    named = groups.join(name_groups(groups, previous.members, suspects.night), on="group")
    members = to_members(named, gained, near, suspects, sure, previous)
    answers = ask_at_once(
        {
            "links": lambda: (
                _with_members(founding, members.select("imsi"), suspects, crowd, config)
                if with_links
                else LINKS.empty()
            ),
            "found": lambda: _describe(members, suspects, crowd, places, zones, previous),
        }
    )
    found: Found = answers["found"]
    return found._replace(links=answers["links"], pairs_dropped=founding.pairs_dropped)


def _told(
    founding: Founding, previous: Found, night: date, new_rig_probability: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The founders of the groups that are told as rigs, and how sure these are: those that go on, and new ones of which
    that is as probable as it must be."""
    named = name_groups(founding.founders, previous.members, night)
    known = named.join(previous.rigs.select("rig_id"), on="rig_id", how="semi")
    goes_on = pl.col("group").is_in(known["group"].implode())
    sure = founding.sure.filter((probability_of(pl.col("rig_evidence")) >= new_rig_probability) | goes_on)
    return founding.founders.join(sure, on="group", how="semi", maintain_order="left"), sure


def _with_members(
    founding: Founding, members: pl.DataFrame, suspects: Suspects, crowd: Crowd, config: RigsConfig
) -> pl.DataFrame:
    """LINKS among suspects and those of members that were none.

    Hand-overs are told anew for all members: a card that was no suspect may have been in the handset in between.
    """
    quiet = members.join(founding.compared, on="imsi", how="anti")
    held = suspects.records.join(members, on="imsi", how="semi", maintain_order="left")
    limit, leave_out = config.candidates_per_sim, config.leave_out
    compared = compare(held, members, crowd, pl.lit(suspects.begins), limit, quiet, leave_out)
    handed = compared.handed
    if "imei_in_turn" in founding.linked.links:
        before = founding.linked.of("imei_in_turn").join(handed, on=["imsi_a", "imsi_b"], how="anti")
        handed = pl.concat([before, handed])
    others = [
        Linked(pairs, {name: rows for name, rows in links.items() if name != "imei_in_turn"})
        for pairs, links in (founding.linked, compared.linked)
    ]
    return to_links([*others, as_linked(handed, "imei_in_turn")])


def _describe(
    members: pl.DataFrame,
    suspects: Suspects,
    crowd: Crowd,
    places: pl.DataFrame,
    zones: pl.DataFrame,
    previous: Found,
) -> Found:
    """What is found, but for the links."""
    if members.is_empty():
        return NO_RIGS
    night = pl.lit(suspects.night)
    records = suspects.records.join(members.select("imsi", "rig_id"), on="imsi")
    sites, masts = locate(records, places, zones, night)
    probability = members.group_by("rig_id").agg(probability=pl.col("rig_probability").max())
    rigs = (
        count_facts(records, crowd, night)
        .join(probability, on="rig_id")
        .join(bank_signs(records, places), on="rig_id")
        .join(masts, on="rig_id", how="left")
        .join(sites.group_by("rig_id").agg(place_count=pl.len()), on="rig_id", how="left")
        .with_columns(pl.col("place_count").fill_null(0))
    )
    rigs = status_of(rigs, previous.rigs, suspects.night)
    gone = previous.rigs.join(rigs, on="rig_id", how="anti").with_columns(
        status=pl.lit("dissolved").cast(RIGS.schema["status"])
    )
    kept_sites = previous.sites.join(rigs, on="rig_id", how="anti")
    return NO_RIGS._replace(
        rigs=RIGS.conform(pl.concat([RIGS.conform(rigs), gone])),
        sites=SITES.conform(pl.concat([sites, kept_sites])),
        members=MEMBERS.conform(members),
        points=members.select("imsi", "points", "value").sort("imsi"),
        replaced=members.select("imsi", "relay_points", "relay_gap_s").drop_nulls().sort("imsi"),
    )
