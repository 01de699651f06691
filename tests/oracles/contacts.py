"""What simbox.kernels.contacts computes, from the definitions, for one SIM."""

from collections import Counter

from oracles.summaries import share

FIELDS = {
    "callees": ("_callees", 0),
    "fan_out": ("_callees", 1),
    "top5_callee_share": ("_callees", 2),
    "callers": ("_callers", 0),
    "reciprocity": ("_reciprocity", 0),
    "new_callee_share": ("_new_callee_share", 0),
    "sms_senders": ("_sms_senders", 0),
    "sms_recipients": ("_sms_recipients", 0),
    "sms_fan_out": ("_sms_recipients", 1),
    "callbacks_share": ("_callbacks_share", 0),
    "repeat_callee_share": ("_callees", 3),
    "otp_sender_share": ("_sms_senders", 1),
}


def _parties(service, direction, other_party, wanted):
    legs = zip(service, direction, other_party, strict=True)
    return [party for s, d, party in legs if (s, d) in wanted and party != -1]


def _callees(service, direction, other_party):
    calls = Counter(_parties(service, direction, other_party, {(0, 0)}))
    top = sum(count for _, count in calls.most_common(5))
    repeated = sum(count >= 2 for count in calls.values())
    return len(calls), share(len(calls), calls.total()), share(top, calls.total()), share(repeated, len(calls))


def _top_sum(tallies):
    return sum(sorted(tallies)[-5:])


def _callers(service, direction, other_party):
    return len(set(_parties(service, direction, other_party, {(0, 1)})))


def _reciprocity(service, direction, other_party):
    callees = set(_parties(service, direction, other_party, {(0, 0)}))
    heard_of = set(_parties(service, direction, other_party, {(0, 1), (1, 1)}))
    return share(len(callees & heard_of), len(callees))


def _callbacks_share(started_at, service, direction, other_party):
    legs = list(zip(started_at, service, direction, other_party, strict=True))
    callees = set(_parties(service, direction, other_party, {(0, 0)}))
    rang_back = 0
    for callee in callees:
        first = min(t for t, s, d, party in legs if (s, d, party) == (0, 0, callee))
        rang_back += any(t > first for t, s, d, party in legs if (s, d, party) == (0, 1, callee))
    return share(rang_back, len(callees))


def _new_callee_share(service, direction, other_party, known):
    callees = set(_parties(service[known:], direction[known:], other_party[known:], {(0, 0)}))
    legs = list(zip(service, direction, other_party, strict=True))
    cold = 0
    for callee in callees:
        first = next(i for i, (s, d, party) in enumerate(legs) if s in (0, 1) and d in (0, 1) and party == callee)
        cold += first >= known and direction[first] == 0
    return share(cold, len(callees))


def _sms_senders(service, direction, other_party, other_kind):
    first_kind = {}
    for s, d, party, kind in zip(service, direction, other_party, other_kind, strict=True):
        if (s, d) == (1, 1) and party != -1:
            first_kind.setdefault(party, kind)
    services = sum(kind in (4, 5) for kind in first_kind.values())
    return len(first_kind), share(services, len(first_kind))


def _sms_recipients(service, direction, other_party):
    recipients = _parties(service, direction, other_party, {(1, 0)})
    return len(set(recipients)), share(len(set(recipients)), len(recipients))
