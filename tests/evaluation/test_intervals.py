"""Bounds and intervals against values worked by hand or printed in tables."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.evaluation.intervals import bootstrap_shares, upper_bound


@pytest.mark.parametrize(
    ("hits", "trials", "bound"),
    [
        (0, 1, 0.95),
        (0, 10, 1 - 0.05**0.1),
        (0, 300_000, 3.0 / 300_000),  # the rule of three
        (1, 10, 0.3942),  # tables of Clopper and Pearson, one-sided 95 %
        (5, 10, 0.7776),
        (9, 10, 0.9949),
        (10, 10, 1.0),
        (5, 100, 0.1023),
    ],
)
def test_the_upper_bound_is_that_of_the_tables(hits, trials, bound):
    assert upper_bound(hits, trials) == pytest.approx(bound, rel=2e-3)


def test_nothing_tried_bounds_nothing():
    assert upper_bound(0, 0) is None


@given(st.integers(1, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials - 1), st.just(trials))))
def test_at_the_bound_so_few_hits_have_one_chance_in_twenty(case):
    hits, trials = case
    bound = upper_bound(hits, trials)
    assert bound is not None
    total = sum(comb(trials, count) * bound**count * (1 - bound) ** (trials - count) for count in range(hits + 1))
    assert total == pytest.approx(0.05, abs=1e-6)


def test_rigs_all_alike_leave_no_doubt():
    hits, sizes = np.array([[3.0], [3.0], [3.0]]), np.array([4.0, 4.0, 4.0])
    assert bootstrap_shares(hits, sizes) == [(0.75, 0.75)]


def test_one_caught_and_one_missed_rig_may_be_anything():
    assert bootstrap_shares(np.array([[10.0], [0.0]]), np.array([10.0, 10.0])) == [(0.0, 1.0)]


def test_one_rig_has_no_interval():
    assert bootstrap_shares(np.array([[1.0, 2.0]]), np.array([2.0])) == [None, None]


def test_larger_rigs_weigh_more():
    [(low, high)] = bootstrap_shares(np.array([[90.0], [0.0], [0.0]]), np.array([90.0, 5.0, 5.0]))
    assert low == 0.0
    assert high > 0.9
