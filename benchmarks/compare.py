"""simbox against what a user would pick instead, on the same features of the same records over one window.

`python benchmarks/compare.py --records 20000000 --sims 1000000`, or `--quick`. Values are compared before times print;
times are the best of three on two threads with the files in memory. Two layouts: night files in no order, as they
arrive (partition and sort included), and one file sorted by SIM and time. The floor is merely reading the columns.
Exits with 1 where a bound is missed. An opponent that is not installed is left out, and said to be.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

THREADS = "2"
os.environ |= {"POLARS_MAX_THREADS": THREADS, "NUMBA_NUM_THREADS": THREADS}

import click  # noqa: E402
import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
from opponents import COLUMNS, FEATURES  # noqa: E402

OPPONENTS = {"simbox": "simbox", "polars": "polars", "duckdb": "duckdb"}
NIGHTS = 7
PLACES = 5_000
ROUNDS = 3
# How many times faster than each opponent simbox has to be, and how near to the floor.
BOUNDS = {"files": {"polars": 5.0, "duckdb": 7.0}, "store": {"polars": 3.0, "duckdb": 3.0}}
FLOOR_BOUND = 2.5


def make_records(records: int, sims: int) -> pl.DataFrame:
    """Legs of a week: most SIMs have few, some many; they stay at home mostly and call a few people."""
    random = np.random.default_rng(11)
    of_sim = (sims * random.random(records) ** 1.5).astype(np.int64)
    second = random.integers(0, NIGHTS * 86_400, records)
    service = random.choice(np.array([0, 1, 2, 3], dtype=np.int8), records, p=[0.5, 0.25, 0.2, 0.05])
    away = random.random(records) < 0.2
    frame = pl.DataFrame(
        {
            "imsi": 401_770_000_000_000 + of_sim,
            "started_at": second * 1_000_000,
            "duration_s": np.where(
                (service == 0) & (random.random(records) < 0.8), random.integers(1, 400, records), 0
            ),
            "service": service,
            "direction": random.choice(np.array([0, 1, 2], dtype=np.int8), records, p=[0.5, 0.48, 0.02]),
            "other_party": 77_000_000_000 + of_sim * 20 + (20 * random.random(records) ** 2).astype(np.int64),
            "place": np.where(away, random.integers(0, PLACES, records), of_sim % PLACES).astype(np.int32),
            "imei": 35_000_000_000_000 + of_sim + (random.random(records) < 0.02),
            "night": (second // 86_400).astype(np.int32),
            "local_minute": (second // 60 % 1440).astype(np.int16),
        }
    )
    # Records of a SIM that start at once have no order that all tools agree on.
    return frame.unique(["imsi", "started_at"], keep="any").sort("imsi", "started_at").with_row_index("rank")


def lay_out(folder: Path, records: pl.DataFrame) -> dict[str, Path]:
    """The two layouts' paths."""
    (folder / "nights").mkdir()
    for (night,), part in records.partition_by("night", as_dict=True).items():
        part.sample(fraction=1.0, shuffle=True, seed=3).write_parquet(folder / "nights" / f"{night}.parquet")
    records.write_parquet(folder / "store.parquet", row_group_size=262_144)
    return {"files": folder / "nights", "store": folder / "store.parquet"}


def differences(found: pl.DataFrame, expected: pl.DataFrame) -> list[str]:
    """The features in which two answers differ by more than one part in a billion."""
    found, expected = (frame.sort("imsi") for frame in (found, expected))
    if not found["imsi"].equals(expected["imsi"]):
        return ["imsi"]
    return [
        name
        for name in FEATURES
        if not np.allclose(
            *(frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for frame in (found, expected)),
            rtol=1e-9,
            atol=1e-9,
            equal_nan=True,
        )
    ]


def best_seconds(run: Callable[[], object]) -> float:
    """The shortest of three runs."""
    seconds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        run()
        seconds.append(perf_counter() - start)
    return min(seconds)


def read_floor(path: Path) -> float:
    """Seconds to read the columns and do nothing with them."""
    files = path / "*.parquet" if path.is_dir() else path
    return best_seconds(lambda: pl.read_parquet(files, columns=list(COLUMNS)))


def compare(layout: str, path: Path, records: int) -> list[str]:
    """Print one layout's table; the bounds that are missed."""
    engines = {}
    for name, package in OPPONENTS.items():
        if find_spec(package):
            engines[name] = getattr(import_module(f"opponents.with_{name}"), f"of_{layout}")
        else:
            click.echo(f"{name} is not installed and left out", err=True)
    expected = engines["simbox"](path)
    for name, run in engines.items():
        if differing := differences(run(path), expected):
            raise SystemExit(f"{layout}: {name} says otherwise than simbox of {', '.join(differing)}")
    seconds = {"floor": read_floor(path)} | {
        name: best_seconds(lambda run=run: run(path)) for name, run in engines.items()
    }
    click.echo(f"\n| {layout} | seconds | records a second | times simbox's |\n|---|---|---|---|")
    for name, taken in seconds.items():
        click.echo(f"| {name} | {taken:.2f} | {records / taken:,.0f} | {taken / seconds['simbox']:.2f} |")
    ours = seconds["simbox"]
    missed = [
        f"{layout}: {seconds[name] / ours:.1f} times faster than {name}, not {bound}"
        for name, bound in BOUNDS[layout].items()
        if name in seconds and seconds[name] < bound * ours
    ]
    if layout == "store" and ours > FLOOR_BOUND * seconds["floor"]:
        missed.append(f"{layout}: {ours / seconds['floor']:.1f} times the floor, not {FLOOR_BOUND}")
    return missed


def main() -> int:
    """0 where every bound is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000_000)
    parser.add_argument("--sims", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="200,000 records of 10,000 SIMs")
    chosen = parser.parse_args()
    size = (200_000, 10_000) if chosen.quick else (chosen.records, chosen.sims)
    with tempfile.TemporaryDirectory() as folder:
        records = make_records(*size)
        paths = lay_out(Path(folder), records)
        height = records.height
        del records
        click.echo(f"{height:,} records of up to {size[1]:,} SIMs, {len(FEATURES)} features, {THREADS} threads")
        missed = [line for layout, path in paths.items() for line in compare(layout, path, height)]
    for line in missed:
        click.echo(f"missed: {line}", err=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
