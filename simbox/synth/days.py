"""Where everybody is when: a night's stays, and the way between two of them."""

from dataclasses import dataclass

import numpy as np

from simbox.synth.laws import DAY_S, Laws
from simbox.synth.network import KM_PER_DEGREE, LATTICE_STEP_KM, Land
from simbox.synth.people import any_building
from simbox.synth.population import COMMUTES, DRIVES, STAYS_PUT, WANDERS, Sims
from simbox.synth.randomness import Floats, Ints
from simbox.synth.stays import OFF, Stays, sort_stays

SPEED_KM_H = 22.0
ROAD_SPEED_KM_H = 75.0
DRIVER_STOPS = 22
TRIAL_S = 240


@dataclass(frozen=True)
class Timetable:
    """A night's stays of everybody: `first` and `count` say where each holder's run lies."""

    first: Ints
    count: Ints
    start_s: Ints
    origin: Ints
    spot: Ints
    imei: Ints

    def find(self, holder: Ints, at_s: Floats) -> Ints:
        """The stay that each holder is in at each time."""
        row = self.first[holder]
        left = self.count[holder] - 1
        waiting = np.flatnonzero(left > 0)
        while waiting.size:
            waiting = waiting[self.start_s[row[waiting] + 1] <= at_s[waiting]]
            row[waiting] += 1
            left[waiting] -= 1
            waiting = waiting[left[waiting] > 0]
        return row

    def positions(self, land: Land, row: Ints, at_s: Floats) -> Ints:
        """The spot at each time of each stay: itself at rest, a street corner or a stretch of road on the way."""
        origin, spot = self.origin[row], self.spot[row].copy()
        moving = np.flatnonzero((origin != spot) & (spot != OFF) & (origin != OFF))
        if moving.size:
            start = self.start_s[row[moving]]
            end = self.start_s[np.minimum(row[moving] + 1, self.start_s.size - 1)]
            share = np.clip((at_s[moving] - start) / np.maximum(end - start, 1), 0, 1)
            spot[moving] = _on_the_way(land, origin[moving], spot[moving], share)
        return spot


def make_timetable(parts: list[Stays], holders: int) -> Timetable:
    """One table of several lots; where a holder is in two of them, the later lot holds."""
    first, count = np.zeros(holders, dtype=np.int64), np.zeros(holders, dtype=np.int64)
    offset = 0
    for part in parts:
        begins = np.flatnonzero(np.concatenate([[True], part.holder[1:] != part.holder[:-1]])[: part.holder.size])
        first[part.holder[begins]] = offset + begins
        count[part.holder[begins]] = np.diff(np.append(begins, part.holder.size))
        offset += part.holder.size
    start_s, origin, spot, imei = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("start_s", "origin", "spot", "imei")
    )
    return Timetable(first, count, start_s, origin, spot, imei)


def people_stays(
    rng: np.random.Generator, sims: Sims, land: Land, laws: Laws, night: int, weekend: bool
) -> list[Stays]:
    """A night of everybody: home, the way to work, work, somewhere else, home; rigs say of theirs what is otherwise."""
    people = np.flatnonzero(sims.holder == np.arange(sims.count))
    put = people[sims.moves[people] == STAYS_PUT]
    walkers = people[(sims.moves[people] == COMMUTES) | (sims.moves[people] == WANDERS)]
    drivers = people[sims.moves[people] == DRIVES]
    zeros = np.zeros(put.size, dtype=np.int64)
    still = Stays(put, zeros, sims.home[put], sims.home[put], zeros)
    walks = laws.family.walk(rng, sims, land, walkers, weekend)
    return [still, walks, _drives(rng, sims, land, drivers), _trials(walks, sims, night)]


def _trials(walks: Stays, sims: Sims, night: int) -> Stays:
    """The nights of new cards that spend some minutes in a shop's handset before they go to their owners."""
    tried = np.flatnonzero((sims.trial_imei > 0) & (sims.live_from_s // DAY_S == night))
    begin = sims.live_from_s[tried] - night * DAY_S
    handed_over = np.full(sims.count, DAY_S)
    handed_over[tried] = begin + TRIAL_S
    day = walks.select(walks.start_s >= handed_over[walks.holder])
    zeros = np.zeros(tried.size, dtype=np.int64)
    shop, home = sims.work[tried], sims.home[tried]
    before = Stays(tried, zeros, home, home, zeros)
    in_shop = Stays(tried, begin, shop, shop, sims.trial_imei[tried])
    after = Stays(tried, handed_over[tried], home, home, zeros)
    return sort_stays([before, in_shop, after, day])


def walk_between_home_and_work(rng: np.random.Generator, sims: Sims, land: Land, people: Ints, weekend: bool) -> Stays:
    """A day with work in it, or a way out and back."""
    count = people.size
    home = sims.home[people]
    works = (sims.moves[people] == COMMUTES) & (rng.random(count) < (0.18 if weekend else 0.94))
    goes_out = rng.random(count) < np.where(works, 0.4, 0.65)
    other = sims.others[people, np.minimum(rng.geometric(0.5, count) - 1, 2)]
    first = np.where(works, sims.work[people], np.where(goes_out, other, home))
    second = np.where(works & goes_out, other, home)
    leave = np.where(works, rng.normal(8.1, 0.8, count), rng.normal(12.0, 2.5, count)) * 3600
    train_s = sims.departs_s[people]
    leave = np.where(works & (train_s > 0), train_s, leave)
    stay = np.where(works, rng.normal(9.0, 1.0, count), rng.gamma(2.0, 1.1, count)) * 3600
    stay = np.where(works & (train_s > 0), 9.5 * 3600, stay)
    way = [travel_s(land, a, b) for a, b in ((home, first), (first, second), (second, home))]
    evening = rng.gamma(2.0, 0.8, count) * 3600
    starts = np.zeros((count, 7))
    starts[:, 1] = np.maximum(leave, 600)
    starts[:, 2] = starts[:, 1] + way[0]
    starts[:, 3] = starts[:, 2] + np.maximum(stay, 600)
    starts[:, 4] = starts[:, 3] + way[1]
    starts[:, 5] = starts[:, 4] + np.where(second != home, evening, 0)
    starts[:, 6] = starts[:, 5] + np.where(second != home, way[2], 0)
    origin = np.stack([home, home, first, first, second, second, home], axis=1)
    spot = np.stack([home, first, first, second, second, home, home], axis=1)
    return in_runs(people, starts, origin, spot)


def _drives(rng: np.random.Generator, sims: Sims, land: Land, drivers: Ints) -> Stays:
    count = drivers.size
    stops = any_building(rng, land, np.repeat(sims.city[drivers], DRIVER_STOPS)).reshape(count, DRIVER_STOPS)
    stops[:, [0, -1]] = sims.home[drivers][:, None]
    starts = np.zeros((count, 2 * DRIVER_STOPS - 1))
    origin, spot = np.zeros(starts.shape, dtype=np.int64), np.zeros(starts.shape, dtype=np.int64)
    origin[:, 0::2] = spot[:, 0::2] = stops
    origin[:, 1::2], spot[:, 1::2] = stops[:, :-1], stops[:, 1:]
    clock = np.maximum(rng.normal(9.0, 0.8, count), 5.0) * 3600
    for stop in range(1, DRIVER_STOPS):
        starts[:, 2 * stop - 1] = clock
        clock = clock + travel_s(land, stops[:, stop - 1], stops[:, stop])
        starts[:, 2 * stop] = clock
        clock = clock + rng.gamma(2.0, 500.0, count)
    return in_runs(drivers, starts, origin, spot)


def in_runs(holder: Ints, starts: Floats, origin: Ints, spot: Ints) -> Stays:
    in_order = np.maximum.accumulate(np.minimum(starts, DAY_S - 1), axis=1).astype(np.int64)
    return Stays(
        np.repeat(holder, starts.shape[1]),
        in_order.ravel(),
        origin.ravel(),
        spot.ravel(),
        np.zeros(starts.size, dtype=np.int64),
    )


def travel_s(land: Land, origin: Ints, spot: Ints) -> Floats:
    km = np.hypot(land.lat[origin] - land.lat[spot], (land.lon[origin] - land.lon[spot]) * 0.7) * KM_PER_DEGREE
    far = land.city[origin] != land.city[spot]
    hours = np.where(far, km / ROAD_SPEED_KM_H + 0.3, km / SPEED_KM_H + 0.08)
    return np.where(origin == spot, 0.0, hours * 3600.0)


def _on_the_way(land: Land, origin: Ints, spot: Ints, share: Floats) -> Ints:
    city_a, city_b = land.city[origin], land.city[spot]
    lat = land.lat[origin] + share * (land.lat[spot] - land.lat[origin])
    lon = land.lon[origin] + share * (land.lon[spot] - land.lon[origin])
    side = land.lattice_side[city_a]
    radius = land.city_radius_km[city_a]
    north = (lat - land.city_lat[city_a]) * KM_PER_DEGREE
    east = (lon - land.city_lon[city_a]) * KM_PER_DEGREE * np.cos(np.radians(land.city_lat[city_a]))
    row = _lattice_index(north, radius, side)
    column = _lattice_index(east, radius, side)
    corner = land.lattice_start[city_a] + row * side + column
    far = city_a != city_b
    if not far.any():
        return corner
    road: Ints = corner
    road[far] = _on_the_road(land, city_a[far], city_b[far], share[far])
    return road


def _on_the_road(land: Land, city_a: Ints, city_b: Ints, share: Floats) -> Ints:
    """All roads lead through the main city: first along the one, then along the other."""
    leg_a = np.where(city_a > 0, land.road_spots[city_a], 0)
    leg_b = np.where(city_b > 0, land.road_spots[city_b], 0)
    done = np.minimum(np.floor(share * (leg_a + leg_b)).astype(np.int64), leg_a + leg_b - 1)
    inbound = leg_a - 1 - done
    spot: Ints = np.where(inbound >= 0, land.road_start[city_a] + inbound, land.road_start[city_b] + done - leg_a)
    return spot


def _lattice_index(km: Floats, radius_km: Floats, side: Ints) -> Ints:
    step = 2 * radius_km / np.maximum(side - 1, 1)
    index = np.rint((km + radius_km) / np.where(step > 0, step, LATTICE_STEP_KM))
    return np.clip(index, 0, side - 1).astype(np.int64)
