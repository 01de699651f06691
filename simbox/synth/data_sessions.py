"""Data sessions, for the operators that write them: a SIM and its handset seen at a cell, and some volume."""

import numpy as np

from simbox.synth import parties
from simbox.synth.events import DATA, Events, make_events
from simbox.synth.laws import Laws, times_of_day
from simbox.synth.population import Sims
from simbox.synth.randomness import Bools, Ints


def data_events(rng: np.random.Generator, sims: Sims, some: Ints, laws: Laws, written: Bools) -> Events:
    """A night's data sessions of some SIMs, where their operator writes them; `written` has an entry for each one."""
    some = some[written[sims.operator[some]]]
    sim = np.repeat(some, rng.poisson(sims.data_sessions_a_day[some]))
    at_s = times_of_day(rng, laws.hours, sims.profile[sim])
    nobody = np.full(sim.size, parties.WITHHELD)
    return make_events(at_s, sim, nobody, DATA, np.ones(sim.size, dtype=bool), np.zeros(sim.size), True)
