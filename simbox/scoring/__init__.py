"""FEATURES to SCORES and REASONS: an additive scorecard whose points add up."""

from simbox.scoring.peers import EMPTY, Histograms
from simbox.scoring.score import Scored, base_points, finish_reasons, judge, rig_reasons, score_alone
from simbox.scoring.scorecard import Scorecard, load_scorecard

__all__ = [
    "EMPTY",
    "Histograms",
    "Scorecard",
    "Scored",
    "base_points",
    "finish_reasons",
    "judge",
    "load_scorecard",
    "rig_reasons",
    "score_alone",
]
