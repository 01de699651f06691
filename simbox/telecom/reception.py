"""How strongly cells are heard at a point, as planners reckon it before anybody has measured."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# 3GPP TR 36.942, 4.2 and 4.5: a sector's aerial loses 12 (angle / 65 deg)^2 dB off its axis, 20 at most; a macro
# cell in a town loses 37.6 dB with each tenfold of distance, and is no nearer than 35 m.
BEAM_DEG = 65.0
BEAM_LOSS_DB = 12.0
MOST_BEAM_LOSS_DB = 20.0
SLOPE_DB = 37.6
LEAST_DISTANCE_M = 35.0
# An all-round aerial has so much less gain than a sector's: 11 against 17 dBi.
ALL_ROUND_LOSS_DB = 6.0


class Masts(NamedTuple):
    """Cells, each by the metres its mast stands east and north of an origin and its azimuth; NaN where all round."""

    east_m: Floats
    north_m: Floats
    azimuth_deg: Floats


def hear(masts: Masts, east_m: Floats, north_m: Floats) -> Floats:
    """(cells, points): the level of each cell at each point in dB, against that of a sector a metre down its axis."""
    # Cells of one mast have distance and bearing in common, which cost most.
    where, mast = np.unique(np.column_stack([masts.east_m, masts.north_m]), axis=0, return_inverse=True)
    mast = mast.ravel()
    east, north = east_m - where[:, :1], north_m - where[:, 1:]
    loss_db = SLOPE_DB * np.log10(np.maximum(np.hypot(east, north), LEAST_DISTANCE_M))
    off_axis = np.abs((np.degrees(np.arctan2(east, north))[mast] - masts.azimuth_deg[:, None] + 180) % 360 - 180)
    beam_loss_db = np.minimum(BEAM_LOSS_DB * (off_axis / BEAM_DEG) ** 2, MOST_BEAM_LOSS_DB)
    beam_loss_db[np.isnan(masts.azimuth_deg)] = ALL_ROUND_LOSS_DB
    level_db: Floats = -beam_loss_db - loss_db[mast]
    return level_db


def axis_distance_m(level_db: Floats) -> Floats:
    """How far down the axis of a sector a level is heard: as planners mean a cell's range."""
    distance_m: Floats = 10 ** (-level_db / SLOPE_DB)
    return distance_m
