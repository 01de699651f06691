"""What simbox.kernels.handset computes, from the definitions, for one SIM."""

import math
from itertools import pairwise

from oracles.summaries import share

FIELDS = {
    "legs_with_imei": ("_imeis", 0),
    "imeis": ("_imeis", 1),
    "imei_changes": ("_imei_changes", 0),
    "sims_on_imei": ("_sims_on_imei", 0),
    "imei_changes_at_move": ("_imei_changes_at_move", 0),
    "tacs": ("_tacs", 0),
}


def _known(imei):
    return [number for number in imei if number != -1]


def _imeis(imei):
    return len(_known(imei)), float(len(set(_known(imei)))) if _known(imei) else math.nan


def _tacs(imei):
    return float(len({number // 10**6 for number in _known(imei)})) if _known(imei) else math.nan


def _imei_changes(imei):
    return float(sum(a != b for a, b in pairwise(_known(imei)))) if _known(imei) else math.nan


def _sims_on_imei(imei, imei_sims):
    sims = [count for number, count in zip(imei, imei_sims, strict=True) if number != -1 and count != -1]
    return float(max(sims)) if sims else math.nan


def _imei_changes_at_move(imei, place):
    legs = [(number, p) for number, p in zip(imei, place, strict=True) if number != -1]
    changes = [(p, q) for (a, p), (b, q) in pairwise(legs) if a != b and p != -1 and q != -1]
    return share(sum(p != q for p, q in changes), len(changes))
