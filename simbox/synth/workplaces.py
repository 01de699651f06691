"""Look-alikes at work: desks, counters, stalls and vehicles."""

import numpy as np

from simbox.synth.laws import PROFILE_NAMES
from simbox.synth.people import any_building
from simbox.synth.population import COMMUTES, DRIVES, REGISTRATION, STAYS_PUT, WANDERS
from simbox.synth.randomness import Ints
from simbox.synth.shaping import Shaping, groups_of

SEATS = (12, 40)
GATEWAY_PORTS = (4, 16)
SHOP_CARDS = (30, 90)
STAFF = (15, 60)


def call_centre(world: Shaping, members: Ints) -> None:
    """Corporate seats at one place, a fixed handset each."""
    sims, rng = world.sims, world.rng
    for seats in groups_of(rng, members, SEATS):
        city = int(sims.city[seats[0]])
        world.buy_together(seats, -int(rng.integers(30, 900)))
        world.put(seats, world.building(city), city)
        world.office_habits(seats, (25.0, 60.0), (0.55, 0.95))
        sims.contacts[seats] = int(rng.integers(30, 150))
        sims.answers_share[seats] = 0.93
        sims.registration[seats] = REGISTRATION["corporate"]
        sims.imei[seats] = world.models.one_model(rng, seats.size)


def courier(world: Shaping, members: Ints) -> None:
    """Couriers and taxis: many callees, but on the move all day."""
    sims, rng = world.sims, world.rng
    sims.moves[members] = DRIVES
    sims.profile[members] = PROFILE_NAMES.index("delivery")
    sims.events_a_day[members] = rng.uniform(18.0, 30.0) * rng.gamma(6.0, 1 / 6.0, members.size)
    sims.stranger_share[members] = rng.uniform(0.7, 0.95, members.size)
    sims.sms_share[members] = 0.05


def licensed_gateway(world: Shaping, members: Ints) -> None:
    """Companies' GSM gateways, on the white list."""
    sims, rng = world.sims, world.rng
    for ports in groups_of(rng, members, GATEWAY_PORTS):
        city = int(sims.city[ports[0]])
        world.buy_together(ports, -int(rng.integers(30, 700)))
        world.put(ports, world.building(city), city)
        world.office_habits(ports, (25.0, 50.0), (0.5, 0.8))
        sims.contacts[ports] = 60
        sims.answers_share[ports] = 0.85
        sims.registration[ports] = REGISTRATION["corporate"]
        sims.imei[ports] = world.models.gateways(rng, ports.size)


def dealer_phone(world: Shaping, members: Ints) -> None:
    """New cards tried one after another in a shop's handset before they go to their owners."""
    sims, rng = world.sims, world.rng
    for cards in groups_of(rng, members, SHOP_CARDS):
        dealer, city = int(sims.dealer[cards[0]]), int(sims.city[cards[0]])
        sims.dealer[cards] = dealer
        sims.city[cards] = city
        days = rng.integers(0, world.nights, cards.size)
        world.buy_alone(cards, days)
        sims.live_from_s[cards] = days * 86_400 + (rng.uniform(9.5, 18.5, cards.size) * 3600).astype(np.int64)
        sims.home[cards] = any_building(rng, world.land, np.full(cards.size, city))
        sims.others[cards] = any_building(rng, world.land, np.full(cards.size * 3, city)).reshape(-1, 3)
        sims.work[cards] = world.building(city)
        sims.moves[cards] = WANDERS
        sims.trial_imei[cards] = world.models.phones(rng, 1)[0]
        world.leave_unregistered(cards, 0.4)


def corporate_batch(world: Shaping, members: Ints) -> None:
    """Staff whose company bought their cards in one go."""
    sims, rng = world.sims, world.rng
    for staff in groups_of(rng, members, STAFF):
        world.buy_together(staff, -int(rng.integers(1, 400)))
        sims.home[staff] = any_building(rng, world.land, sims.city[staff])
        sims.others[staff] = any_building(rng, world.land, np.repeat(sims.city[staff], 3)).reshape(-1, 3)
        sims.work[staff] = world.building(int(sims.city[staff[0]]))
        sims.moves[staff] = COMMUTES
        sims.registration[staff] = REGISTRATION["corporate"]


def telesales(world: Shaping, members: Ints) -> None:
    """Sellers by telephone: two or three registered numbers in turn at each seat."""
    sims, rng = world.sims, world.rng
    for office in groups_of(rng, members, SEATS):
        city = int(sims.city[office[0]])
        world.buy_together(office, -int(rng.integers(5, 300)))
        world.put(office, world.building(city), city)
        world.office_habits(office, (20.0, 45.0), (0.7, 0.97))
        sims.imei[office] = world.models.one_model(rng, office.size)
        for seat in groups_of(rng, office, (2, 3)):
            world.take_turns(seat)
        sims.registration[office] = REGISTRATION["registered"]


def pollster(world: Shaping, members: Ints) -> None:
    """Pollsters dial numbers at random, few of whom talk; two registered numbers in turn at each seat, till evening."""
    sims, rng = world.sims, world.rng
    for office in groups_of(rng, members, SEATS):
        city = int(sims.city[office[0]])
        world.buy_together(office, -int(rng.integers(3, 200)))
        world.put(office, world.building(city), city)
        world.office_habits(office, (30.0, 60.0), (0.95, 1.0))
        sims.profile[office] = PROFILE_NAMES.index("delivery")
        sims.imei[office] = world.models.one_model(rng, office.size)
        for seat in groups_of(rng, office, (2, 2)):
            world.take_turns(seat)
        sims.registration[office] = REGISTRATION[str(rng.choice(["registered", "corporate"]))]


def debt_collector(world: Shaping, members: Ints) -> None:
    """Debt collectors ring the same debtors again and again, from number after number as these are blocked."""
    sims, rng = world.sims, world.rng
    for office in groups_of(rng, members, SEATS):
        city = int(sims.city[office[0]])
        world.put(office, world.building(city), city)
        for seat in groups_of(rng, office, (3, 6)):
            world.buy_together(seat, -int(rng.integers(2, 120)))
            sims.city[seat] = city
            world.take_turns(seat)
        world.office_habits(office, (30.0, 60.0), (0.05, 0.25))
        sims.contacts[office] = int(rng.integers(30, 120))
        sims.answers_share[office] = 0.6
        sims.registration[office] = REGISTRATION["registered"]


def pbx_gateway(world: Shaping, members: Ints) -> None:
    """Companies' exchanges on the mobile network that nobody put on a list: gateways in use all day."""
    sims, rng = world.sims, world.rng
    for trunks in groups_of(rng, members, GATEWAY_PORTS):
        city = int(sims.city[trunks[0]])
        world.buy_together(trunks, -int(rng.integers(20, 900)))
        world.put(trunks, world.building(city), city)
        world.office_habits(trunks, (20.0, 60.0), (0.3, 0.8))
        sims.contacts[trunks] = int(rng.integers(60, 200))
        sims.answers_share[trunks] = 0.9
        sims.registration[trunks] = REGISTRATION["corporate"]
        sims.imei[trunks] = world.models.gateways(rng, trunks.size)


def home_seller(world: Shaping, members: Ints) -> None:
    """People who sell from home or car: many customers, most of them new, many of whom ring back."""
    sims, rng = world.sims, world.rng
    sims.profile[members] = PROFILE_NAMES.index("delivery")
    sims.events_a_day[members] = rng.uniform(10.0, 25.0) * rng.gamma(4.0, 1 / 4.0, members.size)
    sims.stranger_share[members] = rng.uniform(0.5, 0.9, members.size)
    sims.moves[members] = np.where(rng.random(members.size) < 0.5, WANDERS, COMMUTES)


def topup_agent(world: Shaping, members: Ints) -> None:
    """Shops that sell top-ups: a message to a service number for each customer, all day at one place."""
    sims, rng = world.sims, world.rng
    sims.moves[members] = STAYS_PUT
    sims.profile[members] = PROFILE_NAMES.index("shop")
    sims.agent_messages_a_day[members] = rng.uniform(20.0, 70.0, members.size)


def market(world: Shaping, members: Ints) -> None:
    """Stall holders: hundreds of cheap, often new cards under one roof, calling suppliers and customers."""
    sims, rng = world.sims, world.rng
    for hall in groups_of(rng, members, (80, 400)):
        city = int(sims.city[hall[0]])
        world.settle_in(hall, city)
        sims.work[hall] = world.building(city)
        sims.moves[hall] = COMMUTES
        sims.profile[hall] = PROFILE_NAMES.index("shop")
        sims.events_a_day[hall] *= rng.uniform(1.5, 3.5)
        sims.stranger_share[hall] = rng.uniform(0.2, 0.5, hall.size)
        new = hall[rng.random(hall.size) < 0.4]
        world.buy_alone(new, -rng.integers(1, 90, new.size))
        world.leave_unregistered(hall, 0.3)
