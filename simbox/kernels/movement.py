"""Where a SIM's legs are served, and how far it moves between places.

Every service counts, data and signalling included, but no cf legs: a forwarded call says nothing of where the
phone is. Only legs that carry a cell count, and for distances only those whose place is located.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLOATS, INTS, LONG, LONGS, NOTHING, SHORTS, driver, kernel
from simbox.kernels.chunks import fill_chunks, largest_slice
from simbox.kernels.codes import CF, MICROSECONDS, MO, SMS
from simbox.kernels.distance import distance_km, turn_degrees
from simbox.kernels.distinct import Distinct, add, allot, empty, size
from simbox.kernels.summaries import entropy, share

FIELDS = (
    "legs_with_cell",
    "places",
    "places_per_call",
    "top_place_share",
    "place_entropy",
    "top_place",
    "place_evenness",
    "gyration_km",
    "impossible_jumps",
    "teleports",
    "teleport_share",
    "neighbour_move_share",
    "sims_at_place",
    "home_share",
    "home_work_km",
)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FAR_KM = 5.0
_NEAR_KM = 2.0
_JUMP_KM_PER_H = 200.0
_HOUR_US = 3600 * MICROSECONDS
_EVENING = 19 * 60
_MORNING = 7 * 60
_OFFICE_START = 9 * 60
_OFFICE_END = 18 * 60
_WORK_BITS = 32
_HOME_MASK = 0xFFFFFFFF


@kernel
def _places(
    service: Bytes, direction: Bytes, place: Ints, table: Distinct
) -> tuple[int, float, float, float, float, float, float]:
    """legs_with_cell, places, places_per_call, top_place_share, place_entropy, top_place and place_evenness.

    places_per_call = distinct places / calls made and SMS sent that carry a cell; top_place_share = legs at the
    main place, of equals the one of the smallest code, / legs_with_cell; entropy in nat over legs (bandicoot's
    entropy_of_antennas is over half hours); evenness = entropy / its largest value, null with one place: people keep
    to home and work, a machine that goes round its gateways serves them alike. All but legs_with_cell are null
    without a cell.
    """
    empty(table, service.size)
    legs = 0
    events = 0
    for i in range(service.size):
        if place[i] >= 0 and direction[i] != CF:
            table.tallies[add(table, int(place[i]))] += 1
            legs += 1
            events += service[i] <= SMS and direction[i] == MO
    if legs == 0:
        return 0, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    places = size(table)
    top = 0
    for index in range(1, places):
        tally = table.tallies[index]
        if tally > table.tallies[top] or (tally == table.tallies[top] and table.members[index] < table.members[top]):
            top = index
    nat = entropy(table.tallies[:places])
    return (
        legs,
        float(places),
        share(places, events),
        table.tallies[top] / legs,
        nat,
        float(table.members[top]),
        math.nan if places == 1 else nat / math.log(places),
    )


@kernel
def _gyration_km(direction: Bytes, place: Ints, place_lat: Floats, place_lon: Floats, table: Distinct) -> float:
    """Radius of gyration: root mean squared distance of located legs from their mean position; null without any.

    As in bandicoot the mean is that of latitudes and of longitudes (here also right across the 180th meridian),
    and the Earth's radius 6371 km. Here each leg counts once; there, the commonest antenna of each half hour.
    """
    empty(table, place.size)
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF and not math.isnan(place_lat[place[i]] + place_lon[place[i]]):
            table.tallies[add(table, int(place[i]))] += 1
    places = size(table)
    if places == 0:
        return math.nan
    if places == 1:
        return 0.0
    legs = 0
    lat = 0.0
    turn = 0.0
    origin = place_lon[table.members[0]]
    for index in range(places):
        code = table.members[index]
        legs += table.tallies[index]
        lat += table.tallies[index] * place_lat[code]
        turn += table.tallies[index] * turn_degrees(origin, place_lon[code])
    lat /= legs
    lon = origin + turn / legs
    squares = 0.0
    for index in range(places):
        code = table.members[index]
        squares += table.tallies[index] * distance_km(lat, lon, place_lat[code], place_lon[code]) ** 2
    return math.sqrt(squares / legs)


@kernel
def _jumps(
    started_at: Longs, duration_s: Longs, direction: Bytes, place: Ints, place_lat: Floats, place_lon: Floats
) -> tuple[int, int, float, float]:
    """impossible_jumps, teleports, teleport_share and neighbour_move_share, of moves between consecutive located legs.

    An impossible jump is a move of over 5 km that implies over 200 km/h; the time for it runs from the end of the
    former leg to the start of the latter, and with none left (legs that overlap) every such move is impossible. A
    teleport is a move of over 5 km, no cell between seen; a neighbour move one of at most 2 km. Shares are of all
    moves and null without any: who travels is seen on the way, a SIM that is bound to another gateway is not.
    """
    jumps = 0
    moves = 0
    teleports = 0
    near = 0
    former = -1
    end = 0
    for i in range(place.size):
        code = place[i]
        if code < 0 or direction[i] == CF or math.isnan(place_lat[code] + place_lon[code]):
            continue
        if former >= 0 and former != code:
            km = distance_km(place_lat[former], place_lon[former], place_lat[code], place_lon[code])
            reach_km = max(0, started_at[i] - end) / _HOUR_US * _JUMP_KM_PER_H
            moves += 1
            teleports += km > _FAR_KM
            near += km <= _NEAR_KM
            jumps += km > _FAR_KM and km > reach_km
        former = code
        end = started_at[i] + duration_s[i] * MICROSECONDS
    return jumps, teleports, share(teleports, moves), share(near, moves)


@kernel
def _sims_at_place(direction: Bytes, place: Ints, place_sims: Ints) -> float:
    """Mean over legs with a cell of how many SIMs were at the place that night; null where that is not known."""
    legs = 0
    sims = 0
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF and place_sims[i] >= 0:
            legs += 1
            sims += place_sims[i]
    return share(sims, legs)


@kernel
def _anchors(
    direction: Bytes, place: Ints, local_minute: Shorts, place_lat: Floats, place_lon: Floats, table: Distinct
) -> tuple[float, float]:
    """home_share and home_work_km.

    Home is the place of most legs at 19-7 h local time, work that of most at 9-18 h; of equals the one of the
    smallest code. The share is legs at home / legs with a cell (bandicoot's percent_at_home is over half hours),
    null without a home; the distance is null where either is unknown or not located.
    """
    empty(table, place.size)
    legs = 0
    for i in range(place.size):
        if place[i] < 0 or direction[i] == CF:
            continue
        legs += 1
        minute = local_minute[i]
        if minute >= _EVENING or 0 <= minute < _MORNING:
            table.tallies[add(table, int(place[i]))] += 1
        elif _OFFICE_START <= minute < _OFFICE_END:
            table.tallies[add(table, int(place[i]))] += 1 << _WORK_BITS
    home = -1
    work = -1
    most_at_home = 0
    most_at_work = 0
    for index in range(size(table)):
        code = table.members[index]
        at_home = table.tallies[index] & _HOME_MASK
        at_work = table.tallies[index] >> _WORK_BITS
        if at_home > most_at_home or (at_home == most_at_home > 0 and code < home):
            home = code
            most_at_home = at_home
        if at_work > most_at_work or (at_work == most_at_work > 0 and code < work):
            work = code
            most_at_work = at_work
    if home < 0:
        return math.nan, math.nan
    there = 0
    for i in range(place.size):
        there += place[i] == home and direction[i] != CF
    if work < 0 or math.isnan(place_lat[home] + place_lon[home] + place_lat[work] + place_lon[work]):
        return share(there, legs), math.nan
    return share(there, legs), distance_km(place_lat[home], place_lon[home], place_lat[work], place_lon[work])


@driver(NOTHING(LONG, LONG, LONGS, LONGS, BYTES, BYTES, SHORTS, INTS, INTS, FLOATS, FLOATS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    local_minute: Shorts,
    place: Ints,
    place_sims: Ints,
    place_lat: Floats,
    place_lon: Floats,
    starts: Longs,
    ends: Longs,
    features: Floats,
) -> None:
    table = allot(largest_slice(starts, ends, first, last))
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        directions = direction[records]
        places = place[records]
        row = features[sim]
        row[0], row[1], row[2], row[3], row[4], row[5], row[6] = _places(service[records], directions, places, table)
        row[7] = _gyration_km(directions, places, place_lat, place_lon, table)
        row[8], row[9], row[10], row[11] = _jumps(
            started_at[records], duration_s[records], directions, places, place_lat, place_lon
        )
        row[12] = _sims_at_place(directions, places, place_sims[records])
        row[13], row[14] = _anchors(directions, places, local_minute[records], place_lat, place_lon, table)


def movement(
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
    local_minute: Shorts,
    place: Ints,
    place_sims: Ints,
    place_lat: Floats,
    place_lon: Floats,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    `place` indexes `place_lat` and `place_lon`, in degrees, NaN where a place is not located.
    """
    features = np.empty((starts.size, len(FIELDS)))
    columns = (started_at, duration_s, service, direction, local_minute, place, place_sims, place_lat, place_lon)
    fill_chunks(_fill_chunk, *columns, starts, ends, features)
    return features
