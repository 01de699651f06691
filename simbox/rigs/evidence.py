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

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.lookup import look_up, make_lookup
from simbox.kernels.pairs import order_pairs, points_of_pairs
from simbox.rigs.comparisons import COMPARISON, imei_in_turn, near_imsi, relay
from simbox.rigs.contacts import calls_inside, contacts_kept, shared_callees
from simbox.rigs.crowd import Crowd
from simbox.rigs.habits import compare_habits
from simbox.rigs.meeting import same_places
from simbox.rigs.models import same_model
from simbox.rigs.pairs import Pairs
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
_FAMILIES = pl.Enum(list(FAMILY_CAP))
_CAPS = np.array(list(FAMILY_CAP.values()))
# Of each comparison its place among the families.
_FAMILY_OF = np.array([list(FAMILY_CAP).index(FAMILY[name]) for name in COMPARISON.categories], dtype=np.int8)

Longs = npt.NDArray[np.int64]


class Compared(NamedTuple):
    """LINKS of pairs, in no order, the points of each pair (imsi_a, imsi_b, points): the strongest of each family,
    capped, families summed; and how many candidate pairs were left out."""

    links: pl.DataFrame
    points: pl.DataFrame
    dropped: int


def compare(
    records: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    begins: pl.Expr,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
    leave_out: Collection[str] = (),
    in_turn: pl.DataFrame | None = None,
) -> Compared:
    """What pairs with a seed (imsi) among the SIMs of placed records agree in.

    With `ends` (imsi) only pairs that have one of these, among the same candidates. `begins` is the first instant from
    which records are held: a SIM that was there from the start did not relay. Families in `leave_out` give no links.
    `in_turn` are the links of the comparison `imei_in_turn`, where those of the same records are known.
    """
    spoken = records.filter(pl.col("service").is_in(["voice", "sms"]))
    at_places, dropped = same_places(spoken, seeds, crowd, candidates_per_sim, ends)
    said = [name for name, family in FAMILY.items() if family not in leave_out]
    speaks = (pl.col("weight") > 0) & pl.col("comparison").is_in(said)
    if in_turn is None:
        in_turn = refute(imei_in_turn(spoken, crowd, candidates_per_sim).filter(speaks), spoken, crowd)
    found = [
        in_turn,
        at_places,
        refute(relay(spoken, crowd, begins, ends).filter(speaks), spoken, crowd),
        near_imsi(spoken, crowd),
        shared_callees(spoken, seeds, crowd, candidates_per_sim, ends),
        calls_inside(spoken, crowd, ends),
        contacts_kept(spoken, crowd, begins, candidates_per_sim, ends),
    ]
    telling = pl.concat([links.filter(speaks) for links in found])
    sims = np.sort(spoken["imsi"].unique().to_numpy())
    telling, rows, borders, pairs = _bring_together(telling, sims, seeds if ends is None else ends)
    whole = {"same_habits": compare_habits(pairs, spoken), "same_model": same_model(pairs, spoken, crowd)}
    whole = {name: told for name, told in whole.items() if name in said}
    codes = telling["comparison"].to_physical().to_numpy()
    points = points_of_pairs(
        _FAMILY_OF[codes][rows],
        telling["weight"].to_numpy()[rows],
        borders,
        _FAMILY_OF[[COMPARISON.categories.to_list().index(name) for name in whole]],
        np.column_stack([np.empty((pairs.a.size, 0)), *(told.weight for told in whole.values())]),
        _CAPS,
    )
    return Compared(
        pl.concat([telling, *(told.links for told in whole.values())]),
        pairs.imsis().with_columns(points=pl.Series(points)),
        dropped,
    )


def _bring_together(links: pl.DataFrame, sims: Longs, ends: pl.DataFrame) -> tuple[pl.DataFrame, Longs, Longs, Pairs]:
    """The links that have one of `ends` (imsi), the order that brings those of a pair together, where each pair begins
    and the last one ends in it, and the pairs."""
    table = make_lookup(sims)
    a, b = (look_up(table, links[name].to_numpy()).astype(np.int64) for name in ("imsi_a", "imsi_b"))
    is_end = np.isin(sims, ends["imsi"].to_numpy())
    if not is_end.all():
        has_end = is_end[a] | is_end[b]
        links, a, b = links.filter(pl.Series(has_end)), a[has_end], b[has_end]
    order, starts = order_pairs(a, b, sims.size)
    firsts = order[starts]
    return links, order, np.append(starts, order.size), Pairs(sims, a[firsts], b[firsts])


def family_weights(links: pl.DataFrame) -> pl.DataFrame:
    """Points of each pair and family (imsi_a, imsi_b, family, points), as integers, capped; in that order."""
    strongest = links.group_by(
        "imsi_a", "imsi_b", family=pl.col("comparison").cast(pl.String).replace_strict(FAMILY)
    ).agg(pl.col("weight").max())
    cap = pl.col("family").replace_strict(FAMILY_CAP, return_dtype=pl.Float64)
    return strongest.select(
        "imsi_a",
        "imsi_b",
        pl.col("family").cast(_FAMILIES),
        points=pl.min_horizontal("weight", cap).round(0).cast(pl.Int32),
    ).sort("imsi_a", "imsi_b", "family")
