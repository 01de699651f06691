"""Levels on paper: farther is weaker, behind the aerial weaker still."""

import numpy as np
import pytest

from simbox.telecom.reception import ALL_ROUND_LOSS_DB, MOST_BEAM_LOSS_DB, SLOPE_DB, Masts, axis_distance_m, hear


def level(azimuth: float, east: float, north: float) -> float:
    masts = Masts(np.zeros(1), np.zeros(1), np.array([azimuth]))
    return float(hear(masts, np.array([east]), np.array([north]))[0, 0])


def test_tenfold_distance_costs_the_slope():
    assert level(0.0, 0, 100) - level(0.0, 0, 1000) == pytest.approx(SLOPE_DB)


@pytest.mark.parametrize(
    ("azimuth", "loss_db"), [(90.0, 0), (122.5, 3), (57.5, 3), (155.0, 12), (270.0, 20), (0.0, 20)]
)
def test_off_the_axis_the_beam_is_weaker(azimuth, loss_db):
    assert level(90.0, 1000, 0) - level(azimuth, 1000, 0) == pytest.approx(loss_db)


def test_angles_go_round_through_north():
    assert level(350.0, 0, 500) == pytest.approx(level(10.0, 0, 500))


def test_all_round_is_the_same_everywhere_between_front_and_back():
    around = [level(np.nan, east, north) for east, north in ((500, 0), (0, 500), (-500, 0), (300, -400))]
    assert around == pytest.approx([around[0]] * 4)
    assert level(0.0, 0, 500) - around[0] == pytest.approx(ALL_ROUND_LOSS_DB)
    assert around[0] - level(180.0, 0, 500) == pytest.approx(MOST_BEAM_LOSS_DB - ALL_ROUND_LOSS_DB)


def test_at_the_mast_itself_there_is_a_level():
    assert level(0.0, 0, 0) == pytest.approx(level(0.0, 0, 35))


def test_cells_and_points_keep_their_order():
    masts = Masts(np.array([0.0, 5000.0, 0.0]), np.zeros(3), np.array([90.0, 270.0, 270.0]))
    level_db = hear(masts, np.array([1000.0, 4000.0]), np.zeros(2))
    assert level_db.shape == (3, 2)
    assert level_db.argmax(axis=0).tolist() == [0, 1]
    assert level_db.argmin(axis=0).tolist() == [1, 2]


def test_a_level_is_as_good_as_a_distance_down_the_axis():
    levels = np.array([level(0.0, 0, 800), level(60.0, 0, 800), level(180.0, 0, 800)])
    front, side, back = axis_distance_m(levels)
    assert front == pytest.approx(800)
    assert 1400 < side < 1600
    assert 2500 < back < 2900
