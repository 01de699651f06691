"""Whom a SIM calls: how many, how often, whom anew, in what order, and who they are by their own records.

Only calls made that carry the far end's number count, in shares' denominators too.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, INTS, LONG, LONGS, NOTHING, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import MO, MT, SMS, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, size
from simbox.kernels.summaries import TOP, entropy, share, top_tallies

FIELDS = (
    "callees",
    "fan_out",
    "top5_callee_share",
    "repeat_callee_share",
    "callee_entropy",
    "new_callees",
    "new_callee_share",
    "repetition_share",
    "sequential_share",
    "signature_shift",
    "callee_turnover_share",
    "night_callees",
    "callees_visible",
    "callee_international_share",
    "callee_international_drop",
)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MET = 1
_COLD = 2
_CALLED = 4
_STEP = 10
_HALF_BITS = 32
_HALF_MASK = 0xFFFFFFFF
_NIGHT_END_MINUTE = 300


@kernel
def _callees(
    service: Bytes, direction: Bytes, other_party: Longs, table: Distinct
) -> tuple[int, float, float, float, float]:
    """callees, fan_out, top5_callee_share, repeat_callee_share and callee_entropy.

    Distinct numbers called; they / calls made; calls to the five most called / calls made; those called twice or
    more / callees; entropy in nat of calls over callees. All but the first are null without calls. bandicoot's
    number_of_contacts and entropy_of_contacts count both directions.
    """
    empty(table, service.size)
    calls = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            table.tallies[add(table, other_party[i])] += 1
            calls += 1
    callees = size(table)
    tallies = table.tallies[:callees]
    repeated = 0
    for tally in tallies:
        repeated += tally >= 2
    top = top_tallies(tallies, 0).sum()
    return callees, share(callees, calls), share(top, calls), share(repeated, callees), entropy(tallies)


@kernel
def _new_callees(
    service: Bytes, direction: Bytes, other_party: Longs, known: int, table: Distinct
) -> tuple[int, float]:
    """Callees of the window that the SIM called cold; they / callees, null without callees.

    Cold: the first call or SMS between the two, either way, lies in the window and was made by the SIM. The
    first `known` records lie before the window.
    """
    empty(table, service.size)
    callees = 0
    cold = 0
    for i in range(service.size):
        if service[i] > SMS or direction[i] > MT or other_party[i] < 0:
            continue
        party = add(table, other_party[i])
        if table.tallies[party] == 0:
            table.tallies[party] = _MET
            if i >= known and direction[i] == MO:
                table.tallies[party] |= _COLD
        if i >= known and service[i] == VOICE and direction[i] == MO and not table.tallies[party] & _CALLED:
            table.tallies[party] |= _CALLED
            callees += 1
            cold += (table.tallies[party] & _COLD) != 0
    return cold, share(cold, callees)


@kernel
def _dialling(service: Bytes, direction: Bytes, other_party: Longs) -> tuple[float, float]:
    """Calls made to the number called just before, and to another within 10 of it / calls made but the first.

    Veloso's repetition, and the dialling of a range of numbers one after another; null under two calls.
    """
    followers = -1
    repeated = 0
    sequential = 0
    former = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            followers += 1
            step = other_party[i] - former
            repeated += followers > 0 and step == 0
            sequential += followers > 0 and step != 0 and -_STEP <= step <= _STEP
            former = other_party[i]
    return share(repeated, max(followers, 0)), share(sequential, max(followers, 0))


@kernel
def _signature(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> tuple[float, float]:
    """signature_shift and callee_turnover_share: the first half of the calls made against the second.

    The shift is the Jensen-Shannon divergence in nat (0 to ln 2) of the shares of calls that go to the most called,
    the second most called and so on to the fifth, and to all others: it stays small as a person's contacts come
    and go (Saramaki, PNAS 2014). Turnover is callees of the second half not called in the first / callees of the
    second. Of an odd number of calls the second half has one more; null under two calls.
    """
    empty(table, service.size)
    calls = 0
    for i in range(service.size):
        calls += service[i] == VOICE and direction[i] == MO and other_party[i] >= 0
    if calls < 2:
        return math.nan, math.nan
    first = calls // 2
    seen = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            table.tallies[add(table, other_party[i])] += 1 if seen < first else 1 << _HALF_BITS
            seen += 1
    tallies = table.tallies[: size(table)]
    later = 0
    anew = 0
    for tally in tallies:
        later += tally >> _HALF_BITS > 0
        anew += tally & _HALF_MASK == 0
    before = top_tallies(tallies, 0)
    after = top_tallies(tallies, _HALF_BITS)
    shift = _divergence_part((first - before.sum()) / first, (calls - first - after.sum()) / (calls - first))
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
def _night_callees(
    service: Bytes, direction: Bytes, other_party: Longs, local_minute: Shorts, table: Distinct
) -> float:
    """Distinct numbers called at 0-5 h local time; null where it calls and no local time is known."""
    empty(table, service.size)
    calls = 0
    known = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            calls += 1
            known += local_minute[i] >= 0
            if 0 <= local_minute[i] < _NIGHT_END_MINUTE:
                add(table, other_party[i])
    return math.nan if known == 0 and calls > 0 else float(size(table))


@kernel
def _visible_callees(
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    abroad_inside: Ints,
    abroad_before: Ints,
    nights_inside: int,
    nights_before: int,
    table: Distinct,
) -> tuple[int, float, float]:
    """callees_visible, callee_international_share and callee_international_drop.

    Callees that a feed serves; those called from abroad in the window / they; 1 - their calls from abroad a night
    in the window / those a night before it: what a rig lands no longer comes as a call from abroad. The share is
    null without visible callees, the drop without nights or calls from abroad before the window; it is negative
    where such calls grow. `abroad_inside` and `abroad_before` are the calls from abroad that each record's far end
    received, -1 where no feed serves it.
    """
    empty(table, service.size)
    called_from_abroad = 0
    inside = 0
    before = 0
    for i in range(service.size):
        if service[i] != VOICE or direction[i] != MO or other_party[i] < 0 or abroad_inside[i] < 0:
            continue
        known = size(table)
        if add(table, other_party[i]) == known:
            called_from_abroad += abroad_inside[i] > 0
            inside += abroad_inside[i]
            before += max(0, abroad_before[i])
    visible = size(table)
    drop = math.nan
    if nights_before > 0 and before > 0:
        drop = 1.0 - inside * nights_before / (before * nights_inside)
    return visible, share(called_from_abroad, visible), drop


@driver(NOTHING(LONG, LONG, LONG, LONG, BYTES, BYTES, LONGS, SHORTS, INTS, INTS, LONGS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    nights_inside: int,
    nights_before: int,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    local_minute: Shorts,
    abroad_inside: Ints,
    abroad_before: Ints,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    table = allot(largest_slice(histories, ends, first, last))
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        remembered = slice(histories[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        parties = other_party[records]
        row = features[sim]
        row[0], row[1], row[2], row[3], row[4] = _callees(services, directions, parties, table)
        row[5], row[6] = _new_callees(
            service[remembered],
            direction[remembered],
            other_party[remembered],
            starts[sim] - histories[sim],
            table,
        )
        row[7], row[8] = _dialling(services, directions, parties)
        row[9], row[10] = _signature(services, directions, parties, table)
        row[11] = _night_callees(services, directions, parties, local_minute[records], table)
        row[12], row[13], row[14] = _visible_callees(
            services,
            directions,
            parties,
            abroad_inside[records],
            abroad_before[records],
            nights_inside,
            nights_before,
            table,
        )


def callees(
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    local_minute: Shorts,
    abroad_inside: Ints,
    abroad_before: Ints,
    nights_inside: int,
    nights_before: int,
    histories: Longs,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    Records from histories[i] to before starts[i] only tell whom it knew before the window.
    """
    features = np.empty((starts.size, len(FIELDS)))
    columns = (service, direction, other_party, local_minute, abroad_inside, abroad_before)
    fill_chunks(_fill_chunk, *columns, histories, starts, ends, features, scalars=(nights_inside, nights_before))
    return features
