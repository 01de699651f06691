"""Calls far apart at one time, from the definition."""

from oracles.distance import distance_km

Calls = list[tuple[int, int, float, float]]


def are_apart(calls_a: Calls, calls_b: Calls, far_km: float) -> bool:
    """Whether any call (started_at, ended_at, lat, lon) of one SIM overlaps a far one of the other."""
    return any(
        max(begun, begun_b) < min(ended, ended_b) and distance_km(lat, lon, lat_b, lon_b) > far_km
        for begun, ended, lat, lon in calls_a
        for begun_b, ended_b, lat_b, lon_b in calls_b
    )
