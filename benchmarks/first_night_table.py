"""Puts into README.md what scores are worth where no earlier night is held: `python benchmarks/first_night_table.py`.

The worlds are those of benchmarks/score_tables.py cut to one night, which takes less than half an hour and not two, and
`clean` and `outage` of seven. `--workdir DIR` keeps them, `--jobs N` is how many are worked on at once, `--figures
FILE` takes figures that `score_tables.py --nights 1 --lesson-tests 0 --keep FILE` measured. The figures are kept in
benchmarks/first_night.json.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import score_tables
from readme_tables import put, show_interval, show_number
from refresh_readme import README, ROOT

SCRIPT = Path(__file__).name
BLOCK = "first_night"
KEPT = ROOT / "benchmarks" / f"{BLOCK}.json"
SPAN = score_tables.SPANS[0]
RATE = "0.0001"
JUDGES = ("simbox", "simbox, SIMs alone", "volume and ratio", "boosting (FraudZen)")


def pick(figures: dict[str, Any]) -> dict[str, Any]:
    """What the table shows; ValueError for figures of more nights than one, or of fewer worlds than it tells of."""
    if figures["size"]["nights"] != 1:
        raise ValueError(f"these worlds have {figures['size']['nights']} nights, this table has one")
    if set(figures["families"]) != set(score_tables.FAMILIES) or tuple(figures["scenarios"]) != score_tables.SCENARIOS:
        raise ValueError("a published table has both families and all scenarios")
    return {
        "seeds": figures["seeds"],
        "families": {
            family: {name: spans[SPAN][name] for name in ("world", "judges", "expected_calibration_error")}
            | {"lawful": spans["lawful"]}
            for family, spans in figures["families"].items()
        },
    }


def make_table(picked: dict[str, Any]) -> str:
    """The table as Markdown, with what it was measured on."""
    families = picked["families"]
    worlds = "; ".join(
        f"family {name}: {of['world']['runs']} worlds, {of['world']['innocents']:,} active lawful SIMs,"
        f" {of['world']['rigs']} rigs with {of['world']['rig_sims']:,} ({of['world']['prevalence']:.2%})"
        for name, of in families.items()
    )
    levels = sorted({level for of in families.values() for judge in of["judges"].values() for level in judge["recall"]})
    lines = [
        f"`python benchmarks/{SCRIPT}`, the scenarios of the table of scores cut to one night: {worlds}. Share of the"
        " rigs' active SIMs caught, in per cent, at a false positive rate of 1e-4, with 95 % intervals over rigs.",
        "",
        f"| level | family | {' | '.join(JUDGES)} |",
        f"|---|---|{'---|' * len(JUDGES)}",
    ]
    for level in sorted(levels, key=lambda level: (level == "all", level)):
        for family, of in families.items():
            cells = [
                show_interval(of["judges"].get(judge, {"recall": {}})["recall"].get(level, {}).get(RATE))
                for judge in JUDGES
            ]
            lines.append(f"| {level} | {family} | {' | '.join(cells)} |")
    lines.append("")
    for family, of in families.items():
        wrong = [f"`{name}` {show_number(lawful['a_million'], '.3g')}" for name, lawful in of["lawful"].items()]
        lines.append(
            f"- family {family}: ECE from 0.05 {of['expected_calibration_error']:.3f}, false positive rate of what is"
            f" reported {of['judges'][JUDGES[0]]['false_positive_rate']:.1e}; lawful SIMs at suspect or above for each"
            f" million active ones, after seven nights: {', '.join(wrong)}."
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or take figures that were measured, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="keeps the worlds and runs")
    parser.add_argument("--figures", type=Path, help="figures that were kept, instead of measuring")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args(arguments)
    if asked.figures:
        figures = json.loads(asked.figures.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            kept = Path(temporary) / "figures.json"
            workdir = asked.workdir or Path(temporary)
            options = ["--nights", "1", "--lesson-tests", "0", "--jobs", str(asked.jobs), "--keep", str(kept)]
            score_tables.main([*options, "--workdir", str(workdir)])
            figures = json.loads(kept.read_text(encoding="utf-8"))
    picked = pick(figures)
    KEPT.write_text(json.dumps(picked, indent=1) + "\n", encoding="utf-8")
    text = put(README.read_text(encoding="utf-8"), {BLOCK: make_table(picked)}, SCRIPT)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
