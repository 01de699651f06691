"""Whose handsets have serial numbers close to each other: radios of one box, or of boxes that were bought together."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.candidates import spread
from simbox.rigs.comparisons import TAC_DIVISOR, links_of
from simbox.rigs.crowd import Crowd
from simbox.rigs.strangers import found_afar

# Boxes show the IMEIs they were made with, or random ones, those of one model, or of a list: with the first rule the
# radios of a pair are twenty serial numbers in use apart on average, for boxes have some thirty ports.
SERIAL_CHANCE = 0.25
MEAN_RANKS = 20
SERIAL_RANKS = 60
# The largest boxes have 512 ports, whose numbers leave some out; who is farther away was made another day.
SERIAL_WIDTH = 1000
# A phone with two slots and a family's or a company's phones, bought together, have such IMEIs as well: of the suspects
# of one place these are more than the crowd says.
MOST_POINTS = 40.0
# What says less than that two radios are of one seldom model brings nobody together.
LEAST_POINTS = 20.0
# Of some hundred bytes each.
CANDIDATES_AT_ONCE = 1_000_000

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def near_imei(spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd, candidates_per_sim: int) -> pl.DataFrame:
    """LINKS of SIMs that show two IMEIs of one model (TAC) a few ranks apart among those in use, one each; of several
    the one counts that says most, `events` are its ranks.

    Strangers' chance: as many SIMs as are so near on either side, of all; or as many of those with the model as
    suspects far away show it. A run in a densely used model says less, and an IMEI that thousands show says nothing of
    anybody near it. Who shows many IMEIs has as many chances, so that IMEIs changed from call to call say nothing.
    """
    shown = _shown(spoken, squares, crowd)
    imsi, rank = shown["imsi"].to_numpy(), shown["rank"].to_numpy()
    # A chunk of nothing, for there may be no candidates.
    nothing = np.zeros(0, dtype=np.int64)
    found = [(nothing, nothing, np.zeros(0))]
    for one, other in _candidates(shown, candidates_per_sim):
        points = _weigh(shown, one, other, crowd)
        told = np.flatnonzero((points >= LEAST_POINTS) & (imsi[one] != imsi[other]))
        found.append((one[told], other[told], points[told]))
    one, other, points = (np.concatenate(parts) for parts in zip(*found, strict=True))
    a, b = np.minimum(imsi[one], imsi[other]), np.maximum(imsi[one], imsi[other])
    order = np.lexsort((other, one, rank[other] - rank[one], -points, b, a))
    is_first = (np.diff(a[order], prepend=-1) != 0) | (np.diff(b[order], prepend=-1) != 0)
    strongest = order[is_first]
    one, other = one[strongest], other[strongest]
    times = pl.DataFrame([shown["first_at"].gather(one), shown["first_at"].gather(other).alias("other_at")])
    pairs = pl.DataFrame(
        {
            "imsi_a": a[strongest],
            "imsi_b": b[strongest],
            "weight": points[strongest],
            "events": rank[other] - rank[one],
            "first_at": times.select(pl.min_horizontal("first_at", "other_at")).to_series(),
            "last_at": times.select(pl.max_horizontal("first_at", "other_at")).to_series(),
        }
    ).with_columns(forward=pl.lit(value=False), backward=pl.lit(value=False))
    return links_of(pairs, "near_imei")


def _candidates(shown: pl.DataFrame, candidates_per_sim: int) -> Iterator[tuple[Longs, Longs]]:
    """Rows paired with those of the next IMEIs of the model, as far as they are near, and with so many as each SIM may
    be compared with; some at a time."""
    imei, tac, rank, imeis = (shown[name].to_numpy() for name in ("imei", "tac", "rank", "imeis"))
    first = np.searchsorted(rank, rank, side="right")
    last = np.searchsorted(rank, rank + SERIAL_RANKS, side="right")
    last = np.minimum(last, np.searchsorted(imei, imei + SERIAL_WIDTH, side="right"))
    last = np.minimum(last, np.searchsorted(tac, tac, side="right"))
    last = np.minimum(last, first + np.maximum(candidates_per_sim // imeis, 1))
    rows = max(CANDIDATES_AT_ONCE // candidates_per_sim, 1)
    for begin in range(0, first.size, rows):
        row, other = spread(first[begin : begin + rows], last[begin : begin + rows])
        yield row + begin, other


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
        shown.filter(2 * pl.col("imei_sims") < SERIAL_CHANCE * crowd.sims)
        .join(afar.select("imsi", "tac", share_afar=share_afar), on=["imsi", "tac"], how="left")
        .with_columns(pl.col("share_afar").fill_null(0))
        .sort("imei", "imsi")
    )


def _weigh(shown: pl.DataFrame, one: Longs, other: Longs, crowd: Crowd) -> Floats:
    rank, until, sims, imeis, on_model, share_afar = (
        shown[name].to_numpy() for name in ("rank", "until", "imei_sims", "imeis", "on_model", "share_afar")
    )
    between = until[other] - sims[other] - until[one]
    near = 2.0 * (between + np.maximum(sims[one], sims[other]))
    share = np.maximum(on_model[one] / max(crowd.sims, 1), np.maximum(share_afar[one], share_afar[other]))
    chance = np.minimum(near / on_model[one], 1.0) * share * imeis[one] * imeis[other]
    inside = SERIAL_CHANCE * (1 - np.exp((rank[one] - rank[other]) / MEAN_RANKS))
    weight: Floats = np.minimum(10 * np.log2(inside / chance), MOST_POINTS)
    return weight
