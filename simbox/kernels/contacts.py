"""Who calls a SIM, who calls back, and with whom it exchanges SMS.

Only legs that carry the far end's number count, in shares' denominators too; `linked` holds the indices of such calls
and SMS. `party` holds, for each of them, the far end as 0, 1, 2 and so on in order of its first leg, of which there
are `parties`. Calls mean voice; cf, data and signalling legs are in none of these numbers.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import ALPHANUMERIC, MICROSECONDS, MO, MT, SHORT_CODE, SMS, VOICE
from simbox.kernels.distinct import DISTINCT, Distinct, allot, number_few
from simbox.kernels.legs import choose_met
from simbox.kernels.summaries import share, top_tallies

# What each function finds, in its order.
PARTS = (
    ("callers", "top5_caller_share"),
    ("reciprocity",),
    ("callbacks_share",),
    ("mirror_share",),
    ("sms_senders", "otp_sender_share"),
    ("sms_recipients", "sms_fan_out"),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NOT_CALLED = -2
_RANG_BACK = -1
_CALLED = 1
_CAME = 2
_MIRROR_US = 600 * MICROSECONDS


@kernel
def _callers(
    linked: Longs, party: Longs, parties: int, service: Bytes, direction: Bytes, scratch: Longs
) -> tuple[int, float]:
    """Distinct numbers that called the SIM; calls of the five that called most / calls received, null without any."""
    tallies = scratch[:parties]
    tallies[:] = 0
    calls = 0
    for i in range(linked.size):
        call = (service[linked[i]] == VOICE) & (direction[linked[i]] == MT)
        tallies[party[i]] += call
        calls += call
    callers = 0
    for tally in tallies:
        callers += tally > 0
    first, second, third, fourth, fifth = top_tallies(tallies, 0)
    return callers, share(first + second + third + fourth + fifth, calls)


@kernel
def _reciprocity(linked: Longs, party: Longs, parties: int, service: Bytes, direction: Bytes, scratch: Longs) -> float:
    """Callees that at any time also called the SIM or wrote to it / callees; null without callees."""
    contact = scratch[:parties]
    contact[:] = 0
    for i in range(linked.size):
        leg = linked[i]
        called = (service[leg] == VOICE) & (direction[leg] == MO)
        contact[party[i]] |= called * _CALLED + (direction[leg] == MT) * _CAME
    callees = 0
    mutual = 0
    for ways in contact:
        callees += ways & _CALLED
        mutual += ways == _CALLED + _CAME
    return share(mutual, callees)


@kernel
def _callbacks_share(
    linked: Longs,
    party: Longs,
    parties: int,
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    scratch: Longs,
) -> float:
    """Callees that called the SIM after its first call to them / callees; null without callees.

    A call at the same instant as that first one comes not after it.
    """
    called_at = scratch[:parties]
    called_at[:] = _NOT_CALLED
    callees = 0
    callbacks = 0
    for i in range(linked.size):
        leg = linked[i]
        if service[leg] != VOICE:
            continue
        first_call = called_at[party[i]]
        if direction[leg] == MO:
            if first_call == _NOT_CALLED:
                called_at[party[i]] = started_at[leg]
                callees += 1
        elif first_call >= 0 and started_at[leg] > first_call:
            called_at[party[i]] = _RANG_BACK
            callbacks += 1
    return share(callbacks, callees)


@kernel
def _mirror_share(
    linked: Longs,
    party: Longs,
    parties: int,
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    scratch: Longs,
) -> float:
    """Calls made that were mirrored / calls made; null without calls made.

    Mirrored (Veloso): the callee calls the SIM later than the call's start and at most 10 minutes after it. Each
    call received mirrors the last call made to that number, and a call made is mirrored once.
    """
    called_at = scratch[:parties]
    called_at[:] = _NOT_CALLED
    calls = 0
    mirrored = 0
    for i in range(linked.size):
        leg = linked[i]
        if service[leg] != VOICE:
            continue
        if direction[leg] == MO:
            called_at[party[i]] = started_at[leg]
            calls += 1
        else:
            last_call = called_at[party[i]]
            if last_call >= 0 and started_at[leg] > last_call:
                mirrored += started_at[leg] - last_call <= _MIRROR_US
                called_at[party[i]] = _RANG_BACK
    return share(mirrored, calls)


@kernel
def _sms_senders(
    linked: Longs,
    party: Longs,
    parties: int,
    service: Bytes,
    direction: Bytes,
    other_kind: Bytes,
    scratch: Longs,
) -> tuple[int, float]:
    """Distinct senders of SMS received; services, alphanumeric or short code, / senders, null without senders.

    A sender is a service where its first SMS says so.
    """
    has_written = scratch[:parties]
    has_written[:] = 0
    senders = 0
    services = 0
    for i in range(linked.size):
        leg = linked[i]
        is_first = (service[leg] == SMS) & (direction[leg] == MT) & (has_written[party[i]] == 0)
        has_written[party[i]] |= is_first
        senders += is_first
        services += is_first & ((other_kind[leg] == ALPHANUMERIC) | (other_kind[leg] == SHORT_CODE))
    return senders, share(services, senders)


@kernel
def _sms_recipients(
    linked: Longs, party: Longs, parties: int, service: Bytes, direction: Bytes, scratch: Longs
) -> tuple[int, float]:
    """Distinct numbers the SIM wrote to; they / SMS sent, null without SMS sent."""
    is_written_to = scratch[:parties]
    is_written_to[:] = 0
    messages = 0
    recipients = 0
    for i in range(linked.size):
        message = (service[linked[i]] == SMS) & (direction[linked[i]] == MO)
        recipients += message & (is_written_to[party[i]] == 0)
        is_written_to[party[i]] |= message
        messages += message
    return recipients, share(recipients, messages)


@driver(
    NOTHING(LONG, LONG, LONGS, BYTES, BYTES, INTS, BYTES, LONGS, LONGS, LONGS, FEATURES, FLAGS, SCRATCH, DISTINCT),
)
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    first_leg: Ints,
    other_kind: Bytes,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    work = scratch[2]
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        begins = started_at[records]
        services = service[records]
        directions = direction[records]
        firsts = first_leg[records]
        row = features[:, sim]
        linked = scratch[0, : choose_met(firsts, scratch[0])]
        party = scratch[1, : linked.size]
        parties = number_few(linked, firsts, table, party)
        if wanted[0]:
            row[0], row[1] = _callers(linked, party, parties, services, directions, work)
        if wanted[1]:
            row[2] = _reciprocity(linked, party, parties, services, directions, work)
        if wanted[2]:
            row[3] = _callbacks_share(linked, party, parties, begins, services, directions, work)
        if wanted[3]:
            row[4] = _mirror_share(linked, party, parties, begins, services, directions, work)
        if wanted[4]:
            row[5], row[6] = _sms_senders(linked, party, parties, services, directions, other_kind[records], work)
        if wanted[5]:
            row[7], row[8] = _sms_recipients(linked, party, parties, services, directions, work)


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((3, largest), dtype=np.int64), allot(largest)


def contacts(
    started_at: Longs,
    service: Bytes,
    direction: Bytes,
    first_leg: Ints,
    other_kind: Bytes,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    `first_leg` is of `first_legs`, counted from histories[i]. With `fields` only what these need is filled in.
    """
    columns = (started_at, service, direction, first_leg, other_kind)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (histories, starts, ends), features)
