"""What people do in a night: bursts of calls and messages to unequal contacts, some to strangers, some to services."""

import numpy as np
import numpy.typing as npt

from simbox.synth import parties
from simbox.synth.contacts import Contacts
from simbox.synth.events import SMS, VOICE, Events, join_events, make_events
from simbox.synth.laws import (
    DAY_S,
    DURATION_MU,
    DURATION_SIGMA,
    PROFILE_NAMES,
    Laws,
    burst_gaps_s,
    follow_previous,
    times_of_day,
)
from simbox.synth.population import Sims
from simbox.synth.randomness import Bools, Floats, Ints, runs_of

SAME_AGAIN_SHARE = 0.3
STRANGER_OUTSIDE_SHARE = 0.55
CALLS_BACK_KNOWN, CALLS_BACK_STRANGER = 0.22, 0.09
RING_BACK_MU, RING_BACK_SIGMA = 6.3, 1.3
WEEKEND_OFFICE = 0.12
FEAST_SHARE = 1.2


def people_events(
    rng: np.random.Generator,
    sims: Sims,
    some: Ints,
    contacts: Contacts,
    laws: Laws,
    weekend: bool,
    feast: str | None = None,
) -> Events:
    """What some SIMs begin in a night: calls and messages, greetings on a feast; and what services send them."""
    profile = sims.profile[some]
    office = (profile == PROFILE_NAMES.index("office")) | (profile == PROFILE_NAMES.index("shop"))
    usual = sims.events_a_day[some]
    rate = usual * np.where(office & weekend, WEEKEND_OFFICE, 1.0)
    sociable = contacts.count[some] > 0
    count = rng.poisson(rate * rng.gamma(2.0, 0.5, some.size))
    count[~sociable] = 0
    talk = [_conversations(rng, sims, contacts, laws, some, count, profile)]
    if feast is not None:
        greetings = np.full(some.size, PROFILE_NAMES.index(feast), dtype=np.int8)
        often = rng.poisson(FEAST_SHARE * usual * sociable)
        talk.append(_conversations(rng, sims, contacts, laws, some, often, greetings))
    return join_events([*talk, _service_messages(rng, sims, some, laws)])


def with_ring_backs(rng: np.random.Generator, sims: Sims, contacts: Contacts, laws: Laws, events: Events) -> Events:
    """Events and the calls back that they bring about."""
    return join_events([events, ring_backs(rng, sims, contacts, laws, events)])


def ring_backs(rng: np.random.Generator, sims: Sims, contacts: Contacts, laws: Laws, events: Events) -> Events:
    """People who missed a call, or wonder who it was, ring back after a while, whoever had called."""
    called = events.called
    missed = np.where(events.answered, 0.25, 1.0)
    chance = np.where(events.known, CALLS_BACK_KNOWN, CALLS_BACK_STRANGER) * missed
    chosen = np.flatnonzero((called >= 0) & (events.service == VOICE) & (rng.random(events.count) < chance))
    chosen = chosen[contacts.is_talker[called[chosen]]]
    wait = np.exp(RING_BACK_MU + RING_BACK_SIGMA * rng.standard_normal(chosen.size))
    at_s = events.at_s[chosen] + np.where(events.answered[chosen], events.talk_s[chosen], 20) + wait
    back = Events(
        at_s,
        events.called[chosen],
        events.caller[chosen],
        events.service[chosen],
        rng.random(chosen.size) < _answer_chance(sims, events.caller[chosen]),
        laws.family.talk_time_s(rng, chosen.size, DURATION_MU, DURATION_SIGMA),
        events.known[chosen],
    )
    return back.select(at_s < DAY_S - 60)


def answered_by(rng: np.random.Generator, sims: Sims, called: Ints) -> Bools:
    """Whether each party takes the call, by its own habit."""
    return rng.random(called.size) < _answer_chance(sims, called)


def _answer_chance(sims: Sims, called: Ints) -> Floats:
    chance = np.full(called.size, 0.72)
    inside = called >= 0
    chance[inside] = sims.answers_share[called[inside]]
    return chance


def _conversations(
    rng: np.random.Generator,
    sims: Sims,
    contacts: Contacts,
    laws: Laws,
    some: Ints,
    count: Ints,
    profile: npt.NDArray[np.int8],
) -> Events:
    owner, number = runs_of(count)
    sim = some[owner]
    total = sim.size
    fresh = (number == 0) | (rng.random(total) > laws.burst_share)
    burst = follow_previous(fresh)
    talk_s = laws.family.talk_time_s(rng, total, laws.talk_mu, laws.talk_sigma)
    begin = times_of_day(rng, laws.hours, profile[owner].astype(np.int64))
    step = burst_gaps_s(rng, total) + np.concatenate([[0.0], talk_s[:-1]])[:total]
    step[fresh] = 0.0
    elapsed = np.cumsum(step)
    at_s = (begin - elapsed)[burst] + elapsed
    same = follow_previous(fresh | (rng.random(total) > SAME_AGAIN_SHARE))
    stranger = (rng.random(total) < sims.stranger_share[sim])[same]
    rank = laws.family.contact_rank(rng, np.maximum(contacts.count[sim], 1))
    party = contacts.pick(sim, rank)
    unknown = np.flatnonzero(stranger)
    outside = rng.random(unknown.size) < STRANGER_OUTSIDE_SHARE
    party[unknown[outside]] = parties.strangers_outside(rng, int(outside.sum()))
    party[unknown[~outside]] = contacts.strangers(rng, int((~outside).sum()))
    party = party[same]
    is_sms = (rng.random(total) < sims.sms_share[sim]) & ~parties.is_landline(party)
    # A tie is used from both ends: half of what two acquaintances say is begun by the other.
    short_code = (party < 0) & (party > -(10**7))
    turned = ~stranger & ~short_code & (rng.random(total) < 0.5)
    inside = np.flatnonzero(party >= 0)
    turned[inside] &= contacts.is_talker[party[inside]]
    caller, called = np.where(turned, party, sim), np.where(turned, sim, party)
    events = Events(
        at_s,
        caller,
        called,
        is_sms.astype(np.int8),
        answered_by(rng, sims, called),
        talk_s,
        ~stranger,
    )
    return events.select((at_s < DAY_S - 60) & (caller != called))


def _service_messages(rng: np.random.Generator, sims: Sims, some: Ints, laws: Laws) -> Events:
    receiver = np.repeat(some, rng.poisson(sims.service_sms_a_day[some]))
    profile = np.full(receiver.size, PROFILE_NAMES.index("people"))
    return make_events(
        times_of_day(rng, laws.hours, profile),
        parties.draw_senders(rng, receiver.size),
        receiver,
        SMS,
        np.ones(receiver.size, dtype=bool),
        np.zeros(receiver.size),
        False,
    )
