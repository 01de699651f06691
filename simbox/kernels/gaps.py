"""What lies between a SIM's calls, and how busy they keep it.

Gaps run from start to start of consecutive calls made, where bandicoot's interevent_time takes both directions;
what is counted by pauses runs from the end of one call made to the start of the next. No cf legs: `made` holds the
indices of calls made, `calls` those of calls made and received.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, LONG, LONGS, NOTHING, SCRATCH, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import MICROSECONDS, MO
from simbox.kernels.legs import choose_both_ways, choose_calls
from simbox.kernels.sorting import sort
from simbox.kernels.summaries import mean, share, sort_to_median, sort_to_mode_share, variation
from simbox.kernels.weibull import weibull_shape

# What each function finds, in its order.
PARTS = (
    ("gap_mean_s",),
    ("gap_cv",),
    ("gap_weibull_shape", "gap_power_law_exponent", "gap_law"),
    ("gap_median_s",),
    ("redial_share",),
    ("pause_mode_share",),
    ("busy_share",),
    ("duty_cycle_share",),
    ("busiest_hour_calls",),
    ("simultaneous_calls",),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_REDIAL_US = 10 * MICROSECONDS
_PAUSE_US = 60 * MICROSECONDS
_HOUR_US = 3600 * MICROSECONDS
_NEARLY_EQUAL = 1e-3


@kernel
def _gaps_us(made: Longs, started_at: Longs, scratch: Longs) -> int:
    """Microseconds from start to start of consecutive calls made, into `scratch`; how many gaps there are."""
    for i in range(made.size - 1):
        scratch[i] = started_at[made[i + 1]] - started_at[made[i]]
    return max(made.size - 1, 0)


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
    smallest = known[0]
    largest = known[0]
    for logarithm in known:
        smallest = min(smallest, logarithm)
        largest = max(largest, logarithm)
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
def _redial_share(made: Longs, started_at: Longs, duration_s: Longs) -> float:
    """Calls made that start within 0 to 10 s of the end of the call made before / calls made but the first.

    Null under two calls; a call that starts before the former has ended is no redial.
    """
    redials = 0
    for i in range(1, made.size):
        former = made[i - 1]
        pause_us = started_at[made[i]] - started_at[former] - duration_s[former] * MICROSECONDS
        redials += (0 <= pause_us) & (pause_us <= _REDIAL_US)
    return share(redials, max(made.size - 1, 0))


@kernel
def _pause_mode_share(made: Longs, started_at: Longs, duration_s: Longs, scratch: Longs) -> float:
    """Pauses of the commonest whole second / pauses of 0 to under 60 s; null under three of these.

    A machine dials again after the same pause, a person does not.
    """
    pauses = 0
    for i in range(1, made.size):
        former = made[i - 1]
        pause_us = started_at[made[i]] - started_at[former] - duration_s[former] * MICROSECONDS
        if 0 <= pause_us < _PAUSE_US:
            scratch[pauses] = pause_us // MICROSECONDS
            pauses += 1
    if pauses < 3:
        return math.nan
    return sort_to_mode_share(scratch[:pauses])


@kernel
def _busy_share(calls: Longs, started_at: Longs, duration_s: Longs) -> float:
    """Time in calls made or received, overlaps counted once / time from the first start to the last end.

    Null under two calls, or where that time is zero.
    """
    if calls.size < 2:
        return math.nan
    first = started_at[calls[0]]
    end = first
    busy = 0
    for call in calls:
        call_end = started_at[call] + duration_s[call] * MICROSECONDS
        busy += max(0, call_end - max(end, started_at[call]))
        end = max(end, call_end)
    return share(busy, end - first)


@kernel
def _duty_cycle_share(calls: Longs, started_at: Longs, duration_s: Longs) -> float:
    """Time in calls made or received, overlaps counted once / the clock hours (UTC) that hold any of it.

    Null without calls. A call that did not last makes its hour a worked one.
    """
    end = 0
    busy = 0
    hours = 0
    latest = -1
    for call in calls:
        call_end = started_at[call] + duration_s[call] * MICROSECONDS
        busy += max(0, call_end - max(end, started_at[call]))
        end = max(end, call_end)
        # An hour that a call only reaches with its very end holds none of it.
        last_hour = max(started_at[call], call_end - 1) // _HOUR_US
        hours += max(0, last_hour - max(latest, started_at[call] // _HOUR_US - 1))
        latest = max(latest, last_hour)
    return share(busy, hours * _HOUR_US)


@kernel
def _busiest_hour_calls(made: Longs, started_at: Longs) -> int:
    """Most calls made whose starts lie less than an hour apart."""
    oldest = 0
    most = 0
    for i in range(made.size):
        while started_at[made[i]] - started_at[made[oldest]] >= _HOUR_US:
            oldest += 1
        most = max(most, i + 1 - oldest)
    return most


@kernel
def _simultaneous_calls(calls: Longs, started_at: Longs, duration_s: Longs, scratch: Longs) -> int:
    """Most calls, made or received, that run at one instant; 0 without a call that lasted.

    A call that starts as another ends does not overlap it, and a call of no duration overlaps none.
    """
    lasted = 0
    for call in calls:
        scratch[lasted] = started_at[call] + duration_s[call] * MICROSECONDS
        lasted += duration_s[call] > 0
    ends = scratch[:lasted]
    sort(ends)
    begun = 0
    ended = 0
    most = 0
    for call in calls:
        if duration_s[call] > 0:
            begun += 1
            # Ends before this instant belong to calls already begun, for a call ends after its start.
            while ends[ended] <= started_at[call]:
                ended += 1
            most = max(most, begun - ended)
    return most


@driver(
    NOTHING(
        LONG, LONG, LONGS, LONGS, BYTES, BYTES, LONGS, LONGS, FEATURES, FLAGS, SCRATCH,
        types.Array(types.float64, 1, "C"),
    )
)  # fmt: skip
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
    wanted: Flags,
    scratch: Longs,
    logarithms: Floats,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        begins = started_at[records]
        durations_s = duration_s[records]
        services = service[records]
        directions = direction[records]
        row = features[:, sim]
        made = scratch[0, : choose_calls(services, directions, MO, scratch[0])]
        gaps_us = scratch[1, : _gaps_us(made, begins, scratch[1])]
        if wanted[0]:
            row[0] = _gap_mean_s(gaps_us)
        if wanted[1]:
            row[1] = _gap_cv(gaps_us)
        if wanted[2]:
            row[2], row[3], row[4] = _gap_laws(gaps_us, logarithms)
        if wanted[3]:
            # Last of the gaps' numbers, because it sorts them.
            row[5] = _gap_median_s(gaps_us)
        if wanted[4]:
            row[6] = _redial_share(made, begins, durations_s)
        if wanted[5]:
            row[7] = _pause_mode_share(made, begins, durations_s, scratch[1])
        if wanted[8]:
            row[10] = _busiest_hour_calls(made, begins)
        if wanted[6] or wanted[7] or wanted[9]:
            calls = scratch[0, : choose_both_ways(services, directions, scratch[0])]
            if wanted[6]:
                row[8] = _busy_share(calls, begins, durations_s)
            if wanted[7]:
                row[9] = _duty_cycle_share(calls, begins, durations_s)
            if wanted[9]:
                row[11] = _simultaneous_calls(calls, begins, durations_s, scratch[1])


def _allot(largest: int) -> tuple[Longs, Floats]:
    return np.empty((2, largest), dtype=np.int64), np.empty(largest)


def gaps(
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    With `fields` only what these need is filled in.
    """
    columns = (started_at, duration_s, service, direction)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (starts, ends), features)
