"""The tables beside the records: registry, cell list, lawful gateways, exemptions, complaints, configuration."""

import datetime
from pathlib import Path

import numpy as np
import polars as pl

from simbox.synth.cards import print_iccid
from simbox.synth.dialects import profile_of
from simbox.synth.events import SMS, VOICE, Events
from simbox.synth.feeds import write_parquet
from simbox.synth.network import TECHNOLOGIES
from simbox.synth.parties import COUNTRY_CODE, landline_prefixes
from simbox.synth.population import ALWAYS, REGISTRATION, REGISTRATIONS, SEGMENT
from simbox.synth.randomness import Ints, stream
from simbox.synth.world import World

UNKNOWN_DAY_SHARE = 0.03
REASONS = ("no_document", "document_invalid", "owner_deceased", "over_limit")
COMPLAINT_SHARE = 0.004
GATEWAY_RADIUS_M = 1500.0
# Written as Parquet, but for the sample.
LARGE = ("subscribers", "ported")


def write_registry(world: World, out: Path, as_csv: bool) -> None:
    """Write every table beside the records but the complaints, which the nights bring."""
    tables = {
        "subscribers": _subscribers,
        "cells": _cells,
        "gateways": _gateways,
        "exemptions": _exemptions,
        "ported": _ported,
    }
    for name, draw in tables.items():
        if name not in world.scenario.without:
            _write(draw(world), out, name, as_csv or name not in LARGE)
    (out / "simbox.toml").write_text(_configuration(world), encoding="utf-8")
    for key, habit in world.scenario.operators.items():
        if profile := profile_of(habit, key):
            (out / "operators").mkdir(exist_ok=True)
            (out / "operators" / f"{key}.toml").write_text(profile, encoding="utf-8")


def write_reports(world: World, complaints: list[pl.DataFrame], out: Path) -> None:
    """Write the complaints of all nights."""
    if "reports" in world.scenario.without:
        return
    _write(pl.concat(complaints).sort("reported_at", "msisdn"), out, "reports", True)


def complain(world: World, events: Events, night: int) -> pl.DataFrame:
    """Complaints of people called or written to by somebody they don't know, whoever it was."""
    rng = stream(world.seed, "complaints", night)
    person = (events.called >= 0) & (events.caller >= 0) & ~events.known
    heard = np.where(events.service == VOICE, events.answered & (events.talk_s < 120), events.service == SMS)
    rows = np.flatnonzero(person & heard & (rng.random(events.count) < COMPLAINT_SHARE))
    wait_s = np.exp(8.5 + 1.2 * rng.standard_normal(rows.size))
    at_us = ((events.at_s[rows] + wait_s).astype(np.int64) * 1_000_000) + world.midnight_us(night)
    return pl.DataFrame(
        {
            "msisdn": pl.Series(world.sims.msisdn[events.caller[rows]]).cast(pl.String),
            "reported_at": pl.Series(at_us).cast(pl.Datetime("us", "UTC")).dt.to_string("%Y-%m-%dT%H:%M:%S+00:00"),
            "kind": pl.Series(rng.choice(["complaint", "antifraud_centre"], rows.size, p=[0.8, 0.2]), dtype=pl.String),
            "source": pl.Series(rng.choice(["hotline", "app", "police"], rows.size), dtype=pl.String),
        }
    )


def _subscribers(world: World) -> pl.DataFrame:
    sims = world.sims
    rng = stream(world.seed, "registry")
    operators = list(world.scenario.operators)
    first = world.scenario.first_night
    registration = sims.registration.astype(np.int64)
    unregistered = registration == REGISTRATION["unregistered"]
    owner = np.where(sims.group % 7 == 0, sims.group, sims.holder * 7 + 1)
    frame = pl.DataFrame(
        {
            "imsi": pl.Series(sims.imsi).cast(pl.String).str.zfill(15),
            "msisdn": pl.Series(sims.msisdn).cast(pl.String),
            "operator": pl.Series(operators).gather(pl.Series(sims.operator)),
            "registration": pl.Series(list(REGISTRATIONS)).gather(pl.Series(registration)),
            "activated_on": (pl.Series(sims.bought_day) + (first - datetime.date(1970, 1, 1)).days)
            .cast(pl.Int32)
            .cast(pl.Date)
            .set(pl.Series(rng.random(sims.count) < UNKNOWN_DAY_SHARE), None),
            "iccid": print_iccid(sims.operator, world.cards),
            "dealer": pl.Series("D", sims.dealer).cast(pl.String).str.zfill(4),
            "owner_code": pl.Series("O", owner).cast(pl.String).set(pl.Series(unregistered), None),
            "unregistered_reason": pl.Series(list(REASONS))
            .gather(pl.Series(rng.integers(0, len(REASONS), sims.count)))
            .set(pl.Series(~unregistered), None),
        }
    )
    at_home = (sims.registration != REGISTRATION["roamer"]) & np.isin(sims.operator, world.recording)
    return frame.filter(pl.Series(at_home)).sort("imsi")


def _cells(world: World) -> pl.DataFrame:
    cells = world.cells
    frame = pl.DataFrame(
        {
            "cell": cells.name,
            "lat": cells.lat,
            "lon": cells.lon,
            "azimuth_deg": np.round(cells.azimuth_deg),
            "site": cells.site,
            "range_m": np.round(cells.range_m),
            "technology": pl.Series(list(TECHNOLOGIES)).gather(pl.Series(cells.technology)),
        }
    )
    return frame.filter(pl.Series(np.isin(cells.operator, world.recording))).sort("cell")


def _gateways(world: World) -> pl.DataFrame:
    """The white list: some entries name the owner's SIMs, some the place."""
    sims, land = world.sims, world.land
    rng = stream(world.seed, "gateways")
    members = np.flatnonzero(sims.segment == SEGMENT["licensed_gateway"])
    companies: Ints = np.unique(sims.group[members])
    by_place = dict(zip(companies.tolist(), (np.arange(companies.size) % 2 == 1).tolist(), strict=True))
    placed = np.array([by_place[int(group)] for group in sims.group[members]], dtype=bool)
    until = world.scenario.first_night + datetime.timedelta(days=int(rng.integers(90, 400)))
    home = sims.home[members]
    return pl.DataFrame(
        {
            "imei": pl.Series(sims.imei[members], dtype=pl.Int64).cast(pl.String).str.zfill(14),
            "list": pl.repeat("white", members.size, eager=True, dtype=pl.String),
            "owner": pl.Series("owner", sims.group[members], dtype=pl.Int64).cast(pl.String).str.zfill(5),
            "until": pl.repeat(until, members.size, eager=True, dtype=pl.Date),
            "imsi": pl.Series(sims.imsi[members], dtype=pl.Int64).cast(pl.String).set(pl.Series(placed), None),
            "lat": pl.Series(np.round(land.lat[home], 5), dtype=pl.Float64).set(pl.Series(~placed), None),
            "lon": pl.Series(np.round(land.lon[home], 5), dtype=pl.Float64).set(pl.Series(~placed), None),
            "radius_m": pl.Series(np.where(placed, GATEWAY_RADIUS_M, np.nan), dtype=pl.Float64).fill_nan(None),
        }
    ).sort("imei")


def _exemptions(world: World) -> pl.DataFrame:
    """A few SIMs that somebody vouched for: meters, and people who asked."""
    sims = world.sims
    rng = stream(world.seed, "exemptions")
    pool = np.flatnonzero((sims.rig < 0) & (sims.segment != SEGMENT["roamer"]))
    chosen = np.sort(rng.choice(pool, min(5, pool.size), replace=False))
    until = world.scenario.first_night + datetime.timedelta(days=120)
    return pl.DataFrame(
        {
            "id_type": pl.repeat("imsi", chosen.size, eager=True, dtype=pl.String),
            "id": pl.Series(sims.imsi[chosen], dtype=pl.Int64).cast(pl.String),
            "reason": pl.repeat("checked on site", chosen.size, eager=True, dtype=pl.String),
            "author": pl.repeat("fraud desk", chosen.size, eager=True, dtype=pl.String),
            "until": pl.repeat(until, chosen.size, eager=True, dtype=pl.Date),
        }
    )


def _ported(world: World) -> pl.DataFrame:
    """The country's register of numbers that left their range, those of operators without a feed included."""
    sims = world.sims
    moved = np.flatnonzero(sims.ported_day < ALWAYS)
    first = (world.scenario.first_night - datetime.date(1970, 1, 1)).days
    return pl.DataFrame(
        {
            "msisdn": pl.Series(sims.msisdn[moved], dtype=pl.Int64).cast(pl.String),
            "operator": pl.Series(list(world.scenario.operators)).gather(pl.Series(sims.operator[moved])),
            "valid_from": pl.Series(sims.ported_day[moved] + first, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date),
        }
    ).sort("msisdn")


def _configuration(world: World) -> str:
    lines = []
    operators = list(world.scenario.operators.items())
    for key, habit in (operators[operator] for operator in world.recording):
        prefixes = ", ".join(f'"{prefix}"' for prefix in habit.msisdn_prefixes)
        lines += [
            f"[operators.{key}]",
            f'mcc_mncs = ["{habit.mcc_mnc}"]',
            f'timezone = "{world.timezone}"',
            f"msisdn_prefixes = [{prefixes}]",
            "",
        ]
    landline = ", ".join(f'"{prefix}"' for prefix in landline_prefixes())
    lines += ["[numbers]", f'country_code = "{COUNTRY_CODE}"', "short_code_digits = 6"]
    lines += [f"landline_prefixes = [{landline}]", ""]
    return "\n".join(lines)


def _write(frame: pl.DataFrame, out: Path, name: str, as_csv: bool) -> None:
    if as_csv:
        frame.write_csv(out / f"{name}.csv")
    else:
        write_parquet(frame, out / f"{name}.parquet")
