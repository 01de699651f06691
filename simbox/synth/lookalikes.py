"""Lawful SIMs that look like a rig's in one respect or another, each a named segment."""

from collections.abc import Callable

import numpy as np

from simbox.synth.handsets import Models
from simbox.synth.laws import PROFILE_NAMES
from simbox.synth.network import Land
from simbox.synth.people import any_building, dealers_of
from simbox.synth.population import (
    ALWAYS,
    COMMUTES,
    DRIVES,
    REGISTRATION,
    SEGMENT,
    STAYS_PUT,
    WANDERS,
    Sims,
)
from simbox.synth.randomness import Ints, stream
from simbox.synth.scenario import Scenario

SEATS = (12, 40)
GATEWAY_PORTS = (4, 16)
DORMITORY = (60, 200)
CLONES = (100, 600)
SHOP_CARDS = (30, 90)
BATCH = (15, 60)


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

    def office_habits(self, members: Ints, events_a_day: tuple[float, float], strangers: tuple[float, float]) -> None:
        """Many calls in office hours, mostly to customers."""
        sims, rng = self.sims, self.rng
        sims.profile[members] = PROFILE_NAMES.index("office")
        sims.events_a_day[members] = rng.uniform(*events_a_day) * rng.gamma(8.0, 1 / 8.0, members.size)
        sims.sms_share[members] = 0.02
        sims.stranger_share[members] = rng.uniform(*strangers)
        sims.service_sms_a_day[members] *= 0.3


def shape_segments(scenario: Scenario, seed: int, sims: Sims, land: Land, models: Models) -> None:
    """Give every look-alike its habits; ordinary people are left as they are."""
    for name, shape in _SHAPES.items():
        members = np.flatnonzero(sims.segment == SEGMENT[name])
        if members.size:
            shape(Shaping(sims, land, models, stream(seed, "lookalike", SEGMENT[name]), scenario.nights), members)


def _groups(rng: np.random.Generator, members: Ints, size: tuple[int, int]) -> list[Ints]:
    """Members cut into groups of drawn sizes, the last as large as what is left."""
    groups, start = [], 0
    while start < members.size:
        wanted = int(rng.integers(size[0], size[1] + 1))
        if members.size - start - wanted < size[0]:
            wanted = members.size - start
        groups.append(members[start : start + wanted])
        start += wanted
    return groups


def _call_centre(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for seats in _groups(rng, members, SEATS):
        city = int(sims.city[seats[0]])
        world.buy_together(seats, -int(rng.integers(30, 900)))
        world.put(seats, world.building(city), city)
        world.office_habits(seats, (25.0, 60.0), (0.55, 0.95))
        sims.contacts[seats] = int(rng.integers(30, 150))
        sims.answers_share[seats] = 0.93
        sims.registration[seats] = REGISTRATION["corporate"]
        sims.imei[seats] = world.models.one_model(rng, seats.size)


def _courier(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    sims.moves[members] = DRIVES
    sims.profile[members] = PROFILE_NAMES.index("delivery")
    sims.events_a_day[members] = rng.uniform(18.0, 30.0) * rng.gamma(6.0, 1 / 6.0, members.size)
    sims.stranger_share[members] = rng.uniform(0.7, 0.95, members.size)
    sims.sms_share[members] = 0.05


def _m2m(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for fleet in _groups(rng, members, (4, 30)):
        home, city = sims.home[fleet].copy(), sims.city[fleet].copy()
        world.buy_together(fleet, -int(rng.integers(60, 1500)))
        sims.home[fleet], sims.city[fleet] = home, city
    sims.moves[members] = STAYS_PUT
    sims.next_imei_from_s[members] = ALWAYS
    sims.registration[members] = REGISTRATION["m2m"]
    sims.imei[members] = world.models.modems(rng, members.size)
    sims.events_a_day[members] = 0.0
    sims.contacts[members] = 0
    sims.service_sms_a_day[members] *= 0.1


def _licensed_gateway(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for ports in _groups(rng, members, GATEWAY_PORTS):
        city = int(sims.city[ports[0]])
        world.buy_together(ports, -int(rng.integers(30, 700)))
        world.put(ports, world.building(city), city)
        world.office_habits(ports, (25.0, 50.0), (0.5, 0.8))
        sims.contacts[ports] = 60
        sims.answers_share[ports] = 0.85
        sims.registration[ports] = REGISTRATION["corporate"]
        sims.imei[ports] = world.models.gateways(rng, ports.size)


def _dealer_phone(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for cards in _groups(rng, members, SHOP_CARDS):
        dealer, city = int(sims.dealer[cards[0]]), int(sims.city[cards[0]])
        sims.dealer[cards] = dealer
        sims.city[cards] = city
        days = rng.integers(0, world.nights, cards.size)
        world.buy_alone(cards, days)
        sims.live_from_s[cards] = days * 86_400 + (rng.uniform(9.5, 18.5, cards.size) * 3600).astype(np.int64)
        sims.home[cards] = any_building(rng, world.land, np.full(cards.size, city))
        sims.others[cards] = any_building(rng, world.land, np.full(cards.size * 3, city)).reshape(-1, 3)
        sims.work[cards] = world.building(city)
        sims.moves[cards] = WANDERS
        sims.trial_imei[cards] = world.models.phones(rng, 1)[0]
        _mostly_unregistered(world, cards, 0.4)


def _cloned_imei(world: Shaping, members: Ints) -> None:
    for clones in _groups(world.rng, members, CLONES):
        world.sims.imei[clones] = world.models.one_model(world.rng, 1)[0]


def _dual_sim(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    first, second = members[0::2], members[1::2]
    for column in (sims.city, sims.home, sims.work, sims.others, sims.moves):
        column[second] = column[first]
    sims.holder[second] = sims.holder[first]
    sims.next_imei_from_s[members] = ALWAYS
    sims.imei[second] = sims.imei[first] + np.where(sims.imei[first] % 1_000_000 == 999_999, -1, 1)
    sims.events_a_day[second] *= rng.uniform(0.3, 1.0, second.size)


def _dormitory(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for house in _groups(rng, members, DORMITORY):
        city, dealer = int(sims.city[house[0]]), int(sims.dealer[house[0]])
        sims.city[house] = city
        sims.home[house] = world.building(city)
        sims.work[house] = any_building(rng, world.land, np.full(house.size, city))
        sims.others[house] = any_building(rng, world.land, np.full(house.size * 3, city)).reshape(-1, 3)
        sims.dealer[house] = np.where(rng.random(house.size) < 0.6, dealer, sims.dealer[house])
        world.buy_alone(house, -rng.integers(1, 40, house.size))
        # Neighbours from one village buy together.
        for friends in _groups(rng, house, (1, 8)):
            if rng.random() < 0.6:
                world.buy_together(friends, -int(rng.integers(1, 40)))
        _mostly_unregistered(world, house, 0.6)
        sims.foreign_kin[house] = rng.random(house.size) < 0.3


def _newcomer(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    days = rng.integers(0, world.nights, members.size)
    world.buy_alone(members, days)
    sims.live_from_s[members] = days * 86_400 + (rng.uniform(8.0, 20.0, members.size) * 3600).astype(np.int64)
    sims.dealer[members] = dealers_of(rng, world.land, sims.city[members], sims.count)
    _mostly_unregistered(world, members, 0.6)


def _corporate_batch(world: Shaping, members: Ints) -> None:
    sims, rng = world.sims, world.rng
    for staff in _groups(rng, members, BATCH):
        world.buy_together(staff, -int(rng.integers(1, 400)))
        sims.home[staff] = any_building(rng, world.land, sims.city[staff])
        sims.others[staff] = any_building(rng, world.land, np.repeat(sims.city[staff], 3)).reshape(-1, 3)
        sims.work[staff] = world.building(int(sims.city[staff[0]]))
        sims.moves[staff] = COMMUTES
        sims.registration[staff] = REGISTRATION["corporate"]


def _roamer(world: Shaping, members: Ints) -> None:
    world.sims.registration[members] = REGISTRATION["roamer"]
    world.sims.events_a_day[members] *= 0.6
    world.sims.foreign_kin[members] = True


def _mostly_unregistered(world: Shaping, members: Ints, share: float) -> None:
    unregistered = world.rng.random(members.size) < share
    world.sims.registration[members[unregistered]] = REGISTRATION["unregistered"]


_SHAPES: dict[str, Callable[[Shaping, Ints], None]] = {
    "call_centre": _call_centre,
    "courier": _courier,
    "m2m": _m2m,
    "licensed_gateway": _licensed_gateway,
    "dealer_phone": _dealer_phone,
    "cloned_imei": _cloned_imei,
    "dual_sim": _dual_sim,
    "dormitory": _dormitory,
    "newcomer": _newcomer,
    "corporate_batch": _corporate_batch,
    "roamer": _roamer,
}
