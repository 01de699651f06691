"""A run drawn by hand beside its truth, so small that every figure can be counted.

Two nights, 1 and 2 March, in UTC+5. Rig A (E0, bypass) has SIMs 1-4 on two ports, rig B (E1, vishing) 5-7 on one.
Innocents: 8-11 ordinary, 12 a courier, 13 ordinary and never active. The run never saw SIM 4. Its R1 holds 1, 2, 3 and
innocent 8, R2 holds 5 and 6; 1, 2 and 8 came on the list the first night, 3 and 5 the second.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from simbox.config import Config, Operator, show_config
from simbox.evaluation.pool import Pool, read_pool
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES
from simbox.tables.writing import write_table

FIRST, SECOND = date(2025, 3, 1), date(2025, 3, 2)
MORNING = datetime(2025, 3, 1, 4, tzinfo=UTC)  # nine o'clock there


class Drawn(NamedTuple):
    """The folders of a drawn run and of its truth."""

    run: Path
    truth: Path


def imsi(sim: int) -> int:
    """The IMSI of a SIM by its number."""
    return 401_770_000_000_000 + sim


TRUTH = [(sim, "A", "bypass", "E0", "burnt copied", "rig") for sim in (1, 2, 3, 4)]
TRUTH += [(sim, "B", "vishing", "E1", "", "rig") for sim in (5, 6, 7)]
TRUTH += [(sim, None, None, None, None, "courier" if sim == 12 else "ordinary") for sim in range(8, 14)]
# Events of each SIM on both nights.
EVENTS = {1: (10, 10), 2: (10, 0), 3: (6, 4), 4: (2, 0), 5: (5, 5), 6: (1, 1), 7: (0, 8), 8: (3, 3), 9: (1, 0),
          10: (0, 1), 11: (2, 2), 12: (30, 30)}  # fmt: skip
# Evidence alone, evidence, night of listing.
SCORED = {1: (50, 70, FIRST), 2: (40, 60, FIRST), 3: (-30, 30, SECOND), 5: (20, 45, SECOND), 6: (-40, 5, None),
          7: (-60, -60, None), 8: (-20, 45, FIRST), 9: (-90, -90, None), 10: (-95, -95, None), 11: (-80, -80, None),
          12: (-10, -10, None), 13: (-100, -100, None)}  # fmt: skip
BASE = {
    "operator": "alpha",
    "first_active_at": MORNING,
    "last_active_at": MORNING + timedelta(days=1),
    "peak_night": FIRST,
}


def _band(evidence: int) -> str:
    return "strong" if evidence >= 43 else "suspect" if evidence >= 0 else "watch" if evidence >= -55 else "clear"


def _scores() -> pl.DataFrame:
    return pl.DataFrame(
        [
            BASE
            | {"imsi": imsi(sim), "evidence_alone": alone, "evidence": evidence, "score": (evidence + 100) // 2}
            | {"probability": 1 / (1 + 2 ** (-evidence / 10)), "band": _band(evidence), "first_listed_night": listed}
            for sim, (alone, evidence, listed) in SCORED.items()
        ],
        schema_overrides={"first_listed_night": pl.Date},
    )


def _history() -> pl.DataFrame:
    rows = [(FIRST, sim, "R0" if sim == 1 else "R1", sim != 3) for sim in (1, 2, 3, 8)]
    rows += [(SECOND, sim, "R1", True) for sim in (1, 2, 3, 8)]
    rows += [(SECOND, 5, "R2", True), (SECOND, 6, "R2", False), (SECOND, 12, None, False)]
    return pl.DataFrame(
        [
            {"night": night, "imsi": imsi(sim), "score": 70, "band": _band(SCORED[sim][1]), "rig_id": rig, "listed": on}
            for night, sim, rig, on in rows
        ]
    )


def _reasons() -> pl.DataFrame:
    row = {"value": 1.0, "limit": 1.0, "percentile": 1.0, "peer_group": "alpha", "points": 5, "counted": True}
    base = [row | {"imsi": imsi(sim), "code": "BASE", "expert": "base", "window_nights": 0} for sim in SCORED]
    seven = [row | {"imsi": imsi(sim), "code": "FEW_PLACES", "expert": "loud", "window_nights": 7} for sim in SCORED]
    one = [row | {"imsi": imsi(sim), "code": "CALLS_MADE", "expert": "loud", "window_nights": 1} for sim in (1, 2)]
    return pl.DataFrame(base + seven + one)


def _rigs() -> pl.DataFrame:
    row = {"kind_probability": 0.9, "probability": 0.9, "status": "steady", "operators": "alpha", "sim_count": 4}
    row |= {
        "live_count": 3,
        "burnt_count": 1,
        "replaced_a_night": 0.1,
        "expected_unseen_count": 1,
        "imei_count": 2,
        "tac_count": 1,
        "far_switches": 0,
        "shuttling_count": 0,
        "place_count": 1,
        "minutes": 1.0,
    }
    row |= {"sms_count": 0, "lat": 43.2, "lon": 76.8, "first_at": MORNING, "last_at": MORNING}
    return pl.DataFrame(
        [
            row | {"rig_id": "R1", "kind": "bypass", "ports_low": 1, "ports": 2, "ports_high": 4, "site": "M1"},
            row | {"rig_id": "R2", "kind": "bypass", "ports_low": 2, "ports": 3, "ports_high": 4, "site": "M9"},
        ]
    )


def _sites() -> pl.DataFrame:
    row = {
        "cells": "",
        "event_share": 0.5,
        "first_at": MORNING,
        "last_at": MORNING,
        "live_now": True,
        "raid_windows": "",
        "moved_from": None,
    }
    places = [("R1", 1, 43.2, 1000.0), ("R1", 2, 43.3, 1000.0), ("R2", 1, 43.2, 500.0)]
    return pl.DataFrame(
        [
            row | {"rig_id": rig, "place_rank": rank, "lat": lat, "lon": 76.8, "radius_m": radius_m}
            for rig, rank, lat, radius_m in places
        ],
        schema_overrides={"moved_from": pl.Int32},
    )


def _members() -> pl.DataFrame:
    held = [("R1", sim) for sim in (1, 2, 3, 8)] + [("R2", 5), ("R2", 6)]
    row = {"probability": 0.9, "role": "founder", "joined_at": MORNING, "left_at": None, "replaces_imsi": None}
    return pl.DataFrame([row | {"rig_id": rig, "imsi": imsi(sim)} for rig, sim in held])


def _links() -> pl.DataFrame:
    # Both of a family: the stronger counts. 1-5 is of two rigs, 3-8 and 8-12 draw innocents in, 5-6 is too weak.
    drawn = [
        (1, 2, "relay", 30.0),
        (1, 2, "same_places", 10.0),
        (1, 2, "near_imsi", 20.0),
        (1, 5, "near_imsi", 50.0),
        (3, 8, "same_places", 60.0),
        (8, 12, "shared_callees", 46.0),
        (5, 6, "relay", 20.0),
        (5, 6, "same_places", 40.0),
    ]
    row = {"direction": "none", "events": 1, "first_at": MORNING, "last_at": MORNING}
    return pl.DataFrame(
        [
            row | {"imsi_a": imsi(a), "imsi_b": imsi(b), "comparison": name, "weight": weight}
            for a, b, name, weight in drawn
        ]
    )


def _truth(folder: Path) -> None:
    folder.mkdir()
    columns = ["imsi", "rig", "kind", "level", "modifiers", "segment"]
    rows = [(str(imsi(sim)), *rest) for sim, *rest in TRUTH]
    pl.DataFrame(rows, schema=columns, orient="row").write_parquet(folder / "sims.parquet")
    nights = [
        {"imsi": str(imsi(sim)), "night": night, "events": count, "detectable": count >= 5}
        for sim, counts in EVENTS.items()
        for night, count in zip((FIRST, SECOND), counts, strict=True)
        if count
    ]
    pl.DataFrame(nights).write_parquet(folder / "sim_nights.parquet")
    row = {"lon": 76.8, "gateways": 1, "events": 42}
    a = row | {"rig": "A", "kind": "bypass", "level": "E0", "modifiers": "burnt copied", "ports": 2, "site": "M1 M2"}
    b = row | {"rig": "B", "kind": "vishing", "level": "E1", "modifiers": "", "ports": 1, "site": "M3"}
    # Of A's two premises one is in the main region, both are in some; B stands 11 km from where R2 says.
    pl.DataFrame(
        [a | {"premises": 1, "lat": 43.205}, a | {"premises": 2, "lat": 43.301}, b | {"premises": 1, "lat": 43.3}]
    ).write_parquet(folder / "rigs.parquet")


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    """The drawn run and its truth, on disk as a scan and a world leave them."""
    run, truth = tmp_path / "run", tmp_path / "world.truth"
    run.mkdir()
    tables = {SCORES: _scores(), HISTORY: _history(), REASONS: _reasons(), RIGS: _rigs(), SITES: _sites()}
    tables |= {MEMBERS: _members(), LINKS: _links()}
    for table, frame in tables.items():
        write_table(table, frame, run / str(table.file))
    listed = [(1, "seize"), (2, "seize"), (3, "review"), (5, "review"), (8, "review"), (6, "watch")]
    pl.DataFrame(
        [
            {"imsi": str(imsi(sim)), "decision": how, "probability": 0.9, "rank": n}
            for n, (sim, how) in enumerate(listed)
        ]
    ).write_csv(run / "seizure_list.csv")
    config = Config(operators={"alpha": Operator(mcc_mncs=["401-77"], timezone="Asia/Almaty")})
    manifest = {"nights": [str(FIRST), str(SECOND)], "configuration": show_config(config), "store": "store"}
    (run / "manifest.json").write_text(json.dumps(manifest))
    _truth(truth)
    return Drawn(run, truth)


@pytest.fixture
def pool(drawn: Drawn) -> Pool:
    """The drawn run pooled alone."""
    return read_pool([drawn.run], [drawn.truth])


@pytest.fixture
def find() -> Callable[..., dict]:
    """The one row of a list of rows with these values."""

    def only(rows: list[dict], **values: object) -> dict:
        [row] = [row for row in rows if all(row[key] == value for key, value in values.items())]
        return row

    return only
