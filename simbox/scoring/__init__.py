"""FEATURES to SCORES and REASONS: an additive scorecard whose points add up."""

from simbox.scoring.context import CALL_COLUMNS, CONTEXT, SUSPECTS_FROM, Surroundings, find_calls, measure_context
from simbox.scoring.peers import EMPTY, Histograms
from simbox.scoring.reports import score_reports
from simbox.scoring.score import Scored, base_points, finish_reasons, score_alone
from simbox.scoring.scorecard import Scorecard, load_scorecard, read_scorecard, show_scorecard
from simbox.scoring.state import NOTHING_KNOWN, State, add_rigs, carry, look_around, to_history, to_reasons, to_scores
from simbox.scoring.surroundings import score_context
from simbox.scoring.untold import finish_untold
from simbox.scoring.usual import SAMPLE_SIMS, USUAL_FEATURES, find_scales, measure_usual, to_scale
from simbox.scoring.witnesses import find_witnesses

__all__ = [
    "CALL_COLUMNS",
    "CONTEXT",
    "EMPTY",
    "NOTHING_KNOWN",
    "SAMPLE_SIMS",
    "SUSPECTS_FROM",
    "USUAL_FEATURES",
    "Histograms",
    "Scorecard",
    "Scored",
    "State",
    "Surroundings",
    "add_rigs",
    "base_points",
    "carry",
    "find_calls",
    "find_scales",
    "find_witnesses",
    "finish_reasons",
    "finish_untold",
    "load_scorecard",
    "look_around",
    "measure_context",
    "measure_usual",
    "read_scorecard",
    "show_scorecard",
    "score_alone",
    "score_context",
    "score_reports",
    "to_history",
    "to_reasons",
    "to_scale",
    "to_scores",
]
