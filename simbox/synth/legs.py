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
from simbox.synth.radio import Radio
from simbox.synth.randomness import Bools, Floats, Ints, hashed_uniform
from simbox.synth.stays import OFF, SLOT

MO, MT = 0, 1
UNREACHABLE_SHARE = 0.025
SETTLE_S = 3.0


@dataclass(frozen=True)
class Legs:
    """One entry for each leg: `other` is a party, `cell` an index of the world's cells."""

    at_s: npt.NDArray[np.int32]
    sim: npt.NDArray[np.int32]
    direction: npt.NDArray[np.int8]
    service: npt.NDArray[np.int8]
    answered: Bools
    duration_s: npt.NDArray[np.int32]
    other: Ints
    imei: Ints
    cell: npt.NDArray[np.int32]
    event: npt.NDArray[np.int32]

    @property
    def count(self) -> int:
        """How many legs there are."""
        return self.at_s.size

    def select(self, rows: Bools | Ints) -> "Legs":
        """Some of them."""
        return Legs(*(getattr(self, field.name)[rows] for field in fields(self)))


def record_legs(
    rng: np.random.Generator,
    events: Events,
    sims: Sims,
    stays: Timetable,
    land: Land,
    radio: Radio,
    models: Models,
    night: int,
    salt: int,
) -> Legs:
    """The legs of a night's events, in the order of holders and time."""
    event, sim, direction = _sides(events)
    holder = sims.holder[sim]
    at_s = events.at_s[event]
    order = np.argsort(holder * SLOT + at_s.astype(np.int64), kind="stable")
    event, sim, direction, holder, at_s = event[order], sim[order], direction[order], holder[order], at_s[order]
    row = stays.find(holder, at_s)
    reachable = _reachable(sims, stays, row, sim, holder, at_s, night, salt)
    is_mo = direction == MO
    lost = np.zeros(events.count, dtype=bool)
    lost[event[is_mo & ~reachable]] = True
    answered = events.answered.copy()
    answered[event[~is_mo & ~reachable]] = False
    busy = _busy(events, event, holder, at_s, lost, answered)
    lost[event[is_mo & busy]] = True
    answered[event[~is_mo & busy]] = False
    kept = ~lost[event] & (is_mo | reachable)
    event, sim, direction, at_s, row = event[kept], sim[kept], direction[kept], at_s[kept], row[kept]
    service = events.service[event]
    took = answered[event]
    # A message reaches the far handset some seconds after it was sent, a call is answered at one instant.
    delay = np.where((service == SMS) & (direction == MT), 1.0 + rng.exponential(4.0, event.size), 0.0)
    delay = delay + rng.integers(0, 2, event.size)
    at_s = np.minimum(at_s + delay, DAY_S - 1.0)
    talk = np.where(took & (service == VOICE), events.talk_s[event], 0)
    jitter = np.where((talk > 3) & (rng.random(event.size) < 0.1), 1, 0)
    other = np.where(direction == MO, events.called[event], events.caller[event])
    absolute = at_s + night * DAY_S
    own = np.where(absolute < sims.next_imei_from_s[sim], sims.imei[sim], sims.next_imei[sim])
    imei = np.where(stays.imei[row] > 0, stays.imei[row], own)
    spot = stays.positions(land, row, at_s)
    cell = radio.serving(sims.operator[sim], spot, sim, at_s, night, models.is_lte(imei))
    # Two nights of these are in memory at once: no wider than need be.
    return Legs(
        at_s.astype(np.int32),
        sim.astype(np.int32),
        direction,
        service,
        took,
        (talk - jitter).astype(np.int32),
        other,
        imei,
        cell.astype(np.int32),
        event.astype(np.int32),
    )


def without_failed(legs: Legs, down: Bools) -> Legs:
    """The legs of calls and messages both of whose ends were in service."""
    failed = np.zeros(int(legs.event.max(initial=0)) + 1, dtype=bool)
    failed[legs.event[down]] = True
    return legs.select(~failed[legs.event])


def _sides(events: Events) -> tuple[Ints, Ints, npt.NDArray[np.int8]]:
    mo, mt = np.flatnonzero(events.caller >= 0), np.flatnonzero(events.called >= 0)
    event = np.concatenate([mo, mt])
    sim = np.concatenate([events.caller[mo], events.called[mt]])
    direction = np.concatenate([np.full(mo.size, MO, dtype=np.int8), np.full(mt.size, MT, dtype=np.int8)])
    return event, sim, direction


def _reachable(
    sims: Sims, stays: Timetable, row: Ints, sim: Ints, holder: Ints, at_s: Floats, night: int, salt: int
) -> Bools:
    """Whether the SIM is in use at that time, in a handset that is on."""
    bound = stays.spot[row] != OFF
    absolute = at_s + night * DAY_S
    alive = sims.in_use(sim, absolute)
    hour = night * 12 + (at_s // 7200).astype(np.int64)
    switched_on = hashed_uniform(salt, holder, hour) >= UNREACHABLE_SHARE
    usable: Bools = alive & bound & switched_on
    shared = np.flatnonzero(sims.turns[sim] > 1)
    if shared.size:
        # Which of the cards is in the handset changes every few hours.
        hours = night * 8 + (at_s[shared] // 10_800).astype(np.int64)
        turns = sims.turns[sim[shared]]
        drawn = (hashed_uniform(salt + 1, holder[shared], hours) * turns).astype(np.int64)
        usable[shared] &= drawn == sims.turn[sim[shared]]
    return usable


def _busy(events: Events, event: Ints, holder: Ints, at_s: Floats, lost: Bools, answered: Bools) -> Bools:
    """Whether the holder is in an earlier call; legs come in the order of holder and time."""
    voice = (events.service[event] == VOICE) & ~lost[event]
    held = np.where(answered[event], events.talk_s[event] + SETTLE_S, 0.0)
    lane = holder * (10.0 * DAY_S)
    end = np.where(voice & answered[event], at_s + held, -1.0) + lane
    earlier = np.concatenate([[-1.0], np.maximum.accumulate(end)[:-1]])[: end.size]
    return voice & (earlier > at_s + lane)
