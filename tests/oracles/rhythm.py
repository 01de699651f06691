"""What simbox.kernels.rhythm computes, from the definitions, for one SIM."""

import math
from itertools import pairwise

from oracles.summaries import entropy, share, sort_to_median, variation
from oracles.weibull import weibull_shape

FIELDS = {
    "hour_entropy": ("_hours", 0),
    "night_share": ("_hours", 1),
    "office_share": ("_hours", 2),
    "evening_share": ("_hours", 3),
    "active_hours": ("_hours", 4),
    "active_nights": ("_active_nights", 0),
    "gap_median_s": ("_gap_median_s", 0),
    "gap_cv": ("_gap_cv", 0),
    "redial_share": ("_redial_share", 0),
    "busy_share": ("_busy_share", 0),
    "simultaneous_calls": ("_simultaneous_calls", 0),
    "gap_weibull_shape": ("_gap_weibull_shape", 0),
}


def _hours(service, direction, local_minute):
    minutes = [m for s, d, m in zip(service, direction, local_minute, strict=True) if s in (0, 1) and d == 0]
    hours = [minute // 60 for minute in minutes if minute >= 0]
    used = float(len(set(hours)))
    return (
        entropy([hours.count(hour) for hour in range(24)]),
        share(sum(hour < 5 for hour in hours), len(hours)),
        share(sum(9 <= hour < 18 for hour in hours), len(hours)),
        share(sum(18 <= hour for hour in hours), len(hours)),
        math.nan if minutes and not hours else used,
    )


def _active_nights(service, direction, night):
    return len({n for s, d, n in zip(service, direction, night, strict=True) if s in (0, 1) and d == 0})


def _gaps_us(started_at, service, direction):
    calls = [t for t, s, d in zip(started_at, service, direction, strict=True) if (s, d) == (0, 0)]
    return [after - before for before, after in pairwise(calls)]


def _gap_median_s(gaps_us):
    return sort_to_median(gaps_us) / 1e6


def _gap_cv(gaps_us):
    return variation(gaps_us)


def _gap_weibull_shape(gaps_us):
    if len(gaps_us) < 5:
        return math.nan
    return weibull_shape([math.log(max(gap / 1e6, 1)) for gap in gaps_us])


def _calls(started_at, duration_s, service, direction, directions):
    """Start and end of calls, in microseconds."""
    legs = zip(started_at, duration_s, service, direction, strict=True)
    return [(start, start + seconds * 10**6) for start, seconds, s, d in legs if s == 0 and d in directions]


def _redial_share(started_at, duration_s, service, direction):
    pairs = list(pairwise(_calls(started_at, duration_s, service, direction, {0})))
    return share(sum(0 <= after[0] - before[1] <= 10**7 for before, after in pairs), len(pairs))


def _busy_share(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0, 1})
    if len(calls) < 2:
        return math.nan
    borders = sorted({border for call in calls for border in call})
    stretches = pairwise(borders)
    busy = sum(b - a for a, b in stretches if any(start <= a and b <= end for start, end in calls))
    return share(busy, borders[-1] - borders[0])


def _simultaneous_calls(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0, 1})
    return max((sum(start <= instant < end for start, end in calls) for instant, _ in calls), default=0)
