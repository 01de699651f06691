"""Family A: the laws that worlds are drawn by unless another family is asked for."""

import numpy as np

from simbox.synth.days import walk_between_home_and_work
from simbox.synth.family import Family
from simbox.synth.laws import contact_rank, talk_time_s
from simbox.synth.network import around_quarters
from simbox.synth.population import Sims
from simbox.synth.randomness import Ints, runs_of
from simbox.synth.scenario import Scenario


def _as_settled(seed: int, sims: Sims) -> None:
    """Contacts as people settle with them: lognormal."""


def _as_planned(scenario: Scenario, seed: int) -> Scenario:
    """Networks as the scenario has them."""
    return scenario


def _up_to_the_cap(rng: np.random.Generator, made: Ints, cap: int) -> tuple[Ints, Ints]:
    """As many calls as the cap allows, the last time what is left."""
    owner, turn = runs_of(-(-made // cap))
    return owner, np.minimum(made[owner] - turn * cap, cap)


def _shift_h(rng: np.random.Generator, vishing: bool) -> tuple[float, float]:
    """Office hours, or from morning till late."""
    opening = rng.normal(9.0, 0.5) if vishing else rng.normal(10.0, 1.5)
    closing = rng.normal(18.2, 0.5) if vishing else rng.normal(22.6, 0.7)
    return float(opening), float(closing)


FAMILY_A = Family(
    name="A",
    talk_time_s=talk_time_s,
    contact_rank=contact_rank,
    befriend=_as_settled,
    walk=walk_between_home_and_work,
    buildings=around_quarters,
    city_exponent=(0.7, 1.1),
    operators=_as_planned,
    turns=_up_to_the_cap,
    in_turn=True,
    shift_h=_shift_h,
    weekend_share=lambda vishing: 0.2 if vishing else 1.1,
)
