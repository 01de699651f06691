"""What the world knows and no detector may see: which SIM is in which rig, and what it did."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from simbox.synth.events import SMS
from simbox.synth.feeds import write_parquet, write_pieces
from simbox.synth.legs import MO, Legs
from simbox.synth.parties import SENDER_BASE
from simbox.synth.population import SEGMENTS
from simbox.synth.randomness import Ints
from simbox.synth.world import World

DETECTABLE_EVENTS = 5


def active_sims(world: World, legs: Legs) -> Ints:
    """The SIM of each leg that makes it active: one it originated, and for an sms_farm's card a received code."""
    counted = legs.direction == MO
    farm = np.array([rig.plan.kind == "sms_farm" for rig in world.rigs] + [False])
    codes = (legs.service == SMS) & (legs.other <= SENDER_BASE) & farm[world.sims.rig[legs.sim]]
    return legs.sim[counted | codes]


def write_truth(world: World, nights: list[Ints], sessions: pl.DataFrame, folder: Path, beside_source: bool) -> None:
    """Write the truth as Parquet to a folder of its own, or as CSV beside the source's tables."""
    sims = _sims(world)
    rigs = _rigs(world, nights)
    if beside_source:
        columns = {f"events_{world.date(night)}": active for night, active in enumerate(nights)}
        sims.with_columns(**columns).sort("imsi").write_csv(folder / "truth.csv")
        rigs.write_csv(folder / "truth_rigs.csv")
        return
    folder.mkdir(parents=True)
    write_parquet(sims.sort("imsi"), folder / "sims.parquet")
    write_pieces(_sim_nights(world, nights), folder / "sim_nights.parquet")
    write_parquet(rigs, folder / "rigs.parquet")
    write_parquet(sessions, folder / "sessions.parquet")


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


def _sim_nights(world: World, nights: list[Ints]) -> Iterator[pl.DataFrame]:
    """Night by night: a month of a whole country does not fit in memory."""
    for night, active in enumerate(nights):
        seen = np.flatnonzero(active)
        seen = seen[np.argsort(world.sims.imsi[seen])]
        yield pl.DataFrame(
            {
                "imsi": pl.Series(world.sims.imsi[seen]).cast(pl.String).str.zfill(15),
                "night": pl.repeat(world.date(night), seen.size, eager=True, dtype=pl.Date),
                "events": active[seen].astype(np.int64),
                "detectable": active[seen] >= DETECTABLE_EVENTS,
            }
        )


def _rigs(world: World, nights: list[Ints]) -> pl.DataFrame:
    total = np.sum(nights, axis=0)
    rows = []
    for rig in world.rigs:
        for place, spot in enumerate(dict.fromkeys(rig.premises.tolist())):
            rows.append(
                {
                    "rig": f"rig{rig.number + 1}",
                    "kind": rig.plan.kind,
                    "level": rig.plan.level,
                    "modifiers": _modifiers(world, rig.number),
                    "premises": place + 1,
                    "lat": round(float(world.land.lat[spot]), 6),
                    "lon": round(float(world.land.lon[spot]), 6),
                    "site": _serving_site(world, spot),
                    "gateways": int(rig.premises.size),
                    "ports": rig.ports,
                    "sims": int(rig.sims.size),
                    "active_sims": int((total[rig.sims] > 0).sum()),
                    "events": int(total[rig.sims].sum()),
                    "events_a_sim_night": round(float(_events_a_night(rig.sims, nights)), 1),
                }
            )
    schema = ["rig", "kind", "level", "modifiers", "premises", "lat", "lon", "site", "gateways", "ports", "sims"]
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(schema, pl.String))


def _events_a_night(members: Ints, nights: list[Ints]) -> float:
    active = np.concatenate([night[members] for night in nights])
    return float(active[active > 0].mean()) if (active > 0).any() else 0.0


def _serving_site(world: World, spot: int) -> str:
    """The masts that serve the premises best, one for each operator."""
    return " ".join(world.cells.site[int(cell)] for cell in world.radio.best(spot))


def _modifiers(world: World, number: int) -> str:
    rig = world.rigs[number]
    named = [f"imei_{rig.imei_rule}"]
    if rig.plan.premises > 1:
        named.append(f"premises_{rig.plan.premises}")
    if rig.plan.burnt:
        named.append("burnt")
    if rig.plan.task != "call":
        named.append(rig.plan.task)
    return " ".join(named)
