"""How a SIM goes round its places: its stints, what ends them, and what it does again on other nights.

A stint is an unbroken stay at one place. As for movement every service counts, no cf legs, and only legs that carry
a cell.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, INTS, LONG, LONGS, NOTHING, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import CF, MO, VOICE
from simbox.kernels.distinct import Distinct, add, allot, empty, size
from simbox.kernels.summaries import share, sort_to_mode_share, variation

FIELDS = (
    "stints",
    "calls_without_move",
    "stint_calls_cv",
    "stint_calls_mode_share",
    "stint_minutes_cv",
    "stint_minutes_mode_share",
    "exploration_share",
    "places_in_last6_stints",
    "route_repeat_share",
    "hour_regularity_share",
)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LAST_STINTS = 6
_PLACE_BITS = 31
_HOURS = 24
_LEAST_STINTS = 3


@kernel
def _stints(service: Bytes, direction: Bytes, place: Ints) -> tuple[int, int]:
    """stints and calls_without_move, the most calls made in one stint; a leg without a cell breaks none."""
    stints = 0
    calls = 0
    most = 0
    former = -1
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF:
            if place[i] != former:
                stints += 1
                calls = 0
            calls += service[i] == VOICE and direction[i] == MO
            most = max(most, calls)
            former = place[i]
    return stints, most


@kernel
def _stint_caps(
    service: Bytes, direction: Bytes, duration_s: Longs, place: Ints, scratch: Longs, more_scratch: Longs
) -> tuple[float, float, float, float]:
    """Spread (coefficient of variation) of the calls made in a stint, share of stints with the commonest number of
    them; the same of the whole minutes they lasted.

    A box takes a SIM out after so many calls or minutes, so its stints end at a constant: a small spread, a large
    share. Only stints with a call made that begin and end within the window count; null under three of them.
    """
    stints = 0
    counted = 0
    former = -1
    for i in range(place.size):
        if place[i] < 0 or direction[i] == CF:
            continue
        if place[i] != former:
            # The first stint may have begun before the window, so the next one takes its place.
            if stints >= 2 and scratch[counted] > 0:
                counted += 1
            stints += 1
            scratch[counted] = 0
            more_scratch[counted] = 0
        if service[i] == VOICE and direction[i] == MO:
            scratch[counted] += 1
            more_scratch[counted] += duration_s[i]
        former = place[i]
    if counted < _LEAST_STINTS:
        return math.nan, math.nan, math.nan, math.nan
    calls = scratch[:counted]
    minutes = more_scratch[:counted]
    for i in range(counted):
        minutes[i] //= 60
    calls_cv = variation(calls)
    minutes_cv = variation(minutes)
    return calls_cv, sort_to_mode_share(calls), minutes_cv, sort_to_mode_share(minutes)


@kernel
def _exploration_share(direction: Bytes, place: Ints, table: Distinct) -> float:
    """Moves to a place not seen before in the window / moves; null without a move.

    People keep finding new places, slower and slower (Song 2010); a fixed alphabet of gateways is soon known.
    """
    empty(table, place.size)
    moves = -1
    former = -1
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF:
            moves += place[i] != former
            add(table, int(place[i]))
            former = place[i]
    return share(size(table) - 1, max(moves, 0))


@kernel
def _places_in_last6_stints(direction: Bytes, place: Ints, table: Distinct) -> int:
    """Distinct places of the last six stints: two in a ping-pong, six on a journey (after VoltDB's cell strings)."""
    empty(table, place.size)
    stints = 0
    former = -1
    for i in range(place.size - 1, -1, -1):
        if place[i] >= 0 and direction[i] != CF:
            stints += place[i] != former
            if stints > _LAST_STINTS:
                break
            add(table, int(place[i]))
            former = place[i]
    return size(table)


@kernel
def _route_repeat_share(direction: Bytes, place: Ints, night: Ints, table: Distinct) -> float:
    """Moves whose like (from the same place to the same place) was first made on another night / moves; null
    without a move."""
    empty(table, place.size)
    moves = 0
    repeated = 0
    former = -1
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF:
            if former >= 0 and place[i] != former:
                known = size(table)
                route = add(table, (int(former) << _PLACE_BITS) + int(place[i]))
                if route == known:
                    table.tallies[route] = night[i]
                moves += 1
                repeated += table.tallies[route] != night[i]
            former = place[i]
    return share(repeated, moves)


@kernel
def _hour_regularity_share(
    direction: Bytes, place: Ints, local_minute: Shorts, table: Distinct, scratch: Longs
) -> float:
    """Legs at the commonest place of their local hour / legs with a cell and a known hour; null without any.

    Song's regularity, by hour of the day; `scratch` has 24 elements.
    """
    empty(table, place.size)
    legs = 0
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF and local_minute[i] >= 0:
            table.tallies[add(table, int(place[i]) * _HOURS + int(local_minute[i]) // 60)] += 1
            legs += 1
    commonest = scratch[:_HOURS]
    commonest[:] = 0
    for index in range(size(table)):
        hour = table.members[index] % _HOURS
        commonest[hour] = max(commonest[hour], table.tallies[index])
    return share(commonest.sum(), legs)


@driver(NOTHING(LONG, LONG, LONGS, BYTES, BYTES, INTS, INTS, SHORTS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    place: Ints,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    largest = largest_slice(starts, ends, first, last)
    table = allot(largest)
    scratch = np.empty(max(_HOURS, largest), dtype=np.int64)
    more_scratch = np.empty(largest, dtype=np.int64)
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        places = place[records]
        row = features[sim]
        row[0], row[1] = _stints(services, directions, places)
        row[2], row[3], row[4], row[5] = _stint_caps(
            services, directions, duration_s[records], places, scratch, more_scratch
        )
        row[6] = _exploration_share(directions, places, table)
        row[7] = _places_in_last6_stints(directions, places, table)
        row[8] = _route_repeat_share(directions, places, night[records], table)
        row[9] = _hour_regularity_share(directions, places, local_minute[records], table, scratch)


def routine(
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    place: Ints,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at."""
    features = np.empty((starts.size, len(FIELDS)))
    columns = (duration_s, service, direction, place, night, local_minute)
    fill_chunks(_fill_chunk, *columns, starts, ends, features)
    return features
