"""A world before its first night: land, masts, people, rigs, cards and who knows whom."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from simbox.errors import UsageError
from simbox.synth import parties
from simbox.synth.cards import Cards, Purchases, issue_cards
from simbox.synth.contacts import Contacts, know_each_other
from simbox.synth.family_a import FAMILY_A
from simbox.synth.family_b import FAMILY_B
from simbox.synth.gaps import draw_gaps
from simbox.synth.handsets import Models, build_models
from simbox.synth.laws import Laws, draw_laws
from simbox.synth.lookalikes import shape_segments
from simbox.synth.network import Cells as RadioCells
from simbox.synth.network import Land, build_cells, build_land
from simbox.synth.people import assign_segments, settle_people
from simbox.synth.population import REGISTRATION, SEGMENT, Sims
from simbox.synth.porting import port_numbers
from simbox.synth.radio import Radio, build_radio, install_repeaters
from simbox.synth.randomness import stream
from simbox.synth.rigs import Rig, build_rigs, stock_banks
from simbox.synth.scenario import ZONES, Scenario
from simbox.synth.shaping import Shaping
from simbox.synth.turnover import travel, turn_over

FAMILIES = {"A": FAMILY_A, "B": FAMILY_B}


@dataclass(frozen=True)
class World:
    """Everything that lasts from night to night."""

    scenario: Scenario
    seed: int
    timezone: str
    land: Land
    cells: RadioCells
    radio: Radio
    models: Models
    sims: Sims
    cards: Cards
    contacts: Contacts
    rigs: list[Rig]
    laws: Laws

    @property
    def recording(self) -> list[int]:
        """The operators whose records and tables the source holds."""
        operators = list(self.scenario.operators)
        return [operators.index(key) for key in self.scenario.feeds or operators]

    def date(self, night: int) -> datetime.date:
        """The local date of a night."""
        return self.scenario.first_night + datetime.timedelta(days=night)

    def offset_min(self, night: int) -> int:
        """Minutes by which local time is ahead of UTC; where clocks change that night, noon's hold for all of it."""
        noon = datetime.datetime.combine(self.date(night), datetime.time(12), ZoneInfo(self.timezone))
        offset = noon.utcoffset()
        return round(offset.total_seconds() / 60) if offset is not None else 0

    def midnight_us(self, night: int) -> int:
        """The instant a night begins, in microseconds since 1970 UTC."""
        days = (self.date(night) - datetime.date(1970, 1, 1)).days
        return (days * 86_400 - self.offset_min(night) * 60) * 1_000_000

    def feast(self, night: int) -> str | None:
        """The profile of greetings that a night brings, if it is one of the two around New Year."""
        date = self.date(night)
        return {(12, 31): "eve", (1, 1): "new year"}.get((date.month, date.day))

    def is_weekend(self, night: int) -> bool:
        """Whether offices are closed."""
        return self.date(night).weekday() >= 5


def build_world(scenario: Scenario, seed: int) -> World:
    """Draw a world; the seed decides city plan, rates, habits and rigs as well as every die."""
    family = FAMILIES[scenario.family]
    scenario = family.operators(scenario, seed)
    if scenario.draws_gaps:
        scenario = draw_gaps(scenario, seed)
    lawful = scenario.subscribers
    timezone = scenario.timezone or str(stream(seed, "zone").choice(ZONES))
    rig_sims = sum(bank.cards for bank in stock_banks(scenario, seed))
    if rig_sims > lawful:
        needed = f"the rigs have {rig_sims} cards, more than the {lawful} subscribers"
        raise UsageError("no such world:", [f"{needed}: ask for fewer rigs or more subscribers"])
    land = build_land(scenario, seed, lawful, family.buildings, family.city_exponent)
    cells = build_cells(scenario, seed, land, lawful)
    models = build_models(seed)
    sims = settle_people(scenario, seed, land, models, lawful, rig_sims)
    family.befriend(seed, sims)
    assign_segments(scenario, seed, sims, lawful)
    shape_segments(scenario, seed, sims, land, models)
    turn_over(scenario, seed, Shaping(sims, land, models, stream(seed, "buyers"), scenario.nights), lawful)
    travel(scenario, seed, sims, lawful)
    rigs = build_rigs(scenario, seed, sims, land, models, family)
    networks = [habit.mcc_mnc.replace("-", "") for habit in scenario.operators.values()]
    purchases = Purchases(sims.operator, sims.dealer, sims.bought_day, sims.group)
    cards = issue_cards(seed, purchases, networks, parties.number_prefixes(scenario))
    sims.imsi, sims.msisdn = cards.imsi, cards.msisdn
    port_numbers(scenario, seed, sims)
    _name_roamers(seed, sims, rigs)
    radio = build_radio(seed, land, cells, len(networks))
    install_repeaters(seed, radio, np.unique(sims.home[sims.segment == SEGMENT["repeater"]]))
    return World(
        scenario=scenario,
        seed=seed,
        timezone=timezone,
        land=land,
        cells=cells,
        radio=radio,
        models=models,
        sims=sims,
        cards=cards,
        contacts=know_each_other(seed, sims),
        rigs=rigs,
        laws=draw_laws(scenario, seed, family),
    )


def _name_roamers(seed: int, sims: Sims, rigs: list[Rig]) -> None:
    rng = stream(seed, "roamers")
    members = np.flatnonzero(sims.registration == REGISTRATION["roamer"])
    network = rng.integers(0, len(parties.FOREIGN_NETWORKS), members.size)
    # A rig's foreign cards come from one country, where somebody buys them.
    network_of = np.array([-1 if rig.foreign_network is None else rig.foreign_network for rig in rigs] + [-1])
    of_rig = network_of[sims.rig[members]]
    home = np.array(parties.FOREIGN_NETWORKS)[np.where(of_rig >= 0, of_rig, network)]
    imsi, msisdn = sims.imsi.copy(), sims.msisdn.copy()
    imsi[members] = home[:, 0] * 10**10 + rng.choice(10**10, members.size, replace=False)
    digits = 11 - np.ceil(np.log10(home[:, 1] + 1)).astype(np.int64)
    msisdn[members] = home[:, 1] * 10**digits + rng.integers(0, 10**8, members.size) % 10**digits
    sims.imsi, sims.msisdn = imsi, msisdn
