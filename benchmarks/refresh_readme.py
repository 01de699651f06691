"""Brings README.md's excerpts up to what the program prints now: `python benchmarks/refresh_readme.py`."""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
COLUMNS_SHOWN = (
    "rank", "rig_id", "decision", "imsi", "operator", "registration", "probability", "state", "place_rank", "cell",
)  # fmt: skip
ROWS_SHOWN = 6
WIDTH = "120"
_BLOCK = re.compile(r"(<!-- (\w+): .*? -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d s\b")


def lay_out(folder: Path) -> None:
    """Make `folder` look like the checkout to the README's commands."""
    shutil.copytree(ROOT / "sample_cdrs", folder / "sample_cdrs")


def run_simbox(folder: Path, *arguments: str) -> str:
    """What `simbox` prints in `folder`, on a terminal wide enough for its table."""
    environment = os.environ | {"COLUMNS": WIDTH, "PYTHONPATH": str(ROOT)}
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "simbox.cli", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"simbox {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def take_excerpts(folder: Path) -> dict[str, str]:
    """The content of each marked block, from a scan of the sample in a folder laid out for it."""
    summary = run_simbox(folder, "scan", "sample_cdrs", "-o", "out")
    with (folder / "out" / "seizure_list.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))[:ROWS_SHOWN]
    rows = [",".join(COLUMNS_SHOWN), *(",".join(row[column] for column in COLUMNS_SHOWN) for row in listed)]
    if not listed:
        raise RuntimeError("the scan of the sample lists nothing, so there is nothing to show")
    imsi = listed[0]["imsi"]
    why = run_simbox(folder, "explain", imsi, "--run", "out").split("\n\n")
    return {
        "summary": _fenced(summary),
        "seizure_list": _fenced("\n".join(rows)),
        "explain": _fenced(f"$ simbox explain {imsi} --run out\n" + "\n\n".join(why[:2]) + "\n..."),
    }


def blocks(text: str) -> dict[str, str]:
    """The marked blocks of a README by name."""
    return {found[2]: found[3] for found in _BLOCK.finditer(text)}


def normalise(text: str) -> str:
    """Text without what differs from run to run: seconds."""
    return _SECONDS.sub("0.0 s", text)


def refresh(text: str, excerpts: dict[str, str]) -> str:
    """The README with each block that says something else replaced; blocks without an excerpt stay as they are."""

    def now(found: re.Match[str]) -> str:
        if found[2] not in excerpts:
            return found[0]
        is_same = normalise(found[3]) == normalise(excerpts[found[2]])
        return found[0] if is_same else found[1] + excerpts[found[2]] + found[4]

    return _BLOCK.sub(now, text)


def _fenced(content: str) -> str:
    return f"```text\n{content}\n```"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        lay_out(Path(temporary))
        README.write_text(refresh(README.read_text(encoding="utf-8"), take_excerpts(Path(temporary))), encoding="utf-8")
