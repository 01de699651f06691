"""Seconds for each driver, and for all in every window, on 20 records a SIM, 20 k to 20 M records in all.

`python -m pytest benchmarks/test_kernels.py`; the table's `records` over its seconds are records a second.
"""

import inspect
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.kernels.acquaintance import first_legs

RECORDS_PER_SIM = 20
PLACES = 5_000
SECONDS = 30 * 86_400

NIGHTS = 30
WINDOWS = (1, 3, 7, 14, 30)
NAMES = ("volume", "callees", "contacts", "rhythm", "gaps", "movement", "routine", "handset", "lifecycle")
DRIVERS = {name: getattr(import_module(f"simbox.kernels.{name}"), name) for name in NAMES}


@pytest.fixture(scope="module", params=[1_000, 50_000, 1_000_000], ids=["20k", "1M", "20M"])
def world(request: pytest.FixtureRequest) -> dict[str, Any]:
    """SIMs that mostly stay at one place, in one handset, and call ten numbers, over thirty nights."""
    sims = request.param
    records = sims * RECORDS_PER_SIM
    random = np.random.default_rng(2)
    of_sim = np.repeat(np.arange(sims, dtype=np.int64), RECORDS_PER_SIM)
    started_s = np.sort(random.integers(0, SECONDS, (sims, RECORDS_PER_SIM)), axis=1).ravel()
    service = random.choice(np.array([0, 1, 2, 3], dtype=np.int8), records, p=[0.5, 0.25, 0.2, 0.05])
    home = np.repeat(random.integers(0, PLACES, sims, dtype=np.int32), RECORDS_PER_SIM)
    away = random.integers(0, PLACES, records, dtype=np.int32)
    ends = np.arange(1, sims + 1, dtype=np.int64) * RECORDS_PER_SIM
    columns = {
        "started_at": started_s * 1_000_000,
        "duration_s": np.where(service == 0, random.integers(0, 400, records), 0),
        "service": service,
        "direction": random.choice(np.array([0, 1, 2], dtype=np.int8), records, p=[0.5, 0.48, 0.02]),
        "answered": random.integers(-1, 2, records, dtype=np.int8),
        "other_party": 77_000_000_000 + of_sim * 10 + random.integers(0, 10, records),
        "other_kind": random.integers(0, 9, records, dtype=np.int8),
        "place": np.where(random.random(records) < 0.2, away, home),
        "place_sims": random.integers(1, 500, records, dtype=np.int32),
        "place_lat": random.uniform(41, 55, PLACES),
        "place_lon": random.uniform(47, 87, PLACES),
        "abroad_inside": random.integers(-1, 3, records, dtype=np.int32),
        "abroad_before": random.integers(-1, 3, records, dtype=np.int32),
        "nights_inside": NIGHTS,
        "nights_before": 0,
        "first_nights": np.zeros(sims, dtype=np.int32),
        "imei": 35_000_000_000_000 + of_sim + (random.random(records) < 0.02),
        "imei_sims": np.ones(records, dtype=np.int32),
        "night": (started_s // 86_400).astype(np.int32),
        "local_minute": (started_s // 60 % 1440).astype(np.int16),
        "histories": ends - RECORDS_PER_SIM,
        "starts": ends - RECORDS_PER_SIM,
        "ends": ends,
    }
    return columns | {"first_leg": first_legs(*[columns[name] for name in inspect.signature(first_legs).parameters])}


def run(name: str, world: dict[str, Any]) -> np.ndarray:
    """A driver's answer on the world."""
    driver = DRIVERS[name]
    return driver(*[world[parameter] for parameter in inspect.signature(driver).parameters])


@pytest.mark.parametrize("name", DRIVERS)
def test_driver(benchmark: BenchmarkFixture, world: dict[str, Any], name: str) -> None:
    benchmark.group = f"kernel: {name}"
    features = benchmark.pedantic(run, (name, world), rounds=3, warmup_rounds=1)
    assert features.shape[0] == world["ends"].size
    benchmark.extra_info["records"] = world["service"].size


def test_all_drivers_in_all_windows(benchmark: BenchmarkFixture, world: dict[str, Any]) -> None:
    benchmark.group = "kernels: five windows"
    starts = []
    for window in WINDOWS:
        inside = (world["night"] >= NIGHTS - window).reshape(-1, RECORDS_PER_SIM).sum(axis=1)
        starts.append(world | {"starts": world["ends"] - inside})
    count = benchmark.pedantic(
        lambda: sum(run(name, part).shape[1] for part in starts for name in DRIVERS), rounds=3, warmup_rounds=1
    )
    assert count > 100 * len(WINDOWS)
    benchmark.extra_info["records"] = world["service"].size
