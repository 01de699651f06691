"""The README's table of what comparisons are worth is made from the figures kept beside the script."""

import json
import shutil

import pytest
from refresh_readme import README, blocks
from rig_ablation import KEPT, LEFT_OUT, LEVELS, NOTHING, TABLE, Scanned, make_table, pick, scan_without

from simbox.tables.reading import read_run_table
from simbox.tables.rigs import LINKS


def group(by, name, rigs, f1, recovered):
    return {"by": by, "group": name, "rigs": rigs, "b_cubed": {"f1": f1}, "recovered": recovered}


FOUND = {
    "found": {"innocents_worst": 3},
    "groups": [
        group("all", "all", 8, 0.9, 0.75),
        group("level", "E0", 4, 1.0, 1.0),
        group("level", "E2", 2, 0.7, 0.5),
        group("level", "E4", 2, 0.5, 0.0),
        group("SIMs per port", "up to 3", 8, 0.1, 0.1),
    ],
}


def test_the_table_in_the_readme_is_that_of_the_figures_kept():
    if not KEPT.exists():
        pytest.skip("the ablation has not been published")
    assert blocks(README.read_text(encoding="utf-8"))[TABLE] == make_table(json.loads(KEPT.read_text(encoding="utf-8")))


def test_each_family_left_out_has_a_row_for_each_family_of_worlds():
    figures = {
        "seeds": [1, 2],
        "size": {},
        "families": dict.fromkeys("AB", dict.fromkeys(LEFT_OUT, pick(FOUND, LEVELS))),
    }
    table = make_table(figures)
    assert table.startswith("`python benchmarks/rig_ablation.py --seeds 2`: 2 worlds")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 2 * len(LEFT_OUT)
    # Levels count as their rigs do; of E5 and E6 there are none.
    assert rows[0] == f"| {NOTHING} | A | 90 / 75 | 90 / 83 | 50 / 0 | n/a / n/a |"


def test_where_nothing_is_found_nothing_is_right():
    nothing = FOUND | {"groups": [*FOUND["groups"], group("level", "E5", 1, None, 0.0)]}
    assert pick(nothing, LEVELS)["E5-E6"] == {"rigs": 1, "b_cubed_f1": 0.0, "recovered": 0.0}


def test_a_family_is_left_out_of_a_scan_of_the_same_records(sample, sample_run, tmp_path):
    shutil.copytree(sample_run.out, tmp_path / "world.run")
    world = Scanned(sample, sample, tmp_path / "world.run")
    assert world.without(NOTHING) == world.run
    scan_without(world, "batch")
    kept, whole = (read_run_table(run, LINKS)["comparison"].unique() for run in (world.without("batch"), world.run))
    assert "near_imsi" in whole
    assert "near_imsi" not in kept
    assert "imei_in_turn" in kept
