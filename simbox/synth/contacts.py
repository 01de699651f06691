"""Whom people know: persistent, unequal, mostly near, and knowing each other.

No table is kept: who is somebody's third contact follows from a hash, so that two million people's address books cost
nothing and are the same every night.
"""

from dataclasses import dataclass

import numpy as np

from simbox.synth import parties
from simbox.synth.population import SEGMENT, Sims
from simbox.synth.randomness import Bools, Floats, Ints, hashed_uniform, stream

NEIGHBOURHOOD = 25.0
OUTSIDE_SHARE = 0.14
KIN_SHARE = 0.15
ACQUAINTANCES = 3
NUMBERS_OUTSIDE = 0.5


@dataclass(frozen=True)
class Contacts:
    """Everybody's address book: `count` contacts each, closest first; parties as in `parties`."""

    count: Ints
    order: Ints
    place: Ints
    outside: Ints
    abroad: Ints
    foreign_kin: Bools
    popularity: Floats
    talkers: Ints
    is_talker: Bools
    salt: int

    def pick(self, sim: Ints, rank: Ints) -> Ints:
        """The contact of that rank: neighbours in a social order first, then anybody, and numbers outside."""
        kind, side = (hashed_uniform(self.salt + draw, sim, rank) for draw in range(2))
        near = kind < np.maximum(0.75 - 0.02 * rank, 0.3)
        party, detail = self._candidate(0, sim, rank, near)
        # The more sought after of several acquaintances becomes the contact, so that calls received are unequal too.
        for number in range(1, ACQUAINTANCES):
            rival, _ = self._candidate(number, sim, rank, near)
            party = np.where(self.popularity[rival] > self.popularity[party], rival, party)
        inland = (side < OUTSIDE_SHARE) | (party == sim)
        party[inland] = self.outside[(detail[inland] * self.outside.size).astype(np.int64)]
        kin = self.foreign_kin[sim] & (side > 1 - KIN_SHARE)
        party[kin] = self.abroad[(detail[kin] * self.abroad.size).astype(np.int64)]
        return party

    def _candidate(self, number: int, sim: Ints, rank: Ints, near: Bools) -> tuple[Ints, Floats]:
        detail = hashed_uniform(self.salt + 2 + number, sim, rank)
        step = np.ceil(-NEIGHBOURHOOD * np.log1p(-np.abs(2 * detail - 1))).astype(np.int64)
        neighbour = self.place[sim] + np.where(detail < 0.5, -step, step)
        anybody = (detail * self.order.size).astype(np.int64)
        return self.order[np.clip(np.where(near, neighbour, anybody), 0, self.order.size - 1)], detail

    def strangers(self, rng: np.random.Generator, count: int) -> Ints:
        """People picked out of the whole country, as a wrong number or a cold call does."""
        return self.talkers[rng.integers(0, self.talkers.size, count)]


def know_each_other(seed: int, sims: Sims) -> Contacts:
    """Put everybody in a social order: who lives in one town, and often in one house, stands near."""
    rng = stream(seed, "contacts")
    machine = np.isin(sims.segment, [SEGMENT["m2m"], SEGMENT["network_probe"], SEGMENT["test_sim"]]) | (sims.rig >= 0)
    talkers = np.flatnonzero(~machine)
    order = talkers[np.lexsort((sims.home[talkers] + rng.normal(0, 8.0, talkers.size), sims.city[talkers]))]
    place = np.zeros(sims.count, dtype=np.int64)
    place[order] = np.arange(order.size)
    numbers = max(100, int(NUMBERS_OUTSIDE * sims.count))
    return Contacts(
        count=np.where(machine, 0, sims.contacts),
        order=order,
        place=place,
        outside=parties.strangers_outside(rng, numbers),
        abroad=parties.abroad(rng, numbers // 4),
        foreign_kin=sims.foreign_kin,
        popularity=sims.popularity,
        talkers=talkers,
        is_talker=~machine,
        salt=int(rng.integers(1 << 62)),
    )
