"""The linter, the type checker and the rules of who may import whom."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-cache", "simbox", "tests", "benchmarks"),
        ("ruff", "format", "--no-cache", "--check", "simbox", "tests", "benchmarks"),
        ("mypy", "--cache-dir", "{cache}"),
        ("importlinter.cli", "--no-cache"),
    ],
    ids=["ruff", "format", "mypy", "layers"],
)
def test_the_code_keeps_its_conventions(command: tuple[str, ...], tmp_path: Path) -> None:
    module, *arguments = (part.format(cache=tmp_path) for part in command)
    run = [sys.executable, "-m", module, *arguments]
    if module == "importlinter.cli":
        run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", *arguments]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
