"""What is set once rigs have been sought: what a SIM loses that is in none, and honest probabilities."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import minimize

from simbox.scoring.scorecard import Calibration, NoRig, Scorecard
from simbox.scoring.state import no_rig_points
from simbox.scoring.train.additive import POINTS, Floats
from simbox.scoring.train.scale import alike

# Steps in which the share of what a SIM loses, and the most, are sought.
PERCENTS, MOST = range(0, 90, 10), range(0, 85, 5)
# What the origin of a card says of it.
SAID_AFTER_RIGS = " What it says once rigs were sought was set on "
# Odds rise with evidence within these, so that one SIM where nobody expects it does not decide.
SLOPES = (0.5, 2.0)


class AfterRigs(NamedTuple):
    """What a card says of SIMs after rigs were sought."""

    no_rig: NoRig
    calibration: Calibration


def fit_after_rigs(found: pl.DataFrame, card: Scorecard, prevalence: float) -> AfterRigs:
    """What makes evidence after rigs honest at the prevalence, from SIMs of scans whose answers are known.

    `found`: rig, level, kind, weight, evidence_alone, evidence_with_rig (null where it is in none). Levels count alike,
    and in each the kinds. Of all shares and limits in steps the likeliest, with the slope and offset that go with them;
    SIMs who are not watched take no part in it. Bands stay: rigs are sought from that of the watched.
    """
    is_rig = found["rig"].is_not_null().to_numpy()
    weights = np.where(is_rig, found.select(alike().alias("alike")).to_series().to_numpy(), found["weight"].to_numpy())
    weights[is_rig] *= prevalence / weights[is_rig].sum()
    weights[~is_rig] *= (1 - prevalence) / weights[~is_rig].sum()
    told = found.select("evidence_alone", "evidence_with_rig", is_rig=pl.Series(is_rig), weight=pl.Series(weights))
    stands = pl.max_horizontal("evidence_alone", "evidence_with_rig") >= card.bands.watch
    alike_sims = (
        told.filter(stands)
        .group_by("evidence_alone", "evidence_with_rig", "is_rig")
        .agg(pl.col("weight").sum())
        .sort("evidence_alone", "evidence_with_rig", "is_rig")
    )
    best = (np.inf, NoRig(), Calibration())
    for percent in PERCENTS:
        for most in MOST if percent else (0,):
            no_rig = NoRig(percent, most)
            rows = alike_sims.with_columns(evidence=_evidence(no_rig, card))
            evidence, as_rig, counts = (rows[name].to_numpy() for name in ("evidence", "is_rig", "weight"))
            loss, calibration = _calibrate(evidence, as_rig, counts, prevalence)
            if loss < best[0]:
                best = (loss, no_rig, calibration)
    return AfterRigs(*best[1:])


def _evidence(no_rig: NoRig, card: Scorecard) -> pl.Expr:
    alone = pl.col("evidence_alone")
    return pl.coalesce("evidence_with_rig", alone + no_rig_points(alone, card.bands.watch, no_rig))


def _calibrate(
    evidence: npt.NDArray[np.int32], is_rig: npt.NDArray[np.bool_], weights: Floats, prevalence: float
) -> tuple[float, Calibration]:
    """The loss, and the slope and offset of the likeliest odds."""

    def loss(made: Floats) -> tuple[float, Floats]:
        slope, offset = made
        # The offset in tens, so that both are of one size.
        log_odds = (slope * evidence + 10 * offset) / POINTS
        chance = 1 / (1 + np.exp(-log_odds))
        likelihood = np.where(is_rig, np.logaddexp(0, -log_odds), np.logaddexp(0, log_odds)) @ weights
        wrong = weights * (chance - is_rig) / POINTS
        return float(likelihood), np.array([wrong @ evidence, 10 * wrong.sum()])

    weights = weights / weights.sum()
    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[SLOPES, (None, None)])
    slope, offset = round(float(found.x[0]), 2), round(float(10 * found.x[1]), 1)
    return float(found.fun), Calibration(slope, offset, prevalence)
