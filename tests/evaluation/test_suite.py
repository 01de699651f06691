"""Seeds that nobody chose: any change of what is judged, or of what it is judged on, draws new worlds."""

import shutil
from pathlib import Path

import pytest

from simbox.evaluation.suite import PACKAGE, SOURCES, Part, Size, make_suite, plan_suite, scanning_hash, suite_seeds
from simbox.synth import list_scenarios

FILES = ("scoring/scorecard.toml", "rigs/evidence.py", "synth/world.py", "synth/scenarios/ladder.toml")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package's sources that may be changed."""
    for name in SOURCES:
        shutil.copytree(PACKAGE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_same_sources_draw_the_same_worlds(package):
    assert suite_seeds(5, package) == suite_seeds(5)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_draws_other_worlds(package, name):
    before = suite_seeds(5, package)
    with (package / name).open("a") as file:
        file.write("\n")
    assert not set(before) & set(suite_seeds(5, package))


def test_a_renamed_file_draws_other_worlds(package):
    before = suite_seeds(5, package)
    (package / "rigs" / "evidence.py").rename(package / "rigs" / "evident.py")
    assert suite_seeds(5, package) != before


def test_another_file_of_weights_draws_other_worlds(package):
    before = suite_seeds(5, package)
    (package / "scoring" / "links.toml").write_text("weight = 3\n")
    assert not set(before) & set(suite_seeds(5, package))


def test_code_that_holds_no_weights_does_not(package):
    before = suite_seeds(5, package)
    (package / "scoring" / "score.py").write_text("")
    assert suite_seeds(5, package) == before


def test_compiled_files_do_not(package):
    before = suite_seeds(5, package)
    (package / "rigs" / "__pycache__").mkdir()
    (package / "rigs" / "__pycache__" / "evidence.pyc").write_bytes(b"compiled")
    assert suite_seeds(5, package) == before


def test_a_suite_that_was_stopped_goes_on_where_it_was(monkeypatch, tmp_path):
    asked = []

    def run(command, *arguments, accepted=()):
        asked.append((command, Path(arguments[0]).name))
        Path(arguments[2] if command == "scan" else arguments[0]).mkdir(exist_ok=True)

    monkeypatch.setattr("simbox.evaluation.suite._run", run)
    parts = [Part("family A", "ladder", "A", Size())]

    def worlds_of(*seeds):
        asked.clear()
        return make_suite(parts, seeds, tmp_path, lambda *_: None)[0], list(asked)

    first, made = worlds_of(5)
    assert made == [("synth", "ladder-A-5"), ("scan", "ladder-A-5")]
    again, made = worlds_of(5, 6)
    assert made == [("synth", "ladder-A-6"), ("scan", "ladder-A-6")]
    assert again[0] == first[0]
    shutil.rmtree(tmp_path / "ladder-A-6")
    shutil.rmtree(tmp_path / "ladder-A-6.run")
    (tmp_path / "ladder-A-6.run").mkdir()
    shutil.rmtree(tmp_path / "ladder-A-5.run")
    assert worlds_of(5, 6)[1] == [("scan", "ladder-A-5"), ("synth", "ladder-A-6"), ("scan", "ladder-A-6")]
    monkeypatch.setattr("simbox.evaluation.suite.scanning_hash", lambda: "other sources")
    assert worlds_of(5)[1] == [("scan", "ladder-A-5")]


@pytest.mark.parametrize(("name", "changes"), [("store/runs.py", True), ("evaluation/judge.py", False)])
def test_a_run_is_kept_while_what_scans_is_the_same(tmp_path, name, changes):
    copy = tmp_path / "simbox"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert scanning_hash(copy) == scanning_hash()
    with (copy / name).open("a") as file:
        file.write("\n")
    assert (scanning_hash(copy) != scanning_hash()) == changes


def test_more_seeds_go_on_where_fewer_end():
    twenty = suite_seeds(20)
    assert suite_seeds(3) == twenty[:3]
    assert len(set(twenty)) == 20
    assert all(0 <= seed < 2**31 for seed in twenty)


def test_a_scenario_has_a_part_for_each_family():
    parts = plan_suite("quiet", ("A", "B"), Size(subscribers=800))
    assert [(part.name, part.scenario, part.family, part.size.subscribers) for part in parts] == [
        ("family A", "quiet", "A", 800),
        ("family B", "quiet", "B", 800),
    ]


def test_fraudzen_has_its_variants_with_few_and_many_cards():
    parts = plan_suite("fraudzen", ("A",), Size())
    assert len({part.name for part in parts}) == 10
    assert {part.scenario for part in parts} == {name for name in list_scenarios() if name.startswith("fraudzen_")}
    assert {part.size.rig_cards for part in parts} == {50, 200}
    assert {part.size.rig_cards for part in plan_suite("fraudzen", ("B",), Size(rig_cards=20))} == {20}
