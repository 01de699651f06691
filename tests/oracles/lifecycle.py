"""What simbox.kernels.lifecycle computes, from the definitions, for one SIM."""

import math
from itertools import groupby, pairwise

FIELDS = {
    "active_span_nights": ("_spans", 0),
    "longest_silence_nights": ("_spans", 1),
    "first_event_age_days": ("_ages", 0),
    "burst_age_days": ("_ages", 1),
}


def _nights(service, direction, night):
    return [n for s, d, n in zip(service, direction, night, strict=True) if s in (0, 1) and d == 0]


def _spans(service, direction, night):
    nights = _nights(service, direction, night)
    if not nights:
        return 0, math.nan
    silences = [b - a - 1 for a, b in pairwise(nights)]
    return nights[-1] - nights[0] + 1, float(max([0, *silences]))


def _ages(service, direction, night, first_night):
    if first_night == -1 or not night or first_night < night[0]:
        return math.nan, math.nan
    nights = _nights(service, direction, night)
    bursts = [n for n, run in groupby(nights) if len(list(run)) >= 10]
    return tuple(float(n[0] - first_night) if n else math.nan for n in (nights, bursts))
