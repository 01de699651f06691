"""Distances on the Earth, taken as a sphere of 6371 km as bandicoot and scikit-mobility do."""

import math

from simbox.kernels._jit import kernel

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
