"""What simbox.kernels.handset computes, from the definitions, for one SIM."""

import math
from collections import Counter
from itertools import pairwise

from oracles.summaries import share

FIELDS = {
    "legs_with_imei": ("_imeis", 0),
    "imeis": ("_imeis", 1),
    "top_imei_share": ("_imeis", 2),
    "tacs": ("_tacs", 0),
    "imei_changes": ("_imei_changes", 0),
    "imei_neighbour_share": ("_imei_changes", 1),
    "imei_changes_per_night": ("_imei_changes_per_night", 0),
    "imei_changes_at_move": ("_imei_changes_at_move", 0),
    "sims_on_imei": ("_sims_on_imei", 0),
}


def _known(imei):
    return [number for number in imei if number != -1]


def _imeis(imei):
    counts = Counter(_known(imei))
    most = max(counts.values(), default=0)
    return counts.total(), float(len(counts)) if counts else math.nan, share(most, counts.total())


def _tacs(imei):
    return float(len({number // 10**6 for number in _known(imei)})) if _known(imei) else math.nan


def _imei_changes(imei):
    if not _known(imei):
        return math.nan, math.nan
    changes = [(a, b) for a, b in pairwise(_known(imei)) if a != b]
    near = sum(a // 10**6 == b // 10**6 and abs(a - b) <= 10 for a, b in changes)
    return float(len(changes)), share(near, len(changes))


def _imei_changes_per_night(imei, night):
    nights = {n for number, n in zip(imei, night, strict=True) if number != -1}
    return share(_imei_changes(imei)[0], len(nights)) if nights else math.nan


def _sims_on_imei(imei, imei_sims):
    sims = [count for number, count in zip(imei, imei_sims, strict=True) if number != -1 and count != -1]
    return float(max(sims)) if sims else math.nan


def _imei_changes_at_move(imei, place):
    legs = [(number, p) for number, p in zip(imei, place, strict=True) if number != -1]
    changes = [(p, q) for (a, p), (b, q) in pairwise(legs) if a != b and p != -1 and q != -1]
    return share(sum(p != q for p, q in changes), len(changes))
