"""What simbox.kernels.gaps computes, from the definitions, for one SIM."""

import math
from itertools import pairwise

from oracles.summaries import mean, share, sort_to_median, sort_to_mode_share, variation
from oracles.weibull import weibull_shape

FIELDS = {
    "gap_mean_s": ("_gap_mean_s", 0),
    "gap_median_s": ("_gap_median_s", 0),
    "gap_cv": ("_gap_cv", 0),
    "gap_weibull_shape": ("_gap_laws", 0),
    "gap_power_law_exponent": ("_gap_laws", 1),
    "gap_law": ("_gap_laws", 2),
    "redial_share": ("_redial_share", 0),
    "pause_mode_share": ("_pause_mode_share", 0),
    "busy_share": ("_busy_share", 0),
    "duty_cycle_share": ("_duty_cycle_share", 0),
    "busiest_hour_calls": ("_busiest_hour_calls", 0),
    "simultaneous_calls": ("_simultaneous_calls", 0),
}


def _gaps_us(started_at, service, direction):
    calls = [t for t, s, d in zip(started_at, service, direction, strict=True) if (s, d) == (0, 0)]
    return [after - before for before, after in pairwise(calls)]


def _gap_mean_s(gaps_us):
    return mean(gaps_us) / 1e6


def _gap_median_s(gaps_us):
    return sort_to_median(gaps_us) / 1e6


def _gap_cv(gaps_us):
    return variation(gaps_us)


def _gap_laws(gaps_us):
    if len(gaps_us) < 5:
        return math.nan, math.nan, math.nan
    logarithms = [math.log(max(gap / 1e6, 1)) for gap in gaps_us]
    shape = weibull_shape(logarithms)
    shortest = min(logarithms)
    above = mean([logarithm - shortest for logarithm in logarithms])
    if above < 1e-3:
        return shape, math.nan, math.nan
    exponent = 1 + 1 / above
    # Densities: (k / scale) (x / scale)^(k - 1) exp(-(x / scale)^k), and (a - 1) / least (x / least)^-a.
    longest = max(logarithms)
    log_scale = longest + math.log(mean([math.exp(shape * (x - longest)) for x in logarithms])) / shape
    weibull = [
        math.log(shape) - log_scale + (shape - 1) * (x - log_scale) - math.exp(shape * (x - log_scale))
        for x in logarithms
    ]
    power_law = [math.log(exponent - 1) - shortest - exponent * (x - shortest) for x in logarithms]
    return shape, exponent, mean(weibull) - mean(power_law)


def _calls(started_at, duration_s, service, direction, directions):
    """Start and end of calls, in microseconds."""
    legs = zip(started_at, duration_s, service, direction, strict=True)
    return [(start, start + seconds * 10**6) for start, seconds, s, d in legs if s == 0 and d in directions]


def _redial_share(started_at, duration_s, service, direction):
    pairs = list(pairwise(_calls(started_at, duration_s, service, direction, {0})))
    return share(sum(0 <= after[0] - before[1] <= 10**7 for before, after in pairs), len(pairs))


def _pause_mode_share(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0})
    pauses = [after[0] - before[1] for before, after in pairwise(calls)]
    seconds = [pause // 10**6 for pause in pauses if 0 <= pause < 60 * 10**6]
    return sort_to_mode_share(seconds) if len(seconds) >= 3 else math.nan


def _busy_share(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0, 1})
    if len(calls) < 2:
        return math.nan
    borders = sorted({border for call in calls for border in call})
    stretches = pairwise(borders)
    busy = sum(b - a for a, b in stretches if any(start <= a and b <= end for start, end in calls))
    return share(busy, borders[-1] - borders[0])


def _duty_cycle_share(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0, 1})
    hour = 3600 * 10**6
    hours = {start // hour for start, _ in calls}
    hours |= {number for start, end in calls for number in range(start // hour, -(-end // hour))}
    borders = sorted({border for call in calls for border in call})
    busy = sum(b - a for a, b in pairwise(borders) if any(start <= a and b <= end for start, end in calls))
    return share(busy, len(hours) * hour)


def _busiest_hour_calls(started_at, service, direction):
    starts = [t for t, s, d in zip(started_at, service, direction, strict=True) if (s, d) == (0, 0)]
    return max((sum(0 <= t - first < 3600 * 10**6 for t in starts) for first in starts), default=0)


def _simultaneous_calls(started_at, duration_s, service, direction):
    calls = _calls(started_at, duration_s, service, direction, {0, 1})
    return max((sum(start <= instant < end for start, end in calls) for instant, _ in calls), default=0)
