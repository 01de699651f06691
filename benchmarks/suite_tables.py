"""Puts a suite's tables into README.md: `python benchmarks/suite_tables.py [SUITE] [--workdir DIR | --figures FILE]`.

It runs `simbox evaluate --suite SUITE` (ladder, unless kazakhstan is asked for), keeps the figures that the tables show
in benchmarks/SUITE.json and writes from that file: recall by level, where rigs are and what they do and, of the ladder,
recall by the throughput that rigs keep, each for both families of worlds. Worlds that are too small to publish are
refused. Other options are those of `simbox evaluate`: how large the worlds are, how many, how many at once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from readme_tables import MISSING, put, show_interval, show_number
from refresh_readme import README, ROOT

COMMAND = "simbox evaluate --suite"
LADDER, KAZAKHSTAN = "ladder", "kazakhstan"
SUITES = (LADDER, KAZAKHSTAN)
THROUGHPUT = "throughput"
# What the list and the rigs' facts are judged by, in the order of the table.
FACTS = ("premises_in_region", "region_area_km2", "mast_right", "kind_right", "ports_in_interval")
LIST = "to act on"
PREVALENCE = "0.0003"
SCRIPT = Path(__file__).name
JUDGES = ("simbox", "boosting (FraudZen)", "volume and ratio")
FAMILIES = ("A", "B")
RATES = ("0.001", "0.0001", "1e-05")


def kept_figures(suite: str) -> Path:
    """Where the figures of a suite's tables are kept."""
    return ROOT / "benchmarks" / f"{suite}.json"


def run_suite(suite: str, workdir: Path, options: list[str]) -> dict[str, Any]:
    """The figures of a suite; worlds that `workdir` holds already are taken."""
    command = [sys.executable, "-m", "simbox.cli", *COMMAND.split()[1:], suite, "--workdir", str(workdir), *options]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    figures: dict[str, Any] = json.loads((workdir / "evaluation.json").read_text(encoding="utf-8"))
    return figures


def pick(figures: dict[str, Any]) -> dict[str, Any]:
    """What the tables show of an evaluation; ValueError where its worlds are none of a published table."""
    suite = figures.get("suite", {})
    if suite.get("name") not in SUITES:
        raise ValueError(f"these are not the figures of a suite that is published: {', '.join(SUITES)}")
    parts = {part["family"]: part for part in figures["parts"]}
    if set(parts) != set(FAMILIES):
        raise ValueError("a published table has both families of worlds")
    if not all(part["world"]["fit_to_publish"] for part in parts.values()):
        raise ValueError("these worlds are too small to publish: 300,000 lawful SIMs and 20 rigs are needed")
    return {"suite": suite, "families": {family: _pick(parts[family]) for family in FAMILIES}}


def _pick(part: dict[str, Any]) -> dict[str, Any]:
    judges = {ranking["name"]: ranking for ranking in part["sim"]["rankings"]}
    missing = [name for name in JUDGES if name not in judges]
    if missing:
        raise ValueError(f"a published table has the baselines beside ours: {', '.join(missing)} is missing")
    return {
        "size": part["size"],
        "baselines_saw_every_night": part["world"].get("baselines_saw_every_night", True),
        "world": {name: part["world"][name] for name in ("runs", "subscribers", "innocents", "rigs", "rig_sims")},
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
            row["group"]: {"b_cubed_f1": row["b_cubed"]["f1"]}
            | {name: row[name] for name in ("recovered", "rigs", *FACTS)}
            for row in part["rig"]["groups"]
            if row["by"] in ("all", "level")
        },
        "median_hours": {row["level"]: row["median_hours"] for row in part["time"]},
        "recall_by_throughput": part["recall_by_throughput"],
        "list": next(row for row in part["list"] if row["list"] == LIST),
    }


def make_table(picked: dict[str, Any]) -> str:
    """The table by level as Markdown, with what it was measured on and by which command."""
    families = picked["families"]
    worlds = "; ".join(f"family {family} {_world(families[family]['world'])}" for family in FAMILIES)
    levels = sorted({level for family in families.values() for level in family["rigs"]} - {"all"})
    lines = [
        f"{_commands(picked)}: {worlds}. Share of the rigs' active SIMs caught, in per cent, at false"
        " positive rates of 1e-3, 1e-4 and 1e-5 and as reported, with 95 % intervals over rigs.",
        "",
        "| level | family | judge | 1e-3 | 1e-4 | 1e-5 | reported | rigs recovered | B-cubed F1"
        " | median hours to listing |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for level in [*levels, "all"]:
        for family in FAMILIES:
            lines += _rows(level, family, families[family])
    realised = "; ".join(
        f"family {family}: "
        + ", ".join(
            f"{name} {families[family]['judges'][name]['false_positive_rate']:.1e}"
            for name in _judges(families[family])
        )
        for family in FAMILIES
    )
    short = [family for family in FAMILIES if len(_judges(families[family])) < len(JUDGES)]
    lines += ["", f"False positive rate of what is reported: {realised}."]
    if short:
        lines.append(
            f"Of family {' and '.join(short)} the baselines were not run on every night, so nothing is said of them."
        )
    return "\n".join(lines)


def _judges(figures: dict[str, Any]) -> tuple[str, ...]:
    """Ours, and the baselines where they judged as many nights as ours: on the last alone they miss all burnt cards."""
    return JUDGES if figures.get("baselines_saw_every_night", True) else JUDGES[:1]


def _rows(level: str, family: str, figures: dict[str, Any]) -> list[str]:
    rows = []
    rig = figures["rigs"].get(level, {"recovered": None, "b_cubed_f1": None})
    ours = [_share(rig["recovered"]), _share(rig["b_cubed_f1"]), show_number(figures["median_hours"].get(level))]
    for name in _judges(figures):
        recall = figures["judges"][name]["recall"].get(level)
        if recall is not None:
            cells = [level, family, name, *(show_interval(recall[rate]) for rate in (*RATES, "flagged"))]
            rows.append("| " + " | ".join(cells + (ours if name == JUDGES[0] else ["", "", ""])) + " |")
    return rows


def make_places_table(picked: dict[str, Any]) -> str:
    """What is said of rigs, and how much of it is right, as Markdown: where they stand, what they do, whom to take."""
    families = picked["families"]
    lines = [
        "In the same worlds, of the rigs found: per cent whose premises lie in the region that is stated for them, the"
        " region's median area, per cent of which the serving mast, the kind and the number of ports are right; and per"
        " cent of their active SIMs on the list, to seize or to review.",
        "",
        "| level | family | rigs | premises in region | km2 | mast | kind | ports | SIMs listed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for level in [*sorted({level for family in families.values() for level in family["rigs"]} - {"all"}), "all"]:
        for family in FAMILIES:
            rig = families[family]["rigs"].get(level)
            if rig is not None:
                inside, area, *right = (rig[name] for name in FACTS)
                listed = families[family]["judges"][JUDGES[0]]["recall"][level]["flagged"]
                cells = [level, family, str(rig["rigs"]), _share(inside), show_number(area, ".1f"), *map(_share, right)]
                lines.append("| " + " | ".join([*cells, show_interval(listed)]) + " |")
    lines += [""]
    for family in FAMILIES:
        on_list = families[family]["list"]
        lines.append(
            f"- family {family}: {on_list['innocents']} innocents among {on_list['sims']:,} SIMs on the lists"
            f" ({show_number(on_list['innocents_a_million_subscribers'])} in a million subscribers;"
            f" {show_number(on_list['observed_of_expected'], '.1f')} times as many as the stated probabilities say);"
            f" where 3 in 10,000 SIMs are a rig's, {_share(on_list['precision_at_prevalence'][PREVALENCE])} of the list"
            " would be."
        )
    return "\n".join(lines)


def make_throughput_table(picked: dict[str, Any]) -> str:
    """What secrecy costs, as Markdown: recall by the share of a naive rig's throughput that rigs keep."""
    families = picked["families"]
    kept = dict.fromkeys(row["kept"] for family in FAMILIES for row in families[family]["recall_by_throughput"])
    lines = [
        "Being careful costs a fraudster calls. In the same worlds, by how much of a naive rig's throughput (calls or"
        " messages for each port and hour) a rig keeps; per cent of the rigs' active SIMs listed, and of their calls.",
        "",
        "| throughput kept | family | rigs | SIMs | SIMs listed | of their calls |",
        "|---|---|---|---|---|---|",
    ]
    for share in sorted(kept, key=_least):
        for family in FAMILIES:
            for row in families[family]["recall_by_throughput"]:
                if row["kept"] == share:
                    cells = [share, family, str(row["rigs"]), f"{row['sims']:,}"]
                    cells += [show_interval(row["recall"]), show_interval(row["recall_of_calls"])]
                    lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _least(kept: str) -> float:
    return 0.0 if kept.startswith("up to") else float(kept.removeprefix("over ").split()[0])


def _world(world: dict[str, Any]) -> str:
    worlds = "1 world" if world["runs"] == 1 else f"{world['runs']} worlds"
    return (
        f"{worlds}, {world['subscribers']:,} lawful SIMs ({world['innocents']:,} active),"
        f" {world['rigs']} rigs with {world['rig_sims']:,} active SIMs"
    )


def make_tables(picked: dict[str, Any]) -> dict[str, str]:
    """The tables of a suite by the name of their block."""
    name = picked["suite"]["name"]
    more = {THROUGHPUT: make_throughput_table(picked)} if name == LADDER else {}
    return {name: make_table(picked), f"{name}_places": make_places_table(picked)} | more


def _commands(picked: dict[str, Any]) -> str:
    """The command that makes the worlds of both families or, where these differ in size, one for each."""
    suite, sizes = picked["suite"], {family: picked["families"][family].get("size", {}) for family in FAMILIES}
    commands = {family: _command(suite, size) for family, size in sizes.items()}
    if len(set(commands.values())) == 1:
        return f"`{commands[FAMILIES[0]]}`"
    return " and ".join(f"`{command} --family {family}`" for family, command in commands.items())


def _command(suite: dict[str, Any], size: dict[str, int]) -> str:
    names = ("subscribers", "nights", "rigs", "rig_cards")
    options = [f" --{name.replace('_', '-')} {size[name]}" for name in names if name in size]
    return f"{COMMAND} {suite['name']}{''.join(options)} --seeds {len(suite['seeds'])}"


def join_figures(files: list[Path]) -> dict[str, Any]:
    """The parts of several evaluations of one suite as one; ValueError where they are of different suites or seeds."""
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    suites = [document["suite"] for document in documents]
    if any(suite != suites[0] for suite in suites):
        raise ValueError("these are figures of different suites, or of different seeds")
    return {"suite": suites[0], "parts": [part for document in documents for part in document["parts"]]}


def _share(value: float | None) -> str:
    return MISSING if value is None else f"{100 * value:.0f} %"


def ask_for_figures(parser: argparse.ArgumentParser, suite: str | None = None) -> dict[str, Any]:
    """The figures of the suite that the command line asks for, or of `suite`: measured now, or measured before."""
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument(
        "--figures",
        type=Path,
        nargs="+",
        help="evaluation.json of the suite, or one of each family, instead of running it",
    )
    asked, options = parser.parse_known_args()
    name = suite or asked.suite
    if asked.figures:
        return join_figures(asked.figures)
    if asked.workdir:
        return run_suite(name, asked.workdir, options)
    with tempfile.TemporaryDirectory() as temporary:
        return run_suite(name, Path(temporary), options)


def main() -> None:
    """Measure, or take figures that were measured, and write them and the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", choices=SUITES, default=LADDER)
    picked = pick(ask_for_figures(parser))
    kept_figures(picked["suite"]["name"]).write_text(json.dumps(picked, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), make_tables(picked), SCRIPT), encoding="utf-8")


if __name__ == "__main__":
    main()
