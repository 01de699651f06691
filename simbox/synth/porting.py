"""Numbers that people took along when they changed the operator."""

import numpy as np

from simbox.synth.population import ALWAYS, REGISTRATION, Sims
from simbox.synth.randomness import stream
from simbox.synth.scenario import Scenario


def port_numbers(scenario: Scenario, seed: int, sims: Sims) -> None:
    """Give some registered cards a number of another operator's range, from the day they were bought.

    The card is one of the operator that the number came to; whose it is now is what PORTED says. People and rigs port
    alike: a number on a straw owner's card may have had an owner before.
    """
    rng = stream(seed, "ported")
    share = rng.uniform(*scenario.ported_share)
    may = ~np.isin(sims.registration, [REGISTRATION["unregistered"], REGISTRATION["roamer"]])
    chosen = rng.permutation(np.flatnonzero(may & (rng.random(sims.count) < share)))
    first, second = chosen[0 : chosen.size // 2 * 2 : 2], chosen[1::2]
    differ = sims.operator[first] != sims.operator[second]
    first, second = first[differ], second[differ]
    msisdn = sims.msisdn.copy()
    msisdn[first], msisdn[second] = sims.msisdn[second], sims.msisdn[first]
    sims.msisdn = msisdn
    sims.ported_day = np.full(sims.count, ALWAYS)
    for moved in (first, second):
        sims.ported_day[moved] = sims.bought_day[moved]
