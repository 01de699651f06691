"""Whom people know: persistent, unequal, mostly near, and knowing each other."""

from dataclasses import dataclass

import numpy as np

from simbox.synth import parties
from simbox.synth.population import SEGMENT, Sims
from simbox.synth.randomness import Bools, Ints, runs_of, stream

NEIGHBOURHOOD = 25.0


@dataclass(frozen=True)
class Contacts:
    """Each SIM's contacts, closest first, in one run; parties as in `parties`."""

    first: Ints
    count: Ints
    party: Ints
    talkers: Ints
    is_talker: Bools

    def pick(self, sim: Ints, rank: Ints) -> Ints:
        """The contact of that rank."""
        return self.party[self.first[sim] + rank]

    def strangers(self, rng: np.random.Generator, count: int) -> Ints:
        """People picked out of the whole country, as a wrong number or a cold call does."""
        return self.talkers[rng.integers(0, self.talkers.size, count)]


def know_each_other(seed: int, sims: Sims) -> Contacts:
    """Draw everybody's contacts: neighbours in a social order first, then the town, then numbers outside."""
    rng = stream(seed, "contacts")
    machine = np.isin(sims.segment, [SEGMENT["m2m"], SEGMENT["network_probe"]]) | (sims.rig >= 0)
    count = np.where(machine, 0, sims.contacts)
    talkers = np.flatnonzero(~machine)
    # Who lives in one town, and often in one house, stands near in the social order.
    order = talkers[np.lexsort((sims.home[talkers] + rng.normal(0, 8.0, talkers.size), sims.city[talkers]))]
    place = np.zeros(sims.count, dtype=np.int64)
    place[order] = np.arange(order.size)
    owner, rank = runs_of(count)
    near = rng.random(owner.size) < np.maximum(0.75 - 0.02 * rank, 0.3)
    step = np.ceil(rng.exponential(NEIGHBOURHOOD, owner.size)).astype(np.int64) * rng.choice([-1, 1], owner.size)
    neighbour = order[np.clip(place[owner] + step, 0, order.size - 1)]
    anybody = talkers[rng.integers(0, talkers.size, owner.size)]
    party = np.where(near, neighbour, anybody)
    outside = rng.random(owner.size) < 0.14
    party[outside] = parties.strangers_outside(rng, int(outside.sum()))
    kin = sims.foreign_kin[owner] & (rng.random(owner.size) < 0.15)
    party[kin] = parties.abroad(rng, int(kin.sum()))
    party = np.where(party == owner, parties.WITHHELD, party)
    lonely = party == parties.WITHHELD
    party[lonely] = parties.other_networks(rng, int(lonely.sum()))
    return Contacts(np.cumsum(count) - count, count, party, talkers, ~machine)
