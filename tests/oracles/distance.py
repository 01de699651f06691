"""What simbox.kernels.distance computes: haversines by vectors from the Earth's centre, and chords by haversines."""

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


def squared_chord(place_lat, place_lon, a, b):
    turn = math.radians(place_lon[b] - place_lon[a]) / 2
    rise = math.radians(place_lat[b] - place_lat[a]) / 2
    shrunk = math.cos(math.radians(place_lat[a])) * math.cos(math.radians(place_lat[b]))
    return 4 * (math.sin(rise) ** 2 + shrunk * math.sin(turn) ** 2)


def arc_km(chord_squared):
    return 6371 * math.atan2(math.sqrt(chord_squared * (4 - chord_squared)), 2 - chord_squared)
