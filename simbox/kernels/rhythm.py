"""When a SIM calls and writes: its hours and nights, the gaps between its calls, and how busy they keep it.

Only voice and SMS count, and no cf legs. Gaps run from start to start of consecutive calls made, where
bandicoot's interevent_time takes both directions.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, INTS, LONG, LONGS, NOTHING, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import MICROSECONDS, MO, MT, SMS, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, size
from simbox.kernels.summaries import entropy, share, sort_to_median, variation
from simbox.kernels.weibull import weibull_shape

FIELDS = (
    "hour_entropy",
    "night_share",
    "office_share",
    "evening_share",
    "active_hours",
    "active_nights",
    "gap_median_s",
    "gap_cv",
    "redial_share",
    "busy_share",
    "simultaneous_calls",
    "gap_weibull_shape",
)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_REDIAL_US = 10 * MICROSECONDS
_NIGHT_END_HOUR = 5
_OFFICE_START_HOUR = 9
_EVENING_START_HOUR = 18


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
def _active_nights(service: Bytes, direction: Bytes, night: Ints, table: Distinct) -> int:
    """Distinct nights with a call made or an SMS sent; bandicoot's active_days also counts those received."""
    empty(table, service.size)
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO:
            add(table, int(night[i]))
    return size(table)


@kernel
def _gaps_us(started_at: Longs, service: Bytes, direction: Bytes, scratch: Longs) -> Longs:
    """Microseconds from start to start of consecutive calls made, in a part of `scratch`."""
    calls = 0
    previous = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            if calls > 0:
                scratch[calls - 1] = started_at[i] - previous
            previous = started_at[i]
            calls += 1
    return scratch[: max(calls - 1, 0)]


@kernel
def _gap_median_s(gaps_us: Longs) -> float:
    """Median gap, null under two calls; leaves the gaps sorted."""
    return sort_to_median(gaps_us) / MICROSECONDS


@kernel
def _gap_cv(gaps_us: Longs) -> float:
    """Population standard deviation of the gaps / their mean; null under two gaps, or where all are zero."""
    return variation(gaps_us)


@kernel
def _gap_weibull_shape(gaps_us: Longs, logarithms: Floats) -> float:
    """Maximum-likelihood Weibull shape of the gaps: 1 at random times, below in bursts, above like clockwork.

    Gaps under a second count as one, the feeds' resolution; null under five gaps.
    """
    if gaps_us.size < 5:
        return math.nan
    for i in range(gaps_us.size):
        logarithms[i] = math.log(max(gaps_us[i], MICROSECONDS) / MICROSECONDS)
    return weibull_shape(logarithms[: gaps_us.size])


@kernel
def _redial_share(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes) -> float:
    """Calls made that start within 0 to 10 s of the end of the call made before / calls made but the first.

    Null under two calls; a call that starts before the former has ended is no redial.
    """
    followers = -1
    redials = 0
    end = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            followers += 1
            redials += followers > 0 and 0 <= started_at[i] - end <= _REDIAL_US
            end = started_at[i] + duration_s[i] * MICROSECONDS
    return share(redials, max(followers, 0))


@kernel
def _busy_share(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes) -> float:
    """Time in calls made or received, overlaps counted once / time from the first start to the last end.

    Null under two calls, or where that time is zero.
    """
    calls = 0
    first = 0
    end = 0
    busy = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] <= MT:
            if calls == 0:
                first = started_at[i]
                end = first
            calls += 1
            call_end = started_at[i] + duration_s[i] * MICROSECONDS
            busy += max(0, call_end - max(end, started_at[i]))
            end = max(end, call_end)
    if calls < 2:
        return math.nan
    return share(busy, end - first)


@kernel
def _simultaneous_calls(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes, scratch: Longs) -> int:
    """Most calls, made or received, that run at one instant; 0 without a call that lasted.

    A call that starts as another ends does not overlap it, and a call of no duration overlaps none.
    """
    calls = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] <= MT and duration_s[i] > 0:
            scratch[calls] = started_at[i] + duration_s[i] * MICROSECONDS
            calls += 1
    ends = scratch[:calls]
    ends.sort()
    begun = 0
    ended = 0
    most = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] <= MT and duration_s[i] > 0:
            begun += 1
            # Ends before this instant belong to calls already begun, for a call ends after its start.
            while ends[ended] <= started_at[i]:
                ended += 1
            most = max(most, begun - ended)
    return most


@driver(NOTHING(LONG, LONG, LONGS, LONGS, BYTES, BYTES, INTS, SHORTS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    largest = largest_slice(starts, ends, first, last)
    table = allot(largest)
    scratch = np.empty(max(24, largest), dtype=np.int64)
    logarithms = np.empty(largest)
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        begins = started_at[records]
        durations_s = duration_s[records]
        services = service[records]
        directions = direction[records]
        row = features[sim]
        row[0], row[1], row[2], row[3], row[4] = _hours(services, directions, local_minute[records], scratch)
        row[5] = _active_nights(services, directions, night[records], table)
        gaps_us = _gaps_us(begins, services, directions, scratch)
        row[7] = _gap_cv(gaps_us)
        row[11] = _gap_weibull_shape(gaps_us, logarithms)
        # Last of the gaps' numbers, because it sorts them.
        row[6] = _gap_median_s(gaps_us)
        row[8] = _redial_share(begins, durations_s, services, directions)
        row[9] = _busy_share(begins, durations_s, services, directions)
        row[10] = _simultaneous_calls(begins, durations_s, services, directions, scratch)


def rhythm(
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at."""
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(_fill_chunk, started_at, duration_s, service, direction, night, local_minute, starts, ends, features)
    return features
