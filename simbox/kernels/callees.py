"""Whom a SIM calls: how many, how often, whom anew, in what order, and who they are by their own records.

Only calls made that carry the far end's number count, in shares' denominators too; `dialled` holds their indices.
`callee` holds, for each of them, the number called as 0, 1, 2 and so on in order of its first call, of which there are
`callees`; `callee_calls` has how many calls each got.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import MO
from simbox.kernels.distinct import DISTINCT, Distinct, allot, number_few
from simbox.kernels.legs import choose_calls_to_numbers
from simbox.kernels.summaries import TOP, entropy, share, top_tallies

# What each function finds, in its order.
PARTS = (
    ("callees", "fan_out", "top5_callee_share", "repeat_callee_share"),
    ("callee_entropy",),
    ("new_callees", "new_callee_share"),
    ("repetition_share", "sequential_share"),
    ("signature_shift", "callee_turnover_share"),
    ("night_callees",),
    ("callees_visible", "callee_international_share", "callee_international_drop"),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_STEP = 10
_HALF_BITS = 32
_HALF_MASK = 0xFFFFFFFF
_NIGHT_END_MINUTE = 300


@kernel
def _tally(callee: Longs, callees: int, scratch: Longs) -> None:
    """How many calls each callee has, into the beginning of `scratch`."""
    scratch[:callees] = 0
    for called in callee:
        scratch[called] += 1


@kernel
def _callees(dialled: Longs, callee_calls: Longs) -> tuple[int, float, float, float]:
    """callees, fan_out, top5_callee_share and repeat_callee_share.

    Distinct numbers called; they / calls made; calls to the five most called / calls made; those called twice or
    more / callees. All but the first are null without calls. bandicoot's number_of_contacts counts both directions.
    """
    repeated = 0
    for tally in callee_calls:
        repeated += tally >= 2
    first, second, third, fourth, fifth = top_tallies(callee_calls, 0)
    top = first + second + third + fourth + fifth
    callees = callee_calls.size
    return callees, share(callees, dialled.size), share(top, dialled.size), share(repeated, callees)


@kernel
def _callee_entropy(callee_calls: Longs) -> float:
    """Entropy in nat of calls over callees, null without calls.

    bandicoot's entropy_of_contacts counts both directions.
    """
    return entropy(callee_calls)


@kernel
def _new_callees(
    window_dialled: Longs, window_callee: Longs, first_leg: Ints, direction: Bytes, known: int
) -> tuple[int, float]:
    """Callees of the window that the SIM called cold; they / callees, null without callees.

    Cold: the first call or SMS between the two, either way, lies in the window and was made by the SIM. The
    first `known` records lie before the window; `first_leg` is the index of the first one with each one's far end.
    """
    callees = 0
    cold = 0
    for i in range(window_dialled.size):
        if window_callee[i] == callees:
            callees += 1
            first = first_leg[known + window_dialled[i]]
            cold += (first >= known) & (direction[first] == MO)
    return cold, share(cold, callees)


@kernel
def _dialling(dialled: Longs, other_party: Longs) -> tuple[float, float]:
    """Calls dialled to the number called just before, and to another within 10 of it / calls made but the first.

    Veloso's repetition, and the dialling of a range of numbers one after another; null under two calls.
    """
    repeated = 0
    sequential = 0
    for follower in range(1, dialled.size):
        step = other_party[dialled[follower]] - other_party[dialled[follower - 1]]
        repeated += step == 0
        sequential += (step != 0) & (-_STEP <= step) & (step <= _STEP)
    followers = max(dialled.size - 1, 0)
    return share(repeated, followers), share(sequential, followers)


@kernel
def _signature(callee: Longs, callees: int, scratch: Longs) -> tuple[float, float]:
    """signature_shift and callee_turnover_share: the first half of the calls made against the second.

    The shift is the Jensen-Shannon divergence in nat (0 to ln 2) of the shares of calls that go to the most called,
    the second most called and so on to the fifth, and to all others: it stays small as a person's contacts come
    and go (Saramaki, PNAS 2014). Turnover is callees of the second half not called in the first / callees of the
    second. Of an odd number of calls the second half has one more; null under two calls.
    """
    calls = callee.size
    if calls < 2:
        return math.nan, math.nan
    first = calls // 2
    tallies = scratch[:callees]
    tallies[:] = 0
    for called in callee[:first]:
        tallies[called] += 1
    for called in callee[first:]:
        tallies[called] += 1 << _HALF_BITS
    later = 0
    anew = 0
    for tally in tallies:
        later += tally >> _HALF_BITS > 0
        anew += tally & _HALF_MASK == 0
    before = top_tallies(tallies, 0)
    after = top_tallies(tallies, _HALF_BITS)
    rest_before = first - (before[0] + before[1] + before[2] + before[3] + before[4])
    rest_after = calls - first - (after[0] + after[1] + after[2] + after[3] + after[4])
    shift = _divergence_part(rest_before / first, rest_after / (calls - first))
    for rank in range(TOP):
        shift += _divergence_part(before[rank] / first, after[rank] / (calls - first))
    return shift, share(anew, later)


@kernel
def _divergence_part(p: float, q: float) -> float:
    """What one class of two laws adds to their Jensen-Shannon divergence, in nat."""
    middle = (p + q) / 2
    part = 0.0
    if p > 0:
        part += p / 2 * math.log(p / middle)
    if q > 0:
        part += q / 2 * math.log(q / middle)
    return part


@kernel
def _night_callees(dialled: Longs, callee: Longs, callees: int, local_minute: Shorts, scratch: Longs) -> float:
    """Distinct numbers called at 0-5 h local time; null where it calls and no local time is known."""
    is_called = scratch[:callees]
    is_called[:] = 0
    known = 0
    at_night = 0
    for i in range(dialled.size):
        minute = local_minute[dialled[i]]
        known += minute >= 0
        if 0 <= minute < _NIGHT_END_MINUTE:
            at_night += 1 - is_called[callee[i]]
            is_called[callee[i]] = 1
    return math.nan if known == 0 and dialled.size > 0 else float(at_night)


@kernel
def _visible_callees(
    dialled: Longs,
    callee: Longs,
    callees: int,
    abroad_inside: Ints,
    abroad_before: Ints,
    nights_inside: int,
    nights_before: int,
    scratch: Longs,
) -> tuple[int, float, float]:
    """callees_visible, callee_international_share and callee_international_drop.

    Callees that a feed serves; those called from abroad in the window / they; 1 - their calls from abroad a night
    in the window / those a night before it: what a rig lands no longer comes as a call from abroad. The share is
    null without visible callees, the drop without nights or calls from abroad before the window; it is negative
    where such calls grow. `abroad_inside` and `abroad_before` are the calls from abroad that each record's far end
    received, -1 where no feed serves it.
    """
    is_seen = scratch[:callees]
    is_seen[:] = 0
    visible = 0
    called_from_abroad = 0
    inside = 0
    before = 0
    for i in range(dialled.size):
        call = dialled[i]
        if abroad_inside[call] >= 0 and is_seen[callee[i]] == 0:
            is_seen[callee[i]] = 1
            visible += 1
            called_from_abroad += abroad_inside[call] > 0
            inside += abroad_inside[call]
            before += max(0, abroad_before[call])
    drop = math.nan
    if nights_before > 0 and before > 0:
        drop = 1.0 - inside * nights_before / (before * nights_inside)
    return visible, share(called_from_abroad, visible), drop


@driver(
    NOTHING(
        LONG, LONG, LONG, LONG, BYTES, BYTES, LONGS, INTS, SHORTS, INTS, INTS, LONGS, LONGS, LONGS, FEATURES, FLAGS,
        SCRATCH, DISTINCT,
    )
)  # fmt: skip
def _fill_chunk(
    first: int,
    last: int,
    nights_inside: int,
    nights_before: int,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    first_leg: Ints,
    local_minute: Shorts,
    abroad_inside: Ints,
    abroad_before: Ints,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        remembered = slice(histories[sim], ends[sim])
        parties = other_party[records]
        row = features[:, sim]
        dialled = scratch[0, : choose_calls_to_numbers(service[records], direction[records], parties, scratch[0])]
        callee = scratch[1, : dialled.size]
        callees = number_few(dialled, first_leg[records], table, callee)
        if wanted[0] or wanted[1]:
            _tally(callee, callees, scratch[2])
            callee_calls = scratch[2, :callees]
            if wanted[0]:
                row[0], row[1], row[2], row[3] = _callees(dialled, callee_calls)
            if wanted[1]:
                row[4] = _callee_entropy(callee_calls)
        if wanted[2]:
            row[5], row[6] = _new_callees(
                dialled, callee, first_leg[remembered], direction[remembered], starts[sim] - histories[sim]
            )
        if wanted[3]:
            row[7], row[8] = _dialling(dialled, parties)
        if wanted[4]:
            row[9], row[10] = _signature(callee, callees, scratch[2])
        if wanted[5]:
            row[11] = _night_callees(dialled, callee, callees, local_minute[records], scratch[2])
        if wanted[6]:
            row[12], row[13], row[14] = _visible_callees(
                dialled,
                callee,
                callees,
                abroad_inside[records],
                abroad_before[records],
                nights_inside,
                nights_before,
                scratch[2],
            )


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((3, largest), dtype=np.int64), allot(largest)


def callees(
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    first_leg: Ints,
    local_minute: Shorts,
    abroad_inside: Ints,
    abroad_before: Ints,
    nights_inside: int,
    nights_before: int,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    Records from histories[i] to before starts[i] only tell whom it knew before the window; `first_leg` is of
    `first_legs`. With `fields` only what these need is filled in.
    """
    columns = (service, direction, other_party, first_leg, local_minute, abroad_inside, abroad_before)
    borders = (histories, starts, ends)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, borders, features, (nights_inside, nights_before))
