"""simbox against what a user would pick instead, on the same features of the same records over one window.

`python benchmarks/compare.py --records 20000000 --sims 1000000`, or `--quick`; with `--readme` the table goes into
README.md. Values are compared before times print; times are the best of three on two threads with the files in memory.
Two layouts: night files in no order, as they arrive (partition and sort included), and one file sorted by SIM and time.
The floor is merely reading the columns. bandicoot gets a sample of SIMs, and its seconds are scaled to all records.
Exits with 1 where a bound is missed. An opponent that is not installed is left out, and said to be; so are those named
by `--without`: of 100 million records 24 GiB are not enough for all.

On a machine that others use too, `--cpu` takes the seconds of processor time instead of those on the clock.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

THREADS = "2"
os.environ |= {"POLARS_MAX_THREADS": THREADS, "NUMBA_NUM_THREADS": THREADS}

import click  # noqa: E402
import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
from opponents import COLUMNS, FEATURES  # noqa: E402
from refresh_readme import README, refresh  # noqa: E402

ENGINES = ("simbox", "polars", "duckdb", "pandas", "bandicoot")
NIGHTS = 7
PLACES = 5_000
ROUNDS = 3
# How many times faster than each opponent simbox has to be, and how near to the floor.
BOUNDS = {
    "files": {"polars": 5.0, "duckdb": 7.0},
    "store": {name: 3.0 for name in ENGINES if name != "simbox"},
}
FLOOR_BOUND = 2.5
LAYOUTS = {"files": "night files in no order", "store": "sorted by SIM and time"}
BLOCK = "compare"


class Line(NamedTuple):
    """What an engine took for all records, in seconds, and how many of the features it has."""

    engine: str
    seconds: float
    features: int


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
    """The features in which two answers differ by more than one part in a billion.

    Of a sample its own SIMs and features are compared.
    """
    expected = expected.join(found.select("imsi"), on="imsi", how="semi").sort("imsi")
    found = found.sort("imsi")
    if not found["imsi"].equals(expected["imsi"]):
        return ["imsi"]
    return [
        name
        for name in FEATURES
        if name in found.columns
        and not np.allclose(
            *(frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for frame in (found, expected)),
            rtol=1e-9,
            atol=1e-9,
            equal_nan=True,
        )
    ]


class Clock(NamedTuple):
    """What seconds are read from, and of how many runs the shortest counts."""

    read: Callable[[], float]
    rounds: int


def best_seconds(run: Callable[[], object], clock: Clock) -> float:
    """The shortest of so many runs."""
    seconds = []
    for _ in range(clock.rounds):
        start = clock.read()
        run()
        seconds.append(clock.read() - start)
    return min(seconds)


def compare(layout: str, path: Path, records: int, clock: Clock, left_out: Sequence[str] = ()) -> list[Line]:
    """What the floor and each engine took, once their values are found to be the same."""
    engines: dict[str, ModuleType] = {}
    for name in [name for name in ENGINES if name not in left_out]:
        if find_spec(name):
            engines[name] = import_module(f"opponents.with_{name}")
        else:
            click.echo(f"{name} is not installed and left out", err=True)
    run = {name: getattr(module, f"of_{layout}") for name, module in engines.items()}
    expected = run["simbox"](path)
    features = {}
    for name in engines:
        found = run[name](path)
        if differing := differences(found, expected):
            raise SystemExit(f"{layout}: {name} says otherwise than simbox of {', '.join(differing)}")
        if found.height < expected.height and not hasattr(engines[name], "sample"):
            raise SystemExit(f"{layout}: {name} leaves out SIMs")
        features[name] = sum(feature in found.columns for feature in FEATURES)
    files = path / "*.parquet" if path.is_dir() else path
    lines = [Line("floor", best_seconds(lambda: pl.read_parquet(files, columns=list(COLUMNS)), clock), 0)]
    for name, module in engines.items():
        seconds = best_seconds(lambda name=name: run[name](path), clock)
        share = module.sample(path).height / records if hasattr(module, "sample") else 1.0
        lines.append(Line(name, seconds / share, features[name]))
    return lines


def find_missed(layout: str, lines: list[Line]) -> list[str]:
    """The bounds that a layout misses."""
    seconds = {line.engine: line.seconds for line in lines}
    ours = seconds["simbox"]
    missed = [
        f"{layout}: {seconds[name] / ours:.1f} times faster than {name}, not {bound}"
        for name, bound in BOUNDS[layout].items()
        if name in seconds and seconds[name] < bound * ours
    ]
    if layout == "store" and ours > FLOOR_BOUND * seconds["floor"]:
        missed.append(f"{layout}: {ours / seconds['floor']:.1f} times the floor, not {FLOOR_BOUND}")
    return missed


def make_table(tables: dict[str, list[Line]], records: int, sims: int, cpu: bool, rounds: int) -> str:
    """The tables of both layouts as Markdown, with what they were measured on."""
    unit = "seconds of processor time" if cpu else "seconds"
    text = [
        f"{records:,} records of up to {sims:,} SIMs, {len(FEATURES)} features over a week, {THREADS} threads, files in"
        f" memory, best of {rounds}; {unit}. The floor reads the columns and does nothing with them.",
    ]
    for layout, lines in tables.items():
        ours = next(line.seconds for line in lines if line.engine == "simbox")
        text += ["", f"| {LAYOUTS[layout]} | {unit} | records a second | times simbox's |", "|---|---|---|---|"]
        for line in lines:
            is_part = 0 < line.features < len(FEATURES)
            name = f"{line.engine} ({line.features} features, a sample scaled up)" if is_part else line.engine
            text.append(f"| {name} | {line.seconds:.2f} | {records / line.seconds:,.0f} | {line.seconds / ours:.2f} |")
    return "\n".join(text)


def main() -> int:
    """0 where every bound is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000_000)
    parser.add_argument("--sims", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="200,000 records of 10,000 SIMs")
    parser.add_argument("--cpu", action="store_true", help="seconds of processor time instead of the clock's")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of how many runs the shortest counts")
    parser.add_argument("--without", nargs="+", default=[], choices=ENGINES[1:], help="opponents that are left out")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md")
    chosen = parser.parse_args()
    size = (200_000, 10_000) if chosen.quick else (chosen.records, chosen.sims)
    clock = Clock(time.process_time if chosen.cpu else time.perf_counter, chosen.rounds)
    with tempfile.TemporaryDirectory() as folder:
        records = make_records(*size)
        paths = lay_out(Path(folder), records)
        height = records.height
        del records
        tables = {layout: compare(layout, path, height, clock, chosen.without) for layout, path in paths.items()}
    table = make_table(tables, height, size[1], chosen.cpu, chosen.rounds)
    click.echo(table)
    if chosen.readme:
        README.write_text(refresh(README.read_text(encoding="utf-8"), {BLOCK: table}), encoding="utf-8")
    missed = [line for layout, lines in tables.items() for line in find_missed(layout, lines)]
    for line in missed:
        click.echo(f"missed: {line}", err=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
