"""What simbox.kernels.rhythm computes, from the definitions, for one SIM."""

import math
from collections import Counter
from datetime import date, timedelta

from oracles.summaries import entropy, share, sort_to_mode_share, variation

FIELDS = {
    "hour_entropy": ("_hour_entropy", 0),
    "night_share": ("_hours", 0),
    "office_share": ("_hours", 1),
    "evening_share": ("_hours", 2),
    "active_hours": ("_hours", 3),
    "night_calls": ("_night_calls", 0),
    "night_duration_s": ("_night_calls", 1),
    "active_nights": ("_active_nights", 0),
    "weekend_share": ("_active_nights", 1),
    "calls_per_night_cv": ("_calls_per_night", 0),
    "calls_per_night_mode_share": ("_calls_per_night", 1),
    "hour_repeat_share": ("_hour_repeat_share", 0),
    "mo_calls_a_night": ("_rates", 0),
    "sms_mo_a_night": ("_rates", 1),
    "received_codes_a_night": ("_rates", 2),
}


def _event_minutes(service, direction, local_minute):
    return [m for s, d, m in zip(service, direction, local_minute, strict=True) if s in (0, 1) and d == 0]


def _hour_entropy(service, direction, local_minute):
    hours = [minute // 60 for minute in _event_minutes(service, direction, local_minute) if minute >= 0]
    return entropy([hours.count(hour) for hour in range(24)])


def _hours(service, direction, local_minute):
    minutes = _event_minutes(service, direction, local_minute)
    hours = [minute // 60 for minute in minutes if minute >= 0]
    used = float(len(set(hours)))
    return (
        share(sum(hour < 5 for hour in hours), len(hours)),
        share(sum(9 <= hour < 18 for hour in hours), len(hours)),
        share(sum(18 <= hour for hour in hours), len(hours)),
        math.nan if minutes and not hours else used,
    )


def _night_calls(service, direction, duration_s, local_minute):
    legs = zip(service, direction, duration_s, local_minute, strict=True)
    calls = [(t, m) for s, d, t, m in legs if (s, d) == (0, 0)]
    if calls and all(m == -1 for _, m in calls):
        return math.nan, math.nan
    at_night = [t for t, m in calls if 0 <= m // 60 < 5]
    return float(len(at_night)), float(sum(at_night))


def _active_nights(service, direction, night):
    nights = [n for s, d, n in zip(service, direction, night, strict=True) if s in (0, 1) and d == 0]
    weekend = sum((date(1970, 1, 1) + timedelta(n)).isoweekday() > 5 for n in nights)
    return len(set(nights)), share(weekend, len(nights))


def _calls_per_night(service, direction, night):
    nights = Counter(n for s, d, n in zip(service, direction, night, strict=True) if (s, d) == (0, 0))
    calls = list(nights.values())
    return (variation(calls), sort_to_mode_share(calls)) if len(calls) >= 3 else (math.nan, math.nan)


def _hour_repeat_share(service, direction, night, local_minute):
    legs = zip(service, direction, night, local_minute, strict=True)
    worked = {(n, m // 60) for s, d, n, m in legs if s in (0, 1) and d == 0 and m != -1}
    nights = {n for n, _ in worked}
    followers = [(n, hour) for n, hour in worked if n - 1 in nights]
    return share(sum((n - 1, hour) in worked for n, hour in followers), len(followers))


def _ones(bits):
    return bin(bits).count("1")


def _rates(service, direction, other_kind, night):
    legs = list(zip(service, direction, other_kind, night, strict=True))
    calls = [n for s, d, _, n in legs if (s, d) == (0, 0)]
    sent = [n for s, d, _, n in legs if (s, d) == (1, 0)]
    codes = [n for s, d, k, n in legs if (s, d) == (1, 1) and k in (4, 5)]
    nights = len({*calls, *sent, *codes})
    return share(len(calls), nights), share(len(sent), nights), share(len(codes), nights)
