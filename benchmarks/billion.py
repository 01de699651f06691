"""A run over a billion records: `python benchmarks/billion.py --workdir DIR`, and again to go on where it ended.

Each night's file is made while the one before it is taken into a store, and deleted when it was taken itself; at last
FEATURES of the last night are computed in all five windows. Each step is a process whose peak memory is watched, and
adds a line to DIR/log.jsonl; steps that have one are not done again. With `--readme` the log's summary goes into
README.md.
"""

import argparse
import json
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click
from features_of_a_source import Stopwatch, compute, take
from plain_sources import make_plain_night, make_plain_tables, measure
from refresh_readme import README, blocks, refresh

from simbox.cli.threads import allocators
from simbox.config import load_config
from simbox.intake.references import read_references
from simbox.store import open_store, read_memory
from simbox.telecom.cells import fuse_places

ROOT = Path(__file__).resolve().parents[1]
RECORDS = 1_000_000_000
# Three a night, as a country's subscribers have.
RECORDS_PER_SIM = 100
NIGHTS = 30
BLOCK = "billion"
FEATURES_STEP = "features"
GIB = 1 << 30


def make_source(workdir: Path, number: int, records: int, nights: int) -> Path:
    """Make the source of one night, a folder of its own."""
    source = workdir / f"source-{number}"
    shutil.rmtree(source, ignore_errors=True)
    make_plain_tables(source)
    make_plain_night(source, number, records, records // RECORDS_PER_SIM, nights)
    return source


def take_night(workdir: Path, memory: str) -> dict[str, Any]:
    """Take the source's only night into the store."""
    store = open_store(workdir / "store", create=True, memory=read_memory(memory))
    watch = Stopwatch()
    take(workdir / "source", store, watch)
    night = store.nights()[-1]
    return {"records": store.rows([night]), "store_bytes": _bytes_below(store.path), **watch.seconds}


def compute_features(workdir: Path, memory: str) -> dict[str, Any]:
    """FEATURES of the last night, in all windows that the store fills; forty million rows are not written."""
    source = workdir / "source"
    store = open_store(workdir / "store", memory=read_memory(memory))
    watch = Stopwatch()
    places = fuse_places(read_references(source).cells)
    watch.end("places")
    told = compute(store, places, workdir, load_config(source / "simbox.toml"), watch, written=False)
    return told | watch.seconds


STEPS = {"take": take_night, FEATURES_STEP: compute_features}


def run_step(workdir: Path, name: str, kind: str, memory: str) -> None:
    """Do a step in a process of its own and log it; SystemExit where it fails."""
    told = workdir / "told.json"
    told.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--workdir", workdir, "--memory", memory, "--step", kind]
    peak = measure(command, {"PYTHONPATH": str(ROOT)} | allocators(memory))
    if peak.code:
        raise SystemExit(f"the step {name} ended with {peak.code}; the same command goes on with it")
    line = {"step": name, **json.loads(told.read_text()), "wall": round(peak.seconds, 1), "peak_bytes": peak.bytes}
    with (workdir / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    click.echo(json.dumps(line))


def read_log(workdir: Path) -> dict[str, dict[str, Any]]:
    """What each step that is done says of itself."""
    path = workdir / "log.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line["step"]: line for line in map(json.loads, lines)}


def summarise(log: dict[str, dict[str, Any]], memory: str) -> str:
    """The log in a few lines of Markdown."""
    nights = [line for name, line in log.items() if name != FEATURES_STEP]
    records = sum(line["records"] for line in nights)
    taken = sum(line["intake"] for line in nights)
    last = log[FEATURES_STEP]
    peak = max(line["peak_bytes"] for line in log.values())
    size = nights[-1]["store_bytes"]
    cores = os.cpu_count()
    size_asked = "" if records > RECORDS - NIGHTS else f" --records {records}"
    return "\n".join(
        [
            f"`python benchmarks/billion.py --workdir DIR{size_asked}`: {records:,} records of"
            f" {records // RECORDS_PER_SIM:,} SIMs in {len(nights)} nights on {cores} cores with `--memory {memory}`.",
            "",
            "| step | seconds | records a second |",
            "|---|---|---|",
            f"| intake of {len(nights)} nights, {size / GIB:.2f} GiB in the store | {taken:,.0f} |"
            f" {records / taken:,.0f} |",
            f"| counts over all SIMs | {last['population']:,.0f} | {last['records'] / last['population']:,.0f} |",
            f"| the catalogue in {len(last['windows'])} windows, {last['feature_rows']:,} rows |"
            f" {last['features']:,.0f} | {last['records'] / last['features']:,.0f} |",
            "",
            f"Largest resident memory of all processes in any step: {peak / GIB:.2f} GiB.",
        ]
    )


def put(text: str, summary: str) -> str:
    """The README with the summary in its block, which comes after the comparison's where there is none yet."""
    if BLOCK not in blocks(text):
        comparison = text.index("<!-- end -->", text.index("<!-- compare:")) + len("<!-- end -->")
        block = f"\n\n<!-- {BLOCK}: `python benchmarks/billion.py --readme` writes it -->\n\n<!-- end -->"
        text = text[:comparison] + block + text[comparison:]
    return refresh(text, {BLOCK: summary})


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def main() -> None:
    """Go on with the run to its end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workdir", type=Path, required=True, help="holds store, log and what is being made")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--memory", default="4GiB")
    parser.add_argument("--readme", action="store_true", help="write the summary into README.md")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    workdir: Path = chosen.workdir
    if chosen.step:
        told = STEPS[chosen.step](workdir, chosen.memory)
        (workdir / "told.json").write_text(json.dumps(told), encoding="utf-8")
        return
    workdir.mkdir(parents=True, exist_ok=True)
    done = read_log(workdir)
    source = workdir / "source"
    missing = [number for number in range(chosen.nights) if f"night {number}" not in done]
    with ProcessPoolExecutor(1) as maker:
        coming = [maker.submit(make_source, workdir, number, chosen.records, chosen.nights) for number in missing[:1]]
        for number, following in zip_longest(missing, missing[1:]):
            shutil.rmtree(source, ignore_errors=True)
            coming.pop().result().rename(source)
            if following is not None:
                coming.append(maker.submit(make_source, workdir, following, chosen.records, chosen.nights))
            run_step(workdir, f"night {number}", "take", chosen.memory)
    if FEATURES_STEP not in done:
        shutil.rmtree(source, ignore_errors=True)
        make_plain_tables(source)
        run_step(workdir, FEATURES_STEP, FEATURES_STEP, chosen.memory)
    summary = summarise(read_log(workdir), chosen.memory)
    click.echo(summary)
    if chosen.readme:
        README.write_text(put(README.read_text(encoding="utf-8"), summary), encoding="utf-8")


if __name__ == "__main__":
    main()
