"""Whom two SIMs speak with: numbers that both call, calls to each other, and contacts that pass from one to the next.

Weights are log-likelihood ratios in points, ten of which double the odds, discounted by how many any two of such reach
have in common.
"""

from math import e
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.meetings import Rows, meetings
from simbox.rigs.chances import load_chances
from simbox.rigs.comparisons import come_and_gone, links_of, ordered, points_of
from simbox.rigs.crowd import Crowd
from simbox.rigs.meeting import pairs_met
from simbox.rigs.strangers import clientele

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Sums of integers are the same in any order.
CENTI = 100
NUMBERS = ["on_net", "off_net", "landline"]


class Called(NamedTuple):
    """Whom SIMs spoke with at all (imsi, other_party); whom they called or wrote to (imsi, other_party, first_at,
    last_at), the numbers that few others reach; how many numbers each reaches (imsi, reach), and the clientele of
    suspects (imsi, clientele)."""

    spoken_with: pl.DataFrame
    numbers: pl.DataFrame
    reach: pl.DataFrame
    clientele: pl.DataFrame


def find_called(
    spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd, candidates_per_sim: int, ends: pl.DataFrame | None = None
) -> Called:
    """Whom SIMs called, and the clientele of suspects, who live in `squares` (imsi, x, y).

    With `ends` (imsi) the numbers of these only.
    """
    made_at = pl.when(pl.col("direction") == "mo").then(pl.col("started_at"))
    spoken_with = (
        spoken.filter(pl.col("other_kind").is_in(NUMBERS))
        .select("imsi", "other_party", made_at=made_at)
        .group_by("imsi", "other_party")
        .agg(first_at=pl.col("made_at").min(), last_at=pl.col("made_at").max())
    )
    reached = spoken_with.drop_nulls("first_at")
    reach = reached.group_by("imsi").agg(reach=pl.len().cast(pl.Int64)).sort("imsi")
    shared = (
        reached.with_columns(reachers=pl.len().over("other_party"))
        .filter(pl.col("reachers").is_between(2, candidates_per_sim))
        .drop_nulls("other_party")
        .join(crowd.popular, on="other_party", how="anti")
    )
    numbers = _numbers_of(shared, ends).sort("other_party", "imsi")
    return Called(spoken_with.select("imsi", "other_party"), numbers, reach, clientele(shared, reach, squares, crowd))


def shared_callees(called: Called, seeds: pl.DataFrame, crowd: Crowd, ends: pl.DataFrame | None = None) -> pl.DataFrame:
    """Numbers both called or wrote to, against as many as two callers of their reach have in common by chance.

    A Poisson ratio: strangers share n_a n_b / N numbers, doubled since some are popular, and as many as their clientele
    says; in a rig a part of the shorter list comes on top, for its traffic goes through whatever card is in a port. One
    of the two is a seed; with `ends` (imsi) only pairs with one of these.
    """
    shared, reach = called.numbers, called.reach
    sims = reach["imsi"].to_numpy()
    is_seed = np.isin(sims, seeds["imsi"].to_numpy())
    sim = np.searchsorted(sims, shared["imsi"].to_numpy())
    first, last = _ranges(shared["other_party"].to_numpy(), is_seed[sim])
    whole = np.ones(sim.size)
    first_at, last_at = (shared[name].to_physical().to_numpy() for name in ("first_at", "last_at"))
    met = meetings(
        Rows(sim, whole, whole, first_at, last_at, first, last),
        held=np.flatnonzero(is_seed[sim]),
        once=is_seed,
        wanted=np.ones(sims.size, dtype=np.bool_) if ends is None else np.isin(sims, ends["imsi"].to_numpy()),
    )
    numbers = reach["reach"].to_numpy()
    served = np.zeros(sims.size)
    served[np.searchsorted(sims, called.clientele["imsi"].to_numpy())] = called.clientele["clientele"].to_numpy()
    chance = 2 * pl.col("reach") * pl.col("reach_b") / max(crowd.sims, 1) + pl.col("of_clientele")
    more = load_chances().shared_callees * pl.min_horizontal("reach", "reach_b")
    pairs = (
        pairs_met(met, sims)
        .with_columns(
            reach=pl.Series(numbers[met.sim]),
            reach_b=pl.Series(numbers[met.partner]),
            of_clientele=pl.Series(served[met.sim] * served[met.partner]),
        )
        .with_columns(weight=pl.col("events") * points_of((chance + more) / chance) - points_of(pl.lit(e)) * more)
    )
    return links_of(pairs, "shared_callees")


def _numbers_of(contacts: pl.DataFrame, ends: pl.DataFrame | None) -> pl.DataFrame:
    """The contacts (imsi, other_party) with numbers that some of `ends` (imsi) have to do with; all, where none are
    named."""
    if ends is None:
        return contacts
    return contacts.join(contacts.join(ends, on="imsi", how="semi").select("other_party"), on="other_party", how="semi")


def _ranges(key: Longs, is_held: Flags) -> tuple[Longs, Longs]:
    """For each row, where those of the held rows that have its key begin and end among these; rows come by key."""
    before = np.concatenate([[0], np.cumsum(is_held)])
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    lengths = np.diff(starts, append=key.size)
    ends = starts + lengths
    return np.repeat(before[starts], lengths), np.repeat(before[ends], lengths)


def calls_inside(spoken: pl.DataFrame, crowd: Crowd, ends: pl.DataFrame | None = None) -> pl.DataFrame:
    """Calls and SMS from one of the SIMs to the number of another.

    Discounted by how many numbers the caller reaches at all: who calls half the town calls the neighbour as well. With
    `ends` (imsi), only of pairs that have one of these.
    """
    numbers = spoken.select("msisdn", called="imsi").drop_nulls().unique()
    made = spoken.filter(pl.col("direction") == "mo").select("imsi", "other_party", "started_at")
    calls = made.join(numbers, left_on="other_party", right_on="msisdn").filter(pl.col("imsi") != pl.col("called"))
    if ends is not None:
        known = ends["imsi"].implode()
        calls = calls.filter(pl.col("imsi").is_in(known) | pl.col("called").is_in(known))
    callers = made.join(calls, on="imsi", how="semi")
    inside = calls.join(callers.group_by("imsi").agg(reached=pl.col("other_party").n_unique()), on="imsi")
    pairs = (
        ordered(inside, "imsi", "called")
        .group_by("imsi_a", "imsi_b")
        .agg(
            events=pl.len().cast(pl.Int32),
            forward=(pl.col("imsi_a") == pl.col("imsi")).any(),
            backward=(pl.col("imsi_b") == pl.col("imsi")).any(),
            first_at=pl.col("started_at").min(),
            last_at=pl.col("started_at").max(),
            reached=pl.col("reached").max(),
        )
        .with_columns(weight=points_of(load_chances().calls_inside * crowd.sims / pl.col("reached")))
    )
    return links_of(pairs, "calls_inside")


def contacts_kept(
    spoken: pl.DataFrame,
    called: Called,
    crowd: Crowd,
    begins: pl.Expr,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Numbers that one SIM spoke with before it fell silent and that are heard with another, which began afterwards.

    Calls and SMS made and received count, for whoever changes his card is called under the new one too. Each number is
    worth how unlikely it is that a stranger speaks with it, against the part of the shorter list that a successor would
    keep. The direction is that of the succession. With `ends` (imsi) only pairs with one of these.
    """
    new, silent = come_and_gone(spoken, begins)
    contacts = (
        _numbers_of(called.spoken_with, ends)
        .with_columns(speakers=pl.len().over("other_party"))
        .filter(pl.col("speakers").is_between(2, candidates_per_sim))
        .join(crowd.popular, on="other_party", how="anti")
    )
    reach = (
        called.spoken_with.group_by("imsi")
        .agg(reach=pl.len())
        .join(called.clientele, on="imsi", how="left")
        .with_columns(pl.col("clientele").fill_null(0))
    )
    gone, come = (contacts.join(lives, on="imsi").join(reach, on="imsi") for lives in (silent, new))
    passed = gone.join(come, on="other_party", suffix="_b").filter(pl.col("first_at") > pl.col("last_at"))
    if ends is not None:
        known = ends["imsi"].implode()
        passed = passed.filter(pl.col("imsi").is_in(known) | pl.col("imsi_b").is_in(known))
    # What everybody calls here says as little as what any two have in common by chance.
    chance = pl.max_horizontal(
        2 * pl.col("reach_b") / max(crowd.sims, 1) + pl.col("clientele") * pl.col("clientele_b") / pl.col("reach"),
        (pl.col("speakers") - 1) / max(spoken["imsi"].n_unique(), 1),
    )
    kept = load_chances().contacts_kept
    more = kept * pl.min_horizontal("reach", "reach_b")
    pairs = passed.group_by("imsi", "imsi_b").agg(
        events=pl.len().cast(pl.Int32),
        gone_at=pl.col("last_at").first(),
        come_at=pl.col("first_at").first(),
        centipoints=(CENTI * points_of((chance + kept) / chance)).round(0).cast(pl.Int64).sum(),
        expected=more.first(),
    )
    directed = ordered(pairs.rename({"imsi": "former", "imsi_b": "later"}), "former", "later").with_columns(
        weight=pl.col("centipoints") / CENTI - points_of(pl.lit(e)) * pl.col("expected"),
        forward=pl.col("imsi_a") == pl.col("former"),
        backward=pl.col("imsi_b") == pl.col("former"),
        first_at=pl.col("gone_at"),
        last_at=pl.col("come_at"),
    )
    return links_of(directed, "contacts_kept")
