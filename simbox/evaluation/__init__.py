"""Runs against the truth of the worlds they judged: the figures, the page, and the suites that make them."""

from simbox.evaluation.judge import evaluate_rigs, evaluate_runs, parts_of
from simbox.evaluation.page import show_interval, show_number, show_share, write_evaluation
from simbox.evaluation.seizure import ListedRun, match_seized, read_seized, write_match
from simbox.evaluation.suite import FAMILIES, FRAUDZEN, Part, Size, make_suite, plan_suite, suite_seeds
from simbox.evaluation.verdicts import read_verdicts

__all__ = [
    "FAMILIES",
    "FRAUDZEN",
    "Part",
    "Size",
    "ListedRun",
    "evaluate_rigs",
    "evaluate_runs",
    "make_suite",
    "match_seized",
    "read_seized",
    "read_verdicts",
    "parts_of",
    "plan_suite",
    "show_interval",
    "show_number",
    "show_share",
    "suite_seeds",
    "write_evaluation",
    "write_match",
]
