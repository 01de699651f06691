"""simbox evaluate: runs, several of them, suites, and what it refuses."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from simbox.cli import cli
from simbox.errors import DamagedError, InputError, UsageError

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


def test_by_default_the_figures_go_beside_the_run(simbox, tmp_path):
    world, out = tmp_path / "world", tmp_path / "out"
    assert simbox("synth", world, "--scenario", "straw", "--subscribers", 500, "--nights", 1, "--rigs", 1).code == 0
    assert simbox("scan", world, "-o", out).code == 0
    done = simbox("evaluate", out, "--truth", f"{world}.truth")
    assert (done.code, done.err) == (0, "")
    assert (out / "evaluation.json").is_file()


def test_a_suite_is_made_scanned_and_judged_and_keeps_its_worlds(tmp_path):
    done = evaluate("--suite", "straw", "--rigs", 2, *SMALL, "--workdir", tmp_path)
    assert done.exception is None
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    [seed] = figures["suite"]["seeds"]
    assert figures["world"]["runs"] == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        f"straw-{seed}-500-1-2{suffix}" for suffix in ("", ".run", ".truth")
    ]
    assert f"suite straw, seeds {seed}" in done.output


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
        ("run", "--truth", "truth", "--suite", "ladder"),
    ],
)
def test_what_can_not_be_meant(arguments):
    assert isinstance(evaluate(*arguments).exception, click.UsageError)


def test_a_folder_that_is_no_run(sample, tmp_path):
    done = evaluate(tmp_path, "--truth", sample)
    assert isinstance(done.exception, DamagedError)
    assert list(tmp_path.iterdir()) == []


def test_a_truth_of_another_world(sample_run, tmp_path):
    world = Path(tmp_path / "world")
    made = CliRunner().invoke(
        cli, ["synth", str(world), "--scenario", "straw", "--subscribers", "500", "--nights", "1", "--rigs", "1"]
    )
    assert made.exit_code == 0, made.output
    done = evaluate(sample_run.out, "--truth", f"{world}.truth", "-o", tmp_path / "figures")
    assert isinstance(done.exception, InputError)
    assert "another world" in str(done.exception)
    assert not (tmp_path / "figures").exists()
