"""What simbox.kernels.movement computes, from the definitions, for one SIM."""

import math
from collections import Counter
from itertools import pairwise

from oracles.distance import distance_km, turn_degrees
from oracles.summaries import entropy, mean, share

FIELDS = {
    "legs_with_cell": ("_places", 0),
    "places": ("_places", 1),
    "places_per_call": ("_places", 2),
    "top_place_share": ("_places", 3),
    "place_entropy": ("_places", 4),
    "gyration_km": ("_gyration_km", 0),
    "impossible_jumps": ("_impossible_jumps", 0),
    "sims_at_place": ("_sims_at_place", 0),
    "stints": ("_stints", 0),
    "top_place": ("_places", 5),
}


def _places(service, direction, place):
    legs = [(s, d, p) for s, d, p in zip(service, direction, place, strict=True) if p != -1 and d != 2]
    if not legs:
        return 0, *[math.nan] * 5
    counts = Counter(p for _, _, p in legs)
    events = sum(s in (0, 1) and d == 0 for s, d, _ in legs)
    main = min(counts, key=lambda p: (-counts[p], p))
    return (
        len(legs),
        float(len(counts)),
        share(len(counts), events),
        counts[main] / len(legs),
        entropy(list(counts.values())),
        float(main),
    )


def _located(direction, place, place_lat):
    return [i for i, p in enumerate(place) if p != -1 and direction[i] != 2 and not math.isnan(place_lat[p])]


def _gyration_km(direction, place, place_lat, place_lon):
    legs = [place[i] for i in _located(direction, place, place_lat)]
    if not legs:
        return math.nan
    lat = math.fsum(place_lat[p] for p in legs) / len(legs)
    origin = place_lon[legs[0]]
    lon = origin + math.fsum(turn_degrees(origin, place_lon[p]) for p in legs) / len(legs)
    squares = [distance_km(lat, lon, place_lat[p], place_lon[p]) ** 2 for p in legs]
    return math.sqrt(math.fsum(squares) / len(legs))


def _impossible_jumps(started_at, duration_s, direction, place, place_lat, place_lon):
    jumps = 0
    for a, b in pairwise(_located(direction, place, place_lat)):
        p, q = place[a], place[b]
        km = distance_km(place_lat[p], place_lon[p], place_lat[q], place_lon[q])
        hours = (started_at[b] / 1e6 - started_at[a] / 1e6 - duration_s[a]) / 3600
        jumps += km > 5 and (hours <= 0 or km / hours > 200)
    return jumps


def _sims_at_place(direction, place, place_sims):
    legs = zip(direction, place, place_sims, strict=True)
    return mean([sims for d, p, sims in legs if d != 2 and p != -1 and sims != -1])


def _stints(direction, place):
    places = [p for d, p in zip(direction, place, strict=True) if d != 2 and p != -1]
    return (len(places) > 0) + sum(p != q for p, q in pairwise(places))
