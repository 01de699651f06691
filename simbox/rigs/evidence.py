"""Pair evidence: comparisons in families, as log-likelihood ratios in points, ten of which double the odds.

    family     comparison       same rig against strangers
    handset    imei_in_turn     one IMEI at one place, by turns
    handset    near_imei        handsets of one model with serial numbers close among those in use
    handset    same_model       handsets of one seldom model
    place      same_places      their legs fall on the same places
    place      relay            one starts at a place where the other has just fallen silent for good
    batch      near_imsi        their IMSIs are close among those in use
    batch      same_batch       one dealer activated both on one day
    contacts   shared_callees   they call the same seldom called numbers
    contacts   calls_inside     one calls or writes to the other
    contacts   contacts_kept    numbers of the one, fallen silent, are heard with the other, begun afterwards
    rhythm     same_cap         their turns end at one number of calls, SMS or minutes
    rhythm     moved_together   they go from one place to another at one time, as others there do not
    rhythm     silent_together  they fall silent for whole nights and start again together, while others are heard
    habits     same_habits      they work at the same hours by the same service; negative where they differ

The strongest within a family counts, families are summed. Each is discounted by how common the shared thing is:
an IMEI cloned onto thousands of phones or a place that everybody passes weighs nothing; callees, contacts, models,
caps and silences also by how common they are among suspects far away (strangers.py), for other rigs have callers,
gateways and rules as well.
The chances inside a rig are those of chances.toml or, where it has none, set by reasoning from how gateways rotate
SIMs.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.lookup import look_up, make_lookup
from simbox.kernels.pairs import order_pairs, points_of_pairs
from simbox.rigs.asking import ask_at_once
from simbox.rigs.batches import same_batch
from simbox.rigs.caps import same_cap
from simbox.rigs.comparisons import imei_in_turn, near_imsi, relay
from simbox.rigs.contacts import Called, calls_inside, contacts_kept, find_called, shared_callees
from simbox.rigs.crowd import Crowd
from simbox.rigs.habits import compare_habits
from simbox.rigs.linked import Linked
from simbox.rigs.meeting import same_places
from simbox.rigs.models import same_model
from simbox.rigs.moves import moved_together
from simbox.rigs.pairs import Pairs
from simbox.rigs.refuting import refute
from simbox.rigs.serials import near_imei
from simbox.rigs.silences import silent_together
from simbox.rigs.strangers import find_squares

FAMILY = {
    "imei_in_turn": "handset",
    "near_imei": "handset",
    "same_model": "handset",
    "same_places": "place",
    "relay": "place",
    "near_imsi": "batch",
    "same_batch": "batch",
    "shared_callees": "contacts",
    "calls_inside": "contacts",
    "contacts_kept": "contacts",
    "same_cap": "rhythm",
    "moved_together": "rhythm",
    "silent_together": "rhythm",
    "same_habits": "habits",
}
FAMILY_CAP = {"handset": 90, "place": 100, "batch": 45, "contacts": 35, "rhythm": 20, "habits": 5}
_FAMILIES = pl.Enum(list(FAMILY_CAP))
_CAPS = np.array(list(FAMILY_CAP.values()))
# Of each comparison its place among the families.
_FAMILY_OF = {name: list(FAMILY_CAP).index(family) for name, family in FAMILY.items()}
# What comparisons read of a record.
SPOKEN = (
    "operator", "imsi", "msisdn", "imei", "service", "direction", "started_at", "duration_s", "other_party",
    "other_kind", "place", "night", "utc_offset_min",
)  # fmt: skip

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Compared(NamedTuple):
    """What links pairs, the points of each pair (imsi_a, imsi_b, points): the strongest of each family, capped,
    families summed; how many candidate pairs were left out; whom the SIMs called; and the LINKS of handsets handed on,
    whoever is at their ends."""

    linked: Linked
    points: pl.DataFrame
    dropped: int
    called: Called
    handed: pl.DataFrame


def compare(
    records: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    begins: pl.Expr,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
    leave_out: Collection[str] = (),
) -> Compared:
    """What pairs with a seed (imsi) among the SIMs of placed records agree in.

    With `ends` (imsi) only pairs that have one of these, among the same candidates. `begins` is the first instant from
    which records are held: a SIM that was there from the start did not relay. Families in `leave_out` give no links.
    """
    spoken = records.select(SPOKEN).filter(pl.col("service").is_in(["voice", "sms"]))
    limit = candidates_per_sim
    squares = find_squares(seeds, crowd)
    nothing = [name for name, family in FAMILY.items() if family in leave_out]
    telling, dropped, called = _find_links(records, spoken, squares, seeds, crowd, begins, limit, ends, nothing)
    sims = np.sort(spoken["imsi"].unique().to_numpy())
    handed = telling["imei_in_turn"]
    linked, weights, rows, borders = _bring_together(telling, sims, seeds if ends is None else ends)
    pairs = linked.pairs
    whole = ask_at_once(
        {
            "same_habits": lambda: compare_habits(pairs, spoken),
            "near_imei": lambda: near_imei(pairs, spoken, squares, crowd, limit),
            "same_model": lambda: same_model(pairs, spoken, squares, crowd),
            "same_cap": lambda: same_cap(pairs, spoken, squares),
        }
    )
    whole = {name: told for name, told in whole.items() if name not in nothing}
    points = points_of_pairs(
        np.concatenate(
            [np.full(links.height, _FAMILY_OF[name], dtype=np.int8) for name, links in linked.links.items()]
        )[rows],
        weights[rows],
        borders,
        np.array([_FAMILY_OF[name] for name in whole], dtype=np.int8),
        np.column_stack([np.empty((pairs.a.size, 0)), *(told.weight for told in whole.values())]),
        _CAPS,
    )
    links = linked.links | {name: told.links for name, told in whole.items()}
    of_pairs = pairs.imsis().with_columns(points=pl.Series(points))
    return Compared(Linked(pairs, links), of_pairs, dropped, called, handed)


def _find_links(
    records: pl.DataFrame,
    spoken: pl.DataFrame,
    squares: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    begins: pl.Expr,
    limit: int,
    ends: pl.DataFrame | None,
    nothing: Collection[str],
) -> tuple[dict[str, pl.DataFrame], int, Called]:
    """LINKS by the comparisons that find pairs themselves, those in `nothing` without any, as far as they speak for a
    rig; how many pairs were left out, and whom the SIMs called."""

    def contacts() -> dict[str, Any]:
        called = find_called(spoken, squares, crowd, limit, ends)
        return {
            "called": called,
            "shared_callees": shared_callees(called, seeds, crowd, ends),
            "contacts_kept": contacts_kept(spoken, called, crowd, begins, limit, ends),
        }

    answers = ask_at_once(
        {
            "contacts": contacts,
            "same_places": lambda: same_places(spoken, seeds, crowd, limit, ends),
            "imei_in_turn": lambda: refute(imei_in_turn(spoken, crowd, limit), spoken, crowd),
            "silent_together": lambda: silent_together(records, spoken, squares, crowd, limit),
            "relay": lambda: refute(relay(spoken, crowd, begins, ends), spoken, crowd),
            "moved_together": lambda: moved_together(spoken, crowd, limit),
            "calls_inside": lambda: calls_inside(spoken, crowd, ends),
            "near_imsi": lambda: near_imsi(spoken, crowd),
            "same_batch": lambda: same_batch(spoken, crowd, limit),
        }
    )
    of_contacts = answers.pop("contacts")
    called = of_contacts.pop("called")
    at_places, dropped = answers["same_places"]
    found: dict[str, pl.DataFrame] = answers | of_contacts | {"same_places": at_places}
    telling = {
        name: links.clear() if name in nothing else links.filter(pl.col("weight") > 0) for name, links in found.items()
    }
    return telling, dropped, called


def _bring_together(
    links: dict[str, pl.DataFrame], sims: Longs, ends: pl.DataFrame
) -> tuple[Linked, Floats, Longs, Longs]:
    """The links that have one of `ends` (imsi), the weights of all, the order that brings those of a pair together, and
    where each pair begins and the last one ends in it."""
    table = make_lookup(sims)
    is_end = np.isin(sims, ends["imsi"].to_numpy())
    kept, first, second = {}, [], []
    for name, rows in links.items():
        a, b = (look_up(table, rows[end].to_numpy()).astype(np.int64) for end in ("imsi_a", "imsi_b"))
        kept[name] = rows.drop("imsi_a", "imsi_b", "comparison")
        if not is_end.all():
            has_end = is_end[a] | is_end[b]
            kept[name], a, b = kept[name].filter(pl.Series(has_end)), a[has_end], b[has_end]
        first.append(a)
        second.append(b)
    a, b = np.concatenate(first), np.concatenate(second)
    order, starts = order_pairs(a, b, sims.size)
    borders, firsts = np.append(starts, order.size), order[starts]
    pair = np.empty(order.size, dtype=np.int32)
    pair[order] = np.repeat(np.arange(starts.size, dtype=np.int32), np.diff(borders))
    of_comparison = np.split(pair, np.cumsum([rows.height for rows in kept.values()])[:-1])
    numbered = {
        name: rows.with_columns(pair=pl.Series(numbers))
        for (name, rows), numbers in zip(kept.items(), of_comparison, strict=True)
    }
    weights = np.concatenate([rows["weight"].to_numpy() for rows in kept.values()])
    return Linked(Pairs(sims, a[firsts], b[firsts]), numbered), weights, order, borders


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
