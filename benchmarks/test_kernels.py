"""Seconds for each driver on 20 records a SIM: `python -m pytest benchmarks/test_kernels.py`."""

from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.kernels import contacts, handset, movement, rhythm, volume

RECORDS_PER_SIM = 20
PLACES = 5_000
SECONDS = 7 * 86_400

COLUMNS = {
    "volume": "service direction answered duration_s other_kind starts ends",
    "contacts": "started_at service direction other_party other_kind histories starts ends",
    "rhythm": "started_at duration_s service direction night local_minute starts ends",
    "movement": "started_at duration_s service direction place place_sims place_lat place_lon starts ends",
    "handset": "imei imei_sims place starts ends",
}
DRIVERS: dict[str, Callable[..., np.ndarray]] = {
    "volume": volume.volume,
    "contacts": contacts.contacts,
    "rhythm": rhythm.rhythm,
    "movement": movement.movement,
    "handset": handset.handset,
}


@pytest.fixture(scope="module", params=[10_000, 100_000, 1_000_000], ids=["10k", "100k", "1M"])
def world(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    """SIMs that mostly stay at one place, in one handset, and call ten numbers, over seven nights."""
    sims = request.param
    records = sims * RECORDS_PER_SIM
    random = np.random.default_rng(2)
    of_sim = np.repeat(np.arange(sims, dtype=np.int64), RECORDS_PER_SIM)
    started_s = np.sort(random.integers(0, SECONDS, (sims, RECORDS_PER_SIM)), axis=1).ravel()
    service = random.choice(np.array([0, 1, 2, 3], dtype=np.int8), records, p=[0.5, 0.25, 0.2, 0.05])
    home = np.repeat(random.integers(0, PLACES, sims, dtype=np.int32), RECORDS_PER_SIM)
    away = random.integers(0, PLACES, records, dtype=np.int32)
    ends = np.arange(1, sims + 1, dtype=np.int64) * RECORDS_PER_SIM
    return {
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
        "imei": 35_000_000_000_000 + of_sim + (random.random(records) < 0.02),
        "imei_sims": np.ones(records, dtype=np.int32),
        "night": (started_s // 86_400).astype(np.int32),
        "local_minute": (started_s // 60 % 1440).astype(np.int16),
        "histories": ends - RECORDS_PER_SIM,
        "starts": ends - RECORDS_PER_SIM,
        "ends": ends,
    }


@pytest.mark.parametrize("name", DRIVERS)
def test_driver(benchmark: BenchmarkFixture, world: dict[str, np.ndarray], name: str) -> None:
    benchmark.group = f"kernel: {name}"
    arrays = [world[column] for column in COLUMNS[name].split()]
    features = benchmark.pedantic(DRIVERS[name], arrays, rounds=3, warmup_rounds=1)
    assert features.shape[0] == world["ends"].size
    benchmark.extra_info["records"] = world["service"].size
