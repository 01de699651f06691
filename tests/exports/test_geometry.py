"""Rings on the ground are as far out as they say, closed, and go anticlockwise."""

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.exports.geometry import circle, sector

latitudes, longitudes = st.floats(-80, 80), st.floats(-179, 179)


def distance_m(a, b) -> float:
    (lon_a, lat_a), (lon_b, lat_b) = a, b
    half = sin(radians(lat_b - lat_a) / 2) ** 2
    half += cos(radians(lat_a)) * cos(radians(lat_b)) * sin(radians(lon_b - lon_a) / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(half))


def area(ring) -> float:
    (lon, lat) = ring[0]
    flat = [((a - lon) * cos(radians(lat)), b - lat) for a, b in ring]
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(flat, flat[1:], strict=False)) / 2


@given(latitudes, longitudes, st.floats(50, 35_000))
def test_a_circle_is_round(lat, lon, radius_m):
    ring = circle(lat, lon, radius_m)
    assert ring[0] == ring[-1]
    assert area(ring) > 0
    for point in ring:
        assert distance_m((lon, lat), point) == pytest.approx(radius_m, rel=0.01, abs=1)


@given(latitudes, longitudes, st.floats(0, 359))
def test_a_sector_starts_at_its_mast_and_points_along_its_azimuth(lat, lon, azimuth):
    ring = sector(lat, lon, azimuth, 1500.0)
    assert ring[0] == ring[-1] == (round(lon, 6), round(lat, 6))
    assert area(ring) > 0
    middle = ring[len(ring) // 2]
    assert abs(distance_m((lon, lat), middle) - 1500) < 15
    assert cos(radians(azimuth)) * (middle[1] - lat) >= -1e-6


def test_a_cell_without_azimuth_serves_all_round():
    assert sector(43.2, 76.8, None, 1000.0) == circle(43.2, 76.8, 1000.0)
