"""A rig's night: which card is on which port from when, and the calls and messages that pass through."""

from dataclasses import dataclass, field, fields

import numpy as np

from simbox.synth import parties
from simbox.synth.contacts import Contacts
from simbox.synth.days import OFF, Stays, sort_stays
from simbox.synth.events import SMS, VOICE, Events, join_events, make_events
from simbox.synth.laws import DAY_S, PROFILE_NAMES, Laws, contact_rank, talk_time_s, times_of_day
from simbox.synth.population import Sims
from simbox.synth.randomness import Bools, Floats, Ints, runs_of, stream
from simbox.synth.rigs import Rig

BIND_S = 45.0
SPARE_S = 20.0
CODES_SHARE = 0.35
AWAKE_SHARE = 0.93
COMMUTING_SHARES = (0.15, 0.55, 0.3)
CALLERS_OF_A_CARD = 15


@dataclass(frozen=True)
class Session:
    """A card on a port without a break."""

    port: Ints
    sim: Ints
    start_s: Floats
    end_s: Floats


@dataclass
class RigState:
    """What a burning rig remembers from night to night: the next fresh card, and cards not yet worn out."""

    rig: Rig
    next_card: int = 0
    left_over: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cards used up before the first night are gone."""
        self.next_card = self.rig.bank.fresh


@dataclass(frozen=True)
class RigNight:
    """What a rig did in a night."""

    events: Events
    stays: Stays
    sessions: Session


def rig_night(
    state: RigState, seed: int, sims: Sims, contacts: Contacts, laws: Laws, night: int, weekend: bool
) -> RigNight:
    """Work through a night, wearing out cards as the rig's rules say."""
    rig = state.rig
    rng = stream(seed, "rig night", rig.number, night)
    if rig.is_carried:
        calls = _calls_on_the_way(rng, rig, weekend, night, laws)
        sessions = _all_day(calls)
    else:
        sim, quota, port = _tasks(rng, state, weekend, night)
        calls = _calls(rng, rig, sim, quota, port, laws)
        sessions = _sessions(calls)
    is_code = rng.random(calls.at_s.size) < {"receive": 1.0, "sms_only": CODES_SHARE}.get(rig.plan.task, 0.0)
    sent = _outgoing(rng, stream(seed, "clients", rig.number), rig, sims, contacts, calls.select(~is_code))
    events = join_events([sent, _codes(rng, calls.select(is_code))])
    events = join_events([events, _checks(rng, rig, sessions)])
    if rig.staged_share > 0:
        events = join_events([events, _staged(rng, rig, sessions)])
    return RigNight(events, _nowhere_else() if rig.is_carried else _as_stays(rng, rig, sessions), sessions)


@dataclass(frozen=True)
class _Calls:
    """Calls in order of port and time; `turn` counts the sessions of the night."""

    at_s: Floats
    talk_s: Floats
    answered: Bools
    sim: Ints
    port: Ints
    turn: Ints

    def select(self, rows: Bools) -> "_Calls":
        """Some of them."""
        return _Calls(*(getattr(self, field.name)[rows] for field in fields(self)))


def _tasks(rng: np.random.Generator, state: RigState, weekend: bool, night: int) -> tuple[Ints, Ints, Ints]:
    """Sessions of the night in order for each port: card, calls to make, port."""
    rig = state.rig
    pace = rig.weekend_share if weekend else 1.0
    if rig.bank.is_burning:
        return _burn(rng, state, pace)
    bank = rig.bank
    cards = bank.at_work(night)
    begin, end = bank.from_share(cards, night), bank.to_share(cards, night)
    # A card is blocked while it works, not on a night off.
    awake = (rng.random(cards.size) < AWAKE_SHARE) | (bank.last_night[cards] == night)
    cards, begin, end = cards[awake], begin[awake], end[awake]
    # One card of a slot after the other.
    order = np.lexsort((begin, bank.slot[cards]))
    cards, begin, end = cards[order], begin[order], end[order]
    slot = bank.slot[cards]
    made = rng.poisson(rig.quota[cards] * pace * (end - begin) * rng.gamma(8.0, 1 / 8.0, cards.size))
    made = np.maximum(made, 1)
    if rig.commutes:
        return _commuting(rng, rig, cards, made)
    if rig.cap == 0:
        port = slot % rig.ports if rig.wanders_share == 0 else _wandering(rng, rig, cards, night)
        order = np.lexsort((begin, rng.random(bank.slots)[slot], port))
        return rig.sims[cards[order]], made[order], port[order]
    # Each card works until its cap, then the next one's turn comes, until all have made their calls.
    rounds = -(-made // rig.cap)
    owner, turn = runs_of(rounds)
    calls = np.minimum(made[owner] - turn * rig.cap, rig.cap)
    _, turn_of_slot = runs_of(np.bincount(slot, weights=rounds, minlength=bank.slots).astype(np.int64))
    order = np.lexsort((rng.permutation(bank.slots)[slot[owner]], turn_of_slot))
    port = np.arange(order.size) % rig.ports
    by_port = np.argsort(port, kind="stable")
    return rig.sims[cards[owner[order][by_port]]], calls[order][by_port], port[by_port]


def _burn(rng: np.random.Generator, state: RigState, pace: float) -> tuple[Ints, Ints, Ints]:
    """Fresh cards one after another on each port; one that outlives the night goes on first thing next day."""
    rig = state.rig
    tasks: list[tuple[int, int, int]] = []
    for port in range(rig.ports):
        # A port works off about two cards' calls a night, the last one perhaps with calls left.
        budget = max(4, round(rig.quota.mean() * 1.8 * pace * float(rng.gamma(6.0, 1 / 6.0))))
        while budget > 0:
            if port in state.left_over:
                card, left = state.left_over.pop(port)
            elif state.next_card < rig.sims.size:
                card, left = int(rig.sims[state.next_card]), int(rig.quota[state.next_card])
                state.next_card += 1
            else:
                break
            done = min(left, budget)
            tasks.append((card, done, port))
            budget -= done
            if left - done > 2:
                state.left_over[port] = (card, left - done)
    columns = np.array(tasks, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _commuting(rng: np.random.Generator, rig: Rig, cards: Ints, made: Ints) -> tuple[Ints, Ints, Ints]:
    """Each slot has a gateway for mornings and evenings and the next one, at other premises, for the day."""
    parts = rng.multinomial(made, COMMUTING_SHARES)
    slot = rig.bank.slot[cards]
    away = -(-rig.ports // rig.premises.size)
    at_home, at_work = slot % rig.ports, (slot + away) % rig.ports
    card, part = (index.ravel() for index in np.indices(parts.shape))
    port = np.where(part == 1, at_work[card], at_home[card])
    calls = parts.ravel()
    order = np.lexsort((card, rng.random(rig.bank.slots)[slot[card]], part, port))
    order = order[calls[order] > 0]
    return rig.sims[cards[card[order]]], calls[order], port[order]


def _calls_on_the_way(rng: np.random.Generator, rig: Rig, weekend: bool, night: int, laws: Laws) -> _Calls:
    """Calls of cards that are carried about, at people's hours; the law of one port at a time holds for carriers."""
    cards = rig.bank.at_work(night)
    pace = rig.weekend_share if weekend else 1.0
    card, turn = runs_of(rng.poisson(rig.quota[cards] * pace * rng.gamma(3.0, 1 / 3.0, cards.size)))
    profile = PROFILE_NAMES.index("office" if rig.plan.kind == "vishing" else "people")
    at_s = np.sort(times_of_day(rng, laws.hours, np.full(card.size, profile)))
    port = rig.bank.slot[cards[card]] % rig.ports
    # Cards take the calls of the day as these come; each card's lie next to each other.
    at_s = at_s[rng.permutation(card.size)]
    order = np.lexsort((at_s, card, port))
    answered = rng.random(card.size) < rig.answered_share
    talk_s = _talk(rng, rig, card.size)
    return _Calls(at_s[order], talk_s, answered, rig.sims[cards[card[order]]], port[order], card[order])


def _all_day(calls: _Calls) -> Session:
    """A carried card is on from its first call of the night to its last, in the gateway it always is in."""
    first = np.flatnonzero(np.concatenate([[True], np.diff(calls.turn) != 0])[: calls.turn.size])
    last = np.concatenate([first[1:], [calls.turn.size]])[: first.size] - 1
    end = calls.at_s[last] + calls.talk_s[last] + 1.0
    return Session(calls.port[first], calls.sim[first], calls.at_s[first], np.minimum(end, DAY_S - 1.0))


def _nowhere_else() -> Stays:
    """Carried cards are where their carriers are."""
    none = np.zeros(0, dtype=np.int64)
    return Stays(none, none, none, none, none)


def _wandering(rng: np.random.Generator, rig: Rig, cards: Ints, night: int) -> Ints:
    """Cards moved to another gateway from one night to the next; the next one of a slot goes where it was."""
    bank = rig.bank
    moved = rng.random(bank.slots) < rig.wanders_share * min(night, 1)
    port = np.where(moved, rng.integers(0, rig.ports, bank.slots), np.arange(bank.slots) % rig.ports)
    return port[bank.slot[cards]]


def _calls(rng: np.random.Generator, rig: Rig, sim: Ints, quota: Ints, port: Ints, laws: Laws) -> _Calls:
    task, _ = runs_of(quota)
    total = task.size
    task_port = port[task]
    task_sim = sim[task]
    turn = task
    opening, closing = rig.shift_h[0] * 3600, rig.shift_h[1] * 3600
    profile = PROFILE_NAMES.index("office" if rig.plan.kind == "vishing" else "evening")
    if rig.plan.kind == "sms_farm":
        profile = PROFILE_NAMES.index("delivery")
    wanted = times_of_day(rng, laws.hours, np.full(total, profile))
    outside = (wanted < opening) | (wanted > closing)
    if rig.keeps_hours or rig.plan.kind == "vishing":
        # Staff and rules keep hours; a naive box takes calls at any.
        wanted[outside] = opening + rng.random(int(outside.sum())) * (closing - opening)
    # Each port works off its calls in the order of the hours they come in.
    by_time = np.lexsort((wanted, task_port))
    wanted = wanted[by_time]
    answered = rng.random(total) < rig.answered_share
    talk_s = _talk(rng, rig, total)
    held = np.where(answered, talk_s, rng.uniform(8.0, 35.0, total))
    held += rng.exponential(rig.gap_s, total) + rig.gap_s / 2
    new_turn = np.concatenate([[False], np.diff(turn) != 0])[:total]
    held += np.where(np.concatenate([new_turn[1:], [False]])[:total], BIND_S + rng.exponential(SPARE_S, total), 0)
    # Lindley's recursion: a call starts when it comes in, or when the one before on its port has ended.
    before = np.cumsum(held) - held
    reach = 10.0 * (DAY_S + before[-1] if total else 1.0)
    start = np.maximum.accumulate(wanted - before + task_port * reach) + before - task_port * reach
    latest = DAY_S - 900.0 if not rig.keeps_hours else min(DAY_S - 900.0, closing + 2400.0)
    kept = start < latest
    kept &= _not_elsewhere(task_sim, task_port, start, start + held)
    return _Calls(start[kept], talk_s[kept], answered[kept], task_sim[kept], task_port[kept], turn[kept])


def _not_elsewhere(sim: Ints, port: Ints, start: Floats, end: Floats) -> Bools:
    """A card that is still busy on another port can't be bound: such calls are lost."""
    order = np.lexsort((start, sim))
    ends = np.maximum.accumulate(end[order] + sim[order] * 10.0 * DAY_S) - sim[order] * 10.0 * DAY_S
    clash = np.zeros(sim.size, dtype=bool)
    same = (sim[order][1:] == sim[order][:-1]) & (port[order][1:] != port[order][:-1])
    clash[order[1:]] = same & (start[order][1:] < ends[:-1] + BIND_S)
    return ~clash


def _talk(rng: np.random.Generator, rig: Rig, count: int) -> Floats:
    if rig.plan.kind == "bypass":
        return talk_time_s(rng, count, 4.35, 1.15)
    if rig.plan.kind == "vishing":
        # Most hang up soon; the few who believe the story stay long.
        believed = rng.random(count) < 0.15
        return np.where(believed, talk_time_s(rng, count, 5.6, 0.8), talk_time_s(rng, count, 3.4, 1.1))
    return np.full(count, 2.0)


def _sessions(calls: _Calls) -> Session:
    """Cards stay on their port until the next one is bound."""
    if calls.at_s.size == 0:
        empty = np.zeros(0, dtype=np.int64)
        return Session(empty, empty, np.zeros(0), np.zeros(0))
    first = np.flatnonzero(np.concatenate([[True], np.diff(calls.turn) != 0]))
    port, sim = calls.port[first], calls.sim[first]
    start = np.maximum(calls.at_s[first] - BIND_S * 0.6, 0.0)
    last = np.concatenate([first[1:], [calls.at_s.size]]) - 1
    idle_end = calls.at_s[last] + calls.talk_s[last] + 1800.0
    next_start = np.concatenate([start[1:], [np.inf]])
    same_port = np.concatenate([port[1:] == port[:-1], [False]])
    end = np.where(same_port, np.minimum(next_start - 2.0, idle_end + 7200.0), np.minimum(idle_end, DAY_S - 1.0))
    # A card can't wait on one port while it works on another.
    order = np.lexsort((start, sim))
    again = np.flatnonzero(sim[order][1:] == sim[order][:-1])
    end[order[again]] = np.minimum(end[order[again]], start[order[again + 1]] - 2.0)
    return Session(port, sim, start, np.maximum(end, start + 1.0))


def _outgoing(
    rng: np.random.Generator, lasting: np.random.Generator, rig: Rig, sims: Sims, contacts: Contacts, calls: _Calls
) -> Events:
    count = calls.at_s.size
    called = contacts.strangers(rng, count)
    if rig.plan.kind == "bypass":
        kin = np.flatnonzero(sims.foreign_kin & (sims.rig < 0) & contacts.is_talker)
        # The same families are called night after night, each rig serving its own callers abroad.
        clients = lasting.permutation(kin)
        regular = clients[contact_rank(rng, np.full(count, clients.size))]
        if rig.is_carried:
            # Each card has callers of its own, who ring the same families again.
            rank = contact_rank(rng, np.full(count, CALLERS_OF_A_CARD))
            regular = clients[(calls.sim * 7919 + rank * 104_729) % clients.size]
        anyone = kin[rng.integers(0, kin.size, count)]
        called = np.where(rng.random(count) < rig.repeat_share, regular, anyone)
    outside = rng.random(count) < rig.outside_share
    lines = np.where(rng.random(count) < 0.25, parties.landlines(rng, count), parties.other_networks(rng, count))
    called = np.where(outside, lines, called)
    service = SMS if rig.plan.kind == "sms_farm" else VOICE
    answered = calls.answered if service == VOICE else np.ones(count, dtype=bool)
    return make_events(calls.at_s, calls.sim, called, service, answered, calls.talk_s, False)


def _codes(rng: np.random.Generator, calls: _Calls) -> Events:
    """Codes that services send to the numbers the rig signs up with."""
    count = calls.at_s.size
    return make_events(
        calls.at_s, parties.draw_senders(rng, count), calls.sim, SMS, np.ones(count, dtype=bool), np.zeros(count), False
    )


def _checks(rng: np.random.Generator, rig: Rig, sessions: Session) -> Events:
    """Messages to the operator's service number soon after a card is bound."""
    asked = rng.random(sessions.sim.size) < rig.checks_share
    count = int(asked.sum())
    at_s = np.minimum(sessions.start_s[asked] + rng.uniform(3.0, 25.0, count), sessions.end_s[asked])
    called = np.full(count, -rig.service_number)
    return make_events(at_s, sessions.sim[asked], called, SMS, np.ones(count, dtype=bool), np.zeros(count), True)


def _staged(rng: np.random.Generator, rig: Rig, sessions: Session) -> Events:
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
        talk_time_s(rng, first.size, 3.6, 0.8),
        False,
    )
    events.service[rng.random(first.size) < (1.0 if rig.plan.task == "sms_only" else 0.35)] = SMS
    return events


def _as_stays(rng: np.random.Generator, rig: Rig, sessions: Session) -> Stays:
    """Where the rig's cards are registered: at their port's gateway while bound, nowhere otherwise."""
    spot = rig.premises[rig.gateway[sessions.port]]
    imei = rig.port_imei[sessions.port]
    nowhere = np.full(sessions.sim.size, OFF)
    zeros = np.zeros(sessions.sim.size, dtype=np.int64)
    start, end = sessions.start_s.astype(np.int64), sessions.end_s.astype(np.int64)
    idle = np.full(rig.sims.size, OFF)
    none = np.zeros(rig.sims.size, dtype=np.int64)
    begin = Stays(rig.sims, none, idle, idle, none)
    bound = Stays(sessions.sim, start, spot, spot, imei)
    return sort_stays([begin, bound, Stays(sessions.sim, end, nowhere, nowhere, zeros)])
