"""Puts into README.md what each family of comparisons is worth to the rigs: `python benchmarks/rig_ablation.py`.

Worlds of the scenario ladder, of both families and the suite's own seeds, are scanned as they are and once more with
each family of comparisons left out (`leave_out` under `[rigs]` in simbox.toml); the records are taken in once. The
figures are kept in benchmarks/rig_ablation.json, and the table is written from that file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, get_args

from readme_tables import put, show_number
from refresh_readme import README, ROOT

from simbox.config import PairFamily
from simbox.evaluation import FAMILIES, Size, evaluate_rigs, make_suite, plan_suite, suite_seeds

SCRIPT = Path(__file__).name
TABLE = Path(__file__).stem
KEPT = ROOT / "benchmarks" / f"{TABLE}.json"
SCENARIO = "ladder"
NOTHING = "nothing"
LEFT_OUT = (NOTHING, *get_args(PairFamily))
LEVELS = {"E0-E2": ("E0", "E1", "E2"), "E3-E4": ("E3", "E4"), "E5-E6": ("E5", "E6")}
FINISHED = (0, 3)


class Scanned(NamedTuple):
    """A world's source and truth, and where its own run and those without a family are."""

    source: Path
    truth: Path
    run: Path

    def without(self, family: str) -> Path:
        """The run that leaves a family out; its own where none is."""
        return self.run if family == NOTHING else self.run.with_name(f"{self.source.name}.without-{family}")


def scan_without(world: Scanned, family: str) -> None:
    """Scan a world that was taken in with a family of comparisons left out, unless that was done."""
    out = world.without(family)
    if out.exists():
        return
    text = (world.source / "simbox.toml").read_text(encoding="utf-8")
    if "[rigs]" in text:
        raise ValueError("the world's own simbox.toml says something of rigs already")
    with tempfile.TemporaryDirectory() as temporary:
        config = Path(temporary) / "simbox.toml"
        config.write_text(f'{text}\n[rigs]\nleave_out = ["{family}"]\n', encoding="utf-8")
        command = [sys.executable, "-m", "simbox.cli", "scan", world.source, "-o", out, "--config", config]
        command += ["--store", world.run / "store"]
        done = subprocess.run(
            [str(part) for part in command],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in FINISHED:
        raise RuntimeError(f"simbox scan ended with {done.returncode}: {done.stderr[-500:]}")


def measure(folder: Path, seeds: int, jobs: int, size: Size) -> dict[str, Any]:
    """How well rigs are recovered with all comparisons and without each family, by family of worlds and level."""
    drawn = suite_seeds(seeds)
    parts = plan_suite(SCENARIO, FAMILIES, size)
    made = make_suite(parts, drawn, folder, lambda *_: None, jobs)
    figures: dict[str, Any] = {"seeds": drawn, "size": {k: v for k, v in size._asdict().items() if v}, "families": {}}
    for part, worlds in zip(parts, made, strict=True):
        scanned = [Scanned(world.run.with_suffix(""), world.truth, world.run) for world in worlds]
        figures["families"][part.family] = {}
        for family in LEFT_OUT:
            # A store is locked by whoever scans, so the worlds are worked on at once, not the families.
            with ThreadPoolExecutor(jobs) as pool:
                list(pool.map(lambda world, family=family: scan_without(world, family), scanned))
            found = evaluate_rigs([world.without(family) for world in scanned], [world.truth for world in scanned])
            figures["families"][part.family][family] = pick(found, LEVELS)
    return figures


def pick(found: dict[str, Any], by_levels: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Rigs found and B-cubed F1 of all and by groups of levels, each level as its rigs count."""
    rows = {row["group"]: row for row in found["groups"] if row["by"] in ("all", "level")}
    groups: dict[str, Sequence[str]] = {"all": ("all",), **by_levels}
    picked: dict[str, Any] = {"innocents_worst": found["found"]["innocents_worst"]}
    for name, levels in groups.items():
        held = [rows[level] for level in levels if level in rows]
        rigs = sum(row["rigs"] for row in held)
        picked[name] = {
            "rigs": rigs,
            # Of a level of whose rigs nothing is found there is no precision, and nothing is right.
            "b_cubed_f1": sum((row["b_cubed"]["f1"] or 0.0) * row["rigs"] for row in held) / rigs if rigs else None,
            "recovered": sum(row["recovered"] * row["rigs"] for row in held) / rigs if rigs else None,
        }
    return picked


def make_table(figures: dict[str, Any]) -> str:
    """The table as Markdown, with what it was measured on and by which command."""
    options = "".join(f" --{name.replace('_', '-')} {value}" for name, value in figures["size"].items())
    worlds = len(figures["seeds"])
    groups = ["all", *LEVELS]
    lines = [
        f"`python benchmarks/{SCRIPT} --seeds {worlds}{options}`: {worlds} worlds of the scenario `{SCENARIO}` of each"
        " family, by all comparisons and without each family of them. B-cubed F1 / rigs found, in per cent.",
        "",
        "| left out | worlds | " + " | ".join(groups) + " |",
        "|---|---|" + "---|" * len(groups),
    ]
    for left_out in LEFT_OUT:
        for family, found in figures["families"].items():
            # Comparisons that came after the figures have none yet.
            if left_out not in found:
                continue
            cells = [f"{_share(found[left_out][name], 'b_cubed_f1')} / {_share(found[left_out][name], 'recovered')}"
                     for name in groups]  # fmt: skip
            lines.append("| " + " | ".join([left_out, family, *cells]) + " |")
    return "\n".join(lines)


def _share(row: dict[str, Any], name: str) -> str:
    return show_number(None if row[name] is None else 100 * row[name])


def main() -> None:
    """Measure, and write the figures and the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument("--seeds", type=int, default=3, help="worlds of each family")
    parser.add_argument("--jobs", type=int, default=1, help="worlds worked on at once")
    parser.add_argument("--subscribers", type=int, help="lawful SIMs of each world; by default as the scenario says")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.workdir or Path(temporary)
        figures = measure(folder, asked.seeds, asked.jobs, Size(subscribers=asked.subscribers))
    KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), {TABLE: make_table(figures)}, SCRIPT), encoding="utf-8")


if __name__ == "__main__":
    main()
