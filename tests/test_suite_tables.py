"""The README's tables of suites are made from the figures kept beside the script, and from nothing smaller."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from readme_tables import BEFORE, HEADING, put
from refresh_readme import README, blocks
from suite_tables import (
    FACTS,
    JUDGES,
    LADDER,
    LIST,
    SCRIPT,
    SUITES,
    THROUGHPUT,
    join_figures,
    kept_figures,
    make_places_table,
    make_table,
    make_tables,
    make_throughput_table,
    pick,
)

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


WORLD = {
    "runs": 5,
    "subscribers": 300_000,
    "innocents": 250_000,
    "rigs": 75,
    "rig_sims": 6000,
    "fit_to_publish": True,
}
PART = {
    "size": {},
    "world": WORLD,
    "sim": {"rankings": [_ranking(name) for name in (*JUDGES, "simbox, SIMs alone")]},
    "rig": {
        "groups": [
            {"by": by, "group": group, "rigs": 75, "b_cubed": {"f1": 0.875}, "recovered": 0.75}
            | dict.fromkeys(FACTS, 0.9375)
            for by, group in (("all", "all"), ("level", "E0"), ("SIMs per port", "up to 3"))
        ]
    },
    "time": [{"level": "all", "median_hours": 13.2}, {"level": "E0", "median_hours": None}],
    "list": [
        {
            "list": name,
            "sims": 4000,
            "innocents": 4,
            "innocents_a_million_subscribers": 13.3,
            "observed_of_expected": 1.25,
            "precision_at_prevalence": {"0.0003": 0.9875},
        }
        for name in ("seize", LIST)
    ],
    "recall_by_throughput": [
        {"kept": "over 75 %", "rigs": 30, "sims": 900, "recall": HALF, "recall_of_calls": HALF},
    ],
}
OTHER = PART | {
    "recall_by_throughput": [
        {"kept": "up to 10 %", "rigs": 1, "sims": 9, "recall": HALF | {"low": None, "high": None}}
        | {"recall_of_calls": None}
    ]
}
FIGURES = {
    "suite": {"name": "ladder", "seeds": [1, 2, 3, 4, 5]},
    "parts": [PART | {"family": "A"}, OTHER | {"family": "B"}],
}


def test_the_readme_has_the_tables_of_the_figures_that_are_kept() -> None:
    tables = {}
    for suite in SUITES:
        if kept_figures(suite).exists():
            tables |= make_tables(json.loads(kept_figures(suite).read_text(encoding="utf-8")))
    of_suites = {*SUITES, THROUGHPUT, *(f"{suite}_places" for suite in SUITES)}
    assert {name: text for name, text in blocks(TEXT).items() if name in of_suites} == tables


def test_a_row_for_each_level_family_and_judge() -> None:
    rows = [line for line in make_table(pick(FIGURES)).splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 2 * 2 * 3
    assert rows[:4] == [
        "| E0 | A | simbox | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) | 75 % | 88 % | n/a |",
        "| E0 | A | boosting (FraudZen) | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) |  |  |  |",
        "| E0 | A | volume and ratio | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) |  |  |  |",
        "| E0 | B | simbox | 50 (40-62) | 50 (40-62) | n/a | 50 (40-62) | 75 % | 88 % | n/a |",
    ]
    assert rows[-3].startswith("| all | B | simbox |")
    assert rows[-3].endswith("| 13 |")


def test_it_says_how_it_is_made() -> None:
    table = make_table(pick(FIGURES))
    assert table.startswith("`simbox evaluate --suite ladder --seeds 5`: family A 5 worlds, 300,000 lawful SIMs")
    assert table.endswith("family B: simbox 2.0e-05, boosting (FraudZen) 2.0e-05, volume and ratio 2.0e-05.")


def test_what_secrecy_costs_begins_with_the_most_careful() -> None:
    rows = [line for line in make_throughput_table(pick(FIGURES)).splitlines() if line.startswith("| ")][1:]
    assert rows == ["| up to 10 % | B | 1 | 9 | 50 | n/a |", "| over 75 % | A | 30 | 900 | 50 (40-62) | 50 (40-62) |"]


def test_where_rigs_are_and_what_they_do_has_a_row_for_each_level_and_family() -> None:
    lines = make_places_table(pick(FIGURES)).splitlines()
    rows = [line for line in lines if line.startswith("| ")][1:]
    assert rows[0] == "| E0 | A | 75 | 94 % | 0.9 | 94 % | 94 % | 94 % | 50 (40-62) |"
    assert [row.split(" | ")[:2] for row in rows] == [["| E0", "A"], ["| E0", "B"], ["| all", "A"], ["| all", "B"]]
    assert lines[-1] == (
        "- family B: 4 innocents among 4,000 SIMs on the lists (13 in a million subscribers; 1.2 times as many as the"
        " stated probabilities say); where 3 in 10,000 SIMs are a rig's, 99 % of the list would be."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda figures: figures["parts"][1].update(world=WORLD | {"fit_to_publish": False}), "too small"),
        (lambda figures: figures["suite"].update(name="crowded"), "not the figures"),
        (lambda figures: figures.pop("suite"), "not the figures"),
        (lambda figures: figures["parts"].pop(), "both families"),
        (lambda figures: figures["parts"][0].update(sim={"rankings": [_ranking("simbox")]}), "boosting"),
    ],
)
def test_what_is_no_published_table_is_refused(change: Callable[[dict], object], said: str) -> None:
    figures = copy.deepcopy(FIGURES)
    change(figures)
    with pytest.raises(ValueError, match=said):
        pick(figures)


def test_another_suite_has_no_table_of_throughput_and_names_its_size() -> None:
    kazakhstan = copy.deepcopy(FIGURES) | {"suite": {"name": "kazakhstan", "seeds": [7]}}
    for part in kazakhstan["parts"]:
        part["size"] = {"nights": 3, "rig_cards": 900}
    tables = make_tables(pick(kazakhstan))
    assert list(tables) == ["kazakhstan", "kazakhstan_places"]
    table = tables["kazakhstan"]
    assert table.startswith("`simbox evaluate --suite kazakhstan --nights 3 --rig-cards 900 --seeds 1`:")


def test_baselines_that_did_not_see_every_night_are_not_compared() -> None:
    figures = copy.deepcopy(FIGURES)
    assert "every night" not in make_tables(pick(figures))[LADDER]
    part = next(part for part in figures["parts"] if part["family"] == "A")
    part["world"] = part["world"] | {"baselines_saw_every_night": False}
    table = make_tables(pick(figures))[LADDER]
    assert "Of family A the baselines were not run on every night" in table
    rows = [line.split(" | ")[1:3] for line in table.splitlines() if line.startswith("| E0")]
    assert rows == [["A", JUDGES[0]], *(["B", name] for name in JUDGES)]


def test_families_of_different_size_have_a_command_each() -> None:
    figures = copy.deepcopy(FIGURES)
    next(part for part in figures["parts"] if part["family"] == "B")["size"] = {"nights": 3}
    table = make_tables(pick(figures))[LADDER]
    assert table.startswith("`simbox evaluate --suite ladder --seeds 5 --family A` and `simbox evaluate --suite ladder")
    assert " --nights 3 --seeds 5 --family B`: family A" in table


def test_figures_of_one_family_each_are_joined(tmp_path: Path) -> None:
    files = [tmp_path / f"{family}.json" for family in "AB"]
    for file, part in zip(files, FIGURES["parts"], strict=True):
        file.write_text(json.dumps({"suite": FIGURES["suite"], "parts": [part]}))
    assert join_figures(files) == {"suite": FIGURES["suite"], "parts": FIGURES["parts"]}
    files[1].write_text(json.dumps({"suite": FIGURES["suite"] | {"seeds": [99]}, "parts": []}))
    with pytest.raises(ValueError, match="different"):
        join_figures(files)


def test_tables_get_their_section_once_and_are_replaced_after_that() -> None:
    bare = f"# simbox\n\n{BEFORE}\n\n- much\n"
    first = {LADDER: "first", THROUGHPUT: "price"}
    once = put(bare, first, SCRIPT)
    assert once.index(HEADING) < once.index("first") < once.index("price") < once.index(BEFORE)
    assert put(once, first | {LADDER: "second"}, SCRIPT) == once.replace("first", "second")
    assert put(once, first, SCRIPT) == once
    more = put(once, {"kazakhstan": "third"}, SCRIPT)
    assert more.count(HEADING) == 1
    assert more.index("price") < more.index("third") < more.index(BEFORE)
    assert blocks(more) == first | {"kazakhstan": "third"}
