"""What simbox.kernels.distance computes, by vectors from the centre of the Earth."""

import math


def distance_km(lat_a, lon_a, lat_b, lon_b):
    a, b = _vector(lat_a, lon_a), _vector(lat_b, lon_b)
    # The chord keeps its precision where the arc cosine of nearly equal vectors would lose it.
    return 2 * 6371 * math.asin(min(1, math.dist(a, b) / 2))


def _vector(lat, lon):
    lat, lon = math.radians(lat), math.radians(lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def turn_degrees(lon_from, lon_to):
    turns = [lon_to - lon_from + full for full in (-360, 0, 360)]
    return next(turn for turn in turns if -180 <= turn < 180)
