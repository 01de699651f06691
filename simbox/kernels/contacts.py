"""With whom a SIM speaks and writes.

Only legs that carry the far end's number count, in shares' denominators too. Calls mean voice; cf, data and
signalling legs are in none of these numbers.
"""

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import ALPHANUMERIC, MO, MT, SHORT_CODE, SMS, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, find, size
from simbox.kernels.summaries import share

FIELDS = (
    "callees",
    "fan_out",
    "top5_callee_share",
    "callers",
    "reciprocity",
    "new_callee_share",
    "sms_senders",
    "sms_recipients",
    "sms_fan_out",
    "callbacks_share",
    "repeat_callee_share",
    "otp_sender_share",
)

Bytes = npt.NDArray[np.int8]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_TOP = 5
_MET = 1
_COLD = 2
_CALLED = 4
_RANG_BACK = -1


@kernel
def _callees(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> tuple[int, float, float, float]:
    """callees, fan_out, top5_callee_share and repeat_callee_share.

    Distinct numbers called; they / calls made; calls to the five most called / calls made; those called twice or
    more / callees. The shares are null without calls. bandicoot's number_of_contacts counts both directions.
    """
    empty(table, service.size)
    calls = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            table.tallies[add(table, other_party[i])] += 1
            calls += 1
    callees = size(table)
    repeated = 0
    for tally in table.tallies[:callees]:
        repeated += tally >= 2
    top = _top_sum(table.tallies[:callees])
    return callees, share(callees, calls), share(top, calls), share(repeated, callees)


@kernel
def _top_sum(tallies: Longs) -> int:
    """Sum of the five largest tallies."""
    top = np.zeros(_TOP, dtype=np.int64)
    for tally in tallies:
        if tally > top[_TOP - 1]:
            place = _TOP - 1
            while place > 0 and top[place - 1] < tally:
                top[place] = top[place - 1]
                place -= 1
            top[place] = tally
    return top.sum()


@kernel
def _callers(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> int:
    """Distinct numbers that called the SIM."""
    empty(table, service.size)
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MT and other_party[i] >= 0:
            add(table, other_party[i])
    return size(table)


@kernel
def _reciprocity(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> float:
    """Callees that at any time also called the SIM or wrote to it / callees; null without callees."""
    empty(table, service.size)
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO and other_party[i] >= 0:
            add(table, other_party[i])
    mutual = 0
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MT and other_party[i] >= 0:
            callee = find(table, other_party[i])
            if callee >= 0 and table.tallies[callee] == 0:
                table.tallies[callee] = 1
                mutual += 1
    return share(mutual, size(table))


@kernel
def _callbacks_share(started_at: Longs, service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> float:
    """Callees that called the SIM after its first call to them / callees; null without callees.

    A call at the same instant as that first one comes not after it.
    """
    empty(table, service.size)
    callbacks = 0
    for i in range(service.size):
        if service[i] != VOICE or other_party[i] < 0:
            continue
        if direction[i] == MO:
            known = size(table)
            callee = add(table, other_party[i])
            if callee == known:
                table.tallies[callee] = started_at[i]
        elif direction[i] == MT:
            callee = find(table, other_party[i])
            if callee >= 0 and table.tallies[callee] != _RANG_BACK and started_at[i] > table.tallies[callee]:
                table.tallies[callee] = _RANG_BACK
                callbacks += 1
    return share(callbacks, size(table))


@kernel
def _new_callee_share(service: Bytes, direction: Bytes, other_party: Longs, known: int, table: Distinct) -> float:
    """Callees of the window that the SIM called cold / callees; null without callees.

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
    return share(cold, callees)


@kernel
def _sms_senders(
    service: Bytes, direction: Bytes, other_party: Longs, other_kind: Bytes, table: Distinct
) -> tuple[int, float]:
    """Distinct senders of SMS received; services, alphanumeric or short code, / senders, null without senders.

    A sender is a service where its first SMS says so.
    """
    empty(table, service.size)
    services = 0
    for i in range(service.size):
        if service[i] == SMS and direction[i] == MT and other_party[i] >= 0:
            known = size(table)
            if add(table, other_party[i]) == known:
                services += other_kind[i] == ALPHANUMERIC or other_kind[i] == SHORT_CODE
    return size(table), share(services, size(table))


@kernel
def _sms_recipients(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> tuple[int, float]:
    """Distinct numbers the SIM wrote to; they / SMS sent, null without SMS sent."""
    empty(table, service.size)
    messages = 0
    for i in range(service.size):
        if service[i] == SMS and direction[i] == MO and other_party[i] >= 0:
            add(table, other_party[i])
            messages += 1
    return size(table), share(size(table), messages)


@driver(NOTHING(LONG, LONG, LONGS, BYTES, BYTES, LONGS, BYTES, LONGS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    other_kind: Bytes,
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
        row[0], row[1], row[2], row[10] = _callees(services, directions, parties, table)
        row[3] = _callers(services, directions, parties, table)
        row[4] = _reciprocity(services, directions, parties, table)
        row[5] = _new_callee_share(
            service[remembered],
            direction[remembered],
            other_party[remembered],
            starts[sim] - histories[sim],
            table,
        )
        row[6], row[11] = _sms_senders(services, directions, parties, other_kind[records], table)
        row[7], row[8] = _sms_recipients(services, directions, parties, table)
        row[9] = _callbacks_share(started_at[records], services, directions, parties, table)


def contacts(
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    other_kind: Bytes,
    histories: Longs,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    Records from histories[i] to before starts[i] only tell whom it knew before the window.
    """
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(
        _fill_chunk,
        started_at,
        service,
        direction,
        other_party,
        other_kind,
        histories,
        starts,
        ends,
        features,
    )
    return features
