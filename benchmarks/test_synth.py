"""How fast worlds are made, and in how much memory: `python -m pytest benchmarks/test_synth.py`.

Whole worlds are timed, from the scenario to the last file. SIMBOX_COUNTRY=30 makes the scenario kazakhstan as well, 75
rigs with 89,000 cards among two million subscribers for 30 nights, or as many nights as it says: some 12 GB on disk, in
the folder that --basetemp names.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.synth import generate

SEED = 7
SUBSCRIBERS = 300_000
NIGHTS = 7
COUNTRY = 2_000_000
MOST_BYTES = 8 << 30

# A process of its own tells its peak memory, threads and all, when it is done; it has no processes below it.
MAKE = """
import json, os, resource, sys, time
from pathlib import Path
from simbox.synth import generate
out, scenario, subscribers, nights, seed = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
begun, peaks = time.perf_counter(), []
unit = 1 if sys.platform == "darwin" else 1024
peak = lambda *_: peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
generate(out, scenario, seed=seed, subscribers=subscribers, nights=nights, progress=peak)
peak()
used = resource.getrusage(resource.RUSAGE_SELF)
below = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
print(json.dumps({"seconds": time.perf_counter() - begun, "cpu_seconds": used.ru_utime + used.ru_stime,
                  "peak_bytes_by_night": peaks, "peak_bytes": peaks[-1] + below}))
"""


def rows_of(source: Path) -> int:
    """Rows of the CDR files."""
    return sum(pq.read_metadata(path).num_rows for path in (source / "cdr").rglob("*.parquet"))


def make_in_a_process(out: Path, scenario: str, subscribers: int, nights: int) -> dict[str, float]:
    """Make a world in a new process; what it says of itself."""
    command = [sys.executable, "-c", MAKE, str(out), scenario, str(subscribers), str(nights), str(SEED)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


@pytest.mark.benchmark(group="synth")
def test_speed(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    begun = resource.getrusage(resource.RUSAGE_SELF)
    arguments = {"seed": SEED, "subscribers": SUBSCRIBERS, "nights": NIGHTS}
    benchmark.pedantic(generate, (tmp_path / "world", "night"), arguments, rounds=1)
    ended = resource.getrusage(resource.RUSAGE_SELF)
    rows = rows_of(tmp_path / "world")
    assert 5 * SUBSCRIBERS * NIGHTS < rows < 12 * SUBSCRIBERS * NIGHTS
    assert len(list((tmp_path / "world" / "cdr").rglob("*.parquet"))) == 3 * NIGHTS
    cpu_s = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
    benchmark.extra_info |= {
        "records": rows,
        "records_a_second": round(rows / benchmark.stats["mean"]),
        "records_a_cpu_second": round(rows / cpu_s),
        "processors": os.cpu_count(),
    }


@pytest.mark.benchmark(group="synth")
def test_memory_does_not_grow_with_nights(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    told = benchmark.pedantic(make_in_a_process, (tmp_path / "world", "night", SUBSCRIBERS, NIGHTS), rounds=1)
    rows = rows_of(tmp_path / "world")
    assert rows > 5 * SUBSCRIBERS * NIGHTS
    assert told["peak_bytes_by_night"][-1] < 1.25 * told["peak_bytes_by_night"][1]
    benchmark.extra_info |= {"records": rows, **told}


@pytest.mark.benchmark(group="synth")
@pytest.mark.skipif("SIMBOX_COUNTRY" not in os.environ, reason="takes long and tens of GB: ask with SIMBOX_COUNTRY=30")
def test_a_country_fits_in_8_gib(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    nights = int(os.environ["SIMBOX_COUNTRY"])
    told = benchmark.pedantic(make_in_a_process, (tmp_path / "world", "kazakhstan", COUNTRY, nights), rounds=1)
    rows = rows_of(tmp_path / "world")
    assert rows > 5 * COUNTRY * nights
    assert told["peak_bytes"] < MOST_BYTES
    benchmark.extra_info |= {"records": rows, "records_a_second": round(rows / told["seconds"]), **told}
