"""Runs against the truth of the worlds they judged: the figures, the page, and the suites that make them."""

from simbox.evaluation.judge import evaluate_runs
from simbox.evaluation.page import show_interval, show_number, show_share, write_evaluation
from simbox.evaluation.seizure import ListedRun, match_seized, read_seized, write_match
from simbox.evaluation.suite import Size, make_suite, suite_seeds

__all__ = [
    "Size",
    "ListedRun",
    "evaluate_runs",
    "make_suite",
    "match_seized",
    "read_seized",
    "show_interval",
    "show_number",
    "show_share",
    "suite_seeds",
    "write_evaluation",
    "write_match",
]
