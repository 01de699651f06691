"""What the world knows and no detector may see: which SIM is in which rig, and what it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.synth.events import DATA, SMS, VOICE
from simbox.synth.feeds import write_parquet, write_pieces
from simbox.synth.laws import DAY_S
from simbox.synth.legs import MO, MT, Legs
from simbox.synth.parties import SENDER_BASE
from simbox.synth.population import SEGMENTS
from simbox.synth.randomness import Bools, Ints, order_of
from simbox.synth.world import World

DETECTABLE_EVENTS = 5
SHORTEST_NUMBER = 10**7
Columns = dict[str, pl.DataType | type[pl.DataType]]
SESSIONS: Columns = {
    "rig": pl.String,
    "gateway": pl.Int64,
    "port": pl.Int64,
    "imsi": pl.String,
    "start_at": pl.Datetime("us", "UTC"),
    "end_at": pl.Datetime("us", "UTC"),
}
SIM_NIGHTS: Columns = {
    "imsi": pl.String,
    "night": pl.Date,
    "events": pl.Int64,
    "detectable": pl.Boolean,
    "first_at": pl.Datetime("us", "UTC"),
}
RIGS: Columns = {
    "rig": pl.String,
    "kind": pl.String,
    "level": pl.String,
    "modifiers": pl.String,
    "premises": pl.Int64,
    "from_night": pl.Date,
    "to_night": pl.Date,
    "lat": pl.Float64,
    "lon": pl.Float64,
    "site": pl.String,
    "bank_lat": pl.Float64,
    "bank_lon": pl.Float64,
    "gateways": pl.Int64,
    "ports": pl.Int64,
    "sims": pl.Int64,
    "active_sims": pl.Int64,
    "events": pl.Int64,
    "events_a_sim_night": pl.Float64,
    "calls_delivered": pl.Int64,
    "sms_delivered": pl.Int64,
    "throughput_share": pl.Float64,
}


@dataclass(frozen=True)
class Activity:
    """What files of one night hold: the SIMs that are active, their active events, the second of the first of these.

    SIMs are in order, each once.

    `calls_delivered` and `sms_delivered` have one entry for each rig: answered calls that its cards made, and messages
    of sms_farms that were sent or, where they are codes, received; staged ones, fillers and balance checks
    deliver nothing.
    """

    sim: npt.NDArray[np.int32]
    events: npt.NDArray[np.int32]
    first_s: npt.NDArray[np.int32]
    calls_delivered: Ints
    sms_delivered: Ints


def active_events(world: World, legs: Legs) -> Activity:
    """What makes SIMs active: calls and messages they originated, and for an sms_farm's card received codes."""
    is_farm = np.array([rig.plan.kind == "sms_farm" for rig in world.rigs] + [False])
    originated = (legs.direction == MO) & (legs.service != DATA)
    rig = world.sims.rig[legs.sim]
    is_code = (legs.service == SMS) & (legs.direction == MT) & (legs.other <= SENDER_BASE) & is_farm[rig]
    active = np.flatnonzero(originated | is_code)
    sim, at_s = legs.sim[active], legs.at_s[active]
    order = order_of((sim, world.sims.count.bit_length()), (at_s, DAY_S.bit_length()))
    sim, at_s = sim[order], at_s[order]
    first = np.flatnonzero(np.concatenate([[True], sim[1:] != sim[:-1]])[: sim.size])
    ours = np.flatnonzero(rig >= 0)
    calls, messages = _delivered(world, legs.select(ours), originated[ours], is_code[ours], is_farm[rig[ours]])
    return Activity(
        sim[first].astype(np.int32),
        np.diff(np.append(first, sim.size)).astype(np.int32),
        at_s[first].astype(np.int32),
        calls,
        messages,
    )


def _delivered(world: World, legs: Legs, originated: Bools, is_code: Bools, of_farm: Bools) -> tuple[Ints, Ints]:
    """Calls and messages that each rig delivered, from the legs of rigs' cards."""
    rig = world.sims.rig[legs.sim]
    fellow = np.where(legs.other >= 0, world.sims.rig[np.maximum(legs.other, 0)], -2)
    is_service = (legs.other < 0) & (legs.other > -SHORTEST_NUMBER)
    work = originated & (fellow != rig) & ~is_service
    calls = work & (legs.service == VOICE) & legs.answered
    messages = (work & (legs.service == SMS) & of_farm) | is_code
    rigs = len(world.rigs)
    return np.bincount(rig[calls], minlength=rigs), np.bincount(rig[messages], minlength=rigs)


class Tally:
    """The activity of a night in the making, as pieces of its files come in; their order does not matter."""

    def __init__(self, sims: int, rigs: int) -> None:
        self._events = np.zeros(sims, dtype=np.int32)
        self._first_s = np.full(sims, np.iinfo(np.int32).max, dtype=np.int32)
        self._calls_delivered = np.zeros(rigs, dtype=np.int64)
        self._sms_delivered = np.zeros(rigs, dtype=np.int64)
        self._adding = Lock()

    def add(self, piece: Activity) -> None:
        """Add what one piece holds."""
        with self._adding:
            self._events[piece.sim] += piece.events
            self._first_s[piece.sim] = np.minimum(self._first_s[piece.sim], piece.first_s)
            self._calls_delivered += piece.calls_delivered
            self._sms_delivered += piece.sms_delivered

    def total(self) -> Activity:
        """The night's activity, SIMs in order."""
        sim = np.flatnonzero(self._events)
        return Activity(
            sim.astype(np.int32), self._events[sim], self._first_s[sim], self._calls_delivered, self._sms_delivered
        )


def write_truth(
    world: World, nights: list[Activity], sessions: list[pl.DataFrame], folder: Path, beside_source: bool
) -> None:
    """Write the truth as Parquet to a folder of its own, or as CSV beside the source's tables.

    A world without rigs has the same tables and columns, those of rigs without rows.
    """
    sims = _sims(world)
    rigs = _rigs(world, nights)
    if beside_source:
        columns = {f"events_{world.date(night)}": _dense(world, active) for night, active in enumerate(nights)}
        sims.with_columns(**columns).sort("imsi").write_csv(folder / "truth.csv")
        rigs.write_csv(folder / "truth_rigs.csv")
        return
    folder.mkdir(parents=True)
    write_parquet(sims.sort("imsi"), folder / "sims.parquet")
    write_pieces(_sim_nights(world, nights), folder / "sim_nights.parquet")
    write_parquet(rigs, folder / "rigs.parquet")
    write_parquet(pl.concat([pl.DataFrame(schema=SESSIONS), *sessions]), folder / "sessions.parquet")


def _dense(world: World, active: Activity) -> Ints:
    events = np.zeros(world.sims.count, dtype=np.int64)
    events[active.sim] = active.events
    return events


def _sims(world: World) -> pl.DataFrame:
    sims = world.sims
    in_rig = sims.rig >= 0
    rig = np.maximum(sims.rig, 0)
    kinds: list[str] = [item.plan.kind for item in world.rigs] or [""]
    levels: list[str] = [item.plan.level for item in world.rigs] or [""]
    modifiers = [_modifiers(world, number) for number in range(len(world.rigs))] or [""]
    names = [f"rig{number + 1}" for number in range(len(world.rigs))] or [""]
    innocent = pl.Series(~in_rig)

    def of_rig(name: str, values: Sequence[str]) -> pl.Series:
        return pl.Series(name, values).gather(pl.Series(rig)).set(innocent, None)

    return pl.DataFrame(
        {
            "imsi": pl.Series(sims.imsi).cast(pl.String).str.zfill(15),
            "rig": of_rig("rig", names),
            "kind": of_rig("kind", kinds),
            "level": of_rig("level", levels),
            "modifiers": of_rig("modifiers", modifiers),
            "segment": pl.Series([*SEGMENTS, "rig"]).gather(pl.Series(sims.segment.astype(np.int64))),
        }
    )


def _sim_nights(world: World, nights: list[Activity]) -> Iterator[pl.DataFrame]:
    """Night by night: a month of a whole country does not fit in memory."""
    for night, active in enumerate(nights):
        order = np.argsort(world.sims.imsi[active.sim])
        sim, events = active.sim[order], active.events[order]
        first_us = active.first_s[order].astype(np.int64) * 1_000_000 + world.midnight_us(night)
        columns = [
            pl.Series(world.sims.imsi[sim]).cast(pl.String).str.zfill(15),
            pl.repeat(world.date(night), sim.size, eager=True, dtype=pl.Date),
            events.astype(np.int64),
            events >= DETECTABLE_EVENTS,
            pl.Series(first_us, dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
        ]
        yield pl.DataFrame(dict(zip(SIM_NIGHTS, columns, strict=True)), schema=SIM_NIGHTS)


def _rigs(world: World, nights: list[Activity]) -> pl.DataFrame:
    land = world.land
    rows = []
    for rig in world.rigs:
        # A rig's cards are neighbours among the SIMs, and each night's are in order.
        ends = [np.searchsorted(active.sim, [rig.sims[0], rig.sims[-1] + 1]) for active in nights]
        seen = [slice(int(first), int(last)) for first, last in ends]
        events = np.concatenate([active.events[own] for active, own in zip(nights, seen, strict=True)])
        names = [active.sim[own] for active, own in zip(nights, seen, strict=True)]
        facts = {
            "rig": f"rig{rig.number + 1}",
            "kind": rig.plan.kind,
            "level": rig.plan.level,
            "modifiers": _modifiers(world, rig.number),
            "bank_lat": round(float(land.lat[rig.bank_spot]), 6),
            "bank_lon": round(float(land.lon[rig.bank_spot]), 6),
            "gateways": int(rig.premises.size),
            "ports": rig.ports,
            "sims": int(rig.sims.size),
            "active_sims": int(np.unique(np.concatenate(names)).size),
            "events": int(events.sum()),
            "events_a_sim_night": round(float(events.mean()), 1) if events.size else 0.0,
            "calls_delivered": sum(int(active.calls_delivered[rig.number]) for active in nights),
            "sms_delivered": sum(int(active.sms_delivered[rig.number]) for active in nights),
            "throughput_share": round(rig.throughput_share, 3),
        }
        houses = [(0, rig.premises), *rig.moves, (world.scenario.nights, rig.premises)]
        stays = [
            (since, until, spot)
            for (since, premises), (until, _) in pairwise(houses)
            for spot in dict.fromkeys(premises.tolist())
        ]
        for place, (since, until, spot) in enumerate(stays):
            where = {
                "premises": place + 1,
                "from_night": world.date(since) if rig.moves else None,
                "to_night": world.date(until - 1) if rig.moves else None,
                "lat": round(float(land.lat[spot]), 6),
                "lon": round(float(land.lon[spot]), 6),
                "site": _serving_site(world, spot),
            }
            rows.append({**facts, **where})
    return pl.DataFrame(rows, schema=RIGS)


def _serving_site(world: World, spot: int) -> str:
    """The masts that serve the premises best, one for each operator."""
    return " ".join(world.cells.site[int(cell)] for cell in world.radio.best(spot))


def _modifiers(world: World, number: int) -> str:
    rig = world.rigs[number]
    named = [f"imei_{rig.imei_rule}"]
    if rig.plan.premises > 1:
        named.append(f"premises_{rig.plan.premises}")
    if rig.bank.is_burning:
        named.append("burnt")
    if rig.bank.is_large:
        named.append("bank")
    if rig.is_carried:
        named.append("carried")
    if rig.bank_spot not in rig.premises:
        named.append("bank_apart")
    named += [name for name in rig.modifiers if not name.startswith("imei_")]
    if rig.plan.task != "call":
        named.append(rig.plan.task)
    return " ".join(named)
