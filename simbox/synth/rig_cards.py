"""A rig's cards and handsets: bought in runs where everybody buys, shown in gateways, cars or phones."""

import numpy as np

from simbox.synth.banks import Bank
from simbox.synth.handsets import Models
from simbox.synth.laws import DAY_S, PROFILE_NAMES
from simbox.synth.network import Land
from simbox.synth.people import any_building, dealers_of
from simbox.synth.population import COMMUTES, DRIVES, REGISTRATION, Sims
from simbox.synth.randomness import Bools, Floats, Ints
from simbox.synth.scenario import RigPlan, Scenario
from simbox.synth.shaping import Shaping

RUN_OF_CARDS = (2, 24)


def dress_cards(
    rng: np.random.Generator,
    scenario: Scenario,
    plan: RigPlan,
    members: Ints,
    sims: Sims,
    land: Land,
    models: Models,
    city: int,
) -> None:
    """Buy the cards in runs, from the dealers and by the habits everybody has, each rig with its mix of operators."""
    mix = rng.dirichlet(np.full(len(scenario.operators), 4.0))
    dealers = dealers_of(rng, land, np.full(3, city), sims.count)
    days = -rng.integers(1, 45, 4)
    counter = Shaping(sims, land, models, rng, scenario.nights)
    sims.city[members] = city
    place = 0
    while place < members.size:
        run = members[place : place + int(np.exp(rng.uniform(*np.log(RUN_OF_CARDS))))]
        sims.operator[run[0]] = rng.choice(mix.size, p=mix)
        sims.dealer[run[0]] = rng.choice(dealers)
        counter.buy_together(run, int(rng.choice(days)))
        place += run.size
    if rng.random() < 0.5:
        # Some banks are filled run by run, some from a heap of cards.
        heap = rng.permutation(members.size)
        for column in (sims.operator, sims.dealer, sims.bought_day, sims.group):
            column[members] = column[members][heap]
    straw = rng.random(members.size) < rng.uniform(*plan.straw_share)
    sims.registration[members] = np.where(straw, REGISTRATION["registered"], REGISTRATION["unregistered"])
    if plan.shell_company_share > 0 and rng.random() < plan.shell_company_share:
        # A shell company bought the cards of the straw owners, as staff phones or as meters.
        sims.registration[members[straw]] = REGISTRATION[str(rng.choice(["corporate", "m2m"]))]
    sims.profile[members] = PROFILE_NAMES.index("people")


def draw_imeis(rng: np.random.Generator, rule: str, models: Models, sims: Sims, count: int) -> Ints:
    """What the gateway shows: its own, one model's, any model's, or the IMEIs of real phones."""
    if rule == "hardware":
        return models.gateways(rng, count)
    if rule == "model":
        return models.one_model(rng, count)
    if rule == "market":
        return models.phones(rng, count)
    phones: Bools = (sims.rig < 0) & (sims.imei > 0)
    return rng.choice(sims.imei[phones], min(count, int(phones.sum())), replace=False)


def put_in_cars(rng: np.random.Generator, sims: Sims, members: Ints, bank: Bank, city: int, land: Land) -> Ints:
    """Cards of one gateway go wherever its carrier goes, who drives all day or commutes; the carriers' homes."""
    homes = any_building(rng, land, np.full(bank.ports, city))
    for port, home in enumerate(homes.tolist()):
        place = np.flatnonzero(bank.slot % bank.ports == port)
        together = members[place]
        sims.holder[together] = together[0]
        sims.home[together] = home
        sims.work[together] = any_building(rng, land, np.array([city]))[0]
        sims.others[together] = any_building(rng, land, np.full(3, city))
        sims.moves[together] = rng.choice([DRIVES, COMMUTES])
        first, last = bank.first_night[place], bank.last_night[place]
        sims.live_from_s[together] = first * DAY_S + _time_of_share(bank.first_share[place])
        sims.live_to_s[together] = last * DAY_S + _time_of_share(bank.last_share[place])
    return homes


def _time_of_share(share: Floats) -> Ints:
    """When that share of a day's calls has been made."""
    return np.where(share > 0, (8.0 + 14.0 * share) * 3600, 0.0).astype(np.int64)
