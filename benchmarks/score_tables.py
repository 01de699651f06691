"""Prints what scores are worth and puts it into README.md: `python benchmarks/score_tables.py [--workdir DIR]`.

Worlds of six scenarios and both families, their seeds drawn from the sources, are scanned twice: their first night
alone, and all nights. All scenarios of a family are pooled. Beside recall by level stand what is realised at the
shipped threshold, how far probabilities are off, each look-alike segment, `clean` and `outage`, and what
benchmarks/score_ablation.py measures. Only what is large enough is kept in benchmarks/scores.json and written into the
README; a smaller run is printed. `--figures FILE` takes figures that were measured, `--keep FILE` keeps any.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from readme_tables import MISSING, put, show_interval, show_number
from refresh_readme import README, ROOT
from score_ablation import measure_ablation
from suite_tables import FAMILIES

from simbox.evaluation import Part, Size, evaluate_runs, make_suite, suite_seeds
from simbox.manifest import read_manifest
from simbox.synth import generate

KEPT = ROOT / "benchmarks" / "scores.json"
BLOCK = "scores"
SCRIPT = Path(__file__).name
SCENARIOS = ("ladder", "quiet", "crowded", "partial", "single", "straw")
LAWFUL = ("clean", "outage")
SPANS = ("one night", "seven nights")
RATES = ("0.0001", "1e-05")
# Of 200,000 in each of six scenarios 980,000 were active, and 1e-5 needs a million; of 15 rigs none is of E3. Beside
# 270,000 in each the scenarios' own rigs are 0.52 % of the active SIMs, and 0.5 % may be: so one of them is larger.
SUBSCRIBERS, LADDER_SUBSCRIBERS, NIGHTS, SEEDS = 270_000, 360_000, 7, 1
LADDER = "ladder"
# Features of all nights of such a world are held at once.
LESSON_SUBSCRIBERS, LESSON_TESTS, LESSON_TAUGHT = 60_000, 2, 6
LARGEST_PREVALENCE, LEAST_SIM_NIGHTS = 0.005, 1_000_000


def measure(asked: argparse.Namespace, workdir: Path) -> dict[str, Any]:
    """All figures of the tables, from worlds in `workdir`; those that are there are taken."""
    tested = suite_seeds(asked.seeds)
    size = Size(asked.subscribers, asked.nights, asked.rigs)
    families = {}
    for family in FAMILIES:
        larger = size._replace(subscribers=asked.ladder_subscribers)
        parts = [Part(name, name, family, larger if name == LADDER else size) for name in asked.scenarios]
        worlds = [world for made in make_suite(parts, tested, workdir, _quiet, asked.jobs) for world in made]
        runs, truths = [world.run for world in worlds], [world.truth for world in worlds]
        lawful = [Part(name, name, family, Size(asked.subscribers)) for name in LAWFUL]
        families[family] = {
            SPANS[0]: pick(evaluate_runs(_first_nights(runs, asked.jobs), truths)),
            SPANS[1]: pick(evaluate_runs(runs, truths)),
            "lawful": {
                part.name: false_suspects(evaluate_runs([w.run for w in made], [w.truth for w in made]))
                for part, made in zip(lawful, make_suite(lawful, tested, workdir, _quiet, asked.jobs), strict=True)
            },
        }
    sizes = size._asdict() | {"ladder_subscribers": asked.ladder_subscribers}
    figures = {"seeds": tested, "scenarios": list(asked.scenarios), "size": sizes, "families": families}
    if asked.ablation:
        figures["ablation"] = json.loads(asked.ablation.read_text(encoding="utf-8"))["ablation"]
    elif asked.lesson_tests:
        seeds = suite_seeds(asked.lesson_tests + asked.lesson_taught)
        sources = [_lesson_world(workdir, seed, asked) for seed in seeds]
        tests, taught = sources[: asked.lesson_tests], sources[asked.lesson_tests :]
        figures["ablation"] = measure_ablation(taught, tests, workdir / "lessons", asked.jobs)
    return figures


def _first_nights(runs: Sequence[Path], jobs: int) -> list[Path]:
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(scan_first_night, runs))


def scan_first_night(run: Path) -> Path:
    """A run that has judged the first night of another's source and nothing else, from the same store.

    One that is younger than the other run is taken as it is.
    """
    manifest = read_manifest(run)
    first = run.with_name(f"{run.stem}.first.run")
    made = first / "manifest.json"
    if made.is_file() and made.stat().st_mtime > (run / "manifest.json").stat().st_mtime:
        return first
    command = [sys.executable, "-m", "simbox.cli", "scan", str(_source(run)), "-o", str(first)]
    command += ["--store", str(run / manifest["store"]), "--night", manifest["nights"][0]]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    if not made.is_file():
        raise RuntimeError(f"the first night of {run.stem} could not be judged:\n{done.stderr}")
    return first


def _lesson_world(workdir: Path, seed: int, asked: argparse.Namespace) -> Path:
    """The source of a world to learn from; nobody scans it."""
    source = workdir / "-".join(map(str, ("taught", seed, asked.lesson_subscribers, asked.nights, asked.rigs)))
    if not source.is_dir():
        size = {"subscribers": asked.lesson_subscribers, "nights": asked.nights, "rigs": asked.rigs}
        generate(source, "ladder", seed=seed, family="A", **size)
    return source


def _source(run: Path) -> Path:
    return run.with_suffix("")


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""


def pick(figures: dict[str, Any]) -> dict[str, Any]:
    """What the tables show of an evaluation."""
    sim = figures["sim"]
    return {
        "world": figures["world"] | {"sim_nights": sim["false_alarms_a_night"]["sim_nights"]},
        "judges": {
            ranking["name"]: {
                "false_positive_rate": ranking["false_positive_rate"],
                "recall": {
                    row["group"]: {rate: row["recall"][rate] for rate in RATES}
                    for row in ranking["recall"]
                    if row["population"] == "active" and row["by"] in ("all", "level")
                },
            }
            for ranking in sim["rankings"]
        },
        "expected_calibration_error": sim["calibration"]["expected_calibration_error"],
        "segments": {row["segment"]: row["listed"] | {"innocents": row["innocents"]} for row in sim["segments"]},
    }


def false_suspects(figures: dict[str, Any]) -> dict[str, Any]:
    """Lawful SIMs of worlds at suspect or above after the last night, and how many a million these are."""
    [band] = [row for row in figures["sim"]["bands"] if row["band"] == "suspect"]
    rate = band["false_positive_rate"]
    return {
        "innocents": figures["sim"]["innocents"],
        "suspects": band["false_alarms"],
        "a_million": None if rate is None else rate * 1e6,
    }


def faults(figures: dict[str, Any]) -> list[str]:
    """Why the figures are not to be published; nothing where they are."""
    found = []
    if set(figures["families"]) != set(FAMILIES) or tuple(figures["scenarios"]) != SCENARIOS:
        found.append("a published table has both families and all scenarios")
    if figures["size"]["nights"] != NIGHTS:
        found.append(f"these worlds have {figures['size']['nights']} nights, a published table {NIGHTS}")
    for family, spans in figures["families"].items():
        for span in SPANS:
            world = spans[span]["world"]
            if world["prevalence"] > LARGEST_PREVALENCE:
                found.append(f"family {family}, {span}: {world['prevalence']:.2%} of SIMs work in rigs, 0.5 % may")
            if span == SPANS[1] and world["sim_nights"] < LEAST_SIM_NIGHTS:
                found.append(f"family {family}: {world['sim_nights']:,} lawful SIM-nights, a million are needed")
    return found


def make_tables(figures: dict[str, Any]) -> str:
    """The tables as Markdown, with what they were measured on."""
    families = figures["families"]
    worlds = "; ".join(f"family {name}: {_world(spans[SPANS[1]]['world'])}" for name, spans in families.items())
    given = {
        "subscribers": SUBSCRIBERS,
        "ladder_subscribers": LADDER_SUBSCRIBERS,
        "nights": NIGHTS,
        "rigs": None,
    }
    options = "".join(
        f" --{name.replace('_', '-')} {figures['size'][name]}"
        for name, usual in given.items()
        if figures["size"][name] != usual
    )
    lines = [
        f"`python benchmarks/score_tables.py{options}`, scenarios {', '.join(figures['scenarios'])},"
        f" {len(figures['seeds'])} worlds of each. {worlds}. Share of the rigs' active SIMs caught, in per cent, at"
        " false positive rates of 1e-4 and 1e-5 among the lawful SIMs active then, with 95 % intervals over rigs; one"
        " night is the first.",
        "",
        "| level | family | judge | "
        + " | ".join(f"{span}, {rate}" for span in SPANS for rate in ("1e-4", "1e-5"))
        + " |",
        "|---|---|---|---|---|---|---|",
    ]
    levels = sorted({g for f in families.values() for s in SPANS for j in f[s]["judges"].values() for g in j["recall"]})
    for level in sorted(levels, key=lambda level: (level == "all", level)):
        for family, spans in families.items():
            for judge in spans[SPANS[1]]["judges"]:
                cells = [level, family, judge]
                for span in SPANS:
                    recall = spans[span]["judges"].get(judge, {"recall": {}})["recall"].get(level, {})
                    cells += [show_interval(recall.get(rate)) for rate in RATES]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_realised(families), "", *_segments(families), *_ablation(figures.get("ablation"))])


def _realised(families: dict[str, Any]) -> list[str]:
    lines = ["| family | judged on | false positive rate of what is reported | ECE from 0.05 | clean | outage |"]
    lines.append("|---|---|---|---|---|---|")
    for family, spans in families.items():
        lawful = [show_number(spans["lawful"][name]["a_million"], ".3g") for name in LAWFUL]
        for span in SPANS:
            rates = [
                f"{name} {judge['false_positive_rate']:.1e}"
                for name, judge in spans[span]["judges"].items()
                if judge["false_positive_rate"] is not None
            ]
            error = show_number(spans[span]["expected_calibration_error"], ".3g")
            cells = [family, span, ", ".join(rates) or MISSING, error]
            lines.append("| " + " | ".join(cells + (lawful if span == SPANS[1] else ["", ""])) + " |")
    return [*lines, "", "`clean` and `outage`: lawful SIMs at suspect or above for each million active ones."]


def _segments(families: dict[str, Any]) -> list[str]:
    lines = ["| look-alike | family | lawful SIMs | listed | rate at most (95 %) |", "|---|---|---|---|---|"]
    for family, spans in families.items():
        for segment, row in spans[SPANS[1]]["segments"].items():
            most = row["false_positive_rate_at_most"]
            cells = [segment, family, f"{row['innocents']:,}", str(row["false_alarms"])]
            lines.append(f"| {' | '.join(cells)} | {show_number(most, '.1e')} |")
    return lines


def _ablation(found: dict[str, Any] | None) -> list[str]:
    """Recall at 1e-4 of SIMs alone, by what the card went without, and of cards that did not learn from every level."""
    if found is None:
        return []
    levels = sorted({level for row in found["recall"].values() for level in row})
    lines = [
        "",
        f"SIMs alone on `ladder`, family A, all nights, at {found['rate']:.1e}, in per cent"
        f" ({found['prevalence']:.1%} of these SIMs work in rigs):",
        "",
    ]
    lines += [f"| card | {' | '.join(levels)} |", "|---" * (len(levels) + 1) + "|"]
    for name, row in found["recall"].items():
        lines.append(f"| {name} | " + " | ".join(show_interval(row.get(level)) for level in levels) + " |")
    return lines


def _world(world: dict[str, Any]) -> str:
    return (
        f"{world['runs']} worlds, {world['innocents']:,} lawful SIMs active in {world['sim_nights']:,} SIM-nights,"
        f" {world['rigs']} rigs with {world['rig_sims']:,} active SIMs ({world['prevalence']:.2%})"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or take figures that were measured, print the tables, and write them where they may be published."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument("--figures", type=Path, help="figures that were kept, instead of measuring")
    parser.add_argument("--keep", type=Path, help="keeps the figures, whatever their size")
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    parser.add_argument("--ladder-subscribers", type=int, default=LADDER_SUBSCRIBERS, help="of the scenario ladder")
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--rigs", type=int)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--lesson-subscribers", type=int, default=LESSON_SUBSCRIBERS)
    parser.add_argument("--lesson-tests", type=int, default=LESSON_TESTS, help="0 leaves ablation and transfer out")
    parser.add_argument("--lesson-taught", type=int, default=LESSON_TAUGHT, help="under 3 leaves transfer out")
    parser.add_argument("--ablation", type=Path, help="figures that were kept: their ablation is not measured again")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args(arguments)
    if asked.figures:
        figures = json.loads(asked.figures.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            figures = measure(asked, asked.workdir or Path(temporary))
    if asked.keep:
        asked.keep.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    table = make_tables(figures)
    sys.stdout.write(f"{table}\n")
    problems = faults(figures)
    if problems:
        sys.stdout.write("\nNot for the README:\n" + "".join(f"- {problem}\n" for problem in problems))
        return
    KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), {BLOCK: table}, SCRIPT), encoding="utf-8")


if __name__ == "__main__":
    main()
