"""What a family of worlds decides: the laws by which people talk, meet and move, towns grow and rigs work.

Detectors are trained and tuned on family A alone. Family B obeys other laws wherever nothing has been measured, so that
what holds for both does not hang on how this generator happens to draw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simbox.synth.network import BuildingPlan, Land
from simbox.synth.population import Sims
from simbox.synth.randomness import Floats, Ints
from simbox.synth.scenario import Scenario
from simbox.synth.stays import Stays


@dataclass(frozen=True)
class Family:
    """One set of laws.

    `talk_time_s(rng, count, mu, sigma)`: whole seconds of answered calls, whose logarithm has about this mean and
    deviation. `contact_rank(rng, contacts)`: which contact is called, the closest being 0. `befriend(seed, sims)` says
    how many contacts people have. `walk(rng, sims, land, people, weekend)`: a day of people on foot. `buildings` is the
    plan of a town, `city_exponent` how fast towns get smaller by rank. `operators(scenario, seed)`: habits of networks.
    `turns(rng, made, cap)`: the owner and the calls of each turn of a rotating rig's cards, which come up in order if
    `in_turn`. `shift_h(rng, vishing)` and `weekend_share(vishing)`: when rigs work.
    """

    name: str
    talk_time_s: Callable[[np.random.Generator, int, float | Floats, float | Floats], Floats]
    contact_rank: Callable[[np.random.Generator, Ints], Ints]
    befriend: Callable[[int, Sims], None]
    walk: Callable[[np.random.Generator, Sims, Land, Ints, bool], Stays]
    buildings: BuildingPlan
    city_exponent: tuple[float, float]
    operators: Callable[[Scenario, int], Scenario]
    turns: Callable[[np.random.Generator, Ints, int], tuple[Ints, Ints]]
    in_turn: bool
    shift_h: Callable[[np.random.Generator, bool], tuple[float, float]]
    weekend_share: Callable[[bool], float]
