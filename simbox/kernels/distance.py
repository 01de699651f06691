"""Distances on the Earth, taken as a sphere of 6371 km as bandicoot and scikit-mobility do.

Between places that are met again and again they are found by the chord of their unit vectors, which are made once: a
haversine takes four sines and cosines each time.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0


@kernel
def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance of two points in degrees, by the haversine formula."""
    half_lat = math.radians(lat_b - lat_a) / 2
    half_lon = math.radians(lon_b - lon_a) / 2
    chord = (
        math.sin(half_lat) ** 2
        + math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(half_lon) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


@kernel
def turn_degrees(lon_from: float, lon_to: float) -> float:
    """Degrees to turn east from one longitude to another, the short way round: from -180 to below 180."""
    return (lon_to - lon_from + 180.0) % 360.0 - 180.0


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Points in degrees as a row each of three coordinates on the unit sphere, NaN where one is not known."""
    lat, lon = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


@kernel
def squared_chord(place_points: Floats, a: int, b: int) -> float:
    """The square of the straight line between the unit vectors of two places."""
    x = place_points[a, 0] - place_points[b, 0]
    y = place_points[a, 1] - place_points[b, 1]
    z = place_points[a, 2] - place_points[b, 2]
    return x * x + y * y + z * z


@kernel
def arc_km(chord_squared: float) -> float:
    """Great-circle distance of two points by the square of the chord of their unit vectors."""
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord_squared) / 2))
