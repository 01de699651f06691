"""What simbox.kernels.volume computes, from the definitions, for one SIM."""

import math

from oracles.summaries import mean, share, sort_to_median, variation

FIELDS = {
    "mo_calls": ("_calls", 0),
    "mt_calls": ("_calls", 1),
    "mo_share": ("_calls", 2),
    "answered_share": ("_answered_share", 0),
    "duration_mean_s": ("_durations", 0),
    "duration_median_s": ("_durations", 1),
    "duration_cv": ("_durations", 2),
    "sms_mo": ("_messages", 0),
    "sms_mt": ("_messages", 1),
    "mo_events": ("_events", 0),
    "mo_share_all": ("_events", 1),
    "off_net_share": ("_off_net_share", 0),
    "international_share": ("_international_share", 0),
    "received_codes": ("_received_codes", 0),
    "sms_only": ("_sms_only", 0),
    "data_legs": ("_data_legs", 0),
}


def _calls(service, direction):
    legs = list(zip(service, direction, strict=True))
    made, received = legs.count((0, 0)), legs.count((0, 1))
    return made, received, share(made, made + received)


def _answered_share(service, direction, answered):
    told = [a for s, d, a in zip(service, direction, answered, strict=True) if (s, d) == (0, 0) and a in (0, 1)]
    return share(told.count(1), len(told))


def _durations(service, direction, duration_s):
    lasted = [t for s, d, t in zip(service, direction, duration_s, strict=True) if (s, d) == (0, 0) and t > 0]
    return mean(lasted), sort_to_median(lasted), variation(lasted)


def _messages(service, direction):
    legs = list(zip(service, direction, strict=True))
    return legs.count((1, 0)), legs.count((1, 1))


def _events(service, direction):
    directions = [d for s, d in zip(service, direction, strict=True) if s in (0, 1) and d in (0, 1)]
    return directions.count(0), share(directions.count(0), len(directions))


def _kinds_called(service, direction, other_kind):
    return [k for s, d, k in zip(service, direction, other_kind, strict=True) if (s, d) == (0, 0)]


def _off_net_share(service, direction, other_kind):
    kinds = _kinds_called(service, direction, other_kind)
    return share(kinds.count(1), kinds.count(0) + kinds.count(1))


def _international_share(service, direction, other_kind):
    known = [k for k in _kinds_called(service, direction, other_kind) if k in (0, 1, 2, 3, 4, 5, 7)]
    return share(known.count(3), len(known))


def _received_codes(service, direction, other_kind):
    return sum((s, d) == (1, 1) and k in (4, 5) for s, d, k in zip(service, direction, other_kind, strict=True))


def _sms_only(service, direction):
    used = {s for s, d in zip(service, direction, strict=True) if s in (0, 1) and d in (0, 1)}
    if not used:
        return math.nan
    return float(used == {1})


def _data_legs(service, direction):
    return sum(s == 2 and d != 2 for s, d in zip(service, direction, strict=True))
