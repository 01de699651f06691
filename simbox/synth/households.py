"""Look-alikes at home: shared handsets, shared roofs, new and short-lived cards."""

import numpy as np

from simbox.synth.laws import PROFILE_NAMES
from simbox.synth.people import any_building, dealers_of
from simbox.synth.population import ALWAYS, DRIVES, REGISTRATION
from simbox.synth.randomness import Ints
from simbox.synth.shaping import Shaping, groups_of

DORMITORY = (60, 200)
CLONES = (100, 600)
REPAIR_SHOP = (10, 40)


def cloned_imei(world: Shaping, members: Ints) -> None:
    """Counterfeit phones: hundreds of people far apart show one IMEI."""
    for clones in groups_of(world.rng, members, CLONES):
        world.sims.imei[clones] = world.models.one_model(world.rng, 1)[0]


def dual_sim(world: Shaping, members: Ints) -> None:
    """Two cards in one phone: neighbouring IMEIs, the same places, never busy together."""
    sims, rng = world.sims, world.rng
    first, second = members[0::2], members[1::2]
    for column in (sims.city, sims.home, sims.work, sims.others, sims.moves):
        column[second] = column[first]
    sims.holder[second] = sims.holder[first]
    sims.next_imei_from_s[members] = ALWAYS
    sims.imei[second] = sims.imei[first] + np.where(sims.imei[first] % 1_000_000 == 999_999, -1, 1)
    sims.events_a_day[second] *= rng.uniform(0.3, 1.0, second.size)


def dormitory(world: Shaping, members: Ints) -> None:
    """Newcomers from the country under one roof, some of whom bought their cards together."""
    sims, rng = world.sims, world.rng
    for house in groups_of(rng, members, DORMITORY):
        city, dealer = int(sims.city[house[0]]), int(sims.dealer[house[0]])
        sims.city[house] = city
        sims.home[house] = world.building(city)
        sims.work[house] = any_building(rng, world.land, np.full(house.size, city))
        sims.others[house] = any_building(rng, world.land, np.full(house.size * 3, city)).reshape(-1, 3)
        sims.dealer[house] = np.where(rng.random(house.size) < 0.6, dealer, sims.dealer[house])
        world.buy_alone(house, -rng.integers(1, 40, house.size))
        # Neighbours from one village buy together.
        for friends in groups_of(rng, house, (1, 8)):
            if rng.random() < 0.6:
                world.buy_together(friends, -int(rng.integers(1, 40)))
        world.leave_unregistered(house, 0.6)
        sims.foreign_kin[house] = rng.random(house.size) < 0.3


def newcomer(world: Shaping, members: Ints) -> None:
    """Cards bought within the nights of the world."""
    sims, rng = world.sims, world.rng
    days = rng.integers(0, world.nights, members.size)
    world.buy_alone(members, days)
    sims.live_from_s[members] = days * 86_400 + (rng.uniform(8.0, 20.0, members.size) * 3600).astype(np.int64)
    sims.dealer[members] = dealers_of(rng, world.land, sims.city[members], sims.count)
    world.leave_unregistered(members, 0.6)


def roamer(world: Shaping, members: Ints) -> None:
    """Foreign cards."""
    world.sims.registration[members] = REGISTRATION["roamer"]
    world.sims.events_a_day[members] *= 0.6
    world.sims.foreign_kin[members] = True


def family_phone(world: Shaping, members: Ints) -> None:
    """Two or three cards of a family in one handset by turns."""
    for family in groups_of(world.rng, members, (2, 3)):
        world.sims.city[family] = world.sims.city[family[0]]
        world.take_turns(family)


def barracks(world: Shaping, members: Ints) -> None:
    """Barracks: cards of many by turns in the few handsets that are there, nobody moves."""
    sims, rng = world.sims, world.rng
    for house in groups_of(rng, members, DORMITORY):
        city = int(sims.city[house[0]])
        world.put(house, world.building(city), city)
        world.buy_alone(house, -rng.integers(1, 200, house.size))
        world.leave_unregistered(house, 0.5)
        for handset in groups_of(rng, house, (2, 7)):
            world.take_turns(handset)


def prison(world: Shaping, members: Ints) -> None:
    """Prisons: many nobody's cards by turns in few hidden handsets that never leave, ringing home and strangers."""
    sims, rng = world.sims, world.rng
    for house in groups_of(rng, members, DORMITORY):
        city = int(sims.city[house[0]])
        world.put(house, world.building(city), city)
        world.buy_alone(house, -rng.integers(1, 120, house.size))
        world.leave_unregistered(house, 0.75)
        sims.profile[house] = PROFILE_NAMES.index("evening")
        sims.stranger_share[house] = rng.uniform(0.05, 0.35, house.size)
        sims.events_a_day[house] *= rng.uniform(1.0, 2.5)
        sims.data_sessions_a_day[house] *= 0.3
        for handset in groups_of(rng, house, (4, 12)):
            world.take_turns(handset)


def repaired(world: Shaping, members: Ints) -> None:
    """Customers of repair shops, who go about with one of the shop's few phones until their own is ready."""
    sims, rng = world.sims, world.rng
    for customers in groups_of(rng, members, REPAIR_SHOP):
        city = int(sims.city[customers[0]])
        world.settle_in(customers, city)
        loans = world.models.one_model(rng, (customers.size + 1) // 2)
        brings, fetches = customers[1::2], customers[0::2]
        ready_s = (rng.random(fetches.size) * world.nights * 86_400).astype(np.int64)
        sims.next_imei[fetches] = sims.imei[fetches]
        sims.imei[fetches] = loans
        sims.next_imei_from_s[fetches] = ready_s
        # The phone goes to the next customer as soon as it is back.
        sims.next_imei[brings] = loans[: brings.size]
        sims.next_imei_from_s[brings] = ready_s[: brings.size] + rng.integers(600, 86_400, brings.size)


def second_hand(world: Shaping, members: Ints) -> None:
    """Handsets that go from one person to another within the nights, by sale or through a repair shop."""
    sims, rng = world.sims, world.rng
    giver, taker = members[0 : members.size // 2 * 2 : 2], members[1::2]
    when = (rng.random(giver.size) * world.nights * 86_400).astype(np.int64)
    sims.next_imei[taker] = sims.imei[giver]
    sims.next_imei_from_s[giver] = when
    sims.next_imei_from_s[taker] = when + rng.integers(3600, 2 * 86_400, giver.size)


def tourist(world: Shaping, members: Ints) -> None:
    """Cards bought on arrival, used for some days on the move, then thrown away."""
    sims, rng = world.sims, world.rng
    days = rng.integers(-3, world.nights, members.size)
    world.buy_alone(members, days)
    sims.live_from_s[members] = days * 86_400 + (rng.uniform(7.0, 23.0, members.size) * 3600).astype(np.int64)
    sims.live_to_s[members] = sims.live_from_s[members] + (rng.gamma(2.0, 1.5, members.size) * 86_400).astype(np.int64)
    sims.moves[members] = DRIVES
    sims.foreign_kin[members] = True
    sims.contacts[members] = np.minimum(sims.contacts[members], 6)
    world.leave_unregistered(members, 0.3)


def repeater(world: Shaping, members: Ints) -> None:
    """People at home behind an indoor repeater: a whole house on one cell, often of a mast that is not the nearest."""
    sims = world.sims
    for house in groups_of(world.rng, members, DORMITORY):
        city = int(sims.city[house[0]])
        world.settle_in(house, city)
        sims.home[house] = world.building(city)
        sims.work[house] = any_building(world.rng, world.land, np.full(house.size, city))
