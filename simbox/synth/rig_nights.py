"""A rig's night: which card is on which port from when, and the calls and messages that pass through."""

from dataclasses import dataclass

import numpy as np

from simbox.synth.contacts import Contacts
from simbox.synth.events import Events, join_events
from simbox.synth.laws import Laws
from simbox.synth.population import Sims
from simbox.synth.randomness import stream
from simbox.synth.rig_calls import (
    Session,
    all_day,
    calls_in_turn,
    calls_on_the_way,
    no_calls,
    on_all_day,
    sessions_of,
)
from simbox.synth.rig_shifts import RigState, tasks_of_night
from simbox.synth.rig_traffic import balance_checks, codes, fillers, outgoing, staged
from simbox.synth.rigs import Rig
from simbox.synth.stays import OFF, Stays, sort_stays

CODES_SHARE = 0.35


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
    if rig.asleep[night]:
        calls = no_calls()
        sessions = sessions_of(calls)
    elif rig.is_carried:
        calls = calls_on_the_way(rng, rig, weekend, night, laws)
        sessions = all_day(calls) if rig.plan.offered_calls_a_day is None else on_all_day(rng, rig, night)
    else:
        sim, quota, port = tasks_of_night(rng, state, laws, weekend, night)
        calls = calls_in_turn(rng, rig, sim, quota, port, laws)
        sessions = sessions_of(calls)
    is_code = rng.random(calls.at_s.size) < {"receive": 1.0, "sms_only": CODES_SHARE}.get(rig.plan.task, 0.0)
    sent = outgoing(rng, stream(seed, "clients", rig.number), rig, sims, contacts, laws, calls.select(~is_code))
    events = join_events([sent, codes(rng, calls.select(is_code))])
    events = join_events([events, balance_checks(rng, rig, sessions)])
    if rig.staged_share > 0:
        events = join_events([events, staged(rng, rig, laws, sessions)])
    if rig.filler_calls > 0:
        events = join_events([events, fillers(rng, rig, laws, sessions)])
    return RigNight(events, _nowhere_else() if rig.is_carried else _as_stays(rig, sessions, night), sessions)


def _as_stays(rig: Rig, sessions: Session, night: int) -> Stays:
    """Where the rig's cards are registered: at their port's gateway while bound, nowhere otherwise."""
    spot = rig.premises_on(night)[rig.gateway[sessions.port]]
    imei = rig.port_imei[sessions.port]
    nowhere = np.full(sessions.sim.size, OFF)
    zeros = np.zeros(sessions.sim.size, dtype=np.int64)
    start, end = sessions.start_s.astype(np.int64), sessions.end_s.astype(np.int64)
    idle = np.full(rig.sims.size, OFF)
    none = np.zeros(rig.sims.size, dtype=np.int64)
    begin = Stays(rig.sims, none, idle, idle, none)
    bound = Stays(sessions.sim, start, spot, spot, imei)
    return sort_stays([begin, bound, Stays(sessions.sim, end, nowhere, nowhere, zeros)])


def _nowhere_else() -> Stays:
    """Carried cards are where their carriers are."""
    none = np.zeros(0, dtype=np.int64)
    return Stays(none, none, none, none, none)
