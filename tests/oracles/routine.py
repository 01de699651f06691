"""What simbox.kernels.routine computes, from the definitions, for one SIM."""

import math
from collections import Counter, defaultdict
from itertools import groupby, pairwise

from oracles.summaries import share, sort_to_mode_share, variation

FIELDS = {
    "stints": ("_stints", 0),
    "calls_without_move": ("_stints", 1),
    "stint_calls_cv": ("_stint_caps", 0),
    "stint_calls_mode_share": ("_stint_caps", 1),
    "stint_minutes_cv": ("_stint_caps", 2),
    "stint_minutes_mode_share": ("_stint_caps", 3),
    "exploration_share": ("_exploration_share", 0),
    "places_in_last6_stints": ("_places_in_last6_stints", 0),
    "route_repeat_share": ("_route_repeat_share", 0),
    "hour_regularity_share": ("_hour_regularity_share", 0),
}


def _stays(direction, place):
    """Stints in turn: a place and the indices of its legs."""
    legs = [i for i, (d, p) in enumerate(zip(direction, place, strict=True)) if d != 2 and p != -1]
    return [(p, list(run)) for p, run in groupby(legs, key=lambda i: place[i])]


def _stints(service, direction, place):
    stays = _stays(direction, place)
    calls = [sum((service[i], direction[i]) == (0, 0) for i in run) for _, run in stays]
    return len(stays), max(calls, default=0)


def _stint_caps(service, direction, duration_s, place):
    calls, minutes = [], []
    for _, run in _stays(direction, place)[1:-1]:
        made = [duration_s[i] for i in run if (service[i], direction[i]) == (0, 0)]
        if made:
            calls.append(len(made))
            minutes.append(sum(made) // 60)
    if len(calls) < 3:
        return (math.nan,) * 4
    return variation(calls), sort_to_mode_share(calls), variation(minutes), sort_to_mode_share(minutes)


def _exploration_share(direction, place):
    places = [p for p, _ in _stays(direction, place)]
    return share(sum(p not in places[:i] for i, p in enumerate(places) if i), max(len(places) - 1, 0))


def _places_in_last6_stints(direction, place):
    return len({p for p, _ in _stays(direction, place)[-6:]})


def _route_repeat_share(direction, place, night):
    first = {}
    repeated = []
    for (p, _), (q, run) in pairwise(_stays(direction, place)):
        repeated.append(first.setdefault((p, q), night[run[0]]) != night[run[0]])
    return share(sum(repeated), len(repeated))


def _hour_regularity_share(direction, place, local_minute):
    hours = defaultdict(Counter)
    for d, p, minute in zip(direction, place, local_minute, strict=True):
        if d != 2 and p != -1 and minute != -1:
            hours[minute // 60][p] += 1
    legs = sum(counts.total() for counts in hours.values())
    return share(sum(max(counts.values()) for counts in hours.values()), legs)
