"""Regions and sectors as rings of points on the ground."""

from math import asin, atan2, cos, degrees, radians, sin

from simbox.telecom.cells import DEFAULT_RANGE_M, EARTH_RADIUS_M

Ring = list[tuple[float, float]]

CIRCLE_POINTS = 48
SECTOR_WIDTH_DEG = 120.0
SECTOR_POINTS = 16
DECIMALS = 6


def circle(lat: float, lon: float, radius_m: float) -> Ring:
    """A circle as a closed ring of (lon, lat), anticlockwise, as RFC 7946 has it."""
    return _closed([_reach(lat, lon, -360.0 * step / CIRCLE_POINTS, radius_m) for step in range(CIRCLE_POINTS)])


def sector(lat: float, lon: float, azimuth_deg: float | None, range_m: float = DEFAULT_RANGE_M) -> Ring:
    """A cell's sector from its mast, 120 degrees wide and of nominal range; all round without an azimuth."""
    if azimuth_deg is None:
        return circle(lat, lon, range_m)
    right = azimuth_deg + SECTOR_WIDTH_DEG / 2
    arc = [
        _reach(lat, lon, right - SECTOR_WIDTH_DEG * step / SECTOR_POINTS, range_m) for step in range(SECTOR_POINTS + 1)
    ]
    return _closed([(round(lon, DECIMALS), round(lat, DECIMALS)), *arc])


def _reach(lat: float, lon: float, bearing_deg: float, distance_m: float) -> tuple[float, float]:
    """(lon, lat) of the point so far away in a direction, on the sphere."""
    phi, bearing, angle = radians(lat), radians(bearing_deg), distance_m / EARTH_RADIUS_M
    there = asin(sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(bearing))
    turned = atan2(sin(bearing) * sin(angle) * cos(phi), cos(angle) - sin(phi) * sin(there))
    return round((lon + degrees(turned) + 540) % 360 - 180, DECIMALS), round(degrees(there), DECIMALS)


def _closed(points: Ring) -> Ring:
    return [*points, points[0]]
