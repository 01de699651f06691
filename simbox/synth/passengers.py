"""Look-alikes on the way: strangers who leave together and move together, morning and night."""

import numpy as np

from simbox.synth.people import any_building
from simbox.synth.population import COMMUTES
from simbox.synth.randomness import Ints
from simbox.synth.shaping import Shaping, groups_of

CARRIAGE, BUS, LINE = (30, 120), (20, 60), (150, 500)
BUILDINGS_AT_A_STOP = 40
FIRST_H, LAST_H = 5.5, 8.5
METRO_EVERY_S = 240


def train(world: Shaping, members: Ints) -> None:
    """Commuters between two cities."""
    sims, rng, land = world.sims, world.rng, world.land
    for riders in groups_of(rng, members, CARRIAGE):
        home, work = (int(city) for city in rng.permutation(land.cities)[:2])
        world.settle_in(riders, home)
        sims.work[riders] = any_building(rng, land, np.full(riders.size, work))
        sims.moves[riders] = COMMUTES
        sims.departs_s[riders] = int(rng.uniform(FIRST_H, LAST_H) * 3600)


def bus(world: Shaping, members: Ints) -> None:
    """A bus: those who live at one stop and work near another, at one time every working day."""
    for riders in groups_of(world.rng, members, BUS):
        _from_stop_to_stop(world, riders)
        world.sims.departs_s[riders] = int(world.rng.uniform(FIRST_H + 1, LAST_H + 1) * 3600)


def metro(world: Shaping, members: Ints) -> None:
    """A line of the metro: hundreds between two stations, a trainful of them every few minutes."""
    for riders in groups_of(world.rng, members, LINE):
        _from_stop_to_stop(world, riders)
        first = int(world.rng.uniform(FIRST_H + 1, LAST_H) * 3600)
        world.sims.departs_s[riders] = first + METRO_EVERY_S * world.rng.integers(0, 12, riders.size)


def _from_stop_to_stop(world: Shaping, riders: Ints) -> None:
    sims, rng = world.sims, world.rng
    city = int(sims.city[riders[0]])
    world.settle_in(riders, city)
    sims.home[riders] = rng.choice(world.near(world.building(city), BUILDINGS_AT_A_STOP), riders.size)
    sims.work[riders] = rng.choice(world.near(world.building(city), BUILDINGS_AT_A_STOP), riders.size)
    sims.moves[riders] = COMMUTES
