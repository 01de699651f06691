"""The README's table of FraudZen's adversaries is made from the figures kept beside the script."""

import copy
import json

import pytest
from fraudzen_table import JUDGES, KEPT, NIGHTS, SUITE, make_table, pick
from refresh_readme import README, blocks

ROW = {"reported": 40, "rig_sims": 50, "precision": 0.975, "recall": 0.5}
PART = {
    "scenario": "fraudzen_all",
    "family": "A",
    "size": {"rig_cards": 200},
    "world": {"subscribers": 21_000},
    "by_night": [
        ROW | {"judge": judge, "night": night} for judge in (*JUDGES, "shared handset") for night in range(1, 7)
    ],
}
FIGURES = {"suite": {"name": SUITE, "seeds": [5]}, "parts": [PART, PART | {"family": "B"}]}


def test_the_table_in_the_readme_is_that_of_the_figures_kept():
    if not KEPT.exists():
        pytest.skip("the suite has not been published")
    assert blocks(README.read_text(encoding="utf-8"))[SUITE] == make_table(json.loads(KEPT.read_text(encoding="utf-8")))


def test_each_judge_has_a_row_and_the_paper_s_recall_stands_beside():
    rows = [line for line in make_table(pick(FIGURES)).splitlines() if line.startswith("| all")]
    assert len(rows) == 2 * len(JUDGES) + 1
    assert rows[0] == "| all | 200 | A | simbox |" + " 98 / 50 |" * 5 + " n/a |"
    assert rows[-1] == "| all | 200 |  | the paper's best | 13 | 51 | 62 | 64 | 92 | 92 |"
    assert all(len(row.split("|")) == 6 + len(NIGHTS) for row in rows)
    assert not any("shared handset" in row for row in rows)


def test_what_was_measured_otherwise_is_refused():
    with pytest.raises(ValueError, match="not the figures"):
        pick(FIGURES | {"suite": {"name": "ladder", "seeds": [5]}})
    smaller = copy.deepcopy(FIGURES)
    smaller["parts"][1]["size"]["subscribers"] = 2_000
    with pytest.raises(ValueError, match="as large as the paper's"):
        pick(smaller)
