"""The kernels' tests once more as plain Python, and those of drivers once more with every index checked.

Each in a process of its own, because numba reads these settings when it is loaded. As plain Python each kernel is also
replaced by its neighbour, which the comparison with its oracle must notice. With checks only drivers are compiled:
they hold all kernels, and each kernel by itself would take five times as long.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


TESTS = {"NUMBA_DISABLE_JIT": "tests/kernels", "NUMBA_BOUNDSCHECK": "tests/kernels/test_drivers.py"}


@pytest.mark.parametrize("setting", TESTS)
def test_kernels_pass_with(setting: str, tmp_path: Path) -> None:
    # Compiled code holds its bounds checks, so it is kept apart from that which lacks them.
    settings = {setting: "1", "NUMBA_CACHE_DIR": str(tmp_path), "HYPOTHESIS_PROFILE": "quick"}
    command = [sys.executable, "-m", "pytest", "-q", TESTS[setting]]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
