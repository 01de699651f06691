"""Rigs: gateways and SIM banks at their premises, the cards bought for them, and the rules they work by."""

from dataclasses import dataclass

import numpy as np

from simbox.synth.banks import Bank, stock_bank
from simbox.synth.handsets import Models
from simbox.synth.laws import DAY_S, PROFILE_NAMES
from simbox.synth.levels import CODES, LEVELS, NAIVE_QUOTA, SENDS_MORE
from simbox.synth.network import Land
from simbox.synth.parties import SHORT_CODES
from simbox.synth.people import any_building, dealers_of
from simbox.synth.population import ALWAYS, COMMUTES, DRIVES, REGISTRATION, RIG, Sims
from simbox.synth.randomness import Bools, Floats, Ints, stream
from simbox.synth.scenario import RigPlan, Scenario
from simbox.synth.shaping import Shaping

RUN_OF_CARDS = (2, 24)


@dataclass
class Rig:
    """One rig: `gateway` says for each port in which gateway it is, `premises` where each gateway stands.

    `bank_spot` is where the cards are kept; `throughput_share` what care leaves of a naive rig's calls or messages
    with the same ports and as many cards at work on each: 1 for level E0.
    """

    number: int
    plan: RigPlan
    city: int
    bank: Bank
    gateway: Ints
    premises: Ints
    bank_spot: int
    sims: Ints
    port_imei: Ints
    own_imei: bool
    imei_rule: str
    quota: Floats
    cap: int
    shift_h: tuple[float, float]
    weekend_share: float
    gap_s: float
    answered_share: float
    repeat_share: float
    outside_share: float
    staged_share: float
    commutes: bool
    is_carried: bool
    keeps_hours: bool
    wanders_share: float
    checks_share: float
    service_number: int
    throughput_share: float

    @property
    def ports(self) -> int:
        """How many cards can be on the air at once."""
        return self.bank.ports


def stock_banks(scenario: Scenario, seed: int) -> list[Bank]:
    """Ports and cards of each rig."""
    return [
        stock_bank(stream(seed, "rig size", number), plan, scenario.nights)
        for number, plan in enumerate(scenario.rig_plans())
    ]


def build_rigs(scenario: Scenario, seed: int, sims: Sims, land: Land, models: Models) -> list[Rig]:
    """Plant the rigs: take the entries left for them at the end of the population, in order."""
    rigs = []
    banks = stock_banks(scenario, seed)
    start = sims.count - sum(bank.cards for bank in banks)
    for number, (plan, bank) in enumerate(zip(scenario.rig_plans(), banks, strict=True)):
        rng = stream(seed, "rig", number)
        members = np.arange(start, start + bank.cards)
        start += bank.cards
        rigs.append(_build_rig(rng, scenario, number, plan, bank, members, sims, land, models))
    return rigs


def _build_rig(
    rng: np.random.Generator,
    scenario: Scenario,
    number: int,
    plan: RigPlan,
    bank: Bank,
    members: Ints,
    sims: Sims,
    land: Land,
    models: Models,
) -> Rig:
    city = int(rng.choice(land.cities, p=land.city_share))
    premises = any_building(rng, land, np.full(plan.premises, city))
    ports = bank.ports
    # Cards reach gateways over the internet from wherever they are kept.
    apart = any_building(rng, land, rng.choice(land.cities, 1, p=land.city_share))
    bank_spot = int(apart[0] if rng.random() < plan.bank_apart_share else premises[0])
    gateways = max(plan.premises, int(np.ceil(ports / rng.choice([4, 8, 16]))))
    level = LEVELS[plan.level]
    if level.carried or level.phones:
        gateways = ports
    own_imei = level.own_imei
    imei_rule = str(rng.choice(["hardware", "model", "market", "copied"], p=[0.3, 0.25, 0.25, 0.2]))
    imei_rule = "market" if level.phones else imei_rule
    quota, throughput_share = _quota(rng, plan, members.size)
    vishing = plan.kind == "vishing"
    opening = rng.normal(9.0, 0.5) if vishing else rng.normal(10.0, 1.5)
    closing = rng.normal(18.2, 0.5) if vishing else rng.normal(22.6, 0.7)
    _dress_cards(rng, scenario, plan, members, sims, land, models, city)
    imeis = _imeis(rng, imei_rule, models, sims, members.size if own_imei else ports)
    if own_imei:
        sims.imei[members] = imeis
    sims.next_imei_from_s[members] = ALWAYS
    sims.rig[members] = number
    sims.segment[members] = RIG
    sims.contacts[members] = 0
    sims.events_a_day[members] = 0.0
    # Filler sessions: most naive boxes make none, most careful ones do (Sichuan: 27 % without app traffic).
    online = rng.random(members.size) < rng.uniform(0.3, 1.0) * (0.5 if level.staged is None else 1.0)
    sims.data_sessions_a_day[members] *= online
    if level.carried:
        premises = _put_in_cars(rng, sims, members, bank, city, land)
        bank_spot = int(premises[0])
    # A gateway takes calls back where somebody listens: staff of a call centre do, a bypass plays a tone.
    answers_share = float(rng.uniform(0.3, 0.7) if vishing else rng.uniform(0.0, 0.2))
    sims.answers_share[members] = 0.0 if plan.task == "sms_only" else answers_share
    return Rig(
        number=number,
        plan=plan,
        city=city,
        bank=bank,
        gateway=np.arange(ports) * gateways // ports,
        premises=premises[np.arange(gateways) % premises.size],
        bank_spot=bank_spot,
        sims=members,
        port_imei=imeis if not own_imei else np.zeros(ports, dtype=np.int64),
        own_imei=own_imei,
        imei_rule=imei_rule,
        quota=quota,
        cap=_cap(rng, plan),
        shift_h=(float(opening), float(closing)),
        weekend_share=0.2 if vishing else 1.1,
        gap_s=float(rng.uniform(*level.gap_s)),
        answered_share=float(rng.uniform(0.35, 0.55) if vishing else rng.uniform(0.5, 0.7)),
        repeat_share=_repeat_share(rng, plan),
        outside_share=float(rng.uniform(0.15, 0.4)),
        staged_share=0.0 if level.staged is None else float(rng.uniform(*level.staged)),
        checks_share=_checks_share(rng, plan),
        service_number=int(rng.choice(np.array(SHORT_CODES))),
        commutes=level.commutes,
        is_carried=level.carried,
        keeps_hours=level.keeps_hours,
        wanders_share=float(rng.uniform(0.1, 0.4)) if plan.premises > 1 else 0.0,
        throughput_share=1.0 if plan.level == "E0" else min(1.0, throughput_share),
    )


def _put_in_cars(rng: np.random.Generator, sims: Sims, members: Ints, bank: Bank, city: int, land: Land) -> Ints:
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


def _repeat_share(rng: np.random.Generator, plan: RigPlan) -> float:
    """How many calls go to those who were called before: families of callers abroad, never a scam's victims."""
    if plan.kind == "vishing" or plan.task in ("send", "sms_only"):
        return 0.02
    return float(rng.uniform(0.75, 0.95) if LEVELS[plan.level].carried else rng.uniform(0.3, 0.7))


def _quota(rng: np.random.Generator, plan: RigPlan, cards: int) -> tuple[Floats, float]:
    """Calls or messages of each card in a night, and the share of a naive rig's that this is by rule."""
    naive = float(np.mean(NAIVE_QUOTA))
    level = LEVELS[plan.level]
    loud = rng.uniform(*level.quota)
    if plan.task in ("send", "sms_only"):
        loud *= rng.uniform(*SENDS_MORE)
        naive *= float(np.mean(SENDS_MORE))
    if plan.task == "receive":
        # Codes cost a card less than calls do, so that only the quiet save on them.
        loud, naive = rng.uniform(*CODES) * min(1.0, loud / 14.0), float(np.mean(CODES))
    quota = np.maximum(np.rint(loud * rng.gamma(1.3, 1 / 1.3, cards)), 1.0)
    most = np.inf if level.most is None else float(rng.integers(level.most[0], level.most[1] + 1))
    # What is kept is a matter of the rule, not of the luck of a few cards.
    typical = np.clip(np.rint(loud * stream(0, "typical cards").gamma(1.3, 1 / 1.3, 10_000)), 1.0, most)
    return np.minimum(quota, most), float(typical.mean()) / naive


def _cap(rng: np.random.Generator, plan: RigPlan) -> int:
    """After how many calls the next card's turn comes; 0 for never."""
    if not LEVELS[plan.level].rotates:
        return 0
    return int(rng.integers(3, 9)) if plan.task == "receive" else int(rng.integers(8, 31))


def _checks_share(rng: np.random.Generator, plan: RigPlan) -> float:
    """How often the gateway asks the network for number or balance when it binds a card."""
    if plan.task == "receive":
        # Who sells numbers for codes has to know them.
        return float(rng.uniform(0.6, 1.0))
    return float(rng.uniform(0.3, 0.9)) if rng.random() < 0.5 else 0.0


def _dress_cards(
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


def _imeis(rng: np.random.Generator, rule: str, models: Models, sims: Sims, count: int) -> Ints:
    """What the gateway shows: its own, one model's, any model's, or the IMEIs of real phones."""
    if rule == "hardware":
        return models.gateways(rng, count)
    if rule == "model":
        return models.one_model(rng, count)
    if rule == "market":
        return models.phones(rng, count)
    phones: Bools = (sims.rig < 0) & (sims.imei > 0)
    return rng.choice(sims.imei[phones], count, replace=False)
