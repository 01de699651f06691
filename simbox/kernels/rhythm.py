"""When a SIM calls and writes: its hours, nights and weekends, and what it does in each night.

Only calls made and SMS sent count, and for rates the codes it receives. `events` holds the indices of the former,
`made` those of calls made, and `hours` has how many events each local hour has. `nights` are those of all records in
order of their first, and `night_number` has which of them each record is of.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import ALPHANUMERIC, MO, MT, SHORT_CODE, SMS, VOICE
from simbox.kernels.distinct import DISTINCT, Distinct, allot
from simbox.kernels.legs import choose_calls, choose_events
from simbox.kernels.nights import number_nights
from simbox.kernels.summaries import entropy, share, sort_to_mode_share, variation

# What each function finds, in its order.
PARTS = (
    ("hour_entropy",),
    ("night_share", "office_share", "evening_share", "active_hours"),
    ("night_calls", "night_duration_s"),
    ("active_nights", "weekend_share"),
    ("calls_per_night_cv", "calls_per_night_mode_share"),
    ("hour_repeat_share",),
    ("mo_calls_a_night", "sms_mo_a_night", "received_codes_a_night"),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NIGHT_END_HOUR = 5
_OFFICE_START_HOUR = 9
_EVENING_START_HOUR = 18
# 1970-01-01, night 0, was a Thursday.
_THURSDAY = 3
_SATURDAY = 5
_HOURS = 24


@kernel
def _tally_hours(events: Longs, local_minute: Shorts, scratch: Longs) -> None:
    """How many events each local hour has, into the first 24 elements of `scratch`."""
    hours = scratch[:_HOURS]
    hours[:] = 0
    for event in events:
        if local_minute[event] >= 0:
            hours[local_minute[event] // 60] += 1


@kernel
def _hour_entropy(hours: Longs) -> float:
    """Entropy in nat of the local hours of calls made and SMS sent; null without one of known local time."""
    return entropy(hours)


@kernel
def _hours(events: Longs, hours: Longs) -> tuple[float, float, float, float]:
    """Shares of calls made and SMS sent at 0-5, 9-18 and 18-24 h local time; hours used.

    All count only events with a known local time and are null without one, but the hours of a SIM without any
    event are 0. bandicoot's night is 19-7 h.
    """
    known = 0
    used = 0
    at_night = 0
    in_office = 0
    in_evening = 0
    for hour in range(_HOURS):
        known += hours[hour]
        used += hours[hour] > 0
        at_night += hours[hour] * (hour < _NIGHT_END_HOUR)
        in_office += hours[hour] * ((hour >= _OFFICE_START_HOUR) & (hour < _EVENING_START_HOUR))
        in_evening += hours[hour] * (hour >= _EVENING_START_HOUR)
    return (
        share(at_night, known),
        share(in_office, known),
        share(in_evening, known),
        math.nan if known == 0 and events.size > 0 else float(used),
    )


@kernel
def _night_calls(made: Longs, duration_s: Longs, local_minute: Shorts) -> tuple[float, float]:
    """Calls made at 0-5 h local time; their seconds; null where it makes calls and no local time is known."""
    known = 0
    at_night = 0
    night_s = 0
    for call in made:
        known += local_minute[call] >= 0
        is_at_night = (local_minute[call] >= 0) & (local_minute[call] < _NIGHT_END_HOUR * 60)
        at_night += is_at_night
        night_s += duration_s[call] * is_at_night
    if known == 0 and made.size > 0:
        return math.nan, math.nan
    return float(at_night), float(night_s)


@kernel
def _active_nights(events: Longs, night_number: Longs, nights: Longs, scratch: Longs) -> tuple[int, float]:
    """Distinct nights with a call made or an SMS sent; share of these events on Saturdays and Sundays.

    The share is null without events. bandicoot's active_days also counts nights with events received only.
    """
    tallies = scratch[: nights.size]
    tallies[:] = 0
    for event in events:
        tallies[night_number[event]] += 1
    active = 0
    weekend = 0
    for number in range(nights.size):
        active += tallies[number] > 0
        weekend += tallies[number] * ((nights[number] + _THURSDAY) % 7 >= _SATURDAY)
    return active, share(weekend, events.size)


@kernel
def _calls_per_night(made: Longs, night_number: Longs, nights: Longs, scratch: Longs) -> tuple[float, float]:
    """Coefficient of variation of the calls made per night with one; share of those nights with the commonest number.

    A nightly cap shows as a small spread and a large share; null under three nights with calls made.
    """
    tallies = scratch[: nights.size]
    tallies[:] = 0
    for call in made:
        tallies[night_number[call]] += 1
    active = 0
    for tally in tallies:
        scratch[active] = tally
        active += tally > 0
    if active < 3:
        return math.nan, math.nan
    calls = scratch[:active]
    return variation(calls), sort_to_mode_share(calls)


@kernel
def _hour_repeat_share(
    events: Longs, night_number: Longs, nights: Longs, local_minute: Shorts, scratch: Longs
) -> float:
    """Hours worked that were also worked the night before / hours worked in nights that follow a worked one.

    Each local hour of a night counts once; null where no worked night follows another. A night has a bit for each hour
    worked.
    """
    hours = scratch[: nights.size]
    hours[:] = 0
    for event in events:
        if local_minute[event] >= 0:
            hours[night_number[event]] |= 1 << (int(local_minute[event]) // 60)
    in_order = True
    for number in range(1, nights.size):
        in_order &= nights[number - 1] < nights[number]
    followers = 0
    repeated = 0
    for number in range(nights.size):
        worked_before = 0
        if number > 0 and nights[number - 1] == nights[number] - 1:
            worked_before = hours[number - 1]
        elif not in_order:
            for other in range(nights.size):
                if nights[other] == nights[number] - 1:
                    worked_before = hours[other]
        if worked_before > 0:
            followers += _ones(hours[number])
            repeated += _ones(hours[number] & worked_before)
    return share(repeated, followers)


@kernel
def _ones(bits: int) -> int:
    """How many bits of a number are set."""
    ones = 0
    while bits > 0:
        bits &= bits - 1
        ones += 1
    return ones


@kernel
def _rates(
    service: Bytes, direction: Bytes, other_kind: Bytes, night_number: Longs, nights: Longs, scratch: Longs
) -> tuple[float, float, float]:
    """Calls made, SMS sent, and SMS received from services and short codes, each / nights with any of the three.

    Null without such a night. Counts grow with the window, these do not.
    """
    is_counted = scratch[: nights.size]
    is_counted[:] = 0
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
        is_counted[night_number[i]] |= call | message | code
    counted = 0
    for is_one in is_counted:
        counted += is_one
    return share(calls, counted), share(sent, counted), share(codes, counted)


@driver(
    NOTHING(
        LONG, LONG, LONGS, BYTES, BYTES, BYTES, INTS, SHORTS, LONGS, LONGS, FEATURES, FLAGS, SCRATCH, DISTINCT,
    )
)  # fmt: skip
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
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        minutes = local_minute[records]
        night_number = scratch[3, : services.size]
        nights = table.members[: number_nights(night[records], table, night_number)]
        row = features[:, sim]
        events = scratch[0, : choose_events(services, directions, scratch[0])]
        if wanted[0] or wanted[1]:
            hours = scratch[2, :_HOURS]
            _tally_hours(events, minutes, hours)
            if wanted[0]:
                row[0] = _hour_entropy(hours)
            if wanted[1]:
                row[1], row[2], row[3], row[4] = _hours(events, hours)
        if wanted[3]:
            row[7], row[8] = _active_nights(events, night_number, nights, scratch[4])
        if wanted[2] or wanted[4]:
            made = scratch[1, : choose_calls(services, directions, MO, scratch[1])]
            if wanted[2]:
                row[5], row[6] = _night_calls(made, duration_s[records], minutes)
            if wanted[4]:
                row[9], row[10] = _calls_per_night(made, night_number, nights, scratch[4])
        if wanted[5]:
            row[11] = _hour_repeat_share(events, night_number, nights, minutes, scratch[4])
        if wanted[6]:
            row[12], row[13], row[14] = _rates(
                services, directions, other_kind[records], night_number, nights, scratch[4]
            )


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((5, max(largest, _HOURS)), dtype=np.int64), allot(largest)


def rhythm(
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    other_kind: Bytes,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i]; with `fields` only what these need."""
    columns = (duration_s, service, direction, other_kind, night, local_minute)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (starts, ends), features)
