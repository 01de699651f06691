"""Rigs: gateways and SIM banks at their premises, the cards bought for them, and the rules they work by."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simbox.synth import modifiers as extra
from simbox.synth.banks import Bank, deal_cards, stock_bank
from simbox.synth.family import Family
from simbox.synth.handsets import Models
from simbox.synth.levels import LEVELS, Modifier
from simbox.synth.network import Land
from simbox.synth.parties import SHORT_CODES
from simbox.synth.people import any_building
from simbox.synth.population import ALWAYS, RIG, Sims
from simbox.synth.randomness import Bools, Floats, Ints, stream
from simbox.synth.rig_cards import draw_imeis, dress_cards, put_in_cars
from simbox.synth.rig_rules import draw_cap, draw_checks_share, draw_quota, draw_repeat_share
from simbox.synth.scenario import RigPlan, Scenario


@dataclass
class Rig:
    """One rig: `gateway` says for each port in which gateway it is, `premises` where each gateway stands.

    `bank_spot` is where the cards are kept; `throughput_share` what care leaves of a naive rig's calls or messages
    with the same ports and as many cards at work on each, on all nights: 1 for level E0. `modifiers` are as named in
    the truth; `moves` says from which night on the gateways stand elsewhere; `asleep` are the nights it rests.
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
    people_hours: bool
    history: bool
    wanders_share: float
    checks_share: float
    service_number: int
    throughput_share: float
    filler_calls: float
    asleep: Bools
    moves: list[tuple[int, Ints]] = field(default_factory=list)
    foreign_network: int | None = None
    modifiers: list[str] = field(default_factory=list)

    @property
    def ports(self) -> int:
        """How many cards can be on the air at once."""
        return self.bank.ports

    def premises_on(self, night: int) -> Ints:
        """Where each gateway stands on a night."""
        return [self.premises, *(there for since, there in self.moves if since <= night)][-1]


def stock_banks(scenario: Scenario, seed: int) -> list[Bank]:
    """Ports and cards of each rig."""
    plans = scenario.rig_plans()
    cards = deal_cards(stream(seed, "rig cards"), scenario.rig_cards, len(plans))
    return [
        stock_bank(stream(seed, "rig size", number), plan, scenario.nights, cards[number])
        for number, plan in enumerate(plans)
    ]


def build_rigs(scenario: Scenario, seed: int, sims: Sims, land: Land, models: Models, family: Family) -> list[Rig]:
    """Plant the rigs: take the entries left for them at the end of the population, in order."""
    rigs: list[Rig] = []
    banks = stock_banks(scenario, seed)
    start = sims.count - sum(bank.cards for bank in banks)
    for number, (plan, bank) in enumerate(zip(scenario.rig_plans(), banks, strict=True)):
        rng = stream(seed, "rig", number)
        members = np.arange(start, start + bank.cards)
        start += bank.cards
        # Of chance of their own, so that what a rig is else does not depend on them.
        draws = stream(seed, "modifiers", number)
        wanted = extra.draw_modifiers(draws, plan, scenario.modifier_share)
        rig = _build_rig(rng, draws, wanted, scenario, number, plan, bank, members, sims, land, models, family)
        _join_others(draws, wanted, rig, rigs, sims)
        rigs.append(rig)
    return rigs


def _build_rig(
    rng: np.random.Generator,
    draws: np.random.Generator,
    wanted: set[Modifier],
    scenario: Scenario,
    number: int,
    plan: RigPlan,
    bank: Bank,
    members: Ints,
    sims: Sims,
    land: Land,
    models: Models,
    family: Family,
) -> Rig:
    level = LEVELS[plan.level]
    named: list[str] = []
    city = int(rng.choice(land.cities, p=land.city_share))
    houses = any_building(rng, land, np.full(plan.premises, city))
    crowd = extra.crowded_spot(draws, sims) if "crowded" in wanted else None
    if crowd is not None:
        named.append(f"crowded_{crowd[0]}")
        city = int(land.city[crowd[1]])
        houses = any_building(draws, land, np.full(plan.premises, city))
        houses[0] = crowd[1]
    ports = bank.ports
    # Cards reach gateways over the internet from wherever they are kept.
    apart = any_building(rng, land, rng.choice(land.cities, 1, p=land.city_share))
    bank_spot = int(apart[0] if rng.random() < plan.bank_apart_share else houses[0])
    gateways = max(plan.premises, int(np.ceil(ports / rng.choice([4, 8, 16]))))
    if level.commutes:
        # From each gateway the next one is at other premises.
        gateways = -(-gateways // plan.premises) * plan.premises
    if level.carried or level.phones:
        gateways = ports
    imei_rule = str(rng.choice(["hardware", "model", "market", "copied"], p=[0.3, 0.25, 0.25, 0.2]))
    imei_rule = "market" if level.phones else imei_rule
    quota, kept_share = draw_quota(rng, plan, members.size)
    vishing = plan.kind == "vishing"
    shift_h = family.shift_h(rng, vishing)
    dress_cards(rng, scenario, plan, members, sims, land, models, city)
    imeis = draw_imeis(rng, imei_rule, models, sims, members.size if level.own_imei else ports)
    imei_rule, imeis = _other_imeis(draws, wanted, imei_rule, imeis, sims)
    if "volte_without_cells" in wanted:
        operator = extra.volte_operator(draws, scenario)
        spoken = extra.only_lte(models, _same_rule(draws, imei_rule, imeis, models, sims), imeis.size)
        if operator is not None and spoken is not None:
            sims.operator[members], imeis = operator, spoken
            named.append("volte_without_cells")
    if level.own_imei:
        sims.imei[members] = imeis
    foreign_network = extra.go_abroad(draws, sims, members) if "foreign" in wanted else None
    sims.next_imei_from_s[members] = ALWAYS
    sims.rig[members] = number
    sims.segment[members] = RIG
    sims.contacts[members] = 0
    sims.events_a_day[members] = 0.0
    # Filler sessions: most naive boxes make none, most careful ones do (Sichuan: 27 % without app traffic).
    online = rng.random(members.size) < rng.uniform(0.3, 1.0) * (0.5 if level.staged is None else 1.0)
    sims.data_sessions_a_day[members] *= online
    if level.carried:
        houses = put_in_cars(rng, sims, members, bank, city, land)
        bank_spot = int(houses[0])
    premises = houses[np.arange(gateways) % houses.size]
    moves = extra.house_moves(draws, land, city, premises, scenario.nights) if "moves_house" in wanted else []
    asleep = np.zeros(scenario.nights, dtype=bool)
    if "asleep" in wanted:
        asleep = extra.nights_asleep(draws, scenario.nights)
    filler_calls = float(draws.uniform(*extra.FILLER_CALLS)) if "fillers" in wanted else 0.0
    done = (foreign_network is not None, bool(moves), bool(asleep.any()), filler_calls > 0)
    named += [
        name for name, is_done in zip(("foreign", "moves_house", "asleep", "fillers"), done, strict=True) if is_done
    ]
    # A gateway takes calls back where somebody listens: staff of a call centre do, a bypass plays a tone.
    answers_share = float(rng.uniform(0.3, 0.7) if vishing else rng.uniform(0.0, 0.2))
    sims.answers_share[members] = 0.0 if plan.task == "sms_only" else answers_share
    return Rig(
        number=number,
        plan=plan,
        city=city,
        bank=bank,
        gateway=np.arange(ports) * gateways // ports,
        premises=premises,
        bank_spot=bank_spot,
        sims=members,
        port_imei=imeis if not level.own_imei else np.zeros(ports, dtype=np.int64),
        own_imei=level.own_imei,
        imei_rule=imei_rule,
        quota=quota,
        cap=draw_cap(rng, plan),
        shift_h=shift_h,
        weekend_share=family.weekend_share(vishing),
        gap_s=float(rng.uniform(*level.gap_s)),
        answered_share=float(rng.uniform(0.35, 0.55) if vishing else rng.uniform(0.5, 0.7)),
        repeat_share=draw_repeat_share(rng, plan),
        outside_share=float(rng.uniform(0.15, 0.4)),
        staged_share=0.0 if level.staged is None else float(rng.uniform(*level.staged)),
        checks_share=draw_checks_share(rng, plan),
        service_number=int(rng.choice(np.array(SHORT_CODES))),
        commutes=level.commutes,
        is_carried=level.carried,
        keeps_hours=level.keeps_hours,
        people_hours=level.people_hours,
        history=level.history,
        wanders_share=float(rng.uniform(0.1, 0.4)) if plan.premises > 1 else 0.0,
        throughput_share=min(1.0, kept_share) * float(1.0 - asleep.mean()),
        filler_calls=filler_calls,
        asleep=asleep,
        moves=moves,
        foreign_network=foreign_network,
        modifiers=named,
    )


def _other_imeis(
    draws: np.random.Generator, wanted: set[Modifier], rule: str, imeis: Ints, sims: Sims
) -> tuple[str, Ints]:
    """What the handsets show where they show what others are known for."""
    for name, pick in (("imei_white", extra.white_imeis), ("imei_popular", extra.popular_imeis)):
        pool = pick(draws, sims) if name in wanted else np.zeros(0, dtype=np.int64)
        if pool.size:
            return name.removeprefix("imei_"), draws.choice(pool, imeis.size)
    return rule, imeis


def _same_rule(draws: np.random.Generator, rule: str, imeis: Ints, models: Models, sims: Sims) -> Callable[[int], Ints]:
    """How more IMEIs of the same kind are drawn; those that others are known for show again."""
    if rule in ("white", "popular"):
        return lambda count: draws.choice(imeis, count)
    return lambda count: draw_imeis(draws, rule, models, sims, count)


def _join_others(draws: np.random.Generator, wanted: set[Modifier], rig: Rig, others: list[Rig], sims: Sims) -> None:
    """Let a rig live in another one's house, or share a purchase of cards with it."""
    neighbours = [other for other in others if not other.is_carried and not other.moves]
    if "two_owners" in wanted and neighbours:
        other = neighbours[int(draws.integers(len(neighbours)))]
        old, new = rig.premises[0], other.premises[0]
        rig.bank_spot = int(new if rig.bank_spot == old else rig.bank_spot)
        rig.premises = np.where(rig.premises == old, new, rig.premises)
        for both in (rig, other):
            both.modifiers += [] if "two_owners" in both.modifiers else ["two_owners"]
    partners = [other for other in others if not {"volte_without_cells", "foreign"} & set(other.modifiers)]
    if "shared_batch" in wanted and partners:
        other = partners[int(draws.integers(len(partners)))]
        extra.share_batch(draws, sims, other.sims, rig.sims)
        for both in (rig, other):
            both.modifiers += [] if "shared_batch" in both.modifiers else ["shared_batch"]
