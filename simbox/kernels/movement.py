"""Where a SIM's legs are served, and how far it moves between places.

Every service counts, data and signalling included, but no cf legs: a forwarded call says nothing of where the
phone is. Only legs that carry a cell count, and for distances only those whose place is located; `served` holds the
indices of the former. `spot` holds, for each of them, its place as 0, 1, 2 and so on in order of its first leg;
`spot_place` the code of each of these places, and `spot_legs` how many legs it has.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import (
    BYTES,
    FEATURES,
    FLAGS,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    NOTHING,
    SCRATCH,
    SHORTS,
    driver,
    kernel,
)
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import MICROSECONDS, MO, SMS
from simbox.kernels.distance import EARTH_RADIUS_KM, arc_km, squared_chord, turn_degrees, unit_vectors
from simbox.kernels.distinct import DISTINCT, Distinct, allot, number
from simbox.kernels.legs import choose_served
from simbox.kernels.summaries import entropy, share

# What each function finds, in its order.
PARTS = (
    (
        "legs_with_cell",
        "places",
        "places_per_call",
        "top_place_share",
        "place_entropy",
        "top_place",
        "place_evenness",
    ),
    ("gyration_km",),
    ("impossible_jumps", "teleports", "teleport_share", "neighbour_move_share"),
    ("sims_at_place",),
    ("home_share", "home_work_km"),
)
FIELDS = tuple(field for part in PARTS for field in part)
# Those of PARTS that need to know how far places are from each other.
_OF_DISTANCES = (1, 2, 4)

Bytes = npt.NDArray[np.int8]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Squares of the chords of arcs of 5 and of 2 km on the unit sphere.
_FAR_CHORD = (2 * math.sin(5.0 / 2 / EARTH_RADIUS_KM)) ** 2
_NEAR_CHORD = (2 * math.sin(2.0 / 2 / EARTH_RADIUS_KM)) ** 2
_JUMP_KM_PER_H = 200.0
_HOUR_US = 3600 * MICROSECONDS
_EVENING = 19 * 60
_MORNING = 7 * 60
_OFFICE_START = 9 * 60
_OFFICE_END = 18 * 60
_WORK_BITS = 32
_HOME_MASK = 0xFFFFFFFF


@kernel
def _tally(spot: Longs, spots: int, scratch: Longs) -> None:
    """How many legs each spot has, into the beginning of `scratch`."""
    scratch[:spots] = 0
    for here in spot:
        scratch[here] += 1


@kernel
def _places(
    served: Longs, spot_place: Longs, spot_legs: Longs, service: Bytes, direction: Bytes
) -> tuple[int, float, float, float, float, float, float]:
    """legs_with_cell, places, places_per_call, top_place_share, place_entropy, top_place and place_evenness.

    places_per_call = distinct places / calls made and SMS sent that carry a cell; top_place_share = legs at the
    main place, of equals the one of the smallest code, / legs_with_cell; entropy in nat over legs (bandicoot's
    entropy_of_antennas is over half hours); evenness = entropy / its largest value, null with one place: people keep
    to home and work, a machine that goes round its gateways serves them alike. All but legs_with_cell are null
    without a cell.
    """
    if served.size == 0:
        return 0, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    events = 0
    for leg in served:
        events += (service[leg] <= SMS) & (direction[leg] == MO)
    places = spot_place.size
    top = 0
    for here in range(1, places):
        legs = spot_legs[here]
        if legs > spot_legs[top] or (legs == spot_legs[top] and spot_place[here] < spot_place[top]):
            top = here
    nat = entropy(spot_legs)
    return (
        served.size,
        float(places),
        share(places, events),
        spot_legs[top] / served.size,
        nat,
        float(spot_place[top]),
        math.nan if places == 1 else nat / math.log(places),
    )


@kernel
def _gyration_km(
    spot_place: Longs, spot_legs: Longs, place_lat: Floats, place_lon: Floats, place_points: Floats
) -> float:
    """Radius of gyration: root mean squared distance of located legs from their mean position; null without any.

    As in bandicoot the mean is that of latitudes and of longitudes (here also right across the 180th meridian),
    and the Earth's radius 6371 km. Here each leg counts once; there, the commonest antenna of each half hour.
    """
    places = 0
    legs = 0
    lat = 0.0
    turn = 0.0
    origin = math.nan
    for here in range(spot_place.size):
        code = spot_place[here]
        if _is_located(code, place_points):
            if places == 0:
                origin = place_lon[code]
            places += 1
            legs += spot_legs[here]
            lat += spot_legs[here] * place_lat[code]
            turn += spot_legs[here] * turn_degrees(origin, place_lon[code])
    if places < 2:
        return math.nan if places == 0 else 0.0
    mean_lat = math.radians(lat / legs)
    mean_lon = math.radians(origin + turn / legs)
    x = math.cos(mean_lat) * math.cos(mean_lon)
    y = math.cos(mean_lat) * math.sin(mean_lon)
    z = math.sin(mean_lat)
    squares = 0.0
    for here in range(spot_place.size):
        code = spot_place[here]
        if _is_located(code, place_points):
            to_x = place_points[code, 0] - x
            to_y = place_points[code, 1] - y
            to_z = place_points[code, 2] - z
            km = arc_km(to_x * to_x + to_y * to_y + to_z * to_z)
            squares += spot_legs[here] * km * km
    return math.sqrt(squares / legs)


@kernel
def _is_located(code: int, place_points: Floats) -> bool:
    """Whether it is known where a place is."""
    return not math.isnan(place_points[code, 0])


@kernel
def _jumps(
    served: Longs, started_at: Longs, duration_s: Longs, place: Ints, place_points: Floats
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
    last = 0
    for leg in served:
        code = place[leg]
        if code != former:
            if not _is_located(code, place_points):
                continue
            if former >= 0:
                end = started_at[last] + duration_s[last] * MICROSECONDS
                chord = squared_chord(place_points, former, code)
                reach_km = max(0, started_at[leg] - end) / _HOUR_US * _JUMP_KM_PER_H
                moves += 1
                near += chord <= _NEAR_CHORD
                if chord > _FAR_CHORD:
                    teleports += 1
                    jumps += arc_km(chord) > reach_km
            former = code
        last = leg
    return jumps, teleports, share(teleports, moves), share(near, moves)


@kernel
def _sims_at_place(served: Longs, place_sims: Ints) -> float:
    """Mean over legs with a cell of how many SIMs were at the place that night; null where that is not known."""
    legs = 0
    sims = 0
    for leg in served:
        if place_sims[leg] >= 0:
            legs += 1
            sims += place_sims[leg]
    return share(sims, legs)


@kernel
def _anchors(
    served: Longs,
    spot: Longs,
    spot_place: Longs,
    spot_legs: Longs,
    local_minute: Shorts,
    place_points: Floats,
    scratch: Longs,
) -> tuple[float, float]:
    """home_share and home_work_km.

    Home is the place of most legs at 19-7 h local time, work that of most at 9-18 h; of equals the one of the
    smallest code. The share is legs at home / legs with a cell (bandicoot's percent_at_home is over half hours),
    null without a home; the distance is null where either is unknown or not located.
    """
    hours = scratch[: spot_place.size]
    hours[:] = 0
    for i in range(served.size):
        minute = local_minute[served[i]]
        at_home = (minute >= _EVENING) | ((minute >= 0) & (minute < _MORNING))
        at_work = (minute >= _OFFICE_START) & (minute < _OFFICE_END)
        hours[spot[i]] += at_home + (at_work << _WORK_BITS)
    home = -1
    work = -1
    most_at_home = 0
    most_at_work = 0
    for here in range(spot_place.size):
        at_home = hours[here] & _HOME_MASK
        at_work = hours[here] >> _WORK_BITS
        if at_home > most_at_home or (at_home == most_at_home > 0 and spot_place[here] < spot_place[home]):
            home = here
            most_at_home = at_home
        if at_work > most_at_work or (at_work == most_at_work > 0 and spot_place[here] < spot_place[work]):
            work = here
            most_at_work = at_work
    if home < 0:
        return math.nan, math.nan
    there = share(spot_legs[home], served.size)
    if work < 0:
        return there, math.nan
    a = spot_place[home]
    b = spot_place[work]
    if not (_is_located(a, place_points) and _is_located(b, place_points)):
        return there, math.nan
    return there, arc_km(squared_chord(place_points, a, b))


@driver(
    NOTHING(
        LONG, LONG, LONGS, LONGS, BYTES, BYTES, SHORTS, INTS, INTS, FLOATS, FLOATS, FEATURES, LONGS, LONGS, FEATURES,
        FLAGS, SCRATCH, DISTINCT,
    )
)  # fmt: skip
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
    place_points: Floats,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        directions = direction[records]
        places = place[records]
        row = features[:, sim]
        served = scratch[0, : choose_served(directions, places, scratch[0])]
        spot = scratch[1, : served.size]
        spot_place = table.members[: number(served, places, table, spot)]
        _tally(spot, spot_place.size, scratch[2])
        spot_legs = scratch[2, : spot_place.size]
        if wanted[0]:
            row[0], row[1], row[2], row[3], row[4], row[5], row[6] = _places(
                served, spot_place, spot_legs, service[records], directions
            )
        if wanted[1]:
            row[7] = _gyration_km(spot_place, spot_legs, place_lat, place_lon, place_points)
        if wanted[2]:
            row[8], row[9], row[10], row[11] = _jumps(
                served, started_at[records], duration_s[records], places, place_points
            )
        if wanted[3]:
            row[12] = _sims_at_place(served, place_sims[records])
        if wanted[4]:
            row[13], row[14] = _anchors(
                served, spot, spot_place, spot_legs, local_minute[records], place_points, scratch[3]
            )


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((4, largest), dtype=np.int64), allot(largest)


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
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    `place` indexes `place_lat` and `place_lon`, in degrees, NaN where a place is not located. With `fields`
    only what these need is filled in.
    """
    features = new_features(starts.size, PARTS, fields)
    is_far_asked = features[1][list(_OF_DISTANCES)].any()
    points = unit_vectors(place_lat, place_lon) if is_far_asked else np.empty((0, 3))
    at_places = (place_lat, place_lon, points)
    columns = (started_at, duration_s, service, direction, local_minute, place, place_sims, *at_places)
    return fill_chunks(_fill_chunk, _allot, columns, (starts, ends), features)
