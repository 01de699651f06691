"""Ordinary subscribers: where they live and work, how active they are, when and where they bought their card."""

import numpy as np

from simbox.synth.handsets import Models
from simbox.synth.laws import PROFILE_NAMES
from simbox.synth.network import Land
from simbox.synth.population import (
    ALWAYS,
    COMMUTES,
    REGISTRATION,
    SEGMENT,
    SEGMENTS,
    WANDERS,
    Sims,
    empty_sims,
)
from simbox.synth.randomness import Bools, Floats, Ints, stream
from simbox.synth.scenario import Scenario

CITIES_A_DEALER = 500
OLDEST_DAYS = 4000
CONTACTS_MEDIAN, CONTACTS_SIGMA = 7.0, 1.0
MOST_CONTACTS = 300
# Two fifths of people show a second handset within eight months.
HANDSET_CHANGES_A_DAY = 0.0021


def settle_people(scenario: Scenario, seed: int, land: Land, models: Models, lawful: int, rig_sims: int) -> Sims:
    """A population with everybody an ordinary person yet; the last `rig_sims` entries are left for rigs."""
    rng = stream(seed, "people")
    sims = empty_sims(lawful + rig_sims)
    count = sims.count
    shares = np.array([habit.market_share for habit in scenario.operators.values()])
    # Shares of the market differ from world to world as they do from country to country.
    sims.operator = rng.choice(shares.size, count, p=rng.dirichlet(shares * 60))
    sims.city = rng.choice(land.cities, count, p=land.city_share)
    sims.home = any_building(rng, land, sims.city)
    sims.work = _business_building(rng, land, sims.city)
    sims.others = np.stack([any_building(rng, land, sims.city) for _ in range(3)], axis=1)
    # A tenth of the people's other places lie in another city.
    away = rng.random(count) < 0.1
    elsewhere = any_building(rng, land, rng.choice(land.cities, count, p=land.city_share))
    sims.others[away, 2] = elsewhere[away]
    sims.moves = np.where(rng.random(count) < _commuters_share(scenario, seed), COMMUTES, WANDERS).astype(np.int8)
    sims.profile[:] = PROFILE_NAMES.index("people")
    activity = np.exp(rng.standard_normal(count) * rng.uniform(*scenario.activity_sigma))
    # Calls a person makes: half of the calls on a SIM are its own.
    made_a_day = rng.uniform(*scenario.calls_a_day) / 2
    sims.sms_share = np.clip(rng.beta(1.0, 1.0 / rng.uniform(*scenario.sms_share) - 1.0, count), 0, 0.95)
    sims.events_a_day = np.minimum(made_a_day * activity / (1 - sims.sms_share.mean()), 60.0)
    sims.popularity = activity
    sims.stranger_share = rng.beta(1.0, 13.0, count)
    sims.service_sms_a_day = rng.uniform(*scenario.service_sms_a_day) * np.exp(0.7 * rng.standard_normal(count) - 0.25)
    spread = CONTACTS_SIGMA * (0.5 * np.log(activity) + 0.85 * rng.standard_normal(count))
    sims.contacts = np.clip(np.exp(np.log(CONTACTS_MEDIAN) + spread), 2, MOST_CONTACTS).astype(np.int64)
    sims.answers_share = np.clip(rng.uniform(*scenario.answered_share) + 0.12 * rng.standard_normal(count), 0.2, 0.97)
    sims.imei = models.phones(rng, count)
    sims.next_imei = models.phones(rng, count)
    wait_days = rng.exponential(1 / HANDSET_CHANGES_A_DAY, count)
    sims.next_imei_from_s = np.minimum(wait_days * 86_400, ALWAYS).astype(np.int64)
    sims.data_sessions_a_day = _data_sessions_a_day(seed, models.is_lte(sims.imei))
    sims.foreign_kin = rng.random(count) < rng.uniform(0.08, 0.16)
    unregistered = rng.random(count) < rng.uniform(*scenario.unregistered_share)
    sims.registration[unregistered] = REGISTRATION["unregistered"]
    sims.bought_day = -np.minimum(rng.exponential(900.0, count), OLDEST_DAYS).astype(np.int64) - 1
    sims.dealer = dealers_of(rng, land, sims.city, count)
    # Most buy alone, some buy for the family on one day; the numbers of purchases are unique to their buyers.
    sims.group = np.cumsum(rng.random(count) < 0.9)
    together = sims.group[1:] == sims.group[:-1]
    for index in np.flatnonzero(together) + 1:
        for column in (sims.city, sims.dealer, sims.bought_day, sims.operator, sims.home):
            column[index] = column[index - 1]
    return sims


def assign_segments(scenario: Scenario, seed: int, sims: Sims, lawful: int) -> None:
    """Say which of the lawful SIMs belong to which segment; the others stay ordinary people."""
    order = stream(seed, "segments").permutation(lawful)
    start = 0
    for name in SEGMENTS[1:]:
        count = round(getattr(scenario.segments, name) * lawful)
        count += count % 2 if name == "dual_sim" else 0
        sims.segment[order[start : start + count]] = SEGMENT[name]
        start += count


def any_building(rng: np.random.Generator, land: Land, city: Ints) -> Ints:
    """A building in each of the cities given."""
    first, last = land.building_start[city], land.building_start[city + 1]
    return first + (rng.random(city.size) * (last - first)).astype(np.int64)


def dealers_of(rng: np.random.Generator, land: Land, city: Ints, sims: int) -> Ints:
    """A dealer in each of the cities given; large dealers sell more."""
    dealers = np.maximum(2, np.ceil(sims * land.city_share / CITIES_A_DEALER)).astype(np.int64)
    first = np.cumsum(dealers) - dealers
    return first[city] + np.floor(dealers[city] * rng.random(city.size) ** 1.5).astype(np.int64)


def _data_sessions_a_day(seed: int, lte: Bools) -> Floats:
    """A twelfth of people and most of those with an old phone use no data (Sichuan: 8.3 % without app traffic)."""
    rng = stream(seed, "data habits")
    online = rng.random(lte.size) < np.where(lte, 0.98, 0.55)
    return np.where(online, rng.uniform(1.5, 3.0) * np.exp(0.8 * rng.standard_normal(lte.size) - 0.32), 0.0)


def _commuters_share(scenario: Scenario, seed: int) -> float:
    return float(stream(seed, "commuters").uniform(*scenario.commuters_share))


def _business_building(rng: np.random.Generator, land: Land, city: Ints) -> Ints:
    """A place of work: a fifth of the buildings hold most of it."""
    first, last = land.building_start[city], land.building_start[city + 1]
    return first + ((last - first) * rng.random(city.size) ** 3).astype(np.int64)
