"""Which SIMs are at the same places: each compared with the seeds that came there nearest in time."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.meetings import CENTI, Met, Rows, meetings
from simbox.rigs.comparisons import links_of, points_of
from simbox.rigs.crowd import Crowd
from simbox.tables.rigs import LINKS

SETTLED_SHARE = 0.2
LEAST_OVERLAP = CENTI // 2

Longs = npt.NDArray[np.int64]


def same_places(
    spoken: pl.DataFrame,
    seeds: pl.DataFrame,
    crowd: Crowd,
    candidates_per_sim: int,
    ends: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, int]:
    """Sum over common places of the smaller share of legs, each place worth the surprise of meeting a stranger there.

    At a place each SIM is compared with the seeds that came there nearest in time, so many at most as the limit says;
    the second value is how many pairs that leaves out. With `ends` (imsi) only pairs with one of these become links.
    """
    shares = _shares(spoken, seeds, crowd)
    counts = shares.group_by("place", maintain_order=True).agg(
        seeds=pl.col("seed").sum().cast(pl.Int64), others=(~pl.col("seed")).sum().cast(pl.Int64)
    )
    everybody = counts.select((pl.col("seeds") * (pl.col("seeds") - 1) // 2 + pl.col("seeds") * pl.col("others")).sum())
    before = counts.with_columns(before=pl.col("seeds").cum_sum() - pl.col("seeds"))
    ranges = shares.join(before, on="place", how="left", maintain_order="left")
    half = candidates_per_sim // 2
    position, offset = ranges["position"].to_numpy(), ranges["before"].to_numpy() - 1
    sims, sim = np.unique(shares["imsi"].to_numpy(), return_inverse=True)
    met = meetings(
        Rows(
            sim=sim,
            share=shares["share"].to_numpy(),
            worth=shares["surprise"].to_numpy(),
            first_at=shares["first_at"].to_physical().to_numpy(),
            last_at=shares["last_at"].to_physical().to_numpy(),
            first=np.maximum(position - half, 1) + offset,
            last=np.minimum(position + half, ranges["seeds"].to_numpy()) + offset + 1,
        ),
        held=np.flatnonzero(shares["seed"].to_numpy()),
        once=np.isin(sims, seeds["imsi"].to_numpy()),
        wanted=np.ones(sims.size, dtype=np.bool_) if ends is None else np.isin(sims, ends["imsi"].to_numpy()),
        least_overlap=LEAST_OVERLAP,
    )
    pairs = pairs_met(met, sims).with_columns(weight=pl.Series(met.centiworth) / CENTI)
    return links_of(pairs, "same_places"), int(everybody.item() or 0) - met.compared


def pairs_met(met: Met, sims: Longs) -> pl.DataFrame:
    """The pairs (imsi_a, imsi_b, events, first_at, last_at) of numbered SIMs that met, which has no direction."""
    return pl.DataFrame(
        {
            "imsi_a": sims[np.minimum(met.sim, met.partner)],
            "imsi_b": sims[np.maximum(met.sim, met.partner)],
            "events": met.things,
            "first_at": pl.Series(met.first_at).cast(LINKS.schema["first_at"]),
            "last_at": pl.Series(met.last_at).cast(LINKS.schema["last_at"]),
        }
    ).with_columns(forward=pl.lit(value=False), backward=pl.lit(value=False))


def _shares(spoken: pl.DataFrame, seeds: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """One row for each place that holds a fifth of a SIM's legs, by place and the time of its coming; `position` counts
    the seeds that came there by then."""
    crowding = crowd.sims_at_place.group_by("place").agg(place_sims=pl.col("place_sims").max())
    return (
        spoken.filter(pl.col("place").is_not_null())
        .group_by("imsi", "place")
        .agg(legs=pl.len(), first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max())
        .with_columns(share=pl.col("legs") / pl.col("legs").sum().over("imsi"))
        .filter(pl.col("share") >= SETTLED_SHARE)
        .join(crowding, on="place", how="left")
        .with_columns(surprise=points_of(crowd.sims / pl.col("place_sims").fill_null(1)).clip(0))
        .with_columns(seed=pl.col("imsi").is_in(seeds["imsi"].implode()))
        .sort("place", "first_at", "imsi")
        .with_columns(position=pl.col("seed").cum_sum().over("place").cast(pl.Int64))
        .select("imsi", "place", "first_at", "last_at", "share", "surprise", "seed", "position")
    )
