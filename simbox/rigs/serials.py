"""Whose handsets have serial numbers close to each other: radios of one box, or of boxes that were bought together."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.serials import near_rows, order_shown
from simbox.rigs.chances import load_chances
from simbox.rigs.comparisons import TAC_DIVISOR
from simbox.rigs.crowd import Crowd
from simbox.rigs.pairs import Pairs, Told, tell
from simbox.rigs.strangers import found_afar

# Boxes show the IMEIs they were made with, or random ones, those of one model, or of a list: with the first rule the
# radios of a pair are twenty serial numbers in use apart on average, for boxes have some thirty ports.
MEAN_RANKS = 20
SERIAL_RANKS = 60
# The largest boxes have 512 ports, whose numbers leave some out; who is farther away was made another day.
SERIAL_WIDTH = 1000
# A phone with two slots and a family's or a company's phones, bought together, have such IMEIs as well: of the suspects
# of one place these are more than the crowd says.
MOST_POINTS = 40.0
# What says less than that two radios are of one seldom model brings nobody together.
LEAST_POINTS = 20.0
# Of some hundred bytes each, and most with one candidate or none.
PAIRS_AT_ONCE = 1_000_000

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def near_imei(pairs: Pairs, spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd, candidates_per_sim: int) -> Told:
    """LINKS of the pairs whose SIMs show two IMEIs of one model (TAC) a few ranks apart among those in use, one each;
    of several the one counts that says most, `events` are its ranks.

    Radios of one delivery without anything else in common are no box, so only pairs that something else links are
    asked: of 30,000 suspects they would more than double the pairs.

    Strangers' chance: as many SIMs as are so near on either side, of all; or as many of those with the model as
    suspects far away show it. A run in a densely used model says less, and an IMEI that thousands show says nothing of
    anybody near it. Who shows many IMEIs has as many chances, so that IMEIs changed from call to call say nothing.
    """
    rows = _shown(spoken, squares, crowd)
    sim = np.searchsorted(pairs.sims, rows["imsi"].to_numpy())
    shown = order_shown(sim, pairs.sims.size, *_ranges(rows, candidates_per_sim))
    rank, first_at = rows["rank"].to_numpy(), rows["first_at"].to_physical().to_numpy()
    weight = np.zeros(pairs.a.size)
    events, began, ended = np.zeros((3, pairs.a.size), dtype=np.int64)
    for begin in range(0, pairs.a.size, PAIRS_AT_ONCE):
        piece = slice(begin, begin + PAIRS_AT_ONCE)
        borders, one, other = near_rows(pairs.a[piece], pairs.b[piece], shown)
        points = _weigh(rows, one, other, crowd)
        strongest = _strongest(borders, one, other, rank, points)
        strongest = strongest[points[strongest] >= LEAST_POINTS]
        pair = begin + np.searchsorted(borders, strongest, side="right") - 1
        one, other = one[strongest], other[strongest]
        weight[pair], events[pair] = points[strongest], rank[other] - rank[one]
        began[pair], ended[pair] = (
            np.minimum(first_at[one], first_at[other]),
            np.maximum(first_at[one], first_at[other]),
        )
    return tell(pairs, weight, events, weight > 0, first_at=began, last_at=ended)


def _ranges(rows: pl.DataFrame, candidates_per_sim: int) -> tuple[Longs, Longs]:
    """For each row the range of those with the next IMEIs of the model, as far as they are near, and so many as each
    SIM may be compared with."""
    imei, tac, rank, imeis = (rows[name].to_numpy() for name in ("imei", "tac", "rank", "imeis"))
    first = np.searchsorted(rank, rank, side="right")
    last = np.searchsorted(rank, rank + SERIAL_RANKS, side="right")
    last = np.minimum(last, np.searchsorted(imei, imei + SERIAL_WIDTH, side="right"))
    last = np.minimum(last, np.searchsorted(tac, tac, side="right"))
    return first, np.minimum(last, first + np.maximum(candidates_per_sim // imeis, 1))


def _strongest(borders: Longs, one: Ints, other: Ints, rank: Longs, points: Floats) -> Longs:
    """Of each pair's rows, from borders[i] to before borders[i + 1], the one with most points; of several that with the
    nearest ranks."""
    counts = np.diff(borders)
    several = np.flatnonzero(np.repeat(counts > 1, counts))
    pair = np.repeat(np.arange(counts.size), counts)[several]
    one, other, points = one[several], other[several], points[several]
    order = np.lexsort((other, one, rank[other] - rank[one], -points, pair))
    is_first = np.diff(pair[order], prepend=-1) != 0
    found: Longs = np.sort(np.concatenate([borders[:-1][counts == 1], several[order[is_first]]]))
    return found


def _shown(spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """One row for each IMEI of a SIM, by IMEI: how many IMEIs the SIM shows, its rank among all in use, SIMs that show
    it and those up to it, SIMs on its model, and the share of suspects far away that show the model."""
    in_use = crowd.sims_on_imei.sort("imei").select(
        "imei",
        tac=pl.col("imei") // TAC_DIVISOR,
        rank=pl.int_range(pl.len(), dtype=pl.Int64),
        imei_sims=pl.col("imei_sims").cast(pl.Int64),
        until=pl.col("imei_sims").cast(pl.Int64).cum_sum(),
    )
    shown = (
        spoken.drop_nulls("imei")
        .group_by("imsi", "imei")
        .agg(first_at=pl.col("started_at").min())
        .with_columns(imeis=pl.len().over("imsi").cast(pl.Int64))
        .join(in_use.with_columns(on_model=pl.col("imei_sims").sum().over("tac")), on="imei")
    )
    afar = found_afar(shown.select("imsi", "tac").unique(), squares, "tac")
    share_afar = pl.col("afar") / pl.max_horizontal("any_afar", 1)
    return (
        # Next to one that thousands show nobody is near anybody.
        shown.filter(2 * pl.col("imei_sims") < load_chances().near_imei * crowd.sims)
        .join(afar.select("imsi", "tac", share_afar=share_afar), on=["imsi", "tac"], how="left")
        .with_columns(pl.col("share_afar").fill_null(0))
        .sort("imei", "imsi")
    )


def _weigh(shown: pl.DataFrame, one: Ints, other: Ints, crowd: Crowd) -> Floats:
    rank, until, sims, imeis, on_model, share_afar = (
        shown[name].to_numpy() for name in ("rank", "until", "imei_sims", "imeis", "on_model", "share_afar")
    )
    between = until[other] - sims[other] - until[one]
    near = 2.0 * (between + np.maximum(sims[one], sims[other]))
    share = np.maximum(on_model[one] / max(crowd.sims, 1), np.maximum(share_afar[one], share_afar[other]))
    chance = np.minimum(near / on_model[one], 1.0) * share * imeis[one] * imeis[other]
    inside = load_chances().near_imei * (1 - np.exp((rank[one] - rank[other]) / MEAN_RANKS))
    weight: Floats = np.minimum(10 * np.log2(inside / chance), MOST_POINTS)
    return weight
