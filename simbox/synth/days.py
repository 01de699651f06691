"""Where everybody is when: a night's stays, and the way between two of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.laws import DAY_S, Laws
from simbox.synth.network import KM_PER_DEGREE, LATTICE_STEP_KM, Land
from simbox.synth.people import any_building
from simbox.synth.population import COMMUTES, DRIVES, STAYS_PUT, WANDERS, Sims
from simbox.synth.randomness import Floats, Ints
from simbox.synth.stays import OFF, AnyInts, Stays, sort_stays

USUAL_STEP = 4
SPEED_KM_H = 22.0
ROAD_SPEED_KM_H = 75.0
DRIVER_STOPS = 22
TRIAL_S = 240


@dataclass(frozen=True)
class Timetable:
    """A night's stays of everybody: `first` and `count` say where each holder's run lies.

    Only the first rows have an entry in `imei`; from there on everybody's handset is the own one.
    """

    first: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    start_s: npt.NDArray[np.int32]
    origin: npt.NDArray[np.int32]
    spot: npt.NDArray[np.int32]
    imei: Ints

    def find(self, holder: Ints, at_s: Floats) -> Ints:
        """The stay that each holder is in at each time."""
        row = self.first[holder].astype(np.int64)
        count = self.count[holder]
        last = row + (count - 1)
        # By halves, as far as runs are long: most have seven stays, so that four steps and less concern all legs.
        step = 1 << (int(count.max(initial=1)) - 1).bit_length()
        while step := step >> 1:
            some = np.flatnonzero(count > step) if step > USUAL_STEP else np.arange(row.size)
            ahead = row[some] + step
            there = (ahead <= last[some]) & (self.start_s[np.minimum(ahead, last[some])] <= at_s[some])
            row[some] += np.where(there, step, 0)
        return row

    def positions(self, land: Land, row: Ints, at_s: Floats) -> Ints:
        """The spot at each time of each stay: itself at rest, a street corner or a stretch of road on the way."""
        origin, spot = self.origin[row], self.spot[row].astype(np.int64)
        moving = np.flatnonzero((origin != spot) & (spot != OFF) & (origin != OFF))
        if moving.size:
            start = self.start_s[row[moving]]
            end = self.start_s[np.minimum(row[moving] + 1, self.start_s.size - 1)]
            share = np.clip((at_s[moving] - start) / np.maximum(end - start, 1), 0, 1)
            spot[moving] = _on_the_way(land, origin[moving].astype(np.int64), spot[moving], share)
        return spot

    def handset(self, row: Ints, own: Ints) -> Ints:
        """The IMEI shown in each stay: that of a port or a shop's handset, else the SIM's own."""
        imei = own.copy()
        lent = np.flatnonzero(row < self.imei.size)
        other = self.imei[row[lent]]
        imei[lent] = np.where(other > 0, other, own[lent])
        return imei


def make_timetable(everybody: list[Stays], lent: list[Stays], holders: int) -> Timetable:
    """One table of everybody's stays and of those that take their place for who spends the night otherwise.

    The latter may be in handsets that are not the SIM's own.
    """
    parts = [*lent, *everybody]
    sizes = np.array([part.holder.size for part in parts])
    offsets = np.cumsum(sizes) - sizes
    first, count = np.zeros(holders, dtype=np.int32), np.zeros(holders, dtype=np.int32)
    # Runs of `lent` come first in the table and last here, so that they hold.
    for number in [*range(len(lent), len(parts)), *range(len(lent))]:
        holder = parts[number].holder
        begins = np.flatnonzero(np.concatenate([[True], holder[1:] != holder[:-1]])[: holder.size])
        first[holder[begins]] = offsets[number] + begins
        count[holder[begins]] = np.diff(np.append(begins, holder.size))
    start_s, origin, spot = (
        np.concatenate([getattr(part, name) for part in parts], dtype=np.int32, casting="same_kind")
        for name in ("start_s", "origin", "spot")
    )
    imei = np.concatenate([part.imei for part in lent]) if lent else np.zeros(0, dtype=np.int64)
    return Timetable(first, count, start_s, origin, spot, imei)


def people_stays(
    rng: np.random.Generator, sims: Sims, some: Ints, land: Land, laws: Laws, night: int, weekend: bool
) -> tuple[list[Stays], Stays]:
    """A night of some SIMs: home, the way to work, work, somewhere else, home; rigs say of theirs what is otherwise.

    Beside it are the nights of new cards that a shop tries first, which take the place of the others.
    """
    people = some[sims.holder[some] == some]
    moves = sims.moves[people]
    put = people[moves == STAYS_PUT]
    home = sims.home[put].astype(np.int32)
    zeros = np.zeros(put.size, dtype=np.int64)
    still = Stays(put.astype(np.int32), zeros, home, home, zeros)
    walks = laws.family.walk(rng, sims, land, people[(moves == COMMUTES) | (moves == WANDERS)], weekend)
    return [still, walks, _drives(rng, sims, land, people[moves == DRIVES])], _trials(walks, sims, some, night)


def _trials(walks: Stays, sims: Sims, some: Ints, night: int) -> Stays:
    """The nights of new cards that spend some minutes in a shop's handset before they go to their owners."""
    tried = some[(sims.trial_imei[some] > 0) & (sims.live_from_s[some] // DAY_S == night)]
    begin = sims.live_from_s[tried] - night * DAY_S
    theirs = np.flatnonzero(np.isin(walks.holder, tried))
    at_home = walks.select(theirs)
    handed_over = begin[np.searchsorted(tried, at_home.holder)] + TRIAL_S
    day = at_home.select(at_home.start_s >= handed_over)
    zeros = np.zeros(tried.size, dtype=np.int64)
    shop, home = sims.work[tried], sims.home[tried]
    before = Stays(tried, zeros, home, home, zeros)
    in_shop = Stays(tried, begin, shop, shop, sims.trial_imei[tried])
    after = Stays(tried, begin + TRIAL_S, home, home, zeros)
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
    at = np.stack([home, first, second], axis=1).astype(np.int32)
    origin, spot = at[:, [0, 0, 1, 1, 2, 2, 0]], at[:, [0, 1, 1, 2, 2, 0, 0]]
    return in_runs(people, starts, origin, spot)


def _drives(rng: np.random.Generator, sims: Sims, land: Land, drivers: Ints) -> Stays:
    count = drivers.size
    stops = any_building(rng, land, np.repeat(sims.city[drivers], DRIVER_STOPS)).reshape(count, DRIVER_STOPS)
    stops[:, [0, -1]] = sims.home[drivers][:, None]
    starts = np.zeros((count, 2 * DRIVER_STOPS - 1))
    origin, spot = np.zeros(starts.shape, dtype=np.int32), np.zeros(starts.shape, dtype=np.int32)
    origin[:, 0::2] = spot[:, 0::2] = stops
    origin[:, 1::2], spot[:, 1::2] = stops[:, :-1], stops[:, 1:]
    clock = np.maximum(rng.normal(9.0, 0.8, count), 5.0) * 3600
    for stop in range(1, DRIVER_STOPS):
        starts[:, 2 * stop - 1] = clock
        clock = clock + travel_s(land, stops[:, stop - 1], stops[:, stop])
        starts[:, 2 * stop] = clock
        clock = clock + rng.gamma(2.0, 500.0, count)
    return in_runs(drivers, starts, origin, spot)


def in_runs(holder: Ints, starts: Floats, origin: AnyInts, spot: AnyInts) -> Stays:
    in_order = np.maximum.accumulate(np.minimum(starts, DAY_S - 1), axis=1).astype(np.int32)
    own = np.broadcast_to(np.int64(0), starts.size)
    return Stays(
        np.repeat(holder.astype(np.int32), starts.shape[1]), in_order.ravel(), origin.ravel(), spot.ravel(), own
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
