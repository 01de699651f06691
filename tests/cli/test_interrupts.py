"""A scan that is told to stop leaves with its code and nothing half written; a finished run stays as it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a finished run is known by.
MANIFEST = '{"versions": {"simbox": "0.1.0"}}'


def _stop_midway(out: Path, number: signal.Signals) -> subprocess.Popen[str]:
    """Start a scan into `out` and send it a signal once it has begun to write."""
    command = [sys.executable, "-m", "simbox.cli", "scan", str(ROOT / "sample_cdrs"), "-o", str(out)]
    scan = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    begun = out.with_name(f".{out.name}.partial") / "store"
    while not begun.exists() and scan.poll() is None:
        time.sleep(0.01)
    os.kill(scan.pid, number)
    return scan


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_a_stopped_scan_leaves_nothing(number: signal.Signals, code: int, tmp_path: Path) -> None:
    scan = _stop_midway(tmp_path / "out", number)
    shown, told = scan.communicate()
    assert scan.returncode == code, told
    assert (shown, told.strip()) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_outlives_a_stopped_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text(MANIFEST)
    scan = _stop_midway(out, signal.SIGTERM)
    _, told = scan.communicate()
    assert scan.returncode == 143, told
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "manifest.json").read_text() == MANIFEST
