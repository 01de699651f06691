"""How often suspects of one rig agree in what pairs are compared by: the shares that rigs/chances.toml holds.

Each is measured on one rig whose SIMs are known, by the comparison's own reading of the records; null where the rig has
nothing that could agree.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox import rigs
from simbox.rigs.candidates import spread
from simbox.rigs.caps import find_caps
from simbox.rigs.comparisons import BATCH_RANKS, RUN_RANKS, RUN_WIDTH, come_and_gone
from simbox.rigs.contacts import Called
from simbox.rigs.models import main_models
from simbox.rigs.serials import MEAN_RANKS, SERIAL_RANKS, SERIAL_WIDTH

LEAST_SIMS = 5
# Of a rig of thousands of cards so many tell as much: all pairs of them are compared.
MOST_SIMS = 400

Longs = npt.NDArray[np.int64]


class Rig(NamedTuple):
    """What is spoken by a rig's suspects, their IMSIs in order, all suspects' contacts, and the crowd.

    `begins` is the first instant from which records are held.
    """

    held: pl.DataFrame
    sims: Longs
    called: Called
    crowd: rigs.Crowd
    begins: pl.Expr

    def pairs(self) -> int:
        """How many pairs its suspects make."""
        return _pairs(self.sims.size)


def near_imsi(rig: Rig) -> float:
    """Pairs so near that they may be of one run, over the share of a run's pairs that are."""
    rank = np.searchsorted(rig.crowd.imsis.to_numpy(), rig.sims)
    one, other = np.triu_indices(rig.sims.size, 1)
    near = (rank[other] - rank[one] <= BATCH_RANKS) & (rig.sims[other] - rig.sims[one] < RUN_WIDTH)
    return float(near.mean() / -np.expm1(-BATCH_RANKS / RUN_RANKS))


def same_batch(rig: Rig) -> float | None:
    """Pairs whose cards one dealer activated on one day, of those that the register knows."""
    return _alike(rig.crowd.batches.filter(pl.col("imsi").is_in(rig.sims))["batch"].to_numpy())


def near_imei(rig: Rig) -> float | None:
    """Pairs that show IMEIs of one run, over the share of a run's pairs that are near enough to be seen as one."""
    ranks = rig.crowd.sims_on_imei.select("imei").sort("imei").with_row_index("rank")
    shown = rig.held.select("imsi", "imei").drop_nulls().unique().join(ranks, on="imei").sort("imei", "imsi")
    if shown["imsi"].n_unique() < 2:
        return None
    imei, rank = shown["imei"].to_numpy(), shown["rank"].to_numpy().astype(np.int64)
    last = np.minimum(
        np.searchsorted(rank, rank + SERIAL_RANKS, side="right"),
        np.searchsorted(imei, imei + SERIAL_WIDTH, side="right"),
    )
    one, other = spread(np.searchsorted(rank, rank, side="right"), last)
    sim = np.searchsorted(rig.sims, shown["imsi"].to_numpy())
    first, second = np.minimum(sim[one], sim[other]), np.maximum(sim[one], sim[other])
    met = np.unique((first * rig.sims.size + second)[first != second]).size
    return met / _pairs(shown["imsi"].n_unique()) / float(-np.expm1(-SERIAL_RANKS / MEAN_RANKS))


def same_model(rig: Rig) -> float | None:
    """Pairs that mostly show one model, of those who show any."""
    return _alike(main_models(rig.held)["tac"].to_numpy())


def calls_inside(rig: Rig) -> float:
    """Pairs of whom one called or wrote to the other."""
    numbers = rig.held.drop_nulls("msisdn").select(called="imsi", other_party="msisdn").unique()
    made = rig.held.filter(pl.col("direction") == "mo").select("imsi", "other_party").unique()
    inside = made.join(numbers, on="other_party").filter(pl.col("imsi") != pl.col("called"))
    ends = [end("imsi", "called").alias(name) for name, end in (("a", pl.min_horizontal), ("b", pl.max_horizontal))]
    return inside.select(ends).unique().height / rig.pairs()


def same_cap(rig: Rig) -> float | None:
    """Pairs whose turns end at one number, of those who keep to a number of one thing."""
    found = [
        (_agreeing(alike["cap"].to_numpy()), _pairs(alike.height))
        for _, alike in find_caps(rig.held).group_by("end", "measure", maintain_order=True)
    ]
    agreeing, pairs = np.sum(found, axis=0) if found else (0, 0)
    return float(agreeing / pairs) if pairs else None


def shared_callees(rig: Rig) -> float | None:
    """Numbers that two call beyond chance, of those that the one of shorter reach calls."""
    reach = rig.called.reach.filter(pl.col("imsi").is_in(rig.sims))
    if reach.height < 2:
        return None
    sims, numbers = reach["imsi"].to_numpy(), reach["reach"].to_numpy().astype(np.float64)
    served = np.zeros(sims.size)
    clients = rig.called.clientele.filter(pl.col("imsi").is_in(sims))
    served[np.searchsorted(sims, clients["imsi"].to_numpy())] = clients["clientele"].to_numpy()
    one, other = np.triu_indices(sims.size, 1)
    chance = 2 * numbers[one] * numbers[other] / rig.crowd.sims + served[one] * served[other]
    called = rig.called.numbers.filter(pl.col("imsi").is_in(sims)).group_by("other_party").agg(pl.len())
    common = float((called["len"].cast(pl.Int64) * (called["len"].cast(pl.Int64) - 1) // 2).sum())
    return max(common - float(chance.sum()), 0.0) / float(np.minimum(numbers[one], numbers[other]).sum())


def contacts_kept(rig: Rig) -> float | None:
    """Contacts of a card fallen silent that a later one speaks with, of the shorter list, where it keeps any."""
    new, silent = come_and_gone(rig.held, rig.begins)
    contacts = rig.called.spoken_with.join(rig.crowd.popular, on="other_party", how="anti")
    reach = rig.called.spoken_with.group_by("imsi").agg(reach=pl.len())
    gone, come = (contacts.join(lives, on="imsi").join(reach, on="imsi") for lives in (silent, new))
    passed = gone.join(come, on="other_party", suffix="_b").filter(pl.col("first_at") > pl.col("last_at"))
    shares = passed.group_by("imsi", "imsi_b").agg(
        kept=pl.len() / pl.min_horizontal(pl.col("reach").first(), pl.col("reach_b").first())
    )
    return shares.select(pl.col("kept").mean()).item()


MEASURES: tuple[Callable[[Rig], float | None], ...] = (
    near_imsi,
    same_batch,
    near_imei,
    same_model,
    calls_inside,
    same_cap,
    shared_callees,
    contacts_kept,
)


def _pairs(things: int) -> int:
    return things * (things - 1) // 2


def _agreeing(values: Longs) -> int:
    return sum(_pairs(int(held)) for held in np.unique(values, return_counts=True)[1])


def _alike(values: Longs) -> float | None:
    return _agreeing(values) / _pairs(values.size) if values.size > 1 else None
