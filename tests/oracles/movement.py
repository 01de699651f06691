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
    "top_place": ("_places", 5),
    "place_evenness": ("_places", 6),
    "gyration_km": ("_gyration_km", 0),
    "impossible_jumps": ("_jumps", 0),
    "teleports": ("_jumps", 1),
    "teleport_share": ("_jumps", 2),
    "neighbour_move_share": ("_jumps", 3),
    "sims_at_place": ("_sims_at_place", 0),
    "home_share": ("_anchors", 0),
    "home_work_km": ("_anchors", 1),
}


def _places(service, direction, place):
    legs = [(s, d, p) for s, d, p in zip(service, direction, place, strict=True) if p != -1 and d != 2]
    if not legs:
        return 0, *[math.nan] * 6
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
        entropy(list(counts.values())) / math.log(len(counts)) if len(counts) > 1 else math.nan,
    )


def _is_located(code, place_lat, place_lon):
    return place_lat[code] == place_lat[code] and place_lon[code] == place_lon[code]


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


def _jumps(started_at, duration_s, direction, place, place_lat, place_lon):
    moves = []
    for a, b in pairwise(_located(direction, place, place_lat)):
        p, q = place[a], place[b]
        if p != q:
            km = distance_km(place_lat[p], place_lon[p], place_lat[q], place_lon[q])
            moves.append((km, (started_at[b] / 1e6 - started_at[a] / 1e6 - duration_s[a]) / 3600))
    far = sum(km > 5 for km, _ in moves)
    jumps = sum(km > 5 and (hours <= 0 or km / hours > 200) for km, hours in moves)
    return jumps, far, share(far, len(moves)), share(sum(km <= 2 for km, _ in moves), len(moves))


def _sims_at_place(direction, place, place_sims):
    legs = zip(direction, place, place_sims, strict=True)
    return mean([sims for d, p, sims in legs if d != 2 and p != -1 and sims != -1])


def _anchors(direction, place, local_minute, place_lat, place_lon):
    legs = [(p, m // 60) for d, p, m in zip(direction, place, local_minute, strict=True) if d != 2 and p != -1]
    at_home = Counter(p for p, hour in legs if hour >= 19 or 0 <= hour < 7)
    at_work = Counter(p for p, hour in legs if 9 <= hour < 18)
    if not at_home:
        return math.nan, math.nan
    home = min(at_home, key=lambda p: (-at_home[p], p))
    home_share = sum(p == home for p, _ in legs) / len(legs)
    if not at_work:
        return home_share, math.nan
    work = min(at_work, key=lambda p: (-at_work[p], p))
    if math.isnan(place_lat[home]) or math.isnan(place_lat[work]):
        return home_share, math.nan
    return home_share, distance_km(place_lat[home], place_lon[home], place_lat[work], place_lon[work])
