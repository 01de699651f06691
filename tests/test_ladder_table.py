"""The README's table of the ladder is made from the figures kept beside the script, and from nothing smaller."""

import copy
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from ladder_table import BLOCK, HEADING, LADDER, make_table, pick, put  # noqa: E402
from refresh_readme import README, blocks  # noqa: E402

TEXT = README.read_text(encoding="utf-8")
HALF = {"value": 0.5, "low": 0.4, "high": 0.625}
RECALL = {"0.001": HALF, "0.0001": HALF, "1e-05": None, "flagged": HALF}


def _ranking(name: str) -> dict:
    rows = [
        {"population": population, "by": by, "group": group, "recall": RECALL}
        for population in ("active", "detectable")
        for by, group in (("all", "all"), ("level", "E0"), ("kind", "bypass"))
    ]
    return {"name": name, "false_positive_rate": 2e-5, "recall": rows}


FIGURES = {
    "world": {
        "runs": 5,
        "subscribers": 300_000,
        "innocents": 250_000,
        "rigs": 75,
        "rig_sims": 6000,
        "fit_to_publish": True,
    },
    "suite": {"scenario": "ladder", "seeds": [1, 2, 3, 4, 5]},
    "sim": {"rankings": [_ranking("simbox"), _ranking("simbox, SIMs alone"), _ranking("volume and ratio")]},
    "rig": {
        "groups": [
            {"by": by, "group": group, "rigs": 75, "b_cubed": {"f1": 0.875}, "recovered": 0.75}
            for by, group in (("all", "all"), ("level", "E0"), ("SIMs per port", "up to 3"))
        ]
    },
    "time": [{"level": "all", "median_hours": 13.2}, {"level": "E0", "median_hours": None}],
}


def test_the_readme_has_the_table_of_the_figures_that_are_kept() -> None:
    tables = [make_table(json.loads(LADDER.read_text(encoding="utf-8")))] if LADDER.exists() else []
    assert [content for name, content in blocks(TEXT).items() if name == BLOCK] == tables


def test_a_row_for_each_level_and_judge() -> None:
    rows = [line for line in make_table(pick(FIGURES)).splitlines() if line.startswith("| ")][1:]
    assert rows == [
        "| E0 | simbox | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) | 75 % | 88 % | n/a |",
        "| E0 | volume and ratio | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) |  |  |  |",
        "| all | simbox | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) | 75 % | 88 % | 13 |",
        "| all | volume and ratio | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) |  |  |  |",
    ]


def test_it_says_how_it_is_made() -> None:
    table = make_table(pick(FIGURES))
    assert table.startswith("`simbox evaluate --suite ladder --seeds 5`: 5 worlds, 300,000 lawful SIMs")
    assert table.endswith("simbox 2.0e-05, volume and ratio 2.0e-05.")


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [("world", {"fit_to_publish": False}, "too small"), ("suite", {"scenario": "crowded"}, "not the figures")],
)
def test_what_is_no_published_table_is_refused(part: str, change: dict, said: str) -> None:
    figures = copy.deepcopy(FIGURES)
    figures[part] |= change
    with pytest.raises(ValueError, match=said):
        pick(figures)


def test_the_table_gets_its_section_once_and_is_replaced_after_that() -> None:
    bare = "# simbox\n\n## What this version does not do\n\n- much\n"
    once = put(bare, "first")
    assert once.index(HEADING) < once.index("first") < once.index("## What this")
    assert put(once, "second") == once.replace("first", "second")
    assert put(once, "first") == once
