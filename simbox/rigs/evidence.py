"""Pair evidence: comparisons in families, as log-likelihood ratios in points, ten of which double the odds.

    family     comparison       same rig against strangers
    handset    imei_in_turn     one IMEI at one place, by turns
    handset    same_model       handsets of one seldom model
    place      same_places      their legs fall on the same places
    place      relay            one starts at a place where the other has just fallen silent for good
    batch      near_imsi        their IMSIs are close among those in use
    contacts   shared_callees   they call the same seldom called numbers
    contacts   calls_inside     one calls or writes to the other
    contacts   contacts_kept    numbers of the one, fallen silent, are heard with the other, begun afterwards
    habits     same_habits      they work at the same hours by the same service; negative where they differ

The strongest within a family counts, families are summed. Each is discounted by how common the shared thing is:
an IMEI cloned onto thousands of phones or a place that everybody passes weighs nothing.
The chances inside a rig are set by reasoning from how gateways rotate SIMs, not estimated.
"""

import polars as pl

from simbox.rigs.comparisons import imei_in_turn, near_imsi, relay, same_model
from simbox.rigs.contacts import calls_inside, contacts_kept, shared_callees
from simbox.rigs.crowd import Crowd
from simbox.rigs.habits import compare_habits
from simbox.rigs.meeting import same_places
from simbox.rigs.refuting import refute

FAMILY = {
    "imei_in_turn": "handset",
    "same_model": "handset",
    "same_places": "place",
    "relay": "place",
    "near_imsi": "batch",
    "shared_callees": "contacts",
    "calls_inside": "contacts",
    "contacts_kept": "contacts",
    "same_habits": "habits",
}
FAMILY_CAP = {"handset": 90, "place": 100, "batch": 45, "contacts": 35, "habits": 5}


def compare(
    records: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    begins: pl.Expr,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, int]:
    """Links, in no order, of pairs with a seed (imsi) among the SIMs of placed records, and how many candidate pairs
    were left out.

    With `ends` (imsi) only pairs that have one of these, among the same candidates. `begins` is the first instant from
    which records are held: a SIM that was there from the start did not relay.
    """
    spoken = records.filter(pl.col("service").is_in(["voice", "sms"]))
    at_places, dropped = same_places(spoken, seeds, crowd, candidates_per_sim, ends)
    links = pl.concat(
        [
            imei_in_turn(spoken, crowd, candidates_per_sim),
            at_places,
            relay(spoken, crowd, begins, ends),
            near_imsi(spoken, crowd),
            shared_callees(spoken, seeds, crowd, candidates_per_sim),
            calls_inside(spoken, crowd, ends),
            contacts_kept(spoken, crowd, begins, candidates_per_sim),
        ]
    )
    telling = refute(with_one_of(links.filter(pl.col("weight") > 0), seeds if ends is None else ends), spoken, crowd)
    pairs = telling.select("imsi_a", "imsi_b").unique()
    further = [compare_habits(pairs, spoken), same_model(pairs, spoken, crowd)]
    return pl.concat([telling, *further]), dropped


def with_one_of(links: pl.DataFrame, sims: pl.DataFrame) -> pl.DataFrame:
    """The links that have one of the SIMs (imsi) at either end."""
    known = sims["imsi"].implode()
    return links.filter(pl.col("imsi_a").is_in(known) | pl.col("imsi_b").is_in(known))


def pair_weights(links: pl.DataFrame) -> pl.DataFrame:
    """Points of each pair (imsi_a, imsi_b, points): the strongest of each family, capped, families summed."""
    return family_weights(links).group_by("imsi_a", "imsi_b").agg(pl.col("points").sum()).sort("imsi_a", "imsi_b")


def family_weights(links: pl.DataFrame) -> pl.DataFrame:
    """Points of each pair and family, as integers, capped."""
    families = pl.Enum(list(FAMILY_CAP))
    family = pl.col("comparison").cast(pl.String).replace_strict(FAMILY, return_dtype=families)
    return (
        links.with_columns(family=family)
        .group_by("imsi_a", "imsi_b", "family")
        .agg(weight=pl.col("weight").max())
        .with_columns(cap=pl.col("family").replace_strict(FAMILY_CAP, return_dtype=pl.Float64))
        .select("imsi_a", "imsi_b", "family", points=pl.min_horizontal("weight", "cap").round(0).cast(pl.Int32))
    )
