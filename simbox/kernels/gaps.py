"""What lies between a SIM's calls, and how busy they keep it.

Gaps run from start to start of consecutive calls made, where bandicoot's interevent_time takes both directions;
what is counted by pauses runs from the end of one call made to the start of the next. No cf legs.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import MICROSECONDS, MO, MT, VOICE
from simbox.kernels.summaries import mean, share, sort_to_median, sort_to_mode_share, variation
from simbox.kernels.weibull import weibull_shape

FIELDS = (
    "gap_mean_s",
    "gap_median_s",
    "gap_cv",
    "gap_weibull_shape",
    "gap_power_law_exponent",
    "gap_law",
    "redial_share",
    "pause_mode_share",
    "busy_share",
    "duty_cycle_share",
    "busiest_hour_calls",
    "simultaneous_calls",
)

Bytes = npt.NDArray[np.int8]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_REDIAL_US = 10 * MICROSECONDS
_PAUSE_US = 60 * MICROSECONDS
_HOUR_US = 3600 * MICROSECONDS
_NEARLY_EQUAL = 1e-3


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
def _gap_mean_s(gaps_us: Longs) -> float:
    """Mean gap, null under two calls."""
    return mean(gaps_us) / MICROSECONDS


@kernel
def _gap_median_s(gaps_us: Longs) -> float:
    """Median gap, null under two calls; leaves the gaps sorted."""
    return sort_to_median(gaps_us) / MICROSECONDS


@kernel
def _gap_cv(gaps_us: Longs) -> float:
    """Population standard deviation of the gaps / their mean; null under two gaps, or where all are zero."""
    return variation(gaps_us)


@kernel
def _gap_laws(gaps_us: Longs, logarithms: Floats) -> tuple[float, float, float]:
    """gap_weibull_shape, gap_power_law_exponent and gap_law, each law fitted by maximum likelihood.

    The Weibull shape is 1 at random times, below in bursts, above like clockwork. The exponent is that of a power
    law from the shortest gap on. gap_law is the mean log-likelihood of a gap in nat under Weibull less that under the
    power law: most people's gaps are above 0, robots' and frauds' below (Jiang, PNAS 2013). Gaps under a second
    count as one, the feeds' resolution. Null under five gaps; the latter two also where gaps differ by less than
    one part in a thousand on average, for no power law describes a clock.
    """
    if gaps_us.size < 5:
        return math.nan, math.nan, math.nan
    for i in range(gaps_us.size):
        logarithms[i] = math.log(max(gaps_us[i], MICROSECONDS) / MICROSECONDS)
    known = logarithms[: gaps_us.size]
    shape = weibull_shape(known)
    smallest = known.min()
    largest = known.max()
    above = 0.0
    powers = 0.0
    for logarithm in known:
        above += logarithm - smallest
        powers += math.exp(shape * (logarithm - largest))
    above /= known.size
    if above < _NEARLY_EQUAL:
        return shape, math.nan, math.nan
    power_law = -math.log(above) - smallest - above - 1.0
    below = above + smallest - largest
    # The scale's logarithm, and below it the likelihood, are taken from the largest gap, so that no power overflows.
    weibull = math.log(shape) - math.log(powers / known.size) + (shape - 1.0) * below - 1.0 - largest
    return shape, 1.0 + 1.0 / above, weibull - power_law


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
def _pause_mode_share(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes, scratch: Longs) -> float:
    """Pauses of the commonest whole second / pauses of 0 to under 60 s; null under three of these.

    A machine dials again after the same pause, a person does not.
    """
    pauses = 0
    end = -1
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            pause_us = started_at[i] - end
            if end >= 0 and 0 <= pause_us < _PAUSE_US:
                scratch[pauses] = pause_us // MICROSECONDS
                pauses += 1
            end = started_at[i] + duration_s[i] * MICROSECONDS
    if pauses < 3:
        return math.nan
    return sort_to_mode_share(scratch[:pauses])


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
def _duty_cycle_share(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes) -> float:
    """Time in calls made or received, overlaps counted once / the clock hours (UTC) that hold any of it.

    Null without calls. A call that did not last makes its hour a worked one.
    """
    end = 0
    busy = 0
    hours = 0
    latest = -1
    for i in range(service.size):
        if service[i] == VOICE and direction[i] <= MT:
            call_end = started_at[i] + duration_s[i] * MICROSECONDS
            busy += max(0, call_end - max(end, started_at[i]))
            end = max(end, call_end)
            # An hour that a call only reaches with its very end holds none of it.
            last_hour = max(started_at[i], call_end - 1) // _HOUR_US
            hours += max(0, last_hour - max(latest, started_at[i] // _HOUR_US - 1))
            latest = max(latest, last_hour)
    return share(busy, hours * _HOUR_US)


@kernel
def _busiest_hour_calls(started_at: Longs, service: Bytes, direction: Bytes, scratch: Longs) -> int:
    """Most calls made whose starts lie less than an hour apart."""
    calls = 0
    oldest = 0
    most = 0
    for i in range(service.size):
        if service[i] == VOICE and direction[i] == MO:
            scratch[calls] = started_at[i]
            calls += 1
            while started_at[i] - scratch[oldest] >= _HOUR_US:
                oldest += 1
            most = max(most, calls - oldest)
    return most


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


@driver(NOTHING(LONG, LONG, LONGS, LONGS, BYTES, BYTES, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    largest = largest_slice(starts, ends, first, last)
    scratch = np.empty(largest, dtype=np.int64)
    logarithms = np.empty(largest)
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        begins = started_at[records]
        durations_s = duration_s[records]
        services = service[records]
        directions = direction[records]
        row = features[sim]
        gaps_us = _gaps_us(begins, services, directions, scratch)
        row[0] = _gap_mean_s(gaps_us)
        row[2] = _gap_cv(gaps_us)
        row[3], row[4], row[5] = _gap_laws(gaps_us, logarithms)
        # Last of the gaps' numbers, because it sorts them.
        row[1] = _gap_median_s(gaps_us)
        row[6] = _redial_share(begins, durations_s, services, directions)
        row[7] = _pause_mode_share(begins, durations_s, services, directions, scratch)
        row[8] = _busy_share(begins, durations_s, services, directions)
        row[9] = _duty_cycle_share(begins, durations_s, services, directions)
        row[10] = _busiest_hour_calls(begins, services, directions, scratch)
        row[11] = _simultaneous_calls(begins, durations_s, services, directions, scratch)


def gaps(started_at: Longs, duration_s: Longs, service: Bytes, direction: Bytes, starts: Longs, ends: Longs) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at."""
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(_fill_chunk, started_at, duration_s, service, direction, starts, ends, features)
    return features
