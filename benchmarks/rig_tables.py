"""Puts into README.md how well rigs are recovered, world by world: `python benchmarks/rig_tables.py [--workdir DIR]`.

The worlds are those of benchmarks/score_tables.py, `ladder` as large as the others, and one without a registry beside
them; those that its workdir holds are taken. Rigs are counted by the SIMs that were active, registered or not. Of
worlds without rigs, `clean` and `outage`, it tells what is found all the same. The figures are kept in
benchmarks/rig_tables.json.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readme_tables import MISSING, put, show_number
from refresh_readme import README, ROOT
from rig_ablation import pick
from score_tables import LAWFUL, NIGHTS, SCENARIOS, SUBSCRIBERS

from simbox.evaluation import FAMILIES, Part, Size, evaluate_rigs, make_suite, suite_seeds
from simbox.evaluation.suite import World

SCRIPT = Path(__file__).name
TABLE = Path(__file__).stem
KEPT = ROOT / "benchmarks" / f"{TABLE}.json"
EVERY = "all six"
BESIDE = "noregistry"
LEVELS = {"E0-E2": ("E0", "E1", "E2"), "E3-E4": ("E3", "E4"), "E5": ("E5",), "E6": ("E6",)}


def measure(workdir: Path, size: Size, jobs: int) -> dict[str, Any]:
    """How well rigs are recovered by scenario and family of worlds, and how many are found where there are none."""
    seeds = suite_seeds(1)
    found: dict[str, Any] = {}
    for family in FAMILIES:
        parts = [Part(name, name, family, size) for name in (*SCENARIOS, BESIDE)]
        parts += [Part(name, name, family, Size(size.subscribers)) for name in LAWFUL]
        made = make_suite(parts, seeds, workdir, lambda *_: None, jobs)
        worlds = {part.name: of_part for part, of_part in zip(parts, made, strict=True)}
        with_rigs = {EVERY: [world for name in SCENARIOS for world in worlds[name]]}
        with_rigs |= {name: worlds[name] for name in (*SCENARIOS, BESIDE)}
        found[family] = {name: judge(of_name) for name, of_name in with_rigs.items()}
        found[family] |= {name: {"rigs_found": _rigs_found(worlds[name])} for name in LAWFUL}
    return {"seeds": seeds, "size": size._asdict(), "families": found}


def judge(worlds: Sequence[World]) -> dict[str, Any]:
    """Rigs found and B-cubed F1 by levels, rigs that hold nobody's SIMs, and how many keep their name each night."""
    figures = evaluate_rigs([world.run for world in worlds], [world.truth for world in worlds])
    [kept] = [row["same_share"] for row in figures["stability"] if row["level"] == "all"]
    nobodys = figures["found"]["rigs_of_innocents"]
    return pick(figures, LEVELS) | {"same_name": kept, "rigs_of_innocents": nobodys}


def _rigs_found(worlds: Sequence[World]) -> int:
    figures = evaluate_rigs([world.run for world in worlds], [world.truth for world in worlds])
    return int(figures["found"]["rigs"])


def make_table(figures: dict[str, Any]) -> str:
    """The table as Markdown, with the command it is made by."""
    usual = {"subscribers": SUBSCRIBERS, "rigs": None}
    options = "".join(f" --{name} {figures['size'][name]}" for name in usual if figures["size"][name] != usual[name])
    groups = ["all", *LEVELS]
    lines = [
        f"`python benchmarks/{SCRIPT}{options}`, after all nights, one world of each scenario. B-cubed F1 / rigs found"
        " (half of their active SIMs or more, purity 0.9) of the rigs of three active SIMs or more, in per cent; how"
        " many rigs hold innocents only; and the share of SIMs that are in a rig on one night and the next for which it"
        " has the same name.",
        "",
        "| scenario | family | rigs | " + " | ".join(groups) + " | of innocents | same name |",
        "|---|---|---|" + "---|" * (len(groups) + 2),
    ]
    families = figures["families"]
    for name in (EVERY, *SCENARIOS, BESIDE):
        for family, found in families.items():
            row = found[name]
            cells = [f"{_percent(row[group]['b_cubed_f1'])} / {_percent(row[group]['recovered'])}" for group in groups]
            cells += [str(row["rigs_of_innocents"]), f"{_percent(row['same_name'])} %"]
            lines.append(f"| {name} | {family} | {row['all']['rigs']} | {' | '.join(cells)} |")
    nowhere = [
        f"{found[name]['rigs_found']} ({name}, {family})" for family, found in families.items() for name in LAWFUL
    ]
    return "\n".join([*lines, "", f"Rigs found where there are none: {', '.join(nowhere)}."])


def _percent(share: float | None) -> str:
    return MISSING if share is None else show_number(100 * share)


def main() -> None:
    """Measure, and write the figures and the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    parser.add_argument("--rigs", type=int)
    parser.add_argument("--jobs", type=int, default=1, help="worlds worked on at once")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(asked.workdir or Path(temporary), Size(asked.subscribers, NIGHTS, asked.rigs), asked.jobs)
    KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), {TABLE: make_table(figures)}, SCRIPT), encoding="utf-8")


if __name__ == "__main__":
    main()
