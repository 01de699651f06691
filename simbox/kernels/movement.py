"""Where a SIM's legs are served, and how it moves between places.

Every service counts, data and signalling included, but no cf legs: a forwarded call says nothing of where the
phone is. Only legs that carry a cell count, and for distances only those whose place is located.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLOATS, INTS, LONG, LONGS, NOTHING, driver, kernel
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
    "gyration_km",
    "impossible_jumps",
    "sims_at_place",
    "stints",
    "top_place",
)

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_JUMP_KM = 5.0
_JUMP_KM_PER_H = 200.0
_HOUR_US = 3600 * MICROSECONDS


@kernel
def _places(
    service: Bytes, direction: Bytes, place: Ints, table: Distinct
) -> tuple[int, float, float, float, float, float]:
    """legs_with_cell, places, places_per_call, top_place_share, place_entropy and top_place.

    places_per_call = distinct places / calls made and SMS sent that carry a cell; top_place_share = legs at the
    main place, of equals the one of the smallest code, / legs_with_cell; entropy in nat over legs (bandicoot's
    entropy_of_antennas is over half hours). All but legs_with_cell are null without a cell.
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
        return 0, math.nan, math.nan, math.nan, math.nan, math.nan
    places = size(table)
    top = 0
    for index in range(1, places):
        tally = table.tallies[index]
        if tally > table.tallies[top] or (tally == table.tallies[top] and table.members[index] < table.members[top]):
            top = index
    return (
        legs,
        float(places),
        share(places, events),
        table.tallies[top] / legs,
        entropy(table.tallies[:places]),
        float(table.members[top]),
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
def _impossible_jumps(
    started_at: Longs, duration_s: Longs, direction: Bytes, place: Ints, place_lat: Floats, place_lon: Floats
) -> int:
    """Moves of over 5 km between consecutive located legs that imply over 200 km/h.

    The time for a move runs from the end of the former leg to the start of the latter; with none left (legs that
    overlap), every move of over 5 km is impossible.
    """
    jumps = 0
    former = -1
    end = 0
    for i in range(place.size):
        code = place[i]
        if code < 0 or direction[i] == CF or math.isnan(place_lat[code] + place_lon[code]):
            continue
        if former >= 0 and former != code:
            km = distance_km(place_lat[former], place_lon[former], place_lat[code], place_lon[code])
            reach_km = max(0, started_at[i] - end) / _HOUR_US * _JUMP_KM_PER_H
            jumps += km > _JUMP_KM and km > reach_km
        former = code
        end = started_at[i] + duration_s[i] * MICROSECONDS
    return jumps


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
def _stints(direction: Bytes, place: Ints) -> int:
    """Unbroken stays at one place; a leg without a cell breaks none."""
    stints = 0
    former = -1
    for i in range(place.size):
        if place[i] >= 0 and direction[i] != CF:
            stints += place[i] != former
            former = place[i]
    return stints


@driver(NOTHING(LONG, LONG, LONGS, LONGS, BYTES, BYTES, INTS, INTS, FLOATS, FLOATS, LONGS, LONGS, FEATURES))
def _fill_chunk(
    first: int,
    last: int,
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
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
        row[0], row[1], row[2], row[3], row[4], row[9] = _places(service[records], directions, places, table)
        row[5] = _gyration_km(directions, places, place_lat, place_lon, table)
        row[6] = _impossible_jumps(started_at[records], duration_s[records], directions, places, place_lat, place_lon)
        row[7] = _sims_at_place(directions, places, place_sims[records])
        row[8] = _stints(directions, places)


def movement(
    started_at: Longs,
    duration_s: Longs,
    service: Bytes,
    direction: Bytes,
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
    fill_chunks(
        _fill_chunk,
        started_at,
        duration_s,
        service,
        direction,
        place,
        place_sims,
        place_lat,
        place_lon,
        starts,
        ends,
        features,
    )
    return features
