"""simbox evaluate: runs, several of them, suites, and what it refuses."""

import json
import re

import click
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.cli.evaluation_summary import print_evaluation
from simbox.errors import DamagedError, InputError, UsageError
from simbox.nightly import run_scan
from simbox.synth import generate

SMALL = ("--subscribers", "500", "--nights", "1", "--seeds", "1")


def evaluate(*arguments: object) -> object:
    return CliRunner().invoke(cli, ["evaluate", *map(str, arguments)], standalone_mode=False)


def test_a_run_is_judged_by_its_truth(sample_run, tmp_path):
    done = evaluate(sample_run.out, "--truth", sample_run.source, "-o", tmp_path)
    assert done.exception is None
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert (tmp_path / "evaluation.html").is_file()
    assert figures["world"]["baselines_saw_every_night"] is True
    for shown in ("SIMs caught", "look-alike", "The list", "Rigs:", "Time from", "volume and ratio", "courier"):
        assert shown in done.output
    assert "too small to publish" in done.output
    assert done.output.endswith(f"written to {tmp_path}\n")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Folder of small worlds by scenario, with the run of each."""
    folder = tmp_path_factory.mktemp("small")
    for scenario, rigs in (("straw", 1), ("clean", None)):
        generate(folder / scenario, scenario, seed=1, subscribers=500, nights=1, rigs=rigs)
        run_scan(folder / scenario, folder / f"{scenario}.run", lambda *_: None)
    return folder


def test_of_many_nights_those_are_printed_that_a_terminal_has_room_for(sample_run, tmp_path, capsys):
    evaluate(sample_run.out, "--truth", sample_run.source, "-o", tmp_path)
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    row = figures["by_night"][0]
    figures["by_night"] = [row | {"night": night} for night in range(1, 31)]
    print_evaluation(figures, None)
    [heading] = [line for line in capsys.readouterr().out.splitlines() if "night 1" in line]
    assert re.findall(r"night (\d+)", heading) == ["1", "3", "7", "14", "21", "30"]


def test_by_default_the_figures_go_beside_the_run(small):
    done = evaluate(small / "straw.run", "--truth", small / "straw.truth")
    assert done.exception is None
    assert (small / "straw.run" / "evaluation.json").is_file()


def test_a_world_without_rigs(small, tmp_path):
    done = evaluate(small / "clean.run", "--truth", small / "clean.truth", "-o", tmp_path)
    assert done.exception is None
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert figures["world"]["rigs"] == 0
    assert {row["recall"] for row in figures["by_night"]} == {None}


def test_a_suite_is_made_scanned_and_judged_by_family_and_keeps_its_worlds(tmp_path):
    done = evaluate("--suite", "straw", "--rigs", 2, *SMALL, "--workdir", tmp_path, "--jobs", 2)
    assert done.exception is None
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    [seed] = figures["suite"]["seeds"]
    assert [(part["name"], part["world"]["runs"]) for part in figures["parts"]] == [("family A", 1), ("family B", 1)]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        f"straw-{family}-{seed}-500-1-2{suffix}" for family in "AB" for suffix in ("", ".run", ".truth")
    ]
    assert f"suite straw, seeds {seed}" in done.output
    assert "boosting" in done.output
    # Each table has both families side by side.
    tables = done.output.split("\n\n")[1:-1]
    assert len(tables) == 7
    assert all("family A" in table and "family B" in table for table in tables)
    page = (tmp_path / "evaluation.html").read_text()
    assert page.count("<svg ") == 6
    shown = [table for table in re.findall("<table>.*?</table>", page, re.DOTALL) if "<td>" in table]
    assert all("family A" in table and "family B" in table for table in shown)


def test_a_published_adversary_is_judged_as_it_was_published(monkeypatch, tmp_path):
    monkeypatch.setattr("simbox.evaluation.suite.FRAUDZEN_VARIANTS", ("all",))
    done = evaluate("--suite", "fraudzen", "--family", "A", *SMALL, "--rig-cards", 20, "-o", tmp_path)
    assert done.exception is None
    assert "Precision / recall" in done.output
    assert "SIMs caught" not in done.output
    [part] = json.loads((tmp_path / "evaluation.json").read_text())["parts"]
    assert (part["name"], part["world"]["rigs"]) == ("fd_all, 20 cards, family A", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evaluation.html", "evaluation.json"]


def test_a_suite_of_a_world_that_can_not_be(tmp_path):
    done = evaluate("--suite", "clean", "--rigs", 2, *SMALL, "--workdir", tmp_path)
    assert isinstance(done.exception, UsageError)
    assert "has no rigs" in str(done.exception)


def test_an_unknown_suite_names_those_there_are(tmp_path):
    done = evaluate("--suite", "stairs", "--workdir", tmp_path / "work")
    assert isinstance(done.exception, UsageError)
    assert "stairs" in str(done.exception)
    assert "ladder" in str(done.exception)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("run",),
        ("run", "other", "--truth", "truth"),
        ("run", "other", "--truth", "truth", "--truth", "truth"),
        ("run", "--truth", "truth", "--seeds", "3"),
        ("run", "--truth", "truth", "--family", "B"),
        ("run", "--truth", "truth", "--suite", "ladder"),
    ],
)
def test_what_can_not_be_meant(arguments):
    assert isinstance(evaluate(*arguments).exception, click.UsageError)


def test_a_folder_that_is_no_run(sample, tmp_path):
    done = evaluate(tmp_path, "--truth", sample)
    assert isinstance(done.exception, DamagedError)
    assert list(tmp_path.iterdir()) == []


def test_a_truth_of_another_world(sample_run, small, tmp_path):
    done = evaluate(sample_run.out, "--truth", small / "straw.truth", "-o", tmp_path / "figures")
    assert isinstance(done.exception, InputError)
    assert "another world" in str(done.exception)
    assert not (tmp_path / "figures").exists()
