"""Puts FraudZen's own measure into README.md: `python benchmarks/fraudzen_table.py [--workdir DIR | --figures FILE]`.

It runs `simbox evaluate --suite fraudzen` (the paper's five adversaries, with 50 and 200 cards, rebuilt from its
description), keeps precision and recall by the nights looked back on in benchmarks/fraudzen.json and writes the table
from that file. Other options are those of `simbox evaluate`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from readme_tables import MISSING, put, show_number
from refresh_readme import README, ROOT
from suite_tables import COMMAND, JUDGES, ask_for_figures

SUITE = "fraudzen"
SCRIPT = Path(__file__).name
KEPT = ROOT / "benchmarks" / f"{SUITE}.json"
NIGHTS = (1, 2, 3, 4, 5, 7)
# The published classifier's recall (random forest; Kouam et al., AsiaCCS 2024, figure 8, read off to 2 per cent), and
# that of its table 6: no classifier found any of 50 cards in a day.
PUBLISHED = {
    ("all", 200): {1: 0.13, 2: 0.51, 3: 0.62, 4: 0.64, 5: 0.92, 7: 0.92},
    ("all", 50): {1: 0.0},
}


def pick(figures: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of an evaluation; ValueError where it is of another suite or of worlds of another size."""
    if figures.get("suite", {}).get("name") != SUITE:
        raise ValueError(f"these are not the figures of the suite {SUITE}")
    if any(set(part["size"]) - {"rig_cards"} for part in figures["parts"]):
        raise ValueError("the published table has worlds as large as the paper's")
    return {
        "suite": figures["suite"],
        "parts": [
            {
                "variant": part["scenario"].removeprefix(f"{SUITE}_"),
                "cards": part["size"]["rig_cards"],
                "family": part["family"],
                "subscribers": part["world"]["subscribers"],
                "by_night": [row for row in part["by_night"] if row["judge"] in JUDGES and row["night"] in NIGHTS],
            }
            for part in figures["parts"]
        ],
    }


def make_table(picked: dict[str, Any]) -> str:
    """The table as Markdown, with what it was measured on and by which command."""
    seeds = len(picked["suite"]["seeds"])
    sizes = sorted({part["subscribers"] // seeds for part in picked["parts"]})
    lines = [
        f"`{COMMAND} {SUITE} --seeds {seeds}`: FraudZen's adversaries (Kouam, Viana, Tchana, AsiaCCS 2024), rebuilt"
        f" from its description, among {' or '.join(f'{size:,}' for size in sizes)} lawful SIMs. Precision / recall in"
        " per cent of what was reported by the end of a night; what the paper states of its best classifier, on its own"
        " data, is its recall.",
        "",
        "| variant | cards | family | judge | " + " | ".join(f"night {night}" for night in NIGHTS) + " |",
        "|---|---|---|---|" + "---|" * len(NIGHTS),
    ]
    for variant, cards in dict.fromkeys((part["variant"], part["cards"]) for part in picked["parts"]):
        for part in picked["parts"]:
            if (part["variant"], part["cards"]) == (variant, cards):
                for judge in JUDGES:
                    rows = {row["night"]: row for row in part["by_night"] if row["judge"] == judge}
                    cells = [_both(rows.get(night)) for night in NIGHTS]
                    lines.append("| " + " | ".join([variant, str(cards), part["family"], judge, *cells]) + " |")
        stated = PUBLISHED.get((variant, cards))
        if stated:
            cells = [_share(stated.get(night)) for night in NIGHTS]
            lines.append("| " + " | ".join([variant, str(cards), "", "the paper's best", *cells]) + " |")
    return "\n".join(lines)


def _both(row: dict[str, Any] | None) -> str:
    return MISSING if row is None else f"{_share(row['precision'])} / {_share(row['recall'])}"


def _share(value: float | None) -> str:
    return show_number(None if value is None else 100 * value)


def main() -> None:
    """Measure, or take figures that were measured, and write them and the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    picked = pick(ask_for_figures(parser, SUITE))
    KEPT.write_text(json.dumps(picked, indent=1) + "\n", encoding="utf-8")
    README.write_text(put(README.read_text(encoding="utf-8"), {SUITE: make_table(picked)}, SCRIPT), encoding="utf-8")


if __name__ == "__main__":
    main()
