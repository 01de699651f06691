"""From what happened to what switches see: who could be reached, who was busy, and one leg for each SIM of a call.

People and rigs go through the same code here; nothing in this file knows which is which.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simbox.synth.days import Timetable
from simbox.synth.events import SMS, VOICE, Events
from simbox.synth.handsets import Models
from simbox.synth.laws import DAY_S
from simbox.synth.network import Land
from simbox.synth.population import Sims
from simbox.synth.radio import Radio, generation_of
from simbox.synth.randomness import Bools, Floats, Ints, hashed_uniform, order_of
from simbox.synth.stays import OFF

MO, MT = 0, 1
COMES_OR_GOES, TAKES_TURNS, CHANGES_HANDSET = 1, 2, 4
TICKS_A_SECOND = 8
UNREACHABLE_SHARE = 0.025
SETTLE_S = 3.0


@dataclass(frozen=True)
class Legs:
    """One entry for each leg: `other` is a party, `cell` an index of the world's cells."""

    at_s: npt.NDArray[np.int32]
    sim: Ints
    direction: npt.NDArray[np.int8]
    service: npt.NDArray[np.int8]
    answered: Bools
    duration_s: npt.NDArray[np.int32]
    other: Ints
    imei: Ints
    cell: Ints
    event: Ints

    @property
    def count(self) -> int:
        """How many legs there are."""
        return self.at_s.size

    def select(self, rows: Bools | Ints) -> "Legs":
        """Some of them."""
        return Legs(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Tonight:
    """What of every SIM matters to the switches in one night; `flags` are those of SIMs that need a closer look.

    Legs are looked up here one by one in no order: one byte for most questions keeps them in the cache.
    """

    sims: Sims
    night: int
    holder: npt.NDArray[np.int32]
    operator: npt.NDArray[np.int8]
    imei: Ints
    generation: npt.NDArray[np.int8]
    flags: npt.NDArray[np.uint8]


def look_ahead(sims: Sims, models: Models, night: int) -> Tonight:
    """Who is live and in the country, and in which handset, from a night's beginning."""
    begin, end = night * DAY_S, (night + 1) * DAY_S
    flags = np.zeros(sims.count, dtype=np.uint8)
    flags[(sims.live_from_s > begin) | (sims.live_to_s < end)] |= COMES_OR_GOES
    flags[(sims.away_from_s < end) & (sims.away_to_s > begin)] |= COMES_OR_GOES
    flags[sims.turns > 1] |= TAKES_TURNS
    flags[(sims.next_imei_from_s > begin) & (sims.next_imei_from_s < end)] |= CHANGES_HANDSET
    imei = np.where(sims.next_imei_from_s <= begin, sims.next_imei, sims.imei)
    return Tonight(
        sims,
        night,
        sims.holder.astype(np.int32),
        sims.operator.astype(np.int8),
        imei,
        generation_of(models, imei),
        flags,
    )


@dataclass(frozen=True)
class Switches:
    """What switches know of a night from one hour to the next: until when each holder talks."""

    busy_until_s: npt.NDArray[np.float32]


def idle_switches(holders: int) -> Switches:
    """Midnight: nobody talks."""
    return Switches(np.zeros(holders, dtype=np.float32))


@dataclass(frozen=True)
class Attempts:
    """One entry for each side of each event, callers' sides first, and what becomes of it."""

    event: Ints
    sim: Ints
    holder: Ints
    at_s: Floats
    callers: int
    row: Ints
    reachable: Bools
    lost: Bools
    answered: Bools


def attempt(events: Events, tonight: Tonight, stays: Timetable, salt: int) -> Attempts:
    """Who of a stretch of a night's callers and called could be reached."""
    callers, called = np.flatnonzero(events.caller >= 0), np.flatnonzero(events.called >= 0)
    event = np.concatenate([callers, called])
    sim = np.concatenate([events.caller[callers], events.called[called]])
    holder = tonight.holder[sim].astype(np.int64)
    at_s = events.at_s[event].astype(np.float64)
    row = stays.find(holder, at_s)
    reachable = _reachable(tonight, stays, row, sim, holder, at_s, salt)
    lost = np.zeros(events.count, dtype=bool)
    lost[callers] = ~reachable[: callers.size]
    answered = events.answered.copy()
    answered[called[~reachable[callers.size :]]] = False
    return Attempts(event, sim, holder, at_s, callers.size, row, reachable, lost, answered)


def engage(switches: Switches, events: Events, attempts: Attempts) -> None:
    """Lose calls of who is in an earlier call, let calls to them go unanswered; stretches of a night come in order."""
    voice = np.flatnonzero((events.service == VOICE)[attempts.event] & ~attempts.lost[attempts.event])
    holder, at_s = attempts.holder[voice], attempts.at_s[voice]
    ticks = np.clip(at_s * TICKS_A_SECOND, 0, DAY_S * TICKS_A_SECOND).astype(np.int64)
    order = order_of((holder, switches.busy_until_s.size.bit_length()), (ticks, (DAY_S * TICKS_A_SECOND).bit_length()))
    voice, holder, at_s = voice[order], holder[order], at_s[order]
    event = attempts.event[voice]
    taken = attempts.answered[event]
    lane = holder * (10.0 * DAY_S)
    end = np.where(taken, at_s + events.talk_s[event] + SETTLE_S, 0.0) + lane
    latest = np.maximum.accumulate(np.maximum(end, switches.busy_until_s[holder] + lane)) - lane
    first = np.concatenate([[True], holder[1:] != holder[:-1]])[: holder.size]
    earlier = np.concatenate([[0.0], latest[:-1]])[: holder.size]
    earlier[first] = switches.busy_until_s[holder[first]]
    last = np.flatnonzero(np.concatenate([holder[1:] != holder[:-1], [True]])[: holder.size])
    switches.busy_until_s[holder[last]] = latest[last]
    busy = np.flatnonzero(earlier > at_s)
    calling = voice[busy] < attempts.callers
    attempts.lost[event[busy[calling]]] = True
    attempts.answered[event[busy[~calling]]] = False


def record_legs(
    rng: np.random.Generator,
    events: Events,
    attempts: Attempts,
    tonight: Tonight,
    stays: Timetable,
    land: Land,
    radio: Radio,
    models: Models,
) -> Legs:
    """The legs that attempts leave behind: both sides of a call that came about, the caller's of one that didn't."""
    kept = np.flatnonzero(attempts.reachable & ~attempts.lost[attempts.event])
    event, sim, at_s, row = attempts.event[kept], attempts.sim[kept], attempts.at_s[kept], attempts.row[kept]
    direction = np.where(kept < attempts.callers, MO, MT).astype(np.int8)
    service = events.service[event]
    took = attempts.answered[event]
    # A message reaches the far handset some seconds after it was sent, a call is answered at one instant.
    delay = rng.integers(0, 2, event.size, dtype=np.int8).astype(np.float64)
    late = np.flatnonzero((service == SMS) & (direction == MT))
    delay[late] += 1.0 + rng.exponential(4.0, late.size)
    at_s = np.minimum(at_s + delay, DAY_S - 1.0)
    talk_s = np.where(took & (service == VOICE), events.talk_s[event], 0).astype(np.int32)
    talk_s -= (talk_s > 3) & (rng.random(event.size, dtype=np.float32) < 0.1)
    other = np.where(direction == MO, events.called[event], events.caller[event])
    own = _own_handset(tonight, sim, at_s)
    imei = stays.handset(row, own)
    generation = tonight.generation[sim]
    foreign = np.flatnonzero(imei != tonight.imei[sim])
    generation[foreign] = generation_of(models, imei[foreign])
    spot = stays.positions(land, row, at_s)
    cell = radio.serving(tonight.operator[sim], spot, sim, at_s, tonight.night, generation)
    return Legs(
        at_s.astype(np.int32),
        sim,
        direction,
        service,
        took,
        talk_s,
        other,
        imei,
        cell,
        event,
    )


def without_failed(legs: Legs, down: Bools) -> Legs:
    """The legs of calls and messages both of whose ends were in service."""
    failed = np.zeros(int(legs.event.max(initial=0)) + 1, dtype=bool)
    failed[legs.event[down]] = True
    return legs.select(~failed[legs.event])


def _own_handset(tonight: Tonight, sim: Ints, at_s: Floats) -> Ints:
    imei = tonight.imei[sim]
    changing = np.flatnonzero(tonight.flags[sim] & CHANGES_HANDSET)
    theirs = sim[changing]
    changed = at_s[changing] + tonight.night * DAY_S >= tonight.sims.next_imei_from_s[theirs]
    imei[changing] = np.where(changed, tonight.sims.next_imei[theirs], tonight.sims.imei[theirs])
    return imei


def _reachable(
    tonight: Tonight, stays: Timetable, row: Ints, sim: Ints, holder: Ints, at_s: Floats, salt: int
) -> Bools:
    """Whether the SIM is in use at that time, in a handset that is on."""
    sims, night = tonight.sims, tonight.night
    hour = night * 12 + (at_s / 7200).astype(np.int64)
    usable: Bools = (stays.spot[row] != OFF) & (hashed_uniform(salt, holder, hour) >= UNREACHABLE_SHARE)
    flags = tonight.flags[sim]
    some = np.flatnonzero(flags & COMES_OR_GOES)
    usable[some] &= sims.in_use(sim[some], at_s[some] + night * DAY_S)
    shared = np.flatnonzero(flags & TAKES_TURNS)
    if shared.size:
        # Which of the cards is in the handset changes every few hours.
        hours = night * 8 + (at_s[shared] / 10_800).astype(np.int64)
        turns = sims.turns[sim[shared]]
        drawn = (hashed_uniform(salt + 1, holder[shared], hours) * turns).astype(np.int64)
        usable[shared] &= drawn == sims.turn[sim[shared]]
    return usable
