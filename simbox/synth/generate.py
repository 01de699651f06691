"""From a scenario and a seed to a source folder on disk, night by night."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import polars as pl

from simbox.errors import UsageError
from simbox.synth.habits import prepare_print
from simbox.synth.nights import Recording, begin_people, bring_together, work_rigs
from simbox.synth.registry import write_registry, write_reports
from simbox.synth.rig_nights import RigNight
from simbox.synth.rig_shifts import RigState
from simbox.synth.scenario import LEAST_SUBSCRIBERS, Scenario, contradictions, load_scenario
from simbox.synth.truth import Activity, write_truth
from simbox.synth.world import World, build_world

Progress = Callable[[int, int], None]


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
    threads: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the source folder of one world to `out` and its truth to `out`.truth.

    The same arguments give the same tables, whatever the threads; by default there are as many as processors.
    `rig_cards` is how many cards all rigs have together: without it a scenario that counts them has as many for each
    rig as it says, however many rigs are asked for. `family` is whose laws hold, by default the scenario's.
    `progress` is told nights done and nights in all.
    """
    out = Path(out)
    truth = out.with_name(out.name + ".truth")
    there = [path.name for path in (out, truth) if path.exists()]
    if there:
        raise UsageError("there is something in the way already:", there)
    plan = load_scenario(scenario) if isinstance(scenario, str) else scenario
    plan = _adapted(plan, subscribers, nights, rigs, rig_cards)
    plan = msgspec.structs.replace(plan, family=family or plan.family)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        source, hidden = partial / "source", partial / "truth"
        source.mkdir(parents=True)
        _write_world(build_world(plan, seed), source, hidden, threads or os.cpu_count() or 1, progress)
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
    adapted = msgspec.structs.replace(
        scenario,
        rig_cards=scenario.rig_cards if rig_cards is None else rig_cards,
        subscribers=subscribers or scenario.subscribers,
        nights=nights or scenario.nights,
        rig_count=scenario.rig_count if rigs is None else rigs,
    )
    problems = contradictions(adapted)
    if problems:
        raise UsageError("no such world:", problems)
    return adapted


def _write_world(world: World, source: Path, hidden: Path, threads: int, progress: Progress | None) -> None:
    beside = world.scenario.truth_beside_source
    states = [RigState(rig) for rig in world.rigs]
    prints = [prepare_print(key, world.cells, number) for number, key in enumerate(world.scenario.operators)]
    active: list[Activity] = []
    complaints: list[pl.DataFrame] = []
    sessions: list[pl.DataFrame] = []
    nights = world.scenario.nights
    with _workers(threads) as pool:
        people = begin_people(pool, world, 0)
        registry = pool.submit(write_registry, world, source, as_csv=beside)
        for night in range(nights):
            worked = work_rigs(world, states, night)
            happened = bring_together(world, night, [piece.result() for piece in people], worked)
            complaints.append(happened.complaints)
            sessions += [_schedule(world, state, work, night) for state, work in zip(states, worked, strict=True)]
            recording = Recording(pool, world, happened, prints, source)
            # While a night is recorded, the next one begins to happen; no more than these two are in memory.
            del happened
            people = begin_people(pool, world, night + 1) if night + 1 < nights else []
            active.append(recording.finish())
            if progress is not None:
                progress(night + 1, nights)
        registry.result()
    write_reports(world, complaints, source)
    write_truth(world, active, sessions, source if beside else hidden, beside)


@contextmanager
def _workers(threads: int) -> Iterator[Executor]:
    """Threads, which share the world; numpy and Arrow let go of the interpreter while they work."""
    pool = ThreadPoolExecutor(max_workers=threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


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
