"""What simbox.kernels.callees computes, from the definitions, for one SIM."""

import math
from collections import Counter
from itertools import pairwise

from oracles.summaries import entropy, share

FIELDS = {
    "callees": ("_callees", 0),
    "fan_out": ("_callees", 1),
    "top5_callee_share": ("_callees", 2),
    "repeat_callee_share": ("_callees", 3),
    "callee_entropy": ("_callee_entropy", 0),
    "new_callees": ("_new_callees", 0),
    "new_callee_share": ("_new_callees", 1),
    "repetition_share": ("_dialling", 0),
    "sequential_share": ("_dialling", 1),
    "signature_shift": ("_signature", 0),
    "callee_turnover_share": ("_signature", 1),
    "night_callees": ("_night_callees", 0),
    "callees_visible": ("_visible_callees", 0),
    "callee_international_share": ("_visible_callees", 1),
    "callee_international_drop": ("_visible_callees", 2),
}


def _called(service, direction, other_party):
    legs = zip(service, direction, other_party, strict=True)
    return [party for s, d, party in legs if (s, d) == (0, 0) and party != -1]


def _callees(service, direction, other_party):
    calls = Counter(_called(service, direction, other_party))
    top = sum(count for _, count in calls.most_common(5))
    repeated = sum(count >= 2 for count in calls.values())
    return (
        len(calls),
        share(len(calls), calls.total()),
        share(top, calls.total()),
        share(repeated, len(calls)),
    )


def _callee_entropy(service, direction, other_party):
    return entropy(list(Counter(_called(service, direction, other_party)).values()))


def _new_callees(service, direction, other_party, known):
    callees = set(_called(service[known:], direction[known:], other_party[known:]))
    legs = list(zip(service, direction, other_party, strict=True))
    cold = 0
    for callee in callees:
        first = next(i for i, (s, d, party) in enumerate(legs) if s in (0, 1) and d in (0, 1) and party == callee)
        cold += first >= known and direction[first] == 0
    return cold, share(cold, len(callees))


def _dialling(service, direction, other_party):
    steps = [b - a for a, b in pairwise(_called(service, direction, other_party))]
    near = [step for step in steps if abs(step) <= 10]
    return share(near.count(0), len(steps)), share(len(near) - near.count(0), len(steps))


def _signature(service, direction, other_party):
    calls = _called(service, direction, other_party)
    if len(calls) < 2:
        return math.nan, math.nan
    halves = [Counter(calls[: len(calls) // 2]), Counter(calls[len(calls) // 2 :])]
    laws = []
    for half in halves:
        ranks = [count / half.total() for _, count in half.most_common()] + [0.0] * 5
        laws.append([*ranks[:5], sum(ranks[5:])])
    mixture = [(p + q) / 2 for p, q in zip(*laws, strict=True)]
    shift = sum(p * math.log(p / m) for law in laws for p, m in zip(law, mixture, strict=True) if p > 1e-12) / 2
    return shift, share(len(halves[1].keys() - halves[0].keys()), len(halves[1]))


def _divergence_part(p, q):
    return sum(x * math.log(2 * x / (p + q)) for x in (p, q) if x) / 2


def _night_callees(service, direction, other_party, local_minute):
    legs = zip(service, direction, other_party, local_minute, strict=True)
    calls = [(party, m) for s, d, party, m in legs if (s, d) == (0, 0) and party != -1]
    if calls and all(m == -1 for _, m in calls):
        return math.nan
    return float(len({party for party, m in calls if 0 <= m // 60 < 5}))


def _visible_callees(service, direction, other_party, abroad_inside, abroad_before, nights_inside, nights_before):
    visible = {}
    for s, d, party, inside, before in zip(service, direction, other_party, abroad_inside, abroad_before, strict=True):
        if (s, d) == (0, 0) and party != -1 and inside != -1:
            visible.setdefault(party, (inside, max(before, 0)))
    inside, before = (sum(calls[i] for calls in visible.values()) for i in (0, 1))
    drop = math.nan
    if nights_before and before:
        drop = 1 - (inside / nights_inside) / (before / nights_before)
    return len(visible), share(sum(calls[0] > 0 for calls in visible.values()), len(visible)), drop
