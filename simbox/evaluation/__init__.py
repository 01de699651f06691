"""Runs against the truth of the worlds they judged: the figures, the page, and the suites that make them."""

from simbox.evaluation.judge import evaluate_runs

__all__ = ["evaluate_runs"]
