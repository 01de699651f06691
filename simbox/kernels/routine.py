"""How a SIM goes round its places: its stints, what ends them, and what it does again on other nights.

A stint is an unbroken stay at one place. As for movement every service counts, no cf legs, and only legs that carry
a cell; `served` holds their indices, `spot` the place of each as 0, 1, 2 and so on in order of its first leg, of which
there are `spots`.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import MO, VOICE
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, number, size
from simbox.kernels.legs import choose_served
from simbox.kernels.summaries import share, sort_to_mode_share, variation

# What each function finds, in its order.
PARTS = (
    ("stints", "calls_without_move"),
    ("stint_calls_cv", "stint_calls_mode_share", "stint_minutes_cv", "stint_minutes_mode_share"),
    ("exploration_share",),
    ("places_in_last6_stints",),
    ("route_repeat_share",),
    ("hour_regularity_share",),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LAST_STINTS = 6
_PLACE_BITS = 31
_HOURS = 24
_LEAST_STINTS = 3


@kernel
def _stints(served: Longs, service: Bytes, direction: Bytes, place: Ints) -> tuple[int, int]:
    """stints and calls_without_move, the most calls made in one stint; a leg without a cell breaks none."""
    stints = 0
    calls = 0
    most = 0
    former = -1
    for leg in served:
        moved = place[leg] != former
        stints += moved
        calls = calls * (1 - moved) + ((service[leg] == VOICE) & (direction[leg] == MO))
        most = max(most, calls)
        former = place[leg]
    return stints, most


@kernel
def _stint_caps(
    served: Longs,
    service: Bytes,
    direction: Bytes,
    duration_s: Longs,
    place: Ints,
    scratch: Longs,
    more_scratch: Longs,
) -> tuple[float, float, float, float]:
    """Spread (coefficient of variation) of the calls made in a stint, share of stints with the commonest number of
    them; the same of the whole minutes they lasted.

    A box takes a SIM out after so many calls or minutes, so its stints end at a constant: a small spread, a large
    share. Only stints with a call made that begin and end within the window count; null under three of them.
    """
    stints = 0
    counted = 0
    former = -1
    for leg in served:
        if place[leg] != former:
            # The first stint may have begun before the window, so the next one takes its place.
            if stints >= 2 and scratch[counted] > 0:
                counted += 1
            stints += 1
            scratch[counted] = 0
            more_scratch[counted] = 0
            former = place[leg]
        made = (service[leg] == VOICE) & (direction[leg] == MO)
        scratch[counted] += made
        more_scratch[counted] += duration_s[leg] * made
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
def _exploration_share(spot: Longs, spots: int) -> float:
    """Moves to a place not seen before in the window / moves; null without a move.

    People keep finding new places, slower and slower (Song 2010); a fixed alphabet of gateways is soon known.
    """
    moves = 0
    for i in range(1, spot.size):
        moves += spot[i] != spot[i - 1]
    return share(spots - 1, moves)


@kernel
def _places_in_last6_stints(spot: Longs, spots: int, scratch: Longs) -> int:
    """Distinct places of the last six stints: two in a ping-pong, six on a journey (after VoltDB's cell strings)."""
    is_seen = scratch[:spots]
    is_seen[:] = 0
    stints = 0
    places = 0
    former = -1
    for i in range(spot.size - 1, -1, -1):
        if spot[i] != former:
            former = spot[i]
            stints += 1
            if stints > _LAST_STINTS:
                break
            places += 1 - is_seen[former]
            is_seen[former] = 1
    return places


@kernel
def _route_repeat_share(served: Longs, spot: Longs, night: Ints, table: Distinct) -> float:
    """Moves whose like (from the same place to the same place) was first made on another night / moves; null
    without a move."""
    empty(table, served.size)
    moves = 0
    repeated = 0
    for i in range(1, served.size):
        if spot[i] != spot[i - 1]:
            known = size(table)
            route = add(table, (spot[i - 1] << _PLACE_BITS) + spot[i])
            if route == known:
                table.tallies[route] = night[served[i]]
            moves += 1
            repeated += table.tallies[route] != night[served[i]]
    return share(repeated, moves)


@kernel
def _hour_regularity_share(served: Longs, spot: Longs, local_minute: Shorts, table: Distinct, scratch: Longs) -> float:
    """Legs at the commonest place of their local hour / legs with a cell and a known hour; null without any.

    Song's regularity, by hour of the day; `scratch` has 24 elements.
    """
    empty(table, served.size)
    commonest = scratch[:_HOURS]
    commonest[:] = 0
    legs = 0
    for i in range(served.size):
        minute = int(local_minute[served[i]])
        if minute >= 0:
            hour = minute // 60
            index = add(table, spot[i] * _HOURS + hour)
            table.tallies[index] += 1
            commonest[hour] = max(commonest[hour], table.tallies[index])
            legs += 1
    return share(commonest.sum(), legs)


@driver(
    NOTHING(
        LONG, LONG, LONGS, BYTES, BYTES, INTS, INTS, SHORTS, LONGS, LONGS, FEATURES, FLAGS, SCRATCH, DISTINCT,
    )
)  # fmt: skip
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
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        places = place[records]
        row = features[:, sim]
        served = scratch[0, : choose_served(directions, places, scratch[0])]
        if wanted[0]:
            row[0], row[1] = _stints(served, services, directions, places)
        if wanted[1]:
            row[2], row[3], row[4], row[5] = _stint_caps(
                served, services, directions, duration_s[records], places, scratch[2], scratch[3]
            )
        if wanted[2] or wanted[3] or wanted[4] or wanted[5]:
            spot = scratch[1, : served.size]
            spots = number(served, places, table, spot)
            if wanted[2]:
                row[6] = _exploration_share(spot, spots)
            if wanted[3]:
                row[7] = _places_in_last6_stints(spot, spots, scratch[2])
            if wanted[4]:
                row[8] = _route_repeat_share(served, spot, night[records], table)
            if wanted[5]:
                row[9] = _hour_regularity_share(served, spot, local_minute[records], table, scratch[2])


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((4, max(largest, _HOURS)), dtype=np.int64), allot(largest)


def routine(
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    place: Ints,
    night: Ints,
    local_minute: Shorts,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    With `fields` only what these need is filled in.
    """
    columns = (duration_s, service, direction, place, night, local_minute)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (starts, ends), features)
