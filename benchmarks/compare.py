"""simbox against what a user would pick instead, on the same features of the same records over one window.

`python benchmarks/compare.py --records 20000000 --sims 1000000`, or `--quick`; with `--readme` the table goes into
README.md. Values are compared before times print; times are the best of three on two threads with the files in memory.
Two layouts: night files in no order, as they arrive (partition and sort included), and one file sorted by SIM and time.
The floor is merely reading the columns. bandicoot gets a sample of SIMs, and its seconds are scaled to all records.
Exits with 1 where a bound is missed. An opponent that is not installed is left out, and said to be; so are those named
by `--without`.

Each engine runs in a process of its own, whose memory is told beside its time. DuckDB may take four fifths of
`--memory` and goes to disk beyond; who takes more than all of it, or fills the disk, is ended and said to have. With
`--limit` an engine is stopped after so many seconds for all its runs: who has answered once by then is said to have
taken what that took, who has not is said to take longer than the limit.
On a machine that others use too, `--cpu` takes the seconds of processor time instead of those on the clock.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import polars as pl
from compared_records import lay_out
from one_engine import OUT_OF_MEMORY
from opponents import FEATURES
from plain_sources import measure
from refresh_readme import README, refresh

from simbox.store import read_memory

BENCHMARKS = Path(__file__).resolve().parent
THREADS = "2"
ENGINES = ("simbox", "polars", "duckdb", "pandas", "bandicoot")
ROUNDS = 3
# How many times faster than each opponent simbox has to be, and how near to the floor.
BOUNDS = {
    "files": {"polars": 5.0, "duckdb": 7.0},
    "store": {name: 3.0 for name in ENGINES if name != "simbox"},
}
FLOOR_BOUND = 2.5
LAYOUTS = {"files": "night files in no order", "store": "sorted by SIM and time"}
BLOCK = "compare"
# Answers may differ by one part in so many.
EXACT = 1e-9


class Line(NamedTuple):
    """What an engine took for all records, in seconds, None where memory ended before; how many of the features it has;
    the most that its process had resident; and whether it was stopped after these seconds, without an answer."""

    engine: str
    seconds: float | None
    features: int
    peak_bytes: int
    is_stopped: bool = False


class Settings(NamedTuple):
    """Of how many runs the shortest counts, whether seconds are of the processor, and what an engine may take, in time
    for all its runs."""

    rounds: int
    cpu: bool
    memory_bytes: int
    limit_s: float | None = None


def differences(found: Path, expected: Path) -> list[str]:
    """The features in which an answer differs from simbox's, feature by feature; `imsi` where SIMs do.

    Of a sample its own SIMs and features are compared.
    """
    sims, everybody = (pl.read_parquet(path, columns=["imsi"])["imsi"] for path in (found, expected))
    is_asked = everybody.is_in(sims.implode())
    if not sims.equals(everybody.filter(is_asked)):
        return ["imsi"]
    names = pl.read_parquet_schema(found)
    return [name for name in FEATURES if name in names and not _agree(name, found, expected, is_asked)]


def _agree(name: str, found: Path, expected: Path, is_asked: pl.Series) -> bool:
    columns = [pl.read_parquet(path, columns=[name])[name] for path in (found, expected)]
    columns[1] = columns[1].filter(is_asked)
    values = (column.cast(pl.Float64).fill_null(float("nan")).to_numpy() for column in columns)
    return np.allclose(*values, rtol=EXACT, atol=EXACT, equal_nan=True)


def run_engine(engine: str, layout: str, path: Path, answer: Path, settings: Settings) -> Line:
    """Have an engine find all features in a process of its own; SystemExit where it ends for want of anything else than
    memory."""
    told = answer.with_suffix(".json")
    told.unlink(missing_ok=True)
    click.echo(f"{layout}: {engine} ...", err=True)
    environment = {"POLARS_MAX_THREADS": THREADS, "NUMBA_NUM_THREADS": THREADS}
    environment |= {"PYTHONPATH": str(BENCHMARKS.parent), "OPPONENT_MEMORY_BYTES": str(settings.memory_bytes * 4 // 5)}
    clock = "processor" if settings.cpu else "clock"
    command = [sys.executable, BENCHMARKS / "one_engine.py", engine, layout, path, answer, str(settings.rounds), clock]
    peak = measure(command, environment, settings.memory_bytes, settings.limit_s)
    if peak.code == -9 and settings.limit_s is not None and peak.seconds > settings.limit_s:
        click.echo(f"{layout}: {engine} was stopped after {settings.limit_s:.0f} s", err=True)
        if not told.exists():
            return Line(engine, settings.limit_s, 0, peak.bytes, is_stopped=True)
    # The system ends who takes the last of the machine's, as this does who passes the setting.
    elif peak.code in (OUT_OF_MEMORY, -9):
        return Line(engine, None, 0, peak.bytes)
    elif peak.code:
        raise SystemExit(f"{layout}: {engine} ended with {peak.code}")
    line = json.loads(told.read_text(encoding="utf-8"))
    # A hundred million records take hours: what was measured is told before all is.
    click.echo(f"{layout}: {engine} took {line['seconds'] / line['share']:.2f} s", err=True)
    features = 0 if engine == "floor" else len(set(FEATURES).intersection(pl.read_parquet_schema(answer)))
    return Line(engine, line["seconds"] / line["share"], features, peak.bytes)


def compare(layout: str, path: Path, folder: Path, settings: Settings, left_out: Sequence[str] = ()) -> list[Line]:
    """What the floor and each engine took, once their values are found to be the same."""
    lines = [run_engine("floor", layout, path, folder / "nothing.parquet", settings)]
    expected = folder / "simbox.parquet"
    for name in [name for name in ENGINES if name not in left_out]:
        if not find_spec(name):
            click.echo(f"{name} is not installed and left out", err=True)
            continue
        answer = folder / f"{name}.parquet"
        line = run_engine(name, layout, path, answer, settings)
        lines.append(line)
        if line.seconds is None or line.is_stopped:
            if name == "simbox":
                raise SystemExit(f"{layout}: simbox took more than the memory or the time there is")
            continue
        if differing := differences(answer, expected):
            raise SystemExit(f"{layout}: {name} says otherwise than simbox of {', '.join(differing)}")
        is_sample = line.features < len(FEATURES)
        if not is_sample and _height(answer) < _height(expected):
            raise SystemExit(f"{layout}: {name} leaves out SIMs")
        if name != "simbox":
            answer.unlink()
    return lines


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def find_missed(layout: str, lines: list[Line]) -> list[str]:
    """The bounds that a layout misses."""
    # Who is out of memory has no time to be compared with.
    seconds = {line.engine: line.seconds for line in lines if line.seconds is not None}
    ours = seconds["simbox"]
    missed = [
        f"{layout}: {seconds[name] / ours:.1f} times faster than {name}, not {bound}"
        for name, bound in BOUNDS[layout].items()
        # Who was stopped before an answer is slower than this says.
        if name in seconds and seconds[name] < bound * ours
    ]
    if layout == "store" and ours > FLOOR_BOUND * seconds["floor"]:
        missed.append(f"{layout}: {ours / seconds['floor']:.1f} times the floor, not {FLOOR_BOUND}")
    return missed


def make_table(tables: dict[str, list[Line]], records: int, sims: int, settings: Settings) -> str:
    """The tables of both layouts as Markdown, with what they were measured on."""
    unit = "seconds of processor time" if settings.cpu else "seconds"
    limit = "" if settings.limit_s is None else f", in {settings.limit_s:.0f} s for all its runs"
    text = [
        f"{records:,} records of up to {sims:,} SIMs, {len(FEATURES)} features over a week, {THREADS} threads, files in"
        f" memory, best of {settings.rounds}; {unit}. The floor reads the columns and does nothing with them. Each"
        f" engine has a process of its own, which may take {settings.memory_bytes / (1 << 30):.0f} GiB{limit}.",
    ]
    for layout, lines in tables.items():
        ours = next(line.seconds for line in lines if line.engine == "simbox")
        text += [
            "",
            f"| {LAYOUTS[layout]} | {unit} | records a second | times simbox's | resident, GiB |",
            "|---|---|---|---|---|",
        ]
        for line in lines:
            is_part = 0 < line.features < len(FEATURES)
            name = f"{line.engine} ({line.features} features, a sample scaled up)" if is_part else line.engine
            told = "out of memory or disk | | |"
            if line.seconds is not None and ours is not None:
                more, less = ("over ", "under ") if line.is_stopped else ("", "")
                told = f"{more}{line.seconds:.2f} | {less}{records / line.seconds:,.0f} |"
                told += f" {more}{line.seconds / ours:.2f} |"
            text.append(f"| {name} | {told} {line.peak_bytes / (1 << 30):.1f} |")
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
    parser.add_argument("--memory", help="what each engine may take; by default nine tenths of what is free")
    parser.add_argument("--limit", type=float, help="seconds that all runs of an engine may take")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md")
    chosen = parser.parse_args()
    records, sims = (200_000, 10_000) if chosen.quick else (chosen.records, chosen.sims)
    memory = read_memory(chosen.memory).limit if chosen.memory else _free_memory() * 9 // 10
    settings = Settings(chosen.rounds, chosen.cpu, memory, chosen.limit)
    with tempfile.TemporaryDirectory() as folder:
        paths, height = lay_out(Path(folder), records, sims)
        tables = {
            layout: compare(layout, path, Path(folder), settings, chosen.without) for layout, path in paths.items()
        }
    table = make_table(tables, height, sims, settings)
    click.echo(table)
    if chosen.readme:
        README.write_text(refresh(README.read_text(encoding="utf-8"), {BLOCK: table}), encoding="utf-8")
    missed = [line for layout, lines in tables.items() for line in find_missed(layout, lines)]
    for line in missed:
        click.echo(f"missed: {line}", err=True)
    return 1 if missed else 0


def _free_memory() -> int:
    """Bytes that the machine can give without taking them from others."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) << 10


if __name__ == "__main__":
    sys.exit(main())
