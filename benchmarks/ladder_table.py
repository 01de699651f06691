"""Puts the ladder's table into README.md: `python benchmarks/ladder_table.py [--workdir DIR | --figures FILE]`.

It runs `simbox evaluate --suite ladder`, keeps the figures that the table shows in benchmarks/ladder.json and writes
the table from that file. Worlds that are too small to publish are refused.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from refresh_readme import README, ROOT, blocks, refresh

LADDER = ROOT / "benchmarks" / "ladder.json"
COMMAND = "simbox evaluate --suite ladder"
BLOCK = "ladder"
HEADING = "## How well it does"
BEFORE = "## What this version does not do"
JUDGES = ("simbox", "volume and ratio")
RATES = ("0.001", "0.0001", "1e-05")


def run_suite(workdir: Path) -> dict[str, Any]:
    """The figures of the ladder at its usual size; worlds that `workdir` holds already are taken."""
    command = [sys.executable, "-m", "simbox.cli", *COMMAND.split()[1:], "--workdir", str(workdir)]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    figures: dict[str, Any] = json.loads((workdir / "evaluation.json").read_text(encoding="utf-8"))
    return figures


def pick(figures: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of an evaluation; ValueError where its worlds are none of a published table."""
    world, suite = figures["world"], figures.get("suite", {})
    if suite.get("scenario") != "ladder":
        raise ValueError("these are not the figures of the suite ladder")
    if not world["fit_to_publish"]:
        raise ValueError("these worlds are too small to publish: 300,000 lawful SIMs and 20 rigs are needed")
    judges = {ranking["name"]: ranking for ranking in figures["sim"]["rankings"]}
    return {
        "world": {name: world[name] for name in ("runs", "subscribers", "innocents", "rigs", "rig_sims")},
        "suite": suite,
        "judges": {
            name: {
                "false_positive_rate": judges[name]["false_positive_rate"],
                "recall": {
                    row["group"]: row["recall"]
                    for row in judges[name]["recall"]
                    if row["population"] == "active" and row["by"] in ("all", "level")
                },
            }
            for name in JUDGES
        },
        "rigs": {
            row["group"]: {"b_cubed_f1": row["b_cubed"]["f1"], "recovered": row["recovered"], "rigs": row["rigs"]}
            for row in figures["rig"]["groups"]
            if row["by"] in ("all", "level")
        },
        "median_hours": {row["level"]: row["median_hours"] for row in figures["time"]},
    }


def make_table(ladder: dict[str, Any]) -> str:
    """The table as Markdown, with what it was measured on and by which command."""
    world = ladder["world"]
    levels = sorted(level for level in ladder["rigs"] if level != "all")
    lines = [
        f"`{_command(ladder['suite'])}`: {world['runs']} worlds, {world['subscribers']:,} lawful SIMs"
        f" ({world['innocents']:,} active), {world['rigs']} rigs with {world['rig_sims']:,} active SIMs. Share of the"
        " rigs' active SIMs caught, in per cent, at false positive rates of 1e-3, 1e-4 and 1e-5 and as reported, with"
        " 95 % intervals over rigs.",
        "",
        "| level | judge | 1e-3 | 1e-4 | 1e-5 | reported | rigs recovered | B-cubed F1 | median hours to listing |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for level in [*levels, "all"]:
        for name in JUDGES:
            recall = ladder["judges"][name]["recall"][level]
            rig = ladder["rigs"][level]
            ours = [_share(rig["recovered"]), _share(rig["b_cubed_f1"]), _number(ladder["median_hours"][level])]
            cells = [level, name, *(_interval(recall[rate]) for rate in (*RATES, "flagged"))]
            lines.append("| " + " | ".join(cells + (ours if name == JUDGES[0] else ["", "", ""])) + " |")
    realised = ", ".join(f"{name} {ladder['judges'][name]['false_positive_rate']:.1e}" for name in JUDGES)
    return "\n".join([*lines, "", f"False positive rate of what is reported: {realised}."])


def put(text: str, table: str) -> str:
    """The README with the table in its block; the block gets its section before the limits where there is none yet."""
    if BLOCK not in blocks(text):
        section = f"{HEADING}\n\n<!-- {BLOCK}: `python benchmarks/ladder_table.py` writes it -->\n\n<!-- end -->\n\n"
        text = text.replace(BEFORE, section + BEFORE, 1)
    return refresh(text, {BLOCK: table})


def _command(suite: dict[str, Any]) -> str:
    options = [f" --{name} {suite[name]}" for name in ("subscribers", "nights", "rigs") if name in suite]
    return f"{COMMAND}{''.join(options)} --seeds {len(suite['seeds'])}"


def _interval(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return "n/a"
    return f"{100 * entry['value']:.0f} ({100 * entry['low']:.0f}-{100 * entry['high']:.0f})"


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.0f} %"


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}"


def main() -> None:
    """Measure, or take figures that were measured, and write ladder.json and the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument("--figures", type=Path, help="an evaluation.json of the suite, instead of running it")
    asked = parser.parse_args()
    if asked.figures:
        figures = json.loads(asked.figures.read_text(encoding="utf-8"))
    elif asked.workdir:
        figures = run_suite(asked.workdir)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            figures = run_suite(Path(temporary))
    ladder = pick(figures)
    LADDER.write_text(json.dumps(ladder, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), make_table(ladder)), encoding="utf-8")


if __name__ == "__main__":
    main()
