"""What the package gives to others, pinned: a name added or taken away is meant."""

import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

import simbox
from simbox.errors import SimboxError

ROOT = Path(__file__).resolve().parents[1]

SURFACE = {
    "simbox": "SimboxError load_config run_scan",
    "simbox.intake": "NO_ALLOWANCES Allowances Guess ProfileCheck References TakenIn check_profile guess_profile"
    " read_references take_in",
    "simbox.store": "LEAST_MEMORY Memory Pile Store StoreWriter file_sha256 open_store read_memory",
    "simbox.features": "ABSENT CATALOGUE FEATURES GRAPH PRESENCE_COLUMNS SEEN_COLUMNS Census Extremes OutOfOrderError"
    " Part Partition Population Presence add_place code_places compute_bucket compute_long_sim find_presence"
    " partition_by_sim sims_seen",
    "simbox.scoring": "CALL_COLUMNS CONTEXT EMPTY NOTHING_KNOWN SAMPLE_SIMS SUSPECTS_FROM USUAL_FEATURES Histograms"
    " Scorecard Scored State Surroundings add_rigs base_points carry find_calls find_scales find_witnesses"
    " finish_reasons finish_untold load_scorecard look_around measure_context measure_usual read_scorecard"
    " score_alone score_context score_reports show_scorecard to_history to_reasons to_scale to_scores",
    "simbox.scoring.train": "AfterRigs Draft Examples MISSING NIGHT_SHARE POINTS SAID_AFTER_RIGS align_drafts bin_of"
    " blind calibrate compare_cards evidence_of fit_after_rigs fit_context fit_drafts join_examples set_bands to_card"
    " to_examples to_points",
    "simbox.rigs": "FAMILY LINE_FEATURES NO_RIGS Crowd Found Habits Suspects family_weights find_batches"
    " find_companions find_habits find_lines find_rigs join_habits measure_founding popular_numbers port_chains"
    " seek_founders site_places",
    "simbox.engines": "map_in_order worker_count",
    "simbox.listing": "NOTHING_LISTED Candidates Listed list_sims look_up_owners",
    "simbox.report": "COVERAGE_COLUMNS RunTables count_records join_coverage member_activity read_run_tables"
    " render_report render_rig_page write_report",
    "simbox.exports": "CLONE_WARNING Chosen Seen export_blocking export_csv export_geojson export_graphml export_i2"
    " export_kml export_misp export_pdf export_victims export_xlsx find_victims",
    "simbox.cases": "AlternativeEvidence Bundle CUSTODY Claims Header MANIFEST OUTSIDE SIGNATURE SIGNER add_entry"
    " check_custody describe_limits describe_measured estimate_damage find_missing fingerprint judge_alternatives"
    " link_claims link_rows new_key number_claims number_rows open_bundle pack public_pem read_custody read_private_key"
    " read_public_key rig_claims seal signers verify_signature",
    "simbox.handover": "CaseOptions ExportOptions FORMATS Run WHATS case_files choose_rigs export_run last_scored"
    " make_case read_measured read_records read_run seen_of sim_files",
    "simbox.verification": "Finding check_bundle check_source other_versions",
    "simbox.evaluation": "FAMILIES FRAUDZEN ListedRun Part Size evaluate_rigs evaluate_runs make_suite match_seized"
    " parts_of plan_suite read_seized read_verdicts show_interval show_number show_share suite_seeds"
    " write_evaluation write_match",
    "simbox.training": "Lesson learn_from take_lesson train_card train_first_night",
    "simbox.evaluation.baselines": "BASELINE_FEATURES BOOSTING LONGEST_WINDOW RULES Baseline load_baselines",
    "simbox.synth": "Scenario generate list_scenarios load_scenario",
}


@pytest.mark.parametrize("package", SURFACE)
def test_the_names_it_gives(package: str) -> None:
    module = import_module(package)
    assert sorted(module.__all__) == sorted(SURFACE[package].split())
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_every_package_with_names_of_its_own_is_pinned() -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "simbox").rglob("__init__.py")
        if "__all__" in path.read_text(encoding="utf-8")
    }
    assert found == set(SURFACE)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'simbox' has no attribute 'scann'"):
        simbox.scann  # noqa: B018


def test_errors_are_the_same_class_wherever_they_come_from() -> None:
    assert simbox.SimboxError is SimboxError


def test_importing_it_loads_none_of_its_parts() -> None:
    program = "import sys; import simbox; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.startswith("simbox.")] == []


def test_every_dependency_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    locked = (ROOT / ".requirements.lock").read_text(encoding="utf-8")
    missing = [name for name in declared if f"\n{name.split('>')[0]}==" not in f"\n{locked}"]
    assert missing == []
    assert "://" not in locked
