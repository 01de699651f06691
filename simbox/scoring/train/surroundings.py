"""What the SIMs around one add to its own log-odds."""

from math import log

import numpy as np
import polars as pl

from simbox.scoring.scorecard import Context
from simbox.scoring.train.additive import POINTS, fit_additive, limit
from simbox.scoring.train.card import to_term
from simbox.scoring.train.drafts import STEPS
from simbox.scoring.train.examples import bin_of
from simbox.scoring.train.scale import alike
from simbox.scoring.ways import CONTEXT_SIGNS

# The most points that they may give: less than the prior takes away, so that nobody is suspect by his neighbours alone.
MOST = 80
# Where hardly anybody is in doubt a step would go anywhere.
LEAST_DOUBT, LONGEST_STEP = 1e-9, 3.0


def fit_context(found: pl.DataFrame, prevalence: float) -> Context:
    """What the others around a SIM add to its own honest log-odds, on worlds that its experts were not fitted on.

    `found` is that of evidence_of with honest `log_odds`, CONTEXT, and `near_rig`: whether a lawful SIM is at home at a
    rig's place. Worlds hold many more rigs to a place than countries; so lawful SIMs near rigs count with the rigs,
    those far from any for the rest of the country.
    """
    is_rig = found["rig"].is_not_null().to_numpy()
    near = found["near_rig"].to_numpy() & ~is_rig
    levels = found.select(alike().alias("alike")).to_series().to_numpy()
    own = found["weight"].to_numpy()
    weights = np.where(is_rig, levels, own)
    weights[is_rig] *= is_rig.sum() / weights[is_rig].sum()
    far = ~is_rig & ~near
    weights[far] *= is_rig.sum() * (1 - prevalence) / prevalence / weights[far].sum()
    bins = np.stack([bin_of(sign.edges, found[sign.feature].cast(pl.Float64)) for sign in CONTEXT_SIGNS], axis=1)
    prior = log(prevalence / (1 - prevalence))
    own_log_odds = found["log_odds"].to_numpy() + prior
    tables, constant = fit_additive(bins, is_rig, weights, CONTEXT_SIGNS, STEPS, own_log_odds)
    tables = [limit(sign, table) for sign, table in zip(CONTEXT_SIGNS, tables, strict=True)]
    total = own_log_odds + sum(table[np.minimum(bins[:, place], table.size - 1)] for place, table in enumerate(tables))
    # What was cut off must not leave everybody less suspect than he is.
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(total + constant)))
        doubt = max(float((weights * chance * (1 - chance)).sum()), LEAST_DOUBT)
        constant -= float(np.clip((weights * (chance - is_rig)).sum() / doubt, -LONGEST_STEP, LONGEST_STEP))
    terms = []
    for sign, table in zip(CONTEXT_SIGNS, tables, strict=True):
        points = np.rint(table * POINTS).astype(int).tolist()
        term = to_term(sign, points)
        if term:
            terms.append(term)
    return Context(terms, round(constant * POINTS), most=MOST)
