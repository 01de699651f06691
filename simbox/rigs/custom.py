"""Whether two groups serve the same callers: how much their cards share with each other, against with their own."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.contacts import Called
from simbox.rigs.crowd import Crowd

Floats = npt.NDArray[np.float64]

# Groups whose cards share half as many numbers again as strangers have callers of their own.
LEAST_OWN = 1.5
# So many shared numbers must be expected of one owner before their absence says anything.
LEAST_EXPECTED = 20.0
# Sums of integers are the same in any order.
MICRO = 1_000_000


def compare_custom(pairs: pl.DataFrame, groups: pl.DataFrame, called: Called, crowd: Crowd) -> Floats:
    """For each pair (a, b) of groups (group, imsi) how many times less their cards share across than within.

    A binary logarithm: near 0 for two parts of one box, 1 and more for boxes that serve callers of their own.

    NaN where the groups share no more within than strangers do, or too little for their silence to tell.
    """
    numbers = np.sort(groups["group"].unique().to_numpy())
    facts = (
        called.reach.join(called.clientele, on="imsi", how="left")
        .with_columns(pl.col("clientele").fill_null(0))
        .join(groups, on="imsi")
        .group_by("group")
        .agg(
            reach=pl.col("reach").sum(),
            own_reach=(pl.col("reach") ** 2).sum(),
            clientele=_micro(pl.col("clientele")).sum() / MICRO,
            own_clientele=_micro(pl.col("clientele") ** 2).sum() / MICRO,
        )
    )
    known = np.zeros((4, numbers.size))
    known[:, np.searchsorted(numbers, facts["group"].to_numpy())] = [
        facts[name].to_numpy() for name in ("reach", "own_reach", "clientele", "own_clientele")
    ]
    reach, own_reach, served, own_served = known
    shared = _shared(groups, called)
    within = np.array([shared.get((group, group), 0) for group in numbers.tolist()], dtype=np.float64)
    # As for pairs of cards: by chance, doubled since some numbers are popular, and by clientele.
    by_chance = (reach**2 - own_reach) / max(crowd.sims, 1) + (served**2 - own_served) / 2
    own = np.maximum(np.divide(within, by_chance, out=np.ones_like(within), where=by_chance > 0), 1.0)
    a, b = (np.searchsorted(numbers, pairs[name].to_numpy()) for name in ("a", "b"))
    of_strangers = 2 * reach[a] * reach[b] / max(crowd.sims, 1) + served[a] * served[b]
    beyond = np.sqrt(own[a] * own[b])
    of_one_owner = of_strangers * beyond
    across = np.array([shared.get(pair, 0) for pair in pairs.select("a", "b").iter_rows()], dtype=np.float64)
    told = (beyond >= LEAST_OWN) & (of_one_owner >= LEAST_EXPECTED)
    times = np.full(a.size, np.nan)
    times[told] = np.log2(of_one_owner[told] / np.maximum(across[told], 1.0))
    return times


def _micro(value: pl.Expr) -> pl.Expr:
    return (MICRO * value).round(0).cast(pl.Int64)


def _shared(groups: pl.DataFrame, called: Called) -> dict[tuple[int, int], int]:
    """How many numbers pairs of cards share, summed within and across groups, by the groups' numbers in order."""
    held = called.numbers.join(groups, on="imsi").group_by("other_party", "group").agg(sims=pl.len().cast(pl.Int64))
    within = held.group_by("group").agg((pl.col("sims") * (pl.col("sims") - 1) // 2).sum())
    across = (
        held.join(held, on="other_party", suffix="_b")
        .filter(pl.col("group") < pl.col("group_b"))
        .group_by("group", "group_b")
        .agg((pl.col("sims") * pl.col("sims_b")).sum())
    )
    counted = {(group, group): sims for group, sims in within.iter_rows()}
    return counted | {(a, b): sims for a, b, sims in across.iter_rows()}
