"""A night of a world, made in pieces: by SIMs while things happen, by hours while switches record them.

Pieces are small enough for the processor's cache and let all cores work; they are the same, each with chance of its
own, however many cores there are. What must be known from one hour to the next goes through turns, in order.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition

import numpy as np
import polars as pl

from simbox.synth.data_sessions import data_events
from simbox.synth.days import Timetable, make_timetable, people_stays
from simbox.synth.events import Events, Lot, even_spans, in_bins, join_events
from simbox.synth.feeds import FeedWriter, as_written, file_name
from simbox.synth.gaps import Failures, draw_failures, in_lost_hour
from simbox.synth.habits import Print, as_records, break_rows, rows_of_file
from simbox.synth.legs import (
    Legs,
    Switches,
    Tonight,
    attempt,
    engage,
    idle_switches,
    look_ahead,
    record_legs,
    without_failed,
)
from simbox.synth.machines import machine_events
from simbox.synth.randomness import stream
from simbox.synth.registry import complain
from simbox.synth.restarts import in_restart
from simbox.synth.rig_nights import RigNight, rig_night
from simbox.synth.rig_shifts import RigState
from simbox.synth.stays import Stays
from simbox.synth.traffic import people_events, with_ring_backs
from simbox.synth.truth import Activity, Tally, active_events
from simbox.synth.world import World

SIMS_A_PIECE = 1 << 15
EVENTS_A_PIECE = 1 << 17


class Turns:
    """Pieces that wait for one another, so that each finds what the one before left."""

    def __init__(self, pieces: int) -> None:
        self._next = 0
        self._failed = pieces
        self._changed = Condition()

    @contextmanager
    def take(self, number: int) -> Iterator[None]:
        """Wait for all pieces before, and let the next one follow."""
        with self._changed:
            self._changed.wait_for(lambda: self._next == number or self._failed < number)
            if self._next != number:
                raise BrokenTurnsError
        yield
        with self._changed:
            self._next = number + 1
            self._changed.notify_all()

    def fail(self, number: int) -> None:
        """Let nobody wait for a piece that will never come."""
        with self._changed:
            self._failed = min(self._failed, number)
            self._changed.notify_all()


class BrokenTurnsError(Exception):
    """An earlier piece of the night failed; its own error says why."""


@dataclass(frozen=True)
class Begun:
    """What some SIMs do in a night: events by time, where they are, and calls and messages among strangers."""

    lot: Lot
    stays: list[Stays]
    lent: Stays | None
    among_strangers: Events


@dataclass(frozen=True)
class Happened:
    """Everything that happens in a night, as switches will meet it."""

    night: int
    tonight: Tonight
    lots: list[Lot]
    spans: list[tuple[int, int]]
    timetable: Timetable
    complaints: pl.DataFrame
    worked: list[RigNight]


def begin_people(pool: Executor, world: World, night: int) -> list[Future[Begun]]:
    """Set all cores to what people do in a night."""
    starts = range(0, world.sims.count, SIMS_A_PIECE)
    return [pool.submit(_people, world, night, number, start) for number, start in enumerate(starts)]


def work_rigs(world: World, states: list[RigState], night: int) -> list[RigNight]:
    """What rigs do in a night; nights come in order."""
    weekend = world.is_weekend(night)
    return [rig_night(state, world.seed, world.sims, world.contacts, world.laws, night, weekend) for state in states]


def bring_together(world: World, night: int, people: list[Begun], worked: list[RigNight]) -> Happened:
    """People's night, rigs' and machines' as one."""
    seed, sims = world.seed, world.sims
    machines = machine_events(stream(seed, "machines' night", night), sims, world.laws, night)
    events = join_events([machines, *(work.events for work in worked)])
    events = with_ring_backs(stream(seed, "rigs' ring backs", night), sims, world.contacts, world.laws, events)
    lots = [in_bins(events), *(begun.lot for begun in people)]
    among_strangers = join_events([_among_strangers(events), *(begun.among_strangers for begun in people)])
    everybody = [stays for begun in people for stays in begun.stays]
    lent = [begun.lent for begun in people if begun.lent is not None]
    return Happened(
        night=night,
        tonight=look_ahead(sims, world.models, night),
        lots=lots,
        spans=even_spans(lots, EVENTS_A_PIECE),
        timetable=make_timetable(everybody, [*lent, *(work.stays for work in worked)], sims.count),
        complaints=complain(world, among_strangers, night),
        worked=worked,
    )


class Recording:
    """Files of one night in the making."""

    def __init__(self, pool: Executor, world: World, happened: Happened, prints: list[Print], source: Path) -> None:
        self._world = world
        self._happened = happened
        self._prints = prints
        self._switches: Switches = idle_switches(world.sims.count)
        self._tally = Tally(world.sims.count, len(world.rigs))
        pieces = len(happened.spans)
        self._engaged = Turns(pieces)
        self._failures: Failures | None = None
        if world.scenario.site_failures_a_night:
            failures = world.scenario.site_failures_a_night
            self._failures = draw_failures(world.cells, world.seed, happened.night, failures)
        habits = list(world.scenario.operators.items())
        date = world.date(happened.night)
        self._feeds = {}
        for operator in world.recording:
            key, habit = habits[operator]
            path = source / "cdr" / key / file_name(habit, date, happened.night)
            self._feeds[operator] = (habit, FeedWriter(habit, path), Turns(pieces))
        self._pieces = [pool.submit(self._piece, number) for number in range(pieces)]

    def finish(self) -> Activity:
        """Wait for the files; the activity that they hold."""
        try:
            for piece in self._pieces:
                piece.result()
        finally:
            for piece in self._pieces:
                piece.cancel()
            wait(self._pieces)
            for _, writer, _ in self._feeds.values():
                writer.close()
        return self._tally.total()

    def _piece(self, number: int) -> None:
        try:
            legs = self._record(number)
            for operator in self._feeds:
                self._write(number, operator, legs)
        except BaseException:
            for turns in (self._engaged, *(turns for _, _, turns in self._feeds.values())):
                turns.fail(number)
            raise

    def _record(self, number: int) -> Legs:
        world, happened = self._world, self._happened
        events = join_events([lot.between(*happened.spans[number]) for lot in happened.lots])
        attempts = attempt(events, happened.tonight, happened.timetable, world.seed)
        with self._engaged.take(number):
            engage(self._switches, events, attempts)
        rng = stream(world.seed, "legs", happened.night, number)
        legs = record_legs(
            rng, events, attempts, happened.tonight, happened.timetable, world.land, world.radio, world.models
        )
        if self._failures is not None:
            legs = without_failed(legs, self._failures.out_of_service(legs.cell, legs.at_s))
        restarts = world.scenario.switch_restarts_a_night
        if restarts:
            operator = happened.tonight.operator[legs.sim]
            legs = without_failed(legs, in_restart(world.seed, happened.night, restarts, operator, legs.at_s))
        return legs

    def _write(self, number: int, operator: int, legs: Legs) -> None:
        """Add a piece to an operator's file, and what it holds to the night's tally."""
        world, night = self._world, self._happened.night
        habit, writer, turns = self._feeds[operator]
        rng = stream(world.seed, "records", night, operator, number)
        own = np.flatnonzero(self._happened.tonight.operator[legs.sim] == operator)
        if world.scenario.lost_hours_a_night:
            lost_hours = world.scenario.lost_hours_a_night
            own = own[~in_lost_hour(world.seed, night, operator, lost_hours, legs.at_s[own])]
        recorded = legs.select(rows_of_file(rng, habit, legs, own))
        rows = as_records(
            rng, habit, self._prints[operator], recorded, world.sims, world.cells, world.midnight_us(night)
        )
        pieces, bad = len(self._happened.spans), habit.bad_rows_a_night
        broken = bad * (number + 1) // pieces - bad * number // pieces
        records = break_rows(rng, as_written(habit, rows, world.offset_min(night)), broken)
        with turns.take(number):
            writer.append(records)
        self._tally.add(active_events(world, recorded))


def _people(world: World, night: int, number: int, start: int) -> Begun:
    sims, seed, weekend = world.sims, world.seed, world.is_weekend(night)
    some = np.arange(start, min(start + SIMS_A_PIECE, sims.count))
    rng = stream(seed, "people's night", night, number)
    events = people_events(rng, sims, some, world.contacts, world.laws, weekend, world.feast(night))
    events = with_ring_backs(rng, sims, world.contacts, world.laws, events)
    written = np.array([habit.data_records != "none" for habit in world.scenario.operators.values()])
    if written.any():
        data = data_events(stream(seed, "data", night, number), sims, some, world.laws, written)
        events = join_events([events, data])
    stays, lent = people_stays(stream(seed, "days", night, number), sims, some, world.land, world.laws, night, weekend)
    return Begun(in_bins(events), stays, lent if lent.holder.size else None, _among_strangers(events))


def _among_strangers(events: Events) -> Events:
    return events.select(np.flatnonzero(~events.known & (events.caller >= 0) & (events.called >= 0)))
