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
    "international_share": ("_international_share", 0, {"way": 0}),
    "received_codes": ("_received_codes", 0),
    "sms_only": ("_sms_only", 0),
    "data_legs": ("_data_legs", 0),
    "duration_total_s": ("_durations", 3),
    "duration_max_s": ("_durations", 4),
    "short_call_share": ("_durations", 5),
    "unanswered_run": ("_unanswered_run", 0),
    "mo_sms_share": ("_events", 2),
    "mt_international_share": ("_international_share", 0, {"way": 1}),
    "mo_calls_alone": ("_mo_calls_alone", 0),
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
    short = share(sum(t < 10 for t in lasted), len(lasted))
    longest = float(max(lasted)) if lasted else math.nan
    return mean(lasted), sort_to_median(lasted), variation(lasted), sum(lasted), longest, short


def _unanswered_run(service, direction, answered):
    told = [a for s, d, a in zip(service, direction, answered, strict=True) if (s, d) == (0, 0) and a in (0, 1)]
    runs = "".join(map(str, told)).split("1")
    return float(max(map(len, runs))) if told else math.nan


def _messages(service, direction):
    legs = list(zip(service, direction, strict=True))
    return legs.count((1, 0)), legs.count((1, 1))


def _events(service, direction):
    directions = [d for s, d in zip(service, direction, strict=True) if s in (0, 1) and d in (0, 1)]
    made, sent = directions.count(0), list(zip(service, direction, strict=True)).count((1, 0))
    return made, share(made, len(directions)), share(sent, made)


def _kinds(service, direction, other_kind, way):
    return [k for s, d, k in zip(service, direction, other_kind, strict=True) if (s, d) == (0, way)]


def _off_net_share(service, direction, other_kind):
    kinds = _kinds(service, direction, other_kind, 0)
    return share(kinds.count(1), kinds.count(0) + kinds.count(1))


def _international_share(service, direction, other_kind, way):
    known = [k for k in _kinds(service, direction, other_kind, way) if k in (0, 1, 2, 3, 4, 5, 7)]
    return share(known.count(3), len(known))


def _received_codes(service, direction, other_kind):
    return sum((s, d) == (1, 1) and k in (4, 5) for s, d, k in zip(service, direction, other_kind, strict=True))


def _sms_only(service, direction):
    used = {s for s, d in zip(service, direction, strict=True) if s in (0, 1) and d in (0, 1)}
    if not used:
        return math.nan
    return float(used == {1})


def _mo_calls_alone(service, direction):
    legs = [leg for leg in zip(service, direction, strict=True) if leg[1] != 2]
    return len(legs) if set(legs) == {(0, 0)} else 0


def _data_legs(service, direction):
    return sum(s == 2 and d != 2 for s, d in zip(service, direction, strict=True))
