"""Time to listing, censored ones included, worked by hand."""

import numpy as np
import pytest

from simbox.evaluation.survival import median_time, survival_curve


def test_without_censoring_it_is_the_share_left():
    curve = survival_curve(np.array([1.0, 2.0, 2.0, 4.0]), np.array([True, True, True, True]))
    assert curve == [(1.0, 0.75), (2.0, 0.25), (4.0, 0.0)]
    assert median_time(curve) == 2.0


def test_the_censored_are_at_risk_until_their_records_end():
    # Four at risk at 1 h; one leaves unlisted at 2 h, so two are at risk at 3 h.
    curve = survival_curve(np.array([1.0, 2.0, 3.0, 5.0]), np.array([True, False, True, False]))
    assert curve == [(1.0, 0.75), (3.0, pytest.approx(0.375))]
    assert median_time(curve) == 3.0


def test_half_never_reached_has_no_median():
    curve = survival_curve(np.array([1.0, 9.0, 9.0]), np.array([True, False, False]))
    assert median_time(curve) is None


def test_nobody_listed():
    assert survival_curve(np.array([1.0, 2.0]), np.array([False, False])) == []
