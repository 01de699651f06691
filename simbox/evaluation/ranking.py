"""What a ranking is worth when false alarms are rare: recall at a false positive rate, and calibration."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FALSE_POSITIVE_RATES = (1e-3, 1e-4, 1e-5)
# A rate is told from nothing only where so many false alarms would be allowed.
LEAST_FALSE_ALARMS = 10
LEAST_PROBABILITY = 0.05
CALIBRATION_BINS = 10


def threshold_at(innocent_scores: Floats, innocents: int, rate: float) -> float | None:
    """The score that must be exceeded for at most `rate` of the innocents to be called, ties called together.

    `innocent_scores` may hold more than `innocents` SIMs: those who were never active count when they are called, and
    not among those who were not. Null with fewer than 10 / rate innocents.
    """
    # 1e-5 * 1,000,000 may come out a hair below ten in binary.
    allowed = int(rate * innocents + 1e-6)
    if allowed < LEAST_FALSE_ALARMS:
        return None
    if innocent_scores.size <= allowed:
        return -np.inf
    return float(np.partition(innocent_scores, innocent_scores.size - allowed - 1)[-allowed - 1])


def calibration(probability: Floats, is_rig: npt.NDArray[np.bool_]) -> dict[str, object]:
    """Expected calibration error of SIMs given 0.05 or more, and the ten bins of equal width it is the mean of.

    Error: the mean over SIMs of how far their bin's share of rig SIMs is from its mean probability; null without SIMs.
    """
    held = probability >= LEAST_PROBABILITY
    probability, is_rig = probability[held], is_rig[held]
    width = (1 - LEAST_PROBABILITY) / CALIBRATION_BINS
    number = np.minimum(((probability - LEAST_PROBABILITY) / width).astype(np.int64), CALIBRATION_BINS - 1)
    bins = []
    error = 0.0
    for place in np.unique(number):
        inside = number == place
        mean, share = float(probability[inside].mean()), float(is_rig[inside].mean())
        error += abs(mean - share) * int(inside.sum())
        bins.append({"sims": int(inside.sum()), "mean_probability": mean, "rig_share": share})
    return {
        "sims": int(held.sum()),
        "expected_calibration_error": error / probability.size if probability.size else None,
        "bins": bins,
    }


def reweighted_precision(recall: float | None, false_positive_rate: float | None, prevalence: float) -> float | None:
    """The precision a list would have where rig SIMs are `prevalence` of all; null where nothing would be listed."""
    if recall is None or false_positive_rate is None:
        return None
    right, wrong = recall * prevalence, false_positive_rate * (1 - prevalence)
    return right / (right + wrong) if right + wrong > 0 else None


def mean_or_null(values: Sequence[float]) -> float | None:
    """The mean; null of nothing."""
    return float(np.mean(values)) if len(values) else None
