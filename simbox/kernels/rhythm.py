"""When a SIM calls and writes: its hours, nights and weekends, and what it does in each night.

Only calls made and SMS sent count, and for rates the codes it receives.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, INTS, LONG, LONGS, NOTHING, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import ALPHANUMERIC, MO, MT, SHORT_CODE, SMS, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, find, size
from simbox.kernels.summaries import entropy, share, sort_to_mode_share, variation

FIELDS = (
    "hour_entropy",
    "night_share",
    "office_share",
    "evening_share",
    "active_hours",
    "night_calls",
    "night_duration_s",
    "active_nights",
    "weekend_share",
    "calls_per_night_cv",
    "calls_per_night_mode_share",
    "hour_repeat_share",
    "mo_calls_a_night",
    "sms_mo_a_night",
    "received_codes_a_night",
)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NIGHT_END_HOUR = 5
_OFFICE_START_HOUR = 9
_EVENING_START_HOUR = 18
# 1970-01-01, night 0, was a Thursday.
_THURSDAY = 3
_SATURDAY = 5
_SLOTS = 25
_ANY_HOUR = 24


@kernel
def _hours(
    service: Bytes, direction: Bytes, local_minute: Shorts, scratch: Longs
) -> tuple[float, float, float, float, float]:
    """Entropy in nat of the local hours of calls made and SMS sent; shares at 0-5, 9-18 and 18-24 h; hours used.

    All count only events with a known local time and are null without one, but the hours of a SIM without any
    event are 0. `scratch` has 24 elements. bandicoot's night is 19-7 h.
    """
    hours = scratch[:24]
    hours[:] = 0
    events = 0
    known = 0
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO:
            events += 1
            if local_minute[i] >= 0:
                known += 1
                hours[local_minute[i] // 60] += 1
    used = 0
    for count in hours:
        used += count > 0
    return (
        entropy(hours),
        share(hours[:_NIGHT_END_HOUR].sum(), known),
        share(hours[_OFFICE_START_HOUR:_EVENING_START_HOUR].sum(), known),
        share(hours[_EVENING_START_HOUR:].sum(), known),
        math.nan if known == 0 and events > 0 else float(used),
    )


@kernel
def _night_calls(service: Bytes, direction: Bytes, duration_s: Longs, local_minute: Shorts) -> tuple[float, float]:
    """Calls made at 0-5 h local time; their seconds; null where it makes calls and no local time is known."""
    calls = 0
    known = 0
    at_night = 0
    night_s = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            calls += 1
            known += local_minute[i] >= 0
            if 0 <= local_minute[i] < _NIGHT_END_HOUR * 60:
                at_night += 1
                night_s += duration_s[i]
    if known == 0 and calls > 0:
        return math.nan, math.nan
    return float(at_night), float(night_s)


@kernel
def _active_nights(service: Bytes, direction: Bytes, night: Ints, table: Distinct) -> tuple[int, float]:
    """Distinct nights with a call made or an SMS sent; share of these events on Saturdays and Sundays.

    The share is null without events. bandicoot's active_days also counts nights with events received only.
    """
    empty(table, service.size)
    events = 0
    weekend = 0
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO:
            add(table, int(night[i]))
            events += 1
            weekend += (night[i] + _THURSDAY) % 7 >= _SATURDAY
    return size(table), share(weekend, events)


@kernel
def _calls_per_night(service: Bytes, direction: Bytes, night: Ints, table: Distinct) -> tuple[float, float]:
    """Coefficient of variation of the calls made per night with one; share of those nights with the commonest number.

    A nightly cap shows as a small spread and a large share; null under three nights with calls made.
    """
    empty(table, service.size)
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            table.tallies[add(table, int(night[i]))] += 1
    if size(table) < 3:
        return math.nan, math.nan
    calls = table.tallies[: size(table)]
    return variation(calls), sort_to_mode_share(calls)


@kernel
def _hour_repeat_share(service: Bytes, direction: Bytes, night: Ints, local_minute: Shorts, table: Distinct) -> float:
    """Hours worked that were also worked the night before / hours worked in nights that follow a worked one.

    Each local hour of a night counts once; null where no worked night follows another.
    """
    empty(table, 2 * service.size)
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO and local_minute[i] >= 0:
            first_slot = (int(night[i]) + 2) * _SLOTS
            add(table, first_slot + int(local_minute[i]) // 60)
            add(table, first_slot + _ANY_HOUR)
    followers = 0
    repeated = 0
    for slot in table.members[: size(table)]:
        before = (slot // _SLOTS - 1) * _SLOTS
        if slot % _SLOTS != _ANY_HOUR and find(table, before + _ANY_HOUR) >= 0:
            followers += 1
            repeated += find(table, before + slot % _SLOTS) >= 0
    return share(repeated, followers)


@kernel
def _rates(
    service: Bytes, direction: Bytes, other_kind: Bytes, night: Ints, table: Distinct
) -> tuple[float, float, float]:
    """Calls made, SMS sent, and SMS received from services and short codes, each / nights with any of the three.

    Null without such a night. Counts grow with the window, these do not.
    """
    empty(table, service.size)
    calls = 0
    sent = 0
    codes = 0
    for i in range(service.size):
        call = (service[i] == VOICE) & (direction[i] == MO)
        message = (service[i] == SMS) & (direction[i] == MO)
        code = (service[i] == SMS) & (direction[i] == MT)
        code &= (other_kind[i] == ALPHANUMERIC) | (other_kind[i] == SHORT_CODE)
        calls += call
        sent += message
        codes += code
        if call | message | code:
            add(table, int(night[i]))
    nights = size(table)
    return share(calls, nights), share(sent, nights), share(codes, nights)


@driver(NOTHING(LONG, LONG, LONGS, BYTES, BYTES, BYTES, INTS, SHORTS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    other_kind: Bytes,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    table = allot(2 * largest_slice(starts, ends, first, last))
    scratch = np.empty(24, dtype=np.int64)
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        nights = night[records]
        minutes = local_minute[records]
        row = features[sim]
        row[0], row[1], row[2], row[3], row[4] = _hours(services, directions, minutes, scratch)
        row[5], row[6] = _night_calls(services, directions, duration_s[records], minutes)
        row[7], row[8] = _active_nights(services, directions, nights, table)
        row[9], row[10] = _calls_per_night(services, directions, nights, table)
        row[11] = _hour_repeat_share(services, directions, nights, minutes, table)
        row[12], row[13], row[14] = _rates(services, directions, other_kind[records], nights, table)


def rhythm(
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    other_kind: Bytes,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i]."""
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(_fill_chunk, duration_s, service, direction, other_kind, night, local_minute, starts, ends, features)
    return features
