"""Recall where false alarms are rare, from scores that can be counted by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.evaluation.ranking import calibration, reweighted_precision, threshold_at


def test_the_threshold_lets_the_allowed_number_pass():
    scores = np.arange(10_000, dtype=float)
    threshold = threshold_at(scores, scores.size, 1e-3)
    assert threshold == 9989.0
    assert (scores > threshold).sum() == 10


def test_ties_are_called_together_or_not_at_all():
    scores = np.concatenate([np.zeros(9_000), np.full(991, 5.0), np.full(9, 7.0)])
    threshold = threshold_at(scores, scores.size, 1e-3)
    assert threshold == 5.0
    assert (scores > threshold).sum() == 9


@pytest.mark.parametrize(("innocents", "rate"), [(9_999, 1e-3), (99_999, 1e-4), (999_999, 1e-5), (0, 1e-3)])
def test_too_few_innocents_tell_nothing(innocents, rate):
    assert threshold_at(np.zeros(innocents), innocents, rate) is None


@pytest.mark.parametrize(("innocents", "rate"), [(10_000, 1e-3), (100_000, 1e-4), (1_000_000, 1e-5)])
def test_ten_allowed_false_alarms_are_enough(innocents, rate):
    scores = np.arange(innocents, dtype=float)
    assert (scores > threshold_at(scores, innocents, rate)).sum() == 10


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.sampled_from([0.2, 0.5, 1.0]))
def test_no_lower_threshold_keeps_the_promise(scores, rate):
    drawn = np.repeat(np.array(scores, dtype=float), 50)
    threshold = threshold_at(drawn, drawn.size, rate)
    assert (threshold is None) == (rate * drawn.size < 10)
    if threshold is not None:
        assert (drawn > threshold).sum() <= rate * drawn.size
        lower = [score for score in {-1.0, *drawn.tolist()} if score < threshold]
        assert all((drawn > score).sum() > rate * drawn.size for score in lower)


def test_those_who_were_never_active_count_when_they_are_called():
    active, passive = np.zeros(10_000), np.full(11, 9.0)
    assert threshold_at(np.concatenate([active, passive]), active.size, 1e-3) == 9.0


def test_with_fewer_scores_than_allowed_everything_is_called():
    assert threshold_at(np.zeros(5), 10_000, 1e-3) == -np.inf


def test_calibration_by_hand():
    # Bins of .095 from .05: two SIMs at .1 of which one is a rig's, one at .99 that is.
    found = calibration(np.array([0.1, 0.1, 0.99, 0.01]), np.array([True, False, True, True]))
    assert found["sims"] == 3
    assert found["expected_calibration_error"] == pytest.approx((2 * 0.4 + 0.01) / 3)
    assert [entry["sims"] for entry in found["bins"]] == [2, 1]


def test_calibration_of_nobody():
    found = calibration(np.array([0.01]), np.array([False]))
    assert (found["sims"], found["expected_calibration_error"], found["bins"]) == (0, None, [])


@pytest.mark.parametrize(
    ("recall", "rate", "prevalence", "precision"),
    [(0.5, 0.0, 1e-4, 1.0), (0.9, 1e-3, 0.5, 0.45 / 0.4505), (0.7, 1e-3, 1e-3, 0.4120), (0.0, 0.0, 0.1, None)],
)
def test_precision_at_another_prevalence(recall, rate, prevalence, precision):
    found = reweighted_precision(recall, rate, prevalence)
    assert found == (precision if precision is None else pytest.approx(precision, abs=1e-4))


def test_precision_without_rigs_is_not_known():
    assert reweighted_precision(None, 0.1, 0.1) is None
