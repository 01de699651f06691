"""What simbox.kernels.contacts computes, from the definitions, for one SIM."""

from collections import Counter

from oracles.summaries import share

FIELDS = {
    "callers": ("_callers", 0),
    "top5_caller_share": ("_callers", 1),
    "reciprocity": ("_reciprocity", 0),
    "callbacks_share": ("_callbacks_share", 0),
    "mirror_share": ("_mirror_share", 0),
    "sms_senders": ("_sms_senders", 0),
    "otp_sender_share": ("_sms_senders", 1),
    "sms_recipients": ("_sms_recipients", 0),
    "sms_fan_out": ("_sms_recipients", 1),
}


def _parties(service, direction, other_party, wanted):
    legs = zip(service, direction, other_party, strict=True)
    return [party for s, d, party in legs if (s, d) in wanted and party != -1]


def _callers(service, direction, other_party):
    calls = Counter(_parties(service, direction, other_party, {(0, 1)}))
    return len(calls), share(sum(count for _, count in calls.most_common(5)), calls.total())


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


def _mirror_share(started_at, service, direction, other_party):
    legs = [
        (t, d, party)
        for t, s, d, party in zip(started_at, service, direction, other_party, strict=True)
        if s == 0 and d in (0, 1) and party != -1
    ]
    made = [i for i, (_, d, _) in enumerate(legs) if d == 0]
    mirrored = 0
    for i in made:
        start, _, callee = legs[i]
        after = [(t, d) for t, d, party in legs[i + 1 :] if party == callee]
        # Up to the next call made to the same number, the first call from it that comes later.
        until = next((j for j, (_, d) in enumerate(after) if d == 0), len(after))
        back = [t for t, _ in after[:until] if t > start]
        mirrored += bool(back) and back[0] - start <= 600 * 10**6
    return share(mirrored, len(made))


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
