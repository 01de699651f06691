"""The README's table of rigs is made from the figures kept beside the script, and those from runs."""

import json

import pytest
from refresh_readme import README, blocks
from rig_tables import BESIDE, EVERY, KEPT, TABLE, judge, make_table
from score_tables import LAWFUL, SCENARIOS, SUBSCRIBERS

from simbox.evaluation.suite import World

ROW = {
    **{name: {"rigs": 4, "b_cubed_f1": 0.9, "recovered": 0.75} for name in ("all", "E0-E2", "E3-E4", "E5")},
    "E6": {"rigs": 0, "b_cubed_f1": None, "recovered": None},
    "same_name": 0.987,
    "rigs_of_innocents": 1,
}


def test_the_table_in_the_readme_is_that_of_the_figures_kept():
    if not KEPT.exists():
        pytest.skip("the table has not been published")
    assert blocks(README.read_text(encoding="utf-8"))[TABLE] == make_table(json.loads(KEPT.read_text(encoding="utf-8")))


def test_each_scenario_has_a_row_for_each_family_of_worlds():
    found = dict.fromkeys((EVERY, *SCENARIOS, BESIDE), ROW) | {name: {"rigs_found": 2} for name in LAWFUL}
    size = {"subscribers": SUBSCRIBERS, "nights": 7, "rigs": 15}
    table = make_table({"seeds": [1], "size": size, "families": dict.fromkeys("AB", found)})
    assert table.startswith("`python benchmarks/rig_tables.py --rigs 15`, ")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 2 * (len(SCENARIOS) + 2)
    assert rows[0] == "| all six | A | 4 | 90 / 75 | 90 / 75 | 90 / 75 | 90 / 75 | n/a / n/a | 1 | 99 % |"
    assert table.endswith("there are none: 2 (clean, A), 2 (outage, A), 2 (clean, B), 2 (outage, B).")


def test_the_sample_is_judged(sample, sample_run):
    judged = judge([World(1, sample_run.out, sample)])
    assert judged["all"]["rigs"] == 6
    # Two of them are told as one.
    assert judged["all"]["recovered"] == pytest.approx(4 / 6, abs=1e-3)
    assert judged["E5"] == {"rigs": 0, "b_cubed_f1": None, "recovered": None}
    assert judged["same_name"] == 1.0
    assert judged["rigs_of_innocents"] == 0
