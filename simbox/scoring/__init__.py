"""FEATURES to SCORES and REASONS: an additive scorecard whose points add up."""

from simbox.scoring.peers import EMPTY, Histograms
from simbox.scoring.score import Scored, base_points, finish_reasons, score_alone
from simbox.scoring.scorecard import Scorecard, load_scorecard
from simbox.scoring.state import NOTHING_KNOWN, State, add_rigs, carry, to_history, to_reasons, to_scores
from simbox.scoring.witnesses import find_witnesses

__all__ = [
    "EMPTY",
    "NOTHING_KNOWN",
    "Histograms",
    "Scorecard",
    "Scored",
    "State",
    "add_rigs",
    "base_points",
    "carry",
    "find_witnesses",
    "finish_reasons",
    "load_scorecard",
    "score_alone",
    "to_history",
    "to_reasons",
    "to_scores",
]
