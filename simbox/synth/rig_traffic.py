"""Whom a rig's cards call and write to: victims, families, services, each other."""

import numpy as np

from simbox.synth import parties
from simbox.synth.contacts import Contacts
from simbox.synth.events import SMS, VOICE, Events, make_events
from simbox.synth.laws import Laws
from simbox.synth.population import Sims
from simbox.synth.randomness import runs_of
from simbox.synth.rig_calls import Calls, Session
from simbox.synth.rigs import Rig

CALLERS_OF_A_CARD = 15
LONGEST_FILLER_S = 120.0


def outgoing(
    rng: np.random.Generator,
    lasting: np.random.Generator,
    rig: Rig,
    sims: Sims,
    contacts: Contacts,
    laws: Laws,
    calls: Calls,
) -> Events:
    count = calls.at_s.size
    called = contacts.strangers(rng, count)
    if rig.plan.kind == "bypass":
        kin = np.flatnonzero(sims.foreign_kin & (sims.rig < 0) & contacts.is_talker)
        # The same families are called night after night, each rig serving its own callers abroad.
        clients = lasting.permutation(kin)
        regular = clients[laws.family.contact_rank(rng, np.full(count, clients.size))]
        if rig.history:
            # Each card has callers of its own, who ring the same families again.
            rank = laws.family.contact_rank(rng, np.full(count, CALLERS_OF_A_CARD))
            regular = clients[(calls.sim * 7919 + rank * 104_729) % clients.size]
        anyone = kin[rng.integers(0, kin.size, count)]
        called = np.where(rng.random(count) < rig.repeat_share, regular, anyone)
    outside = rng.random(count) < rig.outside_share
    lines = np.where(rng.random(count) < 0.25, parties.landlines(rng, count), parties.other_networks(rng, count))
    called = np.where(outside, lines, called)
    service = SMS if rig.plan.kind == "sms_farm" else VOICE
    answered = calls.answered if service == VOICE else np.ones(count, dtype=bool)
    return make_events(calls.at_s, calls.sim, called, service, answered, calls.talk_s, False)


def codes(rng: np.random.Generator, calls: Calls) -> Events:
    """Codes that services send to the numbers the rig signs up with."""
    count = calls.at_s.size
    return make_events(
        calls.at_s, parties.draw_senders(rng, count), calls.sim, SMS, np.ones(count, dtype=bool), np.zeros(count), False
    )


def balance_checks(rng: np.random.Generator, rig: Rig, sessions: Session) -> Events:
    """Messages to the operator's service number soon after a card is bound."""
    asked = rng.random(sessions.sim.size) < rig.checks_share
    count = int(asked.sum())
    at_s = np.minimum(sessions.start_s[asked] + rng.uniform(3.0, 25.0, count), sessions.end_s[asked])
    called = np.full(count, -rig.service_number)
    return make_events(at_s, sessions.sim[asked], called, SMS, np.ones(count, dtype=bool), np.zeros(count), True)


def fillers(rng: np.random.Generator, rig: Rig, laws: Laws, sessions: Session) -> Events:
    """Calls to the operators' own service numbers, which cost nothing and make a card look used."""
    session, _ = runs_of(rng.poisson(rig.filler_calls, sessions.sim.size))
    start_s, end_s = sessions.start_s[session], sessions.end_s[session]
    at_s = start_s + rng.random(session.size) * np.maximum(end_s - start_s - LONGEST_FILLER_S, 0.0)
    talk_s = np.minimum(laws.family.talk_time_s(rng, session.size, 3.0, 0.7), LONGEST_FILLER_S)
    called = parties.short_codes(rng, session.size)
    return make_events(at_s, sessions.sim[session], called, VOICE, rng.random(session.size) < 0.95, talk_s, True)


def staged(rng: np.random.Generator, rig: Rig, laws: Laws, sessions: Session) -> Events:
    """Calls and messages among the rig's own cards, so that each has an answer and a circle of friends."""
    first, _ = runs_of(rng.poisson(rig.staged_share, sessions.sim.size))
    # A card's friends are those on the next slots of the bank, the same slots every night.
    slot = rig.bank.slot[sessions.sim - rig.sims[0]]
    friend = (slot[first] + 1 + np.floor(4 * rng.random(first.size) ** 2).astype(np.int64)) % rig.bank.slots
    session_of = np.full(rig.bank.slots, -1)
    session_of[slot] = np.arange(slot.size)
    awake = session_of[friend] >= 0
    first, second = first[awake], session_of[friend[awake]]
    opens = np.maximum(sessions.start_s[first], sessions.start_s[second]) + 30
    closes = np.minimum(sessions.end_s[first], sessions.end_s[second]) - 300
    both = (opens < closes) & (sessions.sim[first] != sessions.sim[second])
    first, second, opens, closes = first[both], second[both], opens[both], closes[both]
    events = make_events(
        opens + rng.random(first.size) * (closes - opens),
        sessions.sim[first],
        sessions.sim[second],
        VOICE,
        rng.random(first.size) < 0.9,
        laws.family.talk_time_s(rng, first.size, 3.6, 0.8),
        False,
    )
    events.service[rng.random(first.size) < (1.0 if rig.plan.task == "sms_only" else 0.35)] = SMS
    return events
