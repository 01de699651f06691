"""What gives a segment its habits: who buys together, who stays put, who keeps office hours."""

import numpy as np

from simbox.synth.handsets import Models
from simbox.synth.laws import PROFILE_NAMES
from simbox.synth.network import Land
from simbox.synth.people import any_building
from simbox.synth.population import ALWAYS, REGISTRATION, STAYS_PUT, Sims
from simbox.synth.randomness import Ints


class Shaping:
    """What a segment's shaping needs: the SIMs, the map, the models, a generator, how many nights the world has."""

    def __init__(self, sims: Sims, land: Land, models: Models, rng: np.random.Generator, nights: int) -> None:
        self.sims = sims
        self.land = land
        self.models = models
        self.rng = rng
        self.nights = nights
        self.next_group = int(sims.group.max()) + 1

    def buy_together(self, members: Ints, day: int) -> None:
        """One purchase at one dealer: neighbouring numbers."""
        sims = self.sims
        sims.city[members] = sims.city[members[0]]
        sims.operator[members] = sims.operator[members[0]]
        sims.dealer[members] = sims.dealer[members[0]]
        sims.bought_day[members] = day
        sims.group[members] = self.next_group
        self.next_group += 1

    def buy_alone(self, members: Ints, days: Ints) -> None:
        """Purchases of one card each."""
        self.sims.bought_day[members] = days
        self.sims.group[members] = self.next_group + np.arange(members.size)
        self.next_group += members.size

    def put(self, members: Ints, spot: int, city: int) -> None:
        """Terminals that never leave one spot."""
        self.sims.city[members] = city
        self.sims.home[members] = spot
        self.sims.moves[members] = STAYS_PUT
        self.sims.next_imei_from_s[members] = ALWAYS

    def building(self, city: int) -> int:
        """Some building of a city."""
        return int(any_building(self.rng, self.land, np.array([city]))[0])

    def near(self, spot: int, count: int) -> Ints:
        """The buildings of a city that stand next to one of them, this one included."""
        land = self.land
        first, last = land.buildings(int(land.city[spot]))
        away = np.hypot(land.lat[first:last] - land.lat[spot], (land.lon[first:last] - land.lon[spot]) * 0.7)
        return first + np.argsort(away, kind="stable")[:count]

    def office_habits(self, members: Ints, events_a_day: tuple[float, float], strangers: tuple[float, float]) -> None:
        """Many calls in office hours, mostly to customers."""
        sims, rng = self.sims, self.rng
        sims.profile[members] = PROFILE_NAMES.index("office")
        sims.events_a_day[members] = rng.uniform(*events_a_day) * rng.gamma(8.0, 1 / 8.0, members.size)
        sims.sms_share[members] = 0.02
        sims.stranger_share[members] = rng.uniform(*strangers)
        sims.service_sms_a_day[members] *= 0.3

    def leave_unregistered(self, members: Ints, share: float) -> None:
        """Some of the members never registered their card."""
        unregistered = self.rng.random(members.size) < share
        self.sims.registration[members[unregistered]] = REGISTRATION["unregistered"]

    def settle_in(self, members: Ints, city: int) -> None:
        """Homes and other places in one city."""
        sims = self.sims
        sims.city[members] = city
        sims.home[members] = any_building(self.rng, self.land, np.full(members.size, city))
        sims.others[members] = any_building(self.rng, self.land, np.full(members.size * 3, city)).reshape(-1, 3)

    def take_turns(self, members: Ints) -> None:
        """Cards that take turns in one handset, wherever its holder is."""
        sims = self.sims
        sims.holder[members] = members[0]
        sims.imei[members] = sims.imei[members[0]]
        sims.next_imei_from_s[members] = ALWAYS
        sims.turns[members] = members.size
        sims.turn[members] = np.arange(members.size)


def groups_of(rng: np.random.Generator, members: Ints, size: tuple[int, int]) -> list[Ints]:
    """Members cut into groups of drawn sizes, the last as large as what is left."""
    groups, start = [], 0
    while start < members.size:
        wanted = int(rng.integers(size[0], size[1] + 1))
        if members.size - start - wanted < size[0]:
            wanted = members.size - start
        groups.append(members[start : start + wanted])
        start += wanted
    return groups
