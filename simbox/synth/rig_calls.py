"""When a rig's cards call: one after another on each port, or as people do who carry them."""

from dataclasses import dataclass, fields

import numpy as np

from simbox.synth.laws import DAY_S, PROFILE_NAMES, Laws, burst_gaps_s, follow_previous, times_of_day
from simbox.synth.randomness import Bools, Floats, Ints, runs_of
from simbox.synth.rigs import Rig

BIND_S = 45.0
SPARE_S = 20.0


@dataclass(frozen=True)
class Calls:
    """Calls in order of port and time; `turn` counts the sessions of the night."""

    at_s: Floats
    talk_s: Floats
    answered: Bools
    sim: Ints
    port: Ints
    turn: Ints

    def select(self, rows: Bools) -> "Calls":
        """Some of them."""
        return Calls(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Session:
    """A card on a port without a break."""

    port: Ints
    sim: Ints
    start_s: Floats
    end_s: Floats


def calls_in_turn(rng: np.random.Generator, rig: Rig, sim: Ints, quota: Ints, port: Ints, laws: Laws) -> Calls:
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
    if rig.people_hours:
        wanted = _as_people_call(rng, laws, "people", task_sim, np.zeros(total))
    outside = (wanted < opening) | (wanted > closing)
    if (rig.keeps_hours and not rig.people_hours) or rig.plan.kind == "vishing":
        # Staff and rules keep hours; a naive box takes calls at any.
        wanted[outside] = opening + rng.random(int(outside.sum())) * (closing - opening)
    # Each port works off its calls in the order of the hours they come in.
    by_time = np.lexsort((wanted, task_port))
    wanted = wanted[by_time]
    answered = rng.random(total) < rig.answered_share
    talk_s = _talk(rng, rig, laws, total)
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
    return Calls(start[kept], talk_s[kept], answered[kept], task_sim[kept], task_port[kept], turn[kept])


def calls_on_the_way(rng: np.random.Generator, rig: Rig, weekend: bool, night: int, laws: Laws) -> Calls:
    """Calls of cards that are carried about, at people's hours; who carries them is in one call at a time."""
    cards = rig.bank.at_work(night)
    pace = rig.weekend_share if weekend else 1.0
    card, _ = runs_of(rng.poisson(rig.quota[cards] * pace * rng.gamma(3.0, 1 / 3.0, cards.size)))
    talk_s = _talk(rng, rig, laws, card.size)
    if rig.people_hours:
        at_s = _as_people_call(rng, laws, "office" if rig.plan.kind == "vishing" else "people", card, talk_s)
    else:
        at_s = times_of_day(rng, laws.hours, np.full(card.size, PROFILE_NAMES.index("evening")))
    port = rig.bank.slot[cards[card]] % rig.ports
    order = np.lexsort((at_s, card, port))
    answered = rng.random(card.size) < rig.answered_share
    return Calls(at_s[order], talk_s[order], answered, rig.sims[cards[card[order]]], port[order], card[order])


def no_calls() -> Calls:
    """A night's rest."""
    none = np.zeros(0, dtype=np.int64)
    return Calls(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), none, none, none)


def _as_people_call(rng: np.random.Generator, laws: Laws, profile: str, card: Ints, talk_s: Floats) -> Floats:
    """When people would make so many calls: some of them in a burst after the one before."""
    total = card.size
    fresh = np.concatenate([[True], np.diff(card) != 0])[:total] | (rng.random(total) > laws.burst_share)
    burst = follow_previous(fresh)
    begin = times_of_day(rng, laws.hours, np.full(total, PROFILE_NAMES.index(profile)))
    step = burst_gaps_s(rng, total) + np.concatenate([[0.0], talk_s[:-1]])[:total]
    step[fresh] = 0.0
    elapsed = np.cumsum(step)
    at_s: Floats = begin[burst] + elapsed - elapsed[burst]
    return np.where(at_s < DAY_S - 120, at_s, begin)


def _not_elsewhere(sim: Ints, port: Ints, start: Floats, end: Floats) -> Bools:
    """A card that is still busy on another port can't be bound: such calls are lost."""
    order = np.lexsort((start, sim))
    ends = np.maximum.accumulate(end[order] + sim[order] * 10.0 * DAY_S) - sim[order] * 10.0 * DAY_S
    clash = np.zeros(sim.size, dtype=bool)
    same = (sim[order][1:] == sim[order][:-1]) & (port[order][1:] != port[order][:-1])
    clash[order[1:]] = same & (start[order][1:] < ends[:-1] + BIND_S)
    return ~clash


def _talk(rng: np.random.Generator, rig: Rig, laws: Laws, count: int) -> Floats:
    if rig.plan.kind == "bypass":
        return laws.family.talk_time_s(rng, count, 4.35, 1.15)
    if rig.plan.kind == "vishing":
        # Most hang up soon; the few who believe the story stay long.
        believed = rng.random(count) < 0.15
        return np.where(
            believed, laws.family.talk_time_s(rng, count, 5.6, 0.8), laws.family.talk_time_s(rng, count, 3.4, 1.1)
        )
    return np.full(count, 2.0)


def sessions_of(calls: Calls) -> Session:
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


def all_day(calls: Calls) -> Session:
    """A carried card is on from its first call of the night to its last, in the gateway it always is in."""
    first = np.flatnonzero(np.concatenate([[True], np.diff(calls.turn) != 0])[: calls.turn.size])
    last = np.concatenate([first[1:], [calls.turn.size]])[: first.size] - 1
    end = calls.at_s[last] + calls.talk_s[last] + 1.0
    return Session(calls.port[first], calls.sim[first], calls.at_s[first], np.minimum(end, DAY_S - 1.0))


def on_all_day(rng: np.random.Generator, rig: Rig, night: int) -> Session:
    """Carried cards that are on from morning till late, whether calls are let through to them or not."""
    cards = rig.bank.at_work(night)
    start_s, end_s = rng.normal(8.0, 0.7, cards.size) * 3600, rng.normal(22.0, 0.7, cards.size) * 3600
    return Session(rig.bank.slot[cards] % rig.ports, rig.sims[cards], start_s, np.minimum(end_s, DAY_S - 1.0))
