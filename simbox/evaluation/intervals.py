"""How far a share may be trusted: the exact bound of Clopper and Pearson, and the bootstrap over rigs."""

from math import exp, lgamma, log, log1p

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
BOOTSTRAP_ROUNDS = 2000
BOOTSTRAP_SEED = 20260512
# Halving [0, 1] so often reaches the last bit of a double.
HALVINGS = 60


def upper_bound(hits: int, trials: int, confidence: float = CONFIDENCE) -> float | None:
    """The largest share under which so few hits would still be seen with probability 1 - confidence.

    One-sided, exact (Clopper, Pearson, Biometrika 1934); the rule of three where nothing was hit. Null without trials.
    """
    if trials == 0:
        return None
    if hits >= trials:
        return 1.0
    low, high = hits / trials, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _at_most(hits, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, trials: int, share: float) -> float:
    """Probability of at most so many hits when each trial hits with probability `share`."""
    if share <= 0.0 or share >= 1.0:
        return 1.0 if share <= 0.0 else 0.0
    log_hit, log_miss = log(share), log1p(-share)
    total = 0.0
    for count in range(hits + 1):
        ways = lgamma(trials + 1) - lgamma(count + 1) - lgamma(trials - count + 1)
        total += exp(ways + count * log_hit + (trials - count) * log_miss)
    return total


def bootstrap_shares(hits: Floats, sizes: Floats) -> list[tuple[float, float] | None]:
    """95 % intervals of pooled shares from rigs drawn with replacement: `hits` (rigs, shares), `sizes` (rigs).

    Rigs are drawn, not SIMs: the SIMs of one rig are caught or missed together. Null with fewer than two rigs.
    The draws are the same each time.
    """
    rigs = sizes.size
    if rigs < 2:
        return [None] * hits.shape[1]
    draws = np.random.default_rng(BOOTSTRAP_SEED).multinomial(rigs, np.full(rigs, 1 / rigs), size=BOOTSTRAP_ROUNDS)
    drawn = draws @ sizes
    shares = (draws @ hits)[drawn > 0] / drawn[drawn > 0, None]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares, [tail, 1 - tail], axis=0)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
