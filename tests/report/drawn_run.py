"""A finished run made of declared tables, as large as wanted, without any scan: the report reads nothing else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from simbox.cases import estimate_damage
from simbox.config import Damage, config_from, show_config
from simbox.manifest import write_manifest
from simbox.tables.cdrs import FILES, REJECTS
from simbox.tables.declare import Table
from simbox.tables.evidence import DAMAGE
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reference import PLACES
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES
from simbox.tables.shown import ACTIVITY, COVERAGE
from simbox.tables.writing import write_table
from simbox.telecom.identifiers import pack_cell, print_cell, print_imsi

OPERATORS = ["alpha", "beta"]
FIRST = date(2025, 3, 3)
BEGINS = datetime(2025, 3, 3, tzinfo=UTC)
KINDS = ["bypass", "vishing", "sms_farm", "unknown"]
PORTS = 16
CONFIGURATION = {"operators": {name: {"timezone": "Asia/Almaty"} for name in OPERATORS}}


def draw_run(
    path: Path,
    *,
    rigs: int,
    sims: int,
    nights: int = 7,
    cells: int = 600,
    changes: dict[str, pl.DataFrame] | None = None,
) -> dict[str, pl.DataFrame]:
    """Write a run of `rigs` rigs with `sims` cards each into an empty folder; its tables by name.

    In a rig each of 16 handsets passes through its cards in turn, some hours each. `changes` replace whole tables.
    """
    path.mkdir(parents=True)
    tables = _tables(rigs, sims, nights, cells) | (changes or {})
    write_table(DAMAGE, estimate_damage(tables["RIGS"], Damage(loss_per_minute=2.5)), path / str(DAMAGE.file))
    for table in (RIGS, SITES, MEMBERS, ACTIVITY, LINKS, SCORES, REASONS, HISTORY, COVERAGE, PLACES, FILES, REJECTS):
        write_table(table, tables[table.name], path / str(table.file))
    for table in (SEIZURE_LIST, REVIEW):
        _write_list(table, tables[table.name], path)
    days = [(FIRST + timedelta(days=day)).isoformat() for day in range(nights)]
    rows = {name: frame.height for name, frame in tables.items()}
    warnings = ["imei: 3 records carry a value that is malformed or a placeholder; left empty"]
    configuration = show_config(config_from(CONFIGURATION, "drawn"))
    write_manifest(path, configuration, {}, rows, days, "store", warnings)
    return tables


def _write_list(table: Table, frame: pl.DataFrame, path: Path) -> None:
    shown = table.conform(frame).with_columns(
        print_imsi(pl.col("imsi")), pl.col("first_at", "last_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    shown.write_csv(path / str(table.file))


def _tables(rigs: int, sims: int, nights: int, cells: int) -> dict[str, pl.DataFrame]:
    last = FIRST + timedelta(days=nights - 1)
    member = pl.DataFrame({"rig": np.repeat(np.arange(rigs), sims), "place_in_rig": np.tile(np.arange(sims), rigs)})
    hours = nights * 24
    turns = -(-sims // PORTS)
    each = max(1, min(hours // turns, 18))
    begins = (pl.col("place_in_rig") // PORTS) * (hours - each) // max(turns - 1, 1)
    cards = member.select(
        "rig",
        "place_in_rig",
        rig_id=pl.format("R20250303-{}", pl.col("rig").cast(pl.String).str.zfill(10)),
        imsi=401_770_000_000_000 + pl.col("rig") * 100_000 + pl.col("place_in_rig") * 7,
        operator=pl.when(pl.col("place_in_rig") % 2 == 0).then(pl.lit("alpha")).otherwise(pl.lit("beta")),
        begins=begins,
        ends=begins + each,
        imei=35_600_000_000_000 + pl.col("rig") * 100 + pl.col("place_in_rig") % PORTS,
    ).with_columns(
        joined_at=pl.lit(BEGINS) + pl.duration(hours=pl.col("begins")),
        left_at=pl.when(pl.col("ends") <= hours - 24).then(pl.lit(BEGINS) + pl.duration(hours=pl.col("ends"))),
        replaces_imsi=pl.when(pl.col("place_in_rig") >= PORTS).then(pl.col("imsi") - 7 * PORTS),
    )
    listed = _listed(cards)
    return {
        "MEMBERS": MEMBERS.conform(
            cards.select(
                "rig_id", "imsi", "joined_at", "left_at", "replaces_imsi", probability=pl.lit(0.999),
                role=pl.when(pl.col("place_in_rig") < PORTS).then(pl.lit("founder")).otherwise(pl.lit("replacement")),
            )
        ),
        "ACTIVITY": _activity(cards),
        "LINKS": _links(cards, sims),
        "SCORES": SCORES.conform(
            cards.select(
                "imsi", "operator", evidence_alone=30, evidence=130, score=100, probability=0.999,
                band=pl.lit("strong"), first_active_at="joined_at", last_active_at="joined_at",
            )
        ),
        "REASONS": _reasons(cards),
        "HISTORY": _history(cards, nights),
        "SEIZURE_LIST": listed,
        "REVIEW": REVIEW.empty(),
        "PLACES": (places := _places(cells)),
        "SITES": _sites(rigs, places, last),
        "RIGS": _rigs(rigs, sims, places, hours),
        "COVERAGE": _coverage(nights, rigs * sims),
        "FILES": _files(),
        "REJECTS": REJECTS.empty(),
    }  # fmt: skip


def _listed(cards: pl.DataFrame) -> pl.DataFrame:
    registration = pl.when(pl.col("place_in_rig") % 9 == 0).then(pl.lit("registered")).otherwise(pl.lit("unregistered"))
    decision = pl.when(pl.col("place_in_rig") % 9 == 0).then(pl.lit("review")).otherwise(pl.lit("seize"))
    return SEIZURE_LIST.conform(
        cards.filter(pl.col("place_in_rig") % 50 != 49).select(
            "rig_id", "imsi", "operator", registration=registration, decision=decision,
            rank=pl.int_range(1, pl.len() + 1), msisdn=pl.col("imsi") - 401_770_000_000_000 + 77_010_000_000,
            probability=0.999,
            state=pl.when(pl.col("left_at").is_null()).then(pl.lit("live")).otherwise(pl.lit("silent")),
            first_at="joined_at", last_at="joined_at", imeis=pl.col("imei").cast(pl.String),
            reasons=pl.lit("MEMBER_OF_RIG CALLS_MADE"),
        )
    )  # fmt: skip


def _activity(cards: pl.DataFrame) -> pl.DataFrame:
    hour = pl.int_ranges("begins", "ends")
    rows = cards.with_columns(at=hour).explode("at").filter((pl.col("at") % 24).is_between(8, 21))
    return ACTIVITY.conform(
        rows.select(
            "rig_id", "imsi", "imei", night=pl.lit(FIRST) + pl.duration(days=pl.col("at") // 24),
            hour=pl.col("at") % 24, sms_sent=0, received=1, imei_count=1,
            place_rank=(pl.col("at") + pl.col("place_in_rig")) % 3 // 2 + 1, legs=4, calls_made=3,
        )
    )  # fmt: skip


def _links(cards: pl.DataFrame, sims: int) -> pl.DataFrame:
    parts = []
    for comparison, step, weight in (("imei_in_turn", PORTS, 90.0), ("near_imsi", 1, 60.0), ("same_places", 3, 30.0)):
        tied = cards.filter(pl.col("place_in_rig") + step < sims)
        parts.append(
            tied.select(
                imsi_a="imsi", imsi_b=pl.col("imsi") + 7 * step, comparison=pl.lit(comparison),
                weight=weight + pl.col("place_in_rig") % 7, direction=pl.lit("a_to_b"), events=2,
                first_at="joined_at", last_at="joined_at",
            )
        )  # fmt: skip
    return LINKS.conform(pl.concat(parts))


def _reasons(cards: pl.DataFrame) -> pl.DataFrame:
    given = [
        ("BASE", "base", None, -100), ("CALLS_MADE", "loud", 12.0, 45), ("MOSTLY_OUTGOING", "loud", 0.97, 15),
        ("STAYS_PUT", "loud", 0.9, 12), ("FEW_CALLERS", "loud", 2.0, -4), ("NEW_SIM", "loud", 1.0, 12),
        ("MEMBER_OF_RIG", "rig", 150.0, 150),
    ]  # fmt: skip
    parts = [
        cards.select(
            "imsi", code=pl.lit(code), expert=pl.lit(expert), window_nights=0 if value is None else 1,
            value=pl.lit(value, pl.Float64) + (pl.col("place_in_rig") % 40 if code == "CALLS_MADE" else 0),
            percentile=pl.lit(None if value is None else 93.4, pl.Float64), points=points, counted=pl.lit(value=True),
        )
        for code, expert, value, points in given
    ]  # fmt: skip
    return REASONS.conform(pl.concat(parts))


def _history(cards: pl.DataFrame, nights: int) -> pl.DataFrame:
    parts = [
        cards.filter(pl.col("begins") <= day * 24 + 23).select(
            "imsi", "rig_id", night=pl.lit(FIRST + timedelta(days=day)), score=100, band=pl.lit("strong"),
            listed=pl.col("place_in_rig") % 50 != 49,
        )
        for day in range(nights)
    ]  # fmt: skip
    return HISTORY.conform(pl.concat(parts))


def _places(cells: int) -> pl.DataFrame:
    number = pl.int_range(cells, eager=True).alias("number").to_frame()
    side = max(1, round((cells / 3) ** 0.5))
    mast = pl.col("number") // 3
    text = pl.format("401-77-1000-{}", pl.col("number") + 1)
    lat, lon = 43.0 + mast // side * 0.03, 76.0 + mast % side * 0.04
    return PLACES.conform(
        number.select(
            cell=pack_cell(text), place=pack_cell(text).min().over(mast), place_lat=lat, place_lon=lon, lat=lat,
            lon=lon,
            azimuth_deg=(pl.col("number") % 3) * 120.0, site=pl.format("S{}", mast), range_m=pl.lit(2000.0),
        )
    )  # fmt: skip


def _sites(rigs: int, places: pl.DataFrame, last: date) -> pl.DataFrame:
    rows = []
    masts = (
        places.with_columns(text=print_cell(pl.col("cell")))
        .sort("cell")
        .unique("place", keep="first")
        .sort("place_lat", "place_lon")
    )
    for rig in range(rigs):
        for rank in (1, 2):
            mast = masts.row((rig * 7 + rank) % masts.height, named=True)
            rows.append(
                {
                    "rig_id": f"R20250303-{rig:010d}", "place_rank": rank, "lat": mast["lat"] + 0.002,
                    "lon": mast["lon"] + 0.002, "radius_m": 900.0, "cells": f"alpha {mast['text']} 120 deg",
                    "event_share": 0.7 if rank == 1 else 0.3, "first_at": BEGINS,
                    "last_at": datetime(last.year, last.month, last.day, 12, tzinfo=UTC), "live_now": rank == 1,
                    "raid_windows": "09:00-10:00, 12:00-13:00, 13:00-14:00 Asia/Almaty",
                }
            )  # fmt: skip
    return SITES.conform(pl.DataFrame(rows))


def _rigs(rigs: int, sims: int, places: pl.DataFrame, hours: int) -> pl.DataFrame:
    return RIGS.conform(
        pl.DataFrame(
            [
                {
                    "rig_id": f"R20250303-{rig:010d}", "kind": KINDS[rig % 4], "kind_probability": 0.9,
                    "probability": 0.999 - 0.001 * (rig % 300), "status": ["steady", "new", "growing"][rig % 3],
                    "operators": "alpha beta" if rig % 2 else "alpha", "sim_count": sims, "live_count": sims // 3,
                    "burnt_count": sims - sims // 3, "replaced_a_night": sims / 7, "expected_unseen_count": sims,
                    "ports_low": 8, "ports": 16, "ports_high": 20, "imei_count": PORTS, "tac_count": 2,
                    "place_count": 2, "far_switches": 3, "shuttling_count": 2, "lat": places["lat"][0],
                    "lon": places["lon"][0], "site": f"S{rig}", "first_at": BEGINS,
                    "last_at": BEGINS + timedelta(hours=hours), "minutes": 4000.0, "sms_count": 20,
                }
                for rig in range(rigs)
            ]
        )
    )  # fmt: skip


def _coverage(nights: int, sims: int) -> pl.DataFrame:
    return COVERAGE.conform(
        pl.DataFrame(
            [
                {
                    "night": FIRST + timedelta(days=day), "operator": operator, "records": 1000 * (day + 10),
                    "with_imei": 900 * (day + 10), "with_cell": 1000 * (day + 10), "located": 995 * (day + 10),
                    "sims": sims, "active_sims": sims, "detectable_sims": sims // 2,
                }
                for day in range(nights)
                for operator in OPERATORS
            ]
        )
    )  # fmt: skip


def _files() -> pl.DataFrame:
    nothing = {name: 0 for name, dtype in FILES.schema.items() if dtype == pl.Int64} | {"rejects_share": 0.0}
    return FILES.conform(
        pl.DataFrame(
            [
                nothing
                | {"columns_sha256": "0" * 64}
                | {
                    "file": "cdr/a.csv", "sha256": "0" * 64, "file_number": 1, "format": "csv", "bytes": 10,
                    "rows_in": 20_000, "rows_kept": 19_990, "rows_rejected": 10, "first_at": BEGINS, "last_at": BEGINS,
                }
            ]
        )
    )  # fmt: skip
