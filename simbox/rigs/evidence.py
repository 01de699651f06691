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

from simbox.rigs.comparisons import COMPARISON, imei_in_turn, near_imsi, relay, same_model
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
Longs = npt.NDArray[np.int64]

FAMILY_CAP = {"handset": 90, "place": 100, "batch": 45, "contacts": 35, "habits": 5}
_FAMILIES = pl.Enum(list(FAMILY_CAP))


def compare(
    records: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    begins: pl.Expr,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
    leave_out: Collection[str] = (),
) -> tuple[pl.DataFrame, int]:
    """Links, in no order, of pairs with a seed (imsi) among the SIMs of placed records, and how many candidate pairs
    were left out.

    With `ends` (imsi) only pairs that have one of these, among the same candidates. `begins` is the first instant from
    which records are held: a SIM that was there from the start did not relay. Families in `leave_out` give no links.
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
    said = [name for name, family in FAMILY.items() if family not in leave_out]
    links = links.filter((pl.col("weight") > 0) & pl.col("comparison").is_in(said))
    telling = refute(with_one_of(links, seeds if ends is None else ends), spoken, crowd)
    pairs = telling.select("imsi_a", "imsi_b").unique()
    further = {"same_habits": compare_habits(pairs, spoken), "same_model": same_model(pairs, spoken, crowd)}
    return pl.concat([telling, *(found for name, found in further.items() if name in said)]), dropped


def with_one_of(links: pl.DataFrame, sims: pl.DataFrame) -> pl.DataFrame:
    """The links that have one of the SIMs (imsi) at either end."""
    known = sims["imsi"].implode()
    return links.filter(pl.col("imsi_a").is_in(known) | pl.col("imsi_b").is_in(known))


def pair_weights(links: pl.DataFrame) -> pl.DataFrame:
    """Points of each pair (imsi_a, imsi_b, points): the strongest of each family, capped, families summed."""
    by_family = _by_family(links)
    starts = np.flatnonzero(np.diff(by_family.pair, prepend=-1))
    points = np.add.reduceat(by_family.points.to_numpy(), starts) if starts.size else np.empty(0, dtype=np.int32)
    imsi_a, imsi_b = by_family.ends(starts)
    return pl.DataFrame({"imsi_a": imsi_a, "imsi_b": imsi_b, "points": points.astype(np.int32)})


def family_weights(links: pl.DataFrame) -> pl.DataFrame:
    """Points of each pair and family (imsi_a, imsi_b, family, points), as integers, capped; in that order."""
    by_family = _by_family(links)
    imsi_a, imsi_b = by_family.ends(np.arange(by_family.pair.size))
    family = pl.Series(_FAMILIES.categories).gather(by_family.family).cast(_FAMILIES)
    return pl.DataFrame({"imsi_a": imsi_a, "imsi_b": imsi_b, "family": family, "points": by_family.points})


class _ByFamily(NamedTuple):
    """Pairs and families in order: a pair is its ends' ranks among `sims` in one integer, a family its place in
    FAMILY_CAP."""

    sims: Longs
    pair: Longs
    family: Longs
    points: pl.Series

    def ends(self, rows: Longs) -> tuple[Longs, Longs]:
        """The IMSIs of the pairs in these rows."""
        first, second = np.divmod(self.pair[rows], max(self.sims.size, 1))
        return self.sims[first], self.sims[second]


def _by_family(links: pl.DataFrame) -> _ByFamily:
    """The strongest link of each pair and family, capped.

    Sorted by one integer for pair and family, three million links take half of the time of grouping by three columns.
    """
    ends = [links[name].to_numpy() for name in ("imsi_a", "imsi_b")]
    sims = np.unique(np.concatenate(ends))
    first, second = (np.searchsorted(sims, end) for end in ends)
    family_of = [list(FAMILY_CAP).index(FAMILY[name]) for name in COMPARISON.categories]
    family = np.array(family_of, dtype=np.int64)[links["comparison"].cast(COMPARISON).to_physical().to_numpy()]
    key = (first * sims.size + second) * len(FAMILY_CAP) + family
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    weight = links["weight"].to_numpy()[order]
    strongest = np.maximum.reduceat(weight, starts) if starts.size else weight
    pair, family = np.divmod(key[starts], len(FAMILY_CAP))
    caps = np.array(list(FAMILY_CAP.values()), dtype=np.float64)
    return _ByFamily(sims, pair, family, pl.Series(np.minimum(strongest, caps[family])).round(0).cast(pl.Int32))
