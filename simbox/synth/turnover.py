"""What changes while nights pass: people buy cards and give cards up, travel abroad and return."""

import numpy as np

from simbox.synth.population import REGISTRATION, SEGMENT, Sims
from simbox.synth.randomness import Ints, stream
from simbox.synth.scenario import Scenario
from simbox.synth.shaping import Shaping, groups_of

DAY_S = 86_400
SHOP_HOURS = (9.0, 20.0)
TOGETHER_SHARE = 0.3
FAMILY = (2, 4)
NEW_UNREGISTERED_SHARE = 0.1
TRIP_SHAPE, TRIP_SCALE_DAYS = 2.0, 3.5
LONGEST_TRIP_DAYS = 30
TRAVELLERS = ("ordinary", "corporate_batch", "dual_sim", "home_seller")


def turn_over(scenario: Scenario, seed: int, world: Shaping, lawful: int) -> None:
    """Let ordinary people buy and give up cards within the nights, at the scenario's rates a year."""
    sims = world.sims
    rng = stream(seed, "turnover")
    a_night = rng.uniform(*scenario.churn_a_year) / 365
    ordinary = np.flatnonzero(sims.segment[:lawful] == SEGMENT["ordinary"])
    leaves = ordinary[rng.random(ordinary.size) < a_night * world.nights]
    sims.live_to_s[leaves] = (rng.random(leaves.size) * world.nights * DAY_S).astype(np.int64)
    comes = rng.permutation(np.setdiff1d(ordinary, leaves))
    comes = comes[: rng.binomial(comes.size, min(a_night * world.nights, 1.0))]
    alone = comes[: round(comes.size * (1 - TOGETHER_SHARE))]
    world.buy_alone(alone, rng.integers(0, world.nights, alone.size))
    for family in groups_of(rng, comes[alone.size :], FAMILY):
        world.buy_together(family, int(rng.integers(0, world.nights)))
        world.settle_in(family, int(sims.city[family[0]]))
        sims.home[family] = sims.home[family[0]]
        sims.work[family] = sims.others[family, 0]
    bought_s = rng.uniform(*SHOP_HOURS, comes.size) * 3600
    sims.live_from_s[comes] = sims.bought_day[comes] * DAY_S + bought_s.astype(np.int64)
    unregistered = comes[rng.random(comes.size) < NEW_UNREGISTERED_SHARE]
    sims.registration[unregistered] = REGISTRATION["unregistered"]


def travel(scenario: Scenario, seed: int, sims: Sims, lawful: int) -> None:
    """Send people abroad, where the home network writes no records of them: they fall silent and return."""
    rng = stream(seed, "travel")
    nights = scenario.nights
    chance = rng.uniform(*scenario.trips_a_year) / 365 * (nights + LONGEST_TRIP_DAYS)
    is_traveller = np.isin(sims.segment[:lawful], [SEGMENT[name] for name in TRAVELLERS])
    holders = np.flatnonzero(is_traveller & (sims.holder[:lawful] == np.arange(lawful)))
    away: Ints = holders[rng.random(holders.size) < chance]
    days = np.minimum(rng.gamma(TRIP_SHAPE, TRIP_SCALE_DAYS, away.size) + 0.5, LONGEST_TRIP_DAYS)
    begin_days = rng.uniform(-LONGEST_TRIP_DAYS, nights, away.size)
    sims.away_from_s[away] = (begin_days * DAY_S).astype(np.int64)
    sims.away_to_s[away] = ((begin_days + days) * DAY_S).astype(np.int64)
    # All cards of one phone go along.
    sims.away_from_s = sims.away_from_s[sims.holder]
    sims.away_to_s = sims.away_to_s[sims.holder]
