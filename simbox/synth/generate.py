"""From a scenario and a seed to a source folder on disk, night by night."""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import polars as pl

from simbox.errors import UsageError
from simbox.synth.data_sessions import data_events
from simbox.synth.days import make_timetable, people_stays
from simbox.synth.events import Events, join_events
from simbox.synth.feeds import SUFFIX, as_written, write_feed
from simbox.synth.gaps import in_lost_hour, out_of_service
from simbox.synth.habits import as_records, break_rows, rows_of_file
from simbox.synth.legs import Legs, record_legs, without_failed
from simbox.synth.randomness import Ints, stream
from simbox.synth.registry import complain, write_registry, write_reports
from simbox.synth.restarts import in_restart
from simbox.synth.rig_nights import RigNight, rig_night
from simbox.synth.rig_shifts import RigState
from simbox.synth.scenario import LEAST_SUBSCRIBERS, Scenario, load_scenario
from simbox.synth.traffic import people_events, ring_backs
from simbox.synth.truth import Activity, active_events, join_activities, write_truth
from simbox.synth.world import World, build_world

Progress = Callable[[int, int], None]
WRITERS = 2


def generate(
    out: Path,
    scenario: Scenario | str,
    *,
    seed: int,
    subscribers: int | None = None,
    nights: int | None = None,
    rigs: int | None = None,
    rig_cards: int | None = None,
    family: Literal["A", "B"] | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the source folder of one world to `out` and its truth to `out`.truth.

    The same arguments give the same tables. `rig_cards` is how many cards all rigs have together: without it a
    scenario that counts them has as many for each rig as it says, however many rigs are asked for. `progress` is told
    nights done and nights in all.
    """
    out = Path(out)
    truth = out.with_name(out.name + ".truth")
    there = [path.name for path in (out, truth) if path.exists()]
    if there:
        raise UsageError("there is something in the way already:", there)
    plan = _adapted(
        load_scenario(scenario) if isinstance(scenario, str) else scenario, subscribers, nights, rigs, rig_cards
    )
    plan = msgspec.structs.replace(plan, family=family or plan.family)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        source, hidden = partial / "source", partial / "truth"
        source.mkdir(parents=True)
        _write_world(build_world(plan, seed), source, hidden, progress)
        source.rename(out)
        if hidden.exists():
            hidden.rename(truth)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _adapted(
    scenario: Scenario, subscribers: int | None, nights: int | None, rigs: int | None, rig_cards: int | None
) -> Scenario:
    problems = [
        f"{name} must be {least} or more"
        for name, value, least in (
            ("subscribers", subscribers, LEAST_SUBSCRIBERS),
            ("nights", nights, 1),
            ("rigs", rigs, 0),
            ("rig cards", rig_cards, 1),
        )
        if value is not None and value < least
    ]
    if rigs and not scenario.rigs:
        problems.append(f"the scenario {scenario.name} has no rigs to choose from")
    if problems:
        raise UsageError("no such world:", problems)
    planned = len(scenario.rig_plans())
    if rig_cards is None and scenario.rig_cards is not None and rigs is not None and planned:
        rig_cards = round(scenario.rig_cards * rigs / planned)
    return msgspec.structs.replace(
        scenario,
        rig_cards=scenario.rig_cards if rig_cards is None else rig_cards,
        subscribers=subscribers or scenario.subscribers,
        nights=nights or scenario.nights,
        rig_count=scenario.rig_count if rigs is None else rigs,
    )


def _write_world(world: World, source: Path, hidden: Path, progress: Progress | None) -> None:
    beside = world.scenario.truth_beside_source
    write_registry(world, source, as_csv=beside)
    states = [RigState(rig) for rig in world.rigs]
    active: list[Activity] = []
    complaints: list[pl.DataFrame] = []
    sessions: list[pl.DataFrame] = []
    # One night is written while the next one happens; no more than these two are in memory.
    with ThreadPoolExecutor(max_workers=WRITERS) as writers:
        writing: list[Future[Activity]] = []
        for night in range(world.scenario.nights):
            events, worked, legs = _live(world, states, night)
            complaints.append(complain(world, events, night))
            sessions += [_schedule(world, state, work, night) for state, work in zip(states, worked, strict=True)]
            del events, worked
            active += _finished(writing)
            writing = _write_night(writers, world, legs, night, source)
            if progress is not None:
                progress(night + 1, world.scenario.nights)
        active += _finished(writing)
    write_reports(world, complaints, source)
    write_truth(world, active, sessions, source if beside else hidden, beside)


def _finished(writing: list[Future[Activity]]) -> list[Activity]:
    """The activity that a night's files hold, once all are written."""
    parts = [written.result() for written in writing]
    return [join_activities(parts)] if parts else []


def _live(world: World, states: list[RigState], night: int) -> tuple[Events, list[RigNight], Legs]:
    """What happens in a night, and the legs that switches see of it."""
    sims, seed, weekend = world.sims, world.seed, world.is_weekend(night)
    rng = stream(seed, "people's night", night)
    worked = [rig_night(state, seed, sims, world.contacts, world.laws, night, weekend) for state in states]
    people = people_events(rng, sims, world.contacts, world.laws, night, weekend, world.feast(night))
    written = np.array([habit.data_records != "none" for habit in world.scenario.operators.values()])
    data = data_events(stream(seed, "data", night), sims, world.laws, written)
    begun = join_events([people, data, *(work.events for work in worked)])
    events = join_events(
        [begun, ring_backs(stream(seed, "ring backs", night), sims, world.contacts, world.laws, begun)]
    )
    stays = people_stays(stream(seed, "days", night), sims, world.land, world.laws, night, weekend)
    timetable = make_timetable([*stays, *(work.stays for work in worked)], sims.count)
    legs = record_legs(
        stream(seed, "legs", night), events, sims, timetable, world.land, world.radio, world.models, night, seed
    )
    failures = world.scenario.site_failures_a_night
    if failures:
        legs = without_failed(legs, out_of_service(world.cells, seed, night, failures, legs.cell, legs.at_s))
    restarts = world.scenario.switch_restarts_a_night
    if restarts:
        legs = without_failed(legs, in_restart(seed, night, restarts, sims.operator[legs.sim], legs.at_s))
    return events, worked, legs


def _write_night(writers: Executor, world: World, legs: Legs, night: int, source: Path) -> list[Future[Activity]]:
    """Start writing each operator's file of a night."""
    operator_of = world.sims.operator[legs.sim]
    lost_hours = world.scenario.lost_hours_a_night
    writing = []
    for operator in world.recording:
        own = np.flatnonzero(operator_of == operator)
        if lost_hours:
            own = own[~in_lost_hour(world.seed, night, operator, lost_hours, legs.at_s[own])]
        writing.append(writers.submit(_write_file, world, legs, own, operator, night, source))
    return writing


def _write_file(world: World, legs: Legs, own: Ints, operator: int, night: int, source: Path) -> Activity:
    """Write one operator's file of a night; what is returned is the activity that it holds."""
    key, habit = list(world.scenario.operators.items())[operator]
    rng = stream(world.seed, "records", night, operator)
    recorded = legs.select(rows_of_file(rng, habit, legs, own))
    records = as_records(rng, habit, key, recorded, world.sims, world.cells, world.midnight_us(night))
    records = break_rows(rng, habit, as_written(habit, records, world.offset_min(night)))
    write_feed(habit, records, source / "cdr" / key / f"{world.date(night)}.{SUFFIX[habit.format]}")
    return active_events(world, recorded)


def _schedule(world: World, state: RigState, work: RigNight, night: int) -> pl.DataFrame:
    """The port schedule of a rig's night, for the truth."""
    sessions = work.sessions
    midnight_us = world.midnight_us(night)
    return pl.DataFrame(
        {
            "rig": pl.repeat(f"rig{state.rig.number + 1}", sessions.sim.size, eager=True, dtype=pl.String),
            "gateway": state.rig.gateway[sessions.port],
            "port": sessions.port,
            "imsi": pl.Series(world.sims.imsi[sessions.sim], dtype=pl.Int64).cast(pl.String),
            "start_at": pl.Series(sessions.start_s.astype(np.int64) * 1_000_000 + midnight_us).cast(
                pl.Datetime("us", "UTC")
            ),
            "end_at": pl.Series(sessions.end_s.astype(np.int64) * 1_000_000 + midnight_us).cast(
                pl.Datetime("us", "UTC")
            ),
        }
    )
