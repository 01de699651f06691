"""Bounds on the engine's speed: `python -m pytest benchmarks/test_engine.py`.

Two million records by default; with SIMBOX_BENCHMARK_RECORDS=100000000 the size that the bounds are stated for. On a
machine that others use too, ratios of processor time (extra information) say more than those of the clock.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compared_records import lay_out
from plain_sources import make_plain_source, measure
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.cli.threads import allocators

ROOT = Path(__file__).resolve().parents[1]
RECORDS = int(os.environ.get("SIMBOX_BENCHMARK_RECORDS", 2_000_000))
RECORDS_PER_SIM = 20
NIGHTS = 30
# What the whole catalogue in all windows may take of what reading takes, and the first result of a new process.
FLOORS = 10.0
COLD_S = 2.0
# How much two cores have to be faster than one, and how the time may grow with the records.
TWO_CORES = 1.7
EXPONENT = 1.05

# Seconds of the clock and of the processor that features of a sorted file take, best of three.
COMPUTE = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from opponents import with_simbox
with_simbox.THREADS = int(sys.argv[3])
told = []
for _ in range(3):
    clock, processor = time.perf_counter(), time.process_time()
    found = with_simbox.of_store(Path(sys.argv[2]))
    told.append((time.perf_counter() - clock, time.process_time() - processor))
print(json.dumps({"sims": found.height, "seconds": min(told)[0], "cpu_seconds": min(cpu for _, cpu in told)}))
"""
# All features of a handful of records, in a process that has done nothing yet.
FIRST_RESULT = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from opponents import COLUMNS, with_simbox
from simbox.features.partitioning import Part
records = {name: np.arange(20, dtype=np.int64) for name in COLUMNS}
narrow = {"service": np.int8, "direction": np.int8, "place": np.int32, "night": np.int32, "local_minute": np.int16}
records |= {name: np.zeros(20, dtype=dtype) for name, dtype in narrow.items()}
assert with_simbox._features(Part(records, np.array([0, 20]))).height == 1
"""


def tell(program: str, *arguments: str | Path | int, threads: int = 2) -> dict[str, Any]:
    """What a program in a new process with so many threads says of itself."""
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "NUMBA_NUM_THREADS": str(threads)}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-c", program, str(ROOT / "benchmarks"), *map(str, arguments)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout else {}


def sorted_file(folder: Path, records: int) -> Path:
    """A file of so many records by SIM and time."""
    folder.mkdir()
    paths, _ = lay_out(folder, records, records // RECORDS_PER_SIM)
    return paths["store"]


@pytest.mark.benchmark(group="engine")
def test_the_whole_catalogue_costs_little_more_than_reading(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    source = tmp_path / "source"
    make_plain_source(source, RECORDS, RECORDS // RECORDS_PER_SIM, NIGHTS)
    program = ROOT / "benchmarks" / "features_of_a_source.py"
    out = tmp_path / "out"
    out.mkdir()
    # The table of a hundred columns is written of a scan's last night only.
    command = [sys.executable, program, source, out, "4GiB", "nothing"]
    peak = benchmark.pedantic(measure, (command, {"PYTHONPATH": str(ROOT)} | allocators("4GiB")), rounds=1)
    assert peak.code == 0
    told = json.loads((out / "told.json").read_text())
    floors = {
        kind: (told["population" + kind] + told["features" + kind]) / told["floor" + kind] for kind in ("", "_cpu")
    }
    benchmark.extra_info |= told | {"floors": round(floors[""], 1), "floors_cpu": round(floors["_cpu"], 1)}
    assert floors[""] <= FLOORS


@pytest.mark.benchmark(group="engine")
def test_a_new_process_gives_its_first_result_soon(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(tell, (FIRST_RESULT,), rounds=3, warmup_rounds=1)
    assert benchmark.stats["min"] <= COLD_S


@pytest.mark.benchmark(group="engine")
def test_two_cores_are_put_to_use(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    file = sorted_file(tmp_path / "records", RECORDS)
    one = tell(COMPUTE, file, 1, threads=1)
    two = benchmark.pedantic(tell, (COMPUTE, file, 2), rounds=1)
    gain = one["seconds"] / two["seconds"]
    benchmark.extra_info |= {"one": one, "two": two, "gain": round(gain, 2)}
    assert gain >= TWO_CORES


@pytest.mark.benchmark(group="engine")
def test_time_grows_with_the_records_and_no_faster(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    few = tell(COMPUTE, sorted_file(tmp_path / "few", RECORDS // 10), 2)
    many = benchmark.pedantic(tell, (COMPUTE, sorted_file(tmp_path / "many", RECORDS), 2), rounds=1)
    exponents = {name: math.log10(many[name] / few[name]) for name in ("seconds", "cpu_seconds")}
    benchmark.extra_info |= {"few": few, "many": many, "exponents": exponents}
    assert exponents["seconds"] <= EXPONENT
