"""Weights estimated instead of set: FEATURES with known answers to a scorecard.

    worlds -> bins of every sign -> for each way of cheating and window an additive model -> tables of points
           -> one slope and offset after the strongest is taken -> bands by expected false discoveries

Some worlds are kept out of the fit: on those the slope, the offset and the bands are set. What a card says once rigs
were sought is set on scans.
"""

from simbox.scoring.train.additive import POINTS
from simbox.scoring.train.after_rigs import SAID_AFTER_RIGS, AfterRigs, fit_after_rigs
from simbox.scoring.train.card import to_card
from simbox.scoring.train.comparison import compare_cards
from simbox.scoring.train.drafts import Draft, evidence_of, fit_drafts
from simbox.scoring.train.examples import MISSING, NIGHT_SHARE, Examples, bin_of, blind, join_examples, to_examples
from simbox.scoring.train.scale import align_drafts, calibrate, set_bands, to_points
from simbox.scoring.train.surroundings import fit_context

__all__ = [
    "MISSING",
    "NIGHT_SHARE",
    "POINTS",
    "SAID_AFTER_RIGS",
    "AfterRigs",
    "Draft",
    "Examples",
    "align_drafts",
    "bin_of",
    "blind",
    "calibrate",
    "compare_cards",
    "evidence_of",
    "fit_after_rigs",
    "fit_context",
    "fit_drafts",
    "join_examples",
    "set_bands",
    "to_card",
    "to_examples",
    "to_points",
]
