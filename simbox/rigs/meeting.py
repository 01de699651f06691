"""Which SIMs are at the same places: each compared with the seeds that came there nearest in time."""

import numpy as np
import polars as pl

from simbox.rigs.candidates import spread
from simbox.rigs.comparisons import NO_LINKS, links_of, ordered, points_of
from simbox.rigs.crowd import Crowd

CENTI = 100
SETTLED_SHARE = 0.2
LEAST_OVERLAP = CENTI // 2
# Candidates held at once, a hundred bytes each: of 100,000 SIMs there are tens of millions.
CANDIDATES = 1 << 20


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
    shares = shares.with_columns(
        end=pl.lit(value=True) if ends is None else pl.col("imsi").is_in(ends["imsi"].implode())
    )
    held = shares.filter("seed")
    counts = shares.group_by("place", maintain_order=True).agg(
        seeds=pl.col("seed").sum().cast(pl.Int64), others=(~pl.col("seed")).sum().cast(pl.Int64)
    )
    everybody = counts.select((pl.col("seeds") * (pl.col("seeds") - 1) // 2 + pl.col("seeds") * pl.col("others")).sum())
    before = counts.with_columns(before=pl.col("seeds").cum_sum() - pl.col("seeds"))
    ranges = shares.join(before, on="place", how="left", maintain_order="left")
    half = candidates_per_sim // 2
    position, offset = ranges["position"].to_numpy(), ranges["before"].to_numpy() - 1
    first = np.maximum(position - half, 1) + offset
    last = np.minimum(position + half, ranges["seeds"].to_numpy()) + offset + 1
    # All candidates of a SIM are looked at together, so that its pairs' places can be summed.
    by_sim = np.argsort(shares["imsi"].to_numpy(), kind="stable")
    parts, compared, begin = [NO_LINKS], 0, 0
    sims = shares["imsi"].to_numpy()[by_sim]
    until = np.cumsum((last - first)[by_sim])
    while begin < by_sim.size:
        done = until[begin - 1] if begin else 0
        end = int(np.searchsorted(until, done + CANDIDATES, side="right"))
        end = int(np.searchsorted(sims, sims[max(end - 1, begin)], side="right"))
        rows = by_sim[begin:end]
        links, met = _compare(shares[rows], held, *spread(first[rows], last[rows]))
        parts.append(links)
        compared += met
        begin = end
    return pl.concat(parts), int(everybody.item() or 0) - compared


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


def _compare(shares: pl.DataFrame, held: pl.DataFrame, row: np.ndarray, other: np.ndarray) -> tuple[pl.DataFrame, int]:
    """LINKS of the SIMs of rows with the seeds in rows of `held`, and how many pairs there were, place by place."""
    imsi, imsi_b = shares["imsi"].to_numpy()[row], held["imsi"].to_numpy()[other]
    # Each pair of seeds comes twice, and each seed is its own neighbour.
    once = np.where(shares["seed"].to_numpy()[row], imsi < imsi_b, True)
    met_count = int(once.sum())
    is_end, is_held_end = shares["end"].to_numpy(), held["end"].to_numpy()
    wanted = once & (is_end[row] | is_held_end[other])
    row, other = row[wanted], other[wanted]
    share = pl.Series(np.minimum(shares["share"].to_numpy()[row], held["share"].to_numpy()[other]))
    met = pl.concat(
        [
            shares[row].select("imsi", "first_at", "last_at", "surprise"),
            held[other].select(imsi_b="imsi", first_at_b="first_at", last_at_b="last_at"),
        ],
        how="horizontal",
    ).with_columns(
        centipoints=(share * pl.col("surprise") * CENTI).round(0).cast(pl.Int64),
        overlap=(share * CENTI).round(0).cast(pl.Int64),
    )
    pairs = (
        ordered(met, "imsi", "imsi_b")
        .group_by("imsi_a", "imsi_b")
        .agg(
            weight=pl.col("centipoints").sum() / CENTI,
            overlap=pl.col("overlap").sum(),
            events=pl.len().cast(pl.Int32),
            first_at=pl.min_horizontal("first_at", "first_at_b").min(),
            last_at=pl.max_horizontal("last_at", "last_at_b").max(),
        )
        .filter(pl.col("overlap") >= LEAST_OVERLAP)
        .with_columns(forward=pl.lit(value=False), backward=pl.lit(value=False))
    )
    return links_of(pairs, "same_places"), met_count
