"""The README's section "From list to court", walked through: each step leaves what the next one and a court need."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simbox.cases import open_bundle

ROOT = Path(__file__).resolve().parents[1]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("### From list to court\n")[1]
COMMANDS = re.search(r"```sh\n(.*?)```", SECTION, re.DOTALL).group(1).splitlines()


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """The folder after all steps, and what each printed, by its first words."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "sample_cdrs").symlink_to(ROOT / "sample_cdrs")
    script = folder / "bin" / "simbox"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -m simbox.cli "$@"\n')
    script.chmod(0o755)
    environment = os.environ | {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    printed = {}
    for command in COMMANDS:
        done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        printed.setdefault(" ".join(command.split()[:2]), done.stdout)
    return folder, printed


def test_every_step_is_there():
    steps = [command.split()[1] for command in COMMANDS if command.startswith("simbox ")]
    assert steps == ["scan", "rig", "export", "export", "export", "key", "case", "custody", "verify", "match", "case"]


def test_exports_block_lists_and_victims_lie_apart(walked):
    folder, _ = walked
    assert {path.suffix for path in (folder / "export").iterdir()} == {".xlsx", ".kml", ".json"}
    assert all(path.name.startswith("block-") for path in (folder / "block").iterdir())
    assert all(path.name.startswith("victims-") for path in (folder / "victims").iterdir())
    held = [path for name in ("export", "block", "victims", "matched") for path in (folder / name).iterdir()]
    assert {path.stat().st_mode & 0o777 for path in [*held, folder / "case.zip", folder / "signer.key"]} == {0o600}


def test_the_bundle_holds(walked):
    _, printed = walked
    lines = printed["simbox verify"].splitlines()
    checks = "container files signature custody sums inputs rows features scores".split()
    assert [line.split()[0] for line in lines[:9]] == checks
    assert all(line.endswith(" ok") for line in lines[:10])
    head = printed["simbox custody"].split()[-1]
    assert lines[-1].endswith(head)


def test_the_case_has_its_number_and_the_measured_rates(walked):
    folder, _ = walked
    assert json.loads(open_bundle(folder / "case.zip").files["case.json"])["case_id"] == "2026/17"
    court = open_bundle(folder / "court.zip").files
    assert court["report.html"] == (folder / "rig.html").read_bytes()
    (measured,) = json.loads(court["limits.json"])["measured_error_rates"]
    assert measured["precision"] == json.loads((folder / "matched" / "match.json").read_text())["precision"]
    assert measured["seized_from"].startswith("2026-05-16")
    assert court["measured/match.json"] == (folder / "matched" / "match.json").read_bytes()


def test_the_raid_is_judged_and_makes_verdicts(walked):
    folder, printed = walked
    assert "30 cards read" in printed["simbox match"]
    figures = json.loads((folder / "matched" / "match.json").read_text())
    assert figures["outcomes"]["matched"] == 30
    with (folder / "matched" / "verdicts.csv").open(newline="") as file:
        verdicts = list(csv.DictReader(file))
    assert len(verdicts) == 30
    assert {row["verdict"] for row in verdicts} == {"rig"}


def test_nothing_printed_names_anybody(walked):
    folder, printed = walked
    with (folder / "out" / "seizure_list.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = "".join(printed.values())
    assert not [row["rank"] for row in rows for name in ("imsi", "msisdn", "iccid") if row[name] and row[name] in told]
