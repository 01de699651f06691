"""How long SIMs stay off the list: the Kaplan-Meier curve, because records end before every SIM is listed."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def survival_curve(time: Floats, is_listed: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """(time, share not yet listed) after each time at which a SIM was listed (Kaplan, Meier, JASA 1958).

    `time` is from a SIM's first event to its listing, or to the end of the records for one that was not listed.
    """
    curve = []
    share = 1.0
    for moment in np.unique(time[is_listed]):
        at_risk = int((time >= moment).sum())
        share *= 1 - int((time[is_listed] == moment).sum()) / at_risk
        curve.append((float(moment), share))
    return curve


def median_time(curve: list[tuple[float, float]]) -> float | None:
    """The first time at which half are listed; null where the curve stays above a half."""
    return next((moment for moment, share in curve if share <= 0.5), None)
