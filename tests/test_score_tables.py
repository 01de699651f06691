"""The tables of scores: what is picked, what is refused, what a card is worth without a family of features."""

import copy
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from calibrate_card import calibrate, judged_sims
from readme_tables import BEFORE, HEADING, put
from refresh_readme import README, blocks
from score_ablation import families, measure_ablation, only_levels, recall_by_level
from score_tables import (
    BLOCK,
    KEPT,
    LADDER_SUBSCRIBERS,
    SCENARIOS,
    SCRIPT,
    SPANS,
    SUBSCRIBERS,
    false_suspects,
    faults,
    make_tables,
    pick,
    scan_first_night,
)

from simbox.evaluation import Part, Size, evaluate_runs, make_suite
from simbox.evaluation.suite import World
from simbox.manifest import read_manifest
from simbox.scoring import load_scorecard
from simbox.training import Lesson

HALF = {"value": 0.5, "low": 0.4, "high": 0.625}
EVALUATION = {
    "world": {"runs": 6, "innocents": 900_000, "rigs": 150, "rig_sims": 4000, "prevalence": 0.0044},
    "sim": {
        "innocents": 900_000,
        "rankings": [
            {
                "name": name,
                "false_positive_rate": rate,
                "recall": [
                    {"population": population, "by": by, "group": group, "recall": {"0.0001": HALF, "1e-05": None}}
                    for population in ("active", "detectable")
                    for by, group in (("all", "all"), ("level", "E0"), ("kind", "bypass"))
                ],
            }
            for name, rate in (("simbox", 2e-5), ("simbox, SIMs alone", None))
        ],
        "bands": [
            {"band": band, "false_alarms": alarms, "false_positive_rate": alarms / 900_000}
            for band, alarms in (("watch", 99), ("suspect", 9), ("strong", 1))
        ],
        "calibration": {"expected_calibration_error": 0.034},
        "false_alarms_a_night": {"sim_nights": 5_000_000},
        "segments": [
            {
                "segment": "courier",
                "innocents": 2000,
                "listed": {"false_alarms": 1, "false_positive_rate": 5e-4, "false_positive_rate_at_most": 2.4e-3},
            }
        ],
    },
}
LAWFUL = {"innocents": 900_000, "suspects": 9, "a_million": 10.0}
FAMILY = {span: pick(EVALUATION) for span in SPANS} | {"lawful": {"clean": LAWFUL, "outage": LAWFUL}}
FIGURES = {
    "seeds": [1],
    "scenarios": list(SCENARIOS),
    "size": {"subscribers": 400_000, "ladder_subscribers": LADDER_SUBSCRIBERS, "nights": 7, "rigs": None},
    "families": {"A": FAMILY, "B": copy.deepcopy(FAMILY)},
    "ablation": {"rate": 1e-4, "prevalence": 0.027, "recall": {"shipped": {"E3": HALF}, "without": {"E5": HALF}}},
}


def test_the_readme_has_the_tables_of_the_figures_that_are_kept() -> None:
    kept = make_tables(json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else None
    assert blocks(README.read_text(encoding="utf-8")).get(BLOCK) == kept


def test_a_row_for_each_level_family_and_judge_and_both_spans_in_it() -> None:
    rows = make_tables(FIGURES).splitlines()
    assert "| E0 | A | simbox | 50 (40-62) | n/a | 50 (40-62) | n/a |" in rows
    assert "| all | B | simbox, SIMs alone | 50 (40-62) | n/a | 50 (40-62) | n/a |" in rows
    assert sum(row.startswith(("| E0 |", "| all |")) for row in rows) == 2 * 2 * 2
    assert not any("bypass" in row for row in rows)


def test_the_command_is_told_with_its_options() -> None:
    assert make_tables(FIGURES).startswith("`python benchmarks/score_tables.py --subscribers 400000`, scenarios ")
    of_its_own = copy.deepcopy(FIGURES)
    of_its_own["size"] = {"subscribers": SUBSCRIBERS, "ladder_subscribers": 9, "nights": 7, "rigs": 15}
    command = "`python benchmarks/score_tables.py --ladder-subscribers 9 --rigs 15`, scenarios "
    assert make_tables(of_its_own).startswith(command)


def test_what_is_realised_stands_below() -> None:
    rows = make_tables(FIGURES).splitlines()
    assert "| A | one night | simbox 2.0e-05 | 0.034 |  |  |" in rows
    assert "| A | seven nights | simbox 2.0e-05 | 0.034 | 10 | 10 |" in rows
    assert "| courier | B | 2,000 | 1 | 2.4e-03 |" in rows
    assert rows[-2:] == ["| shipped | 50 (40-62) | n/a |", "| without | n/a | 50 (40-62) |"]


def test_suspects_of_a_lawful_world_are_told_by_the_million() -> None:
    assert false_suspects(EVALUATION) == {"innocents": 900_000, "suspects": 9, "a_million": pytest.approx(10.0)}


def test_what_is_large_and_lawful_enough_is_published_and_nothing_else() -> None:
    assert faults(FIGURES) == []
    crowded, small, part, short = (copy.deepcopy(FIGURES) for _ in range(4))
    short["size"]["nights"] = 2
    assert faults(short) == ["these worlds have 2 nights, a published table 7"]
    crowded["families"]["B"][SPANS[0]]["world"]["prevalence"] = 0.006
    small["families"]["A"][SPANS[1]]["world"]["sim_nights"] = 999_999
    part["scenarios"] = ["ladder"]
    assert faults(crowded) == ["family B, one night: 0.60% of SIMs work in rigs, 0.5 % may"]
    assert faults(small) == ["family A: 999,999 lawful SIM-nights, a million are needed"]
    assert faults(part) == ["a published table has both families and all scenarios"]


def test_the_tables_get_their_block_once() -> None:
    once = put(f"# simbox\n\n{BEFORE}\n", {BLOCK: "first"}, SCRIPT)
    assert once.index(HEADING) < once.index("first") < once.index(BEFORE)
    assert put(once, {BLOCK: "second"}, SCRIPT) == once.replace("first", "second")


def test_each_feature_of_the_card_is_left_out_with_one_family() -> None:
    card = load_scorecard()
    named = [name for names in families(card).values() for name in names]
    assert sorted(named) == card.features()


def test_a_level_that_is_not_taught_is_nowhere_in_the_lesson() -> None:
    sims = pl.DataFrame({"imsi": [1, 2, 3], "rig": [None, "A", "B"], "level": [None, "E0", "E4"]})
    night = pl.DataFrame({"night": [date(2025, 3, 1)] * 3, "imsi": [1, 2, 3]})
    nobody = pl.DataFrame(schema={"imsi": pl.Int64})
    left = only_levels(Lesson("w", sims, night, night, nobody, nobody))
    assert [frame["imsi"].to_list() for frame in left[1:4]] == [[1, 2]] * 3


def test_recall_counts_whom_more_evidence_than_the_innocents_allow_speaks_against() -> None:
    # Of a hundred innocents a rate of a tenth lets ten be called: those with 90 and more.
    lawful = [("w", imsi, None, None, imsi) for imsi in range(100)]
    rigs = [("w", 100, "A", "E0", 95), ("w", 101, "A", "E0", 89), ("w", 102, "B", "E0", 90), ("w", 103, "C", "E1", 5)]
    scored = pl.DataFrame(
        lawful + rigs, schema=["world", "imsi", "rig", "level", "evidence"], orient="row", infer_schema_length=None
    )
    found = recall_by_level(scored, 0.1)
    assert found["E0"]["value"] == pytest.approx(2 / 3)
    assert (found["E0"]["sims"], found["E0"]["rigs"]) == (3, 2)
    assert found["E1"] == {"value": 0.0, "low": None, "high": None, "sims": 1, "rigs": 1}
    assert recall_by_level(scored, 0.01)["E0"]["value"] is None


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> tuple[World, Path]:
    """A world of 500 SIMs and four rigs, and the run that judged its first night alone."""
    part = Part("ladder", "ladder", "A", Size(500, 2, 4))
    [[world]] = make_suite([part], [9011], tmp_path_factory.mktemp("tiny"), lambda *_: None)
    return world, scan_first_night(world.run)


def test_a_tiny_world_is_judged_by_its_first_night_and_without_each_family(tiny, tmp_path: Path) -> None:
    world, first = tiny
    assert read_manifest(first)["nights"] == read_manifest(world.run)["nights"][:1]
    alone, both = (pick(evaluate_runs([run], [world.truth])) for run in (first, world.run))
    assert 0 < alone["world"]["sim_nights"] < both["world"]["sim_nights"]
    found = measure_ablation([], [world.run.with_suffix("")], tmp_path / "lessons")["recall"]
    assert len(found) == len(families(load_scorecard())) + 4
    # These rigs are naive: most of what tells them from others is how much they call.
    assert found["shipped"]["E0"]["value"] > found["shipped without volume"]["E0"]["value"]


def test_what_a_card_says_after_rigs_is_set_on_scans_and_noted_once(tiny) -> None:
    world, first = tiny
    sims = judged_sims(world.run, world.truth)
    in_rig = sims.filter(pl.col("evidence_with_rig").is_not_null())
    assert in_rig.height > 50
    assert in_rig["rig"].is_not_null().mean() > 0.9
    assert (in_rig["evidence_with_rig"] >= in_rig["evidence_alone"]).all()
    card = calibrate([world], [first], load_scorecard())
    assert 0 < card.no_rig.percent <= 80
    assert card.origin.count(world.run.stem) == card.origin.count("What it says once rigs were sought") == 1
    assert calibrate([world], [first], card).origin == card.origin
    assert (card.bands, card.expert, card.context) == (
        load_scorecard().bands,
        load_scorecard().expert,
        load_scorecard().context,
    )
