"""Look-alikes without a person at the other end: meters, alarms, probes, and the cards a shop works with."""

import numpy as np

from simbox.synth.events import SMS, VOICE, Events, join_events, make_events
from simbox.synth.laws import DAY_S, PROFILE_NAMES, Laws, times_of_day
from simbox.synth.parties import SHORT_CODES
from simbox.synth.population import ALWAYS, DRIVES, REGISTRATION, SEGMENT, STAYS_PUT, Sims
from simbox.synth.randomness import Ints, runs_of
from simbox.synth.shaping import Shaping, groups_of

PROBE_EVERY_S = 1800
TEST_EVERY_S = 900


def m2m(world: Shaping, members: Ints) -> None:
    """Meters and alarms: static, a few numbers, by the clock."""
    sims, rng = world.sims, world.rng
    for fleet in groups_of(rng, members, (4, 30)):
        home, city = sims.home[fleet].copy(), sims.city[fleet].copy()
        world.buy_together(fleet, -int(rng.integers(60, 1500)))
        sims.home[fleet], sims.city[fleet] = home, city
    sims.moves[members] = STAYS_PUT
    sims.next_imei_from_s[members] = ALWAYS
    sims.registration[members] = REGISTRATION["m2m"]
    sims.imei[members] = world.models.modems(rng, members.size)
    sims.events_a_day[members] = 0.0
    sims.contacts[members] = 0
    sims.service_sms_a_day[members] *= 0.1
    # Two thirds of the fleets report by data, where that is recorded.
    sims.data_sessions_a_day[members] = np.where(sims.group[members] % 3 > 0, rng.uniform(1.0, 12.0), 0.0)
    sims.profile[members] = PROFILE_NAMES.index("steady")


def network_probe(world: Shaping, members: Ints) -> None:
    """Operators' probes: test cards that ring each other round the clock."""
    sims = world.sims
    sims.moves[members] = STAYS_PUT
    sims.next_imei_from_s[members] = ALWAYS
    sims.registration[members] = REGISTRATION["test"]
    sims.imei[members] = world.models.modems(world.rng, members.size)
    sims.events_a_day[members] = 0.0
    sims.contacts[members] = 0
    sims.service_sms_a_day[members] *= 0.1
    sims.answers_share[members] = 1.0
    sims.data_sessions_a_day[members] = 0.0


def test_sim(world: Shaping, members: Ints) -> None:
    """Test phones in a van: one model, driven about all day, ringing a test number by the clock."""
    sims, rng = world.sims, world.rng
    for van in groups_of(rng, members, (2, 8)):
        city = int(sims.city[van[0]])
        world.settle_in(van, city)
        world.buy_together(van, -int(rng.integers(100, 1500)))
        sims.holder[van] = van[0]
        sims.imei[van] = world.models.one_model(rng, van.size)
    sims.moves[members] = DRIVES
    sims.next_imei_from_s[members] = ALWAYS
    sims.registration[members] = REGISTRATION["test"]
    sims.events_a_day[members] = 0.0
    sims.contacts[members] = 0
    sims.service_sms_a_day[members] *= 0.1


def machine_events(rng: np.random.Generator, sims: Sims, laws: Laws, night: int) -> Events:
    """What machines send in a night, what shops try and sell."""
    return join_events(
        [
            _reports(rng, sims, night),
            _shop_trials(sims, night),
            _probe_calls(sims),
            _drive_tests(rng, sims),
            _topups(rng, sims, laws),
        ]
    )


def _reports(rng: np.random.Generator, sims: Sims, night: int) -> Events:
    """Meters and alarms report to one or two numbers, most of them by the clock."""
    members = np.flatnonzero(sims.segment == SEGMENT["m2m"])
    # The habit of a machine is a matter of its card's purchase, so that a fleet reports alike.
    habit = sims.group[members] * 2_654_435_761 % 1000
    period_s = np.array([900, 1800, 3600, 7200, 14_400, 43_200])[habit % 6]
    phase = members * 7919 % period_s
    times = np.ceil(DAY_S / period_s).astype(np.int64)
    # Most fleets use data, which the records leave out; they ring or write a few times a night only.
    times = np.where(habit % 3 == 0, times, np.minimum(times, 4))
    period_s = np.maximum(period_s, DAY_S // np.maximum(times, 1))
    row, number = runs_of(np.minimum(times, 24))
    at_s = phase[row] + number * period_s[row] + rng.normal(0, 2.0, row.size)
    server = -(7727_2_000_000 + habit[row] * 137 + (number % 2) * (habit[row] % 4 == 1))
    voice = habit[row] % 5 == 2
    events = Events(
        at_s,
        members[row],
        server,
        np.where(voice, VOICE, SMS).astype(np.int8),
        rng.random(row.size) < 0.97,
        np.where(voice, np.ceil(rng.gamma(4.0, 3.0, row.size)), 0),
        np.ones(row.size, dtype=bool),
    )
    return events.select((at_s > 0) & (at_s < DAY_S - 60) & (row.size > 0))


def _shop_trials(sims: Sims, night: int) -> Events:
    """A dealer tries every card it sells: one call for the balance, one to the shop."""
    cards = np.flatnonzero((sims.segment == SEGMENT["dealer_phone"]) & (sims.live_from_s // DAY_S == night))
    at_s = (sims.live_from_s[cards] - night * DAY_S + 25).astype(np.float64)
    shop = -(7798_0_000_000 + sims.dealer[cards] * 7919)
    first = make_events(
        at_s, cards, np.full(cards.size, -611), VOICE, np.ones(cards.size, dtype=bool), np.full(cards.size, 9.0), True
    )
    second = make_events(at_s + 40, cards, shop, VOICE, cards % 3 > 0, np.full(cards.size, 4.0), True)
    return join_events([first, second])


def _probe_calls(sims: Sims) -> Events:
    """Each probe rings the next one every half hour for half a minute."""
    probes = np.flatnonzero(sims.segment == SEGMENT["network_probe"])
    row, number = runs_of(np.full(probes.size if probes.size > 1 else 0, DAY_S // PROBE_EVERY_S - 1))
    return make_events(
        (number * PROBE_EVERY_S + probes[row] * 37 % PROBE_EVERY_S).astype(np.float64),
        probes[row],
        probes[(row + 1) % max(probes.size, 1)],
        VOICE,
        np.ones(row.size, dtype=bool),
        np.full(row.size, 30.0),
        True,
    )


def _drive_tests(rng: np.random.Generator, sims: Sims) -> Events:
    """Calls of two minutes to a test number, one phone of a van after another, while the van is on its way."""
    phones = np.flatnonzero(sims.segment == SEGMENT["test_sim"])
    row, number = runs_of(rng.poisson(25.0, phones.size))
    place = phones[row] - sims.holder[phones[row]]
    at_s = 9.5 * 3600 + number * TEST_EVERY_S + place * 7919 % TEST_EVERY_S
    test_number = -(7727_2_900_000 + sims.operator[phones[row]])
    return make_events(
        at_s.astype(np.float64),
        phones[row],
        test_number,
        VOICE,
        rng.random(row.size) < 0.97,
        np.full(row.size, 120.0),
        True,
    )


def _topups(rng: np.random.Generator, sims: Sims, laws: Laws) -> Events:
    """One message for each customer of a top-up agent."""
    agents = np.flatnonzero(sims.agent_messages_a_day > 0)
    row, _ = runs_of(rng.poisson(sims.agent_messages_a_day[agents]))
    at_s = times_of_day(rng, laws.hours, np.full(row.size, PROFILE_NAMES.index("shop")))
    service_number = -np.array(SHORT_CODES)[sims.operator[agents[row]] % len(SHORT_CODES)]
    return make_events(at_s, agents[row], service_number, SMS, np.ones(row.size, bool), np.zeros(row.size), True)
