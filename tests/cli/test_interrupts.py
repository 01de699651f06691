"""A scan that is told to stop leaves with its code and nothing half written; a finished run stays as it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simbox import cli
from simbox.errors import SimboxError

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


@pytest.mark.parametrize("error", [TypeError, SimboxError, None], ids=["library", "file", "swallowed"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_a_signal_is_known_by_its_code_whatever_it_came_out_as(
    number: signal.Signals,
    code: int,
    error: type[Exception] | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def meets_a_library(standalone_mode: bool) -> int:
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        except BaseException:
            if error is not None:
                raise error("what the signal came out as") from None
        return 0

    handlers = {kind: signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(cli, "_told_to_stop", [])
    monkeypatch.setattr(cli.cli, "main", meets_a_library)
    try:
        with pytest.raises(SystemExit) as left:
            cli.main()
    finally:
        for kind, handler in handlers.items():
            signal.signal(kind, handler)
    assert left.value.code == code
    assert capfd.readouterr() == ("", "")
