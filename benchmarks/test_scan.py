"""Seconds for the whole scan, from files to seizure list: `python -m pytest benchmarks/test_scan.py`."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.nightly import run_scan
from simbox.synth import generate

# Subscribers of three nights that make so many records, about 15 each.
SUBSCRIBERS = {"1M": 67_000, "10M": 700_000}
RECORDS = {"1M": 1_000_000, "10M": 10_000_000}
SEED = 7


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source of three nights with six rigs, made once for a session."""
    source = tmp_path_factory.mktemp("world") / "source"
    generate(source, "sample", seed=SEED, subscribers=SUBSCRIBERS[request.param])
    return source


def rows_of(source: Path) -> int:
    """Rows of the CDR files, counted without the intake."""
    rows = sum(pq.read_metadata(path).num_rows for path in (source / "cdr").rglob("*.parquet"))
    texts = [path for path in (source / "cdr").rglob("*.*") if path.suffix != ".parquet"]
    lines = sum(pl.scan_lines(path).select(pl.len()).collect().item() for path in texts)
    # A switch's file has a header, names and a trailer.
    return rows + lines - 3 * sum(path.name.startswith("MSC") for path in texts)


@pytest.mark.benchmark(group="scan")
@pytest.mark.parametrize("world", SUBSCRIBERS, indirect=True)
def test_scan(benchmark: BenchmarkFixture, world: Path, tmp_path: Path) -> None:
    size = next(name for name in SUBSCRIBERS if f"[{name}]" in benchmark.name)
    rows = rows_of(world)
    assert 0.9 * RECORDS[size] < rows < 1.2 * RECORDS[size]
    result, code = benchmark.pedantic(run_scan, (world, tmp_path / "out", lambda *_: None), rounds=1)
    files = result.taken.files
    assert code == 0
    assert files["rows_in"].sum() == rows
    assert files["rows_kept"].sum() + files["rows_rejected"].sum() == rows
    assert result.scores.height >= SUBSCRIBERS[size] * 0.95
    benchmark.extra_info |= {"records": rows, "sims": result.scores.height, "seconds": result.seconds}
