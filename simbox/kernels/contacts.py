"""Who calls a SIM, who calls back, and with whom it exchanges SMS.

Only legs that carry the far end's number count, in shares' denominators too. Calls mean voice; cf, data and
signalling legs are in none of these numbers.
"""

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import ALPHANUMERIC, MICROSECONDS, MO, MT, SHORT_CODE, SMS, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, find, size
from simbox.kernels.summaries import share, top_tallies

FIELDS = (
    "callers",
    "top5_caller_share",
    "reciprocity",
    "callbacks_share",
    "mirror_share",
    "sms_senders",
    "otp_sender_share",
    "sms_recipients",
    "sms_fan_out",
)

Bytes = npt.NDArray[np.int8]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_RANG_BACK = -1
_MIRROR_US = 600 * MICROSECONDS


@kernel
def _callers(service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> tuple[int, float]:
    """Distinct numbers that called the SIM; calls of the five that called most / calls received, null without any."""
    empty(table, service.size)
    calls = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MT and other_party[i] >= 0:
            table.tallies[add(table, other_party[i])] += 1
            calls += 1
    return size(table), share(top_tallies(table.tallies[: size(table)], 0).sum(), calls)


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
def _mirror_share(started_at: Longs, service: Bytes, direction: Bytes, other_party: Longs, table: Distinct) -> float:
    """Calls made that were mirrored / calls made; null without calls made.

    Mirrored (Veloso): the callee calls the SIM later than the call's start and at most 10 minutes after it. Each
    call received mirrors the last call made to that number, and a call made is mirrored once.
    """
    empty(table, service.size)
    calls = 0
    mirrored = 0
    for i in range(service.size):
        if service[i] != VOICE or other_party[i] < 0:
            continue
        if direction[i] == MO:
            table.tallies[add(table, other_party[i])] = started_at[i]
            calls += 1
        elif direction[i] == MT:
            callee = find(table, other_party[i])
            if callee >= 0 and table.tallies[callee] != _RANG_BACK and started_at[i] > table.tallies[callee]:
                mirrored += started_at[i] - table.tallies[callee] <= _MIRROR_US
                table.tallies[callee] = _RANG_BACK
    return share(mirrored, calls)


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


@driver(NOTHING(LONG, LONG, LONGS, BYTES, BYTES, LONGS, BYTES, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    other_kind: Bytes,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    table = allot(largest_slice(starts, ends, first, last))
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        begins = started_at[records]
        services = service[records]
        directions = direction[records]
        parties = other_party[records]
        row = features[sim]
        row[0], row[1] = _callers(services, directions, parties, table)
        row[2] = _reciprocity(services, directions, parties, table)
        row[3] = _callbacks_share(begins, services, directions, parties, table)
        row[4] = _mirror_share(begins, services, directions, parties, table)
        row[5], row[6] = _sms_senders(services, directions, parties, other_kind[records], table)
        row[7], row[8] = _sms_recipients(services, directions, parties, table)


def contacts(
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    other_party: Longs,
    other_kind: Bytes,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at."""
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(_fill_chunk, started_at, service, direction, other_party, other_kind, starts, ends, features)
    return features
