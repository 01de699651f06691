"""The scale of drafts, on worlds that they were not fitted on: honest log-odds in whole points, and bands."""

from collections.abc import Sequence
from math import log

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from simbox.scoring.scorecard import Bands
from simbox.scoring.train.additive import POINTS
from simbox.scoring.train.drafts import Draft, total_of
from simbox.scoring.train.examples import Examples, is_way
from simbox.scoring.ways import WAYS

# Lawful rows, in the order of a draft's log-odds, from which on its scale is set: those that it nearly takes for rigs'.
TAIL_SHARE = 0.005
SLOPES = (0.25, 1.25)
# Share of false discoveries, at the stated prevalence, that may be expected at each band and above.
FALSE_DISCOVERIES = {"watch": 0.8, "suspect": 0.15, "strong": 0.03}


def align_drafts(drafts: Sequence[Draft], examples: Examples, prevalence: float) -> list[Draft]:
    """Each draft on a scale of its own that is honest where its false alarms are, on worlds it was not fitted on.

    An expert whose lawful look-alikes cheat in all but name would drown the others otherwise.
    """
    windows = examples.facts["window_nights"].to_numpy()
    lawful = examples.facts["rig"].is_null().to_numpy()
    ways = {way.name: is_way(examples.facts, way) for way in WAYS}
    own = examples.facts["weight"].to_numpy()
    aligned = []
    for draft in drafts:
        rows = np.flatnonzero(np.isin(windows, draft.windows) & (lawful | ways[draft.name]))
        log_odds, is_rig = total_of(draft, examples.bins[rows]), ~lawful[rows]
        if not is_rig.any():
            aligned.append(draft)
            continue
        weights = np.where(is_rig, 1.0, own[rows])
        weights[is_rig] *= weights[~is_rig].sum() * prevalence / is_rig.sum()
        weights *= is_rig.sum() / weights[is_rig].sum()
        tail = log_odds >= np.quantile(log_odds[~is_rig], 1 - TAIL_SHARE)
        model = LogisticRegression(C=1e6).fit(log_odds[tail, None], is_rig[tail], sample_weight=weights[tail])
        slope = float(np.clip(model.coef_[0, 0], *SLOPES))
        middle = np.average(log_odds[tail], weights=weights[tail])
        at_middle = float(model.intercept_[0]) + float(model.coef_[0, 0]) * middle - log(prevalence / (1 - prevalence))
        start = draft.start * slope + at_middle - slope * middle
        aligned.append(_times(draft, slope)._replace(start=start))
    return aligned


def alike() -> pl.Expr:
    """What each SIM of (level, kind) counts where levels count alike, and in each the kinds of rigs.

    What rigs there are is not known, and most worlds hold more of one than of another.
    """
    return 1 / pl.len().over("level", "kind") / pl.col("kind").n_unique().over("level")


def calibrate(found: pl.DataFrame, prevalence: float) -> tuple[float, float]:
    """Slope and offset that make the strongest draft's log-odds honest at the stated prevalence, each rig SIM alike."""
    is_rig = found["rig"].is_not_null().to_numpy()
    own = found["weight"].to_numpy()
    weights = np.where(is_rig, found.select(alike().alias("alike")).to_series().to_numpy(), own)
    weights[~is_rig] *= weights[is_rig].sum() * (1 - prevalence) / prevalence / weights[~is_rig].sum()
    weights *= is_rig.sum() / weights[is_rig].sum()
    log_odds = found["log_odds"].to_numpy()[:, None]
    model = LogisticRegression(C=1e6).fit(log_odds, is_rig, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0]) - log(prevalence / (1 - prevalence))


def to_points(drafts: Sequence[Draft], slope: float, offset: float) -> list[Draft]:
    """The drafts made honest by slope and offset, in whole points instead of log-odds."""
    made = []
    for draft in drafts:
        scaled = _times(draft, slope * POINTS)
        tables, cells = ([np.rint(table) for table in some] for some in (scaled.tables, scaled.cells))
        start = float(round((draft.start * slope + offset) * POINTS))
        made.append(draft._replace(tables=tables, cells=cells, start=start))
    return made


def _times(draft: Draft, by: float) -> Draft:
    """The draft with what it adds to its start scaled."""
    return draft._replace(tables=[table * by for table in draft.tables], cells=[table * by for table in draft.cells])


def set_bands(found: pl.DataFrame, prevalence: float) -> Bands:
    """The least evidence from which on few false discoveries are expected at the prevalence, each level alike.

    `found`: rig, level, kind, weight, evidence of SIMs and nights.
    """
    rigs = found.filter(pl.col("rig").is_not_null())
    share = rigs.select(share=alike() / pl.col("level").n_unique())["share"].to_numpy()
    lawful = found.filter(pl.col("rig").is_null())
    rigs_at, lawful_at = rigs["evidence"].to_numpy(), lawful["evidence"].to_numpy()
    own = lawful["weight"].to_numpy()
    set_at: list[int] = []
    for most in FALSE_DISCOVERIES.values():
        least = set_at[-1] + 1 if set_at else int(rigs_at.min())
        while least < rigs_at.max():
            hits = share[rigs_at >= least].sum() * prevalence
            # One more than were seen: none among few says little.
            alarms = (own[lawful_at >= least].sum() + 1) / (own.sum() + 1) * (1 - prevalence)
            if alarms / (alarms + hits) <= most:
                break
            least += 1
        set_at.append(least)
    return Bands(*set_at)
