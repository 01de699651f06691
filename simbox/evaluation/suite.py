"""A suite: worlds of one scenario, drawn by seeds that nobody chose, made, scanned and judged.

The seeds are the first words of SHA-256 over scorecard, link weights and synth sources, so that whoever changes one of
them, and with it what was tuned or what it was tuned on, is judged on worlds he has not seen.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from simbox.errors import EXIT_DONE, EXIT_INCOMPLETE, InputError, SimboxError, UsageError

PACKAGE = Path(__file__).resolve().parents[1]
SOURCES = ("scoring/scorecard.toml", "rigs", "synth")
SUFFIXES = (".py", ".toml")
WORD_BYTES = 4
# Read by `simbox synth --seed` as a number; 31 bits are one on every machine.
SEED_MASK = 0x7FFF_FFFF

# What the step was asked for can't be; anything else that stops it makes the suite unusable.
FAILURES: dict[int, type[SimboxError]] = {UsageError.exit_code: UsageError}
MOST_LINES = 5

Progress = Callable[[str, int, int], None]


class Size(NamedTuple):
    """How large each world is; null as the scenario says."""

    subscribers: int | None = None
    nights: int | None = None
    rigs: int | None = None


class World(NamedTuple):
    """One world of a suite: its seed, the run that judged it, and its truth."""

    seed: int
    run: Path
    truth: Path


def suite_seeds(count: int, package: Path = PACKAGE) -> list[int]:
    """The first `count` seeds of what the package's sources say today; more words come from hashing the hash again."""
    digest = hashlib.sha256()
    for path in sorted(_sources(package), key=lambda path: path.relative_to(package).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    words, block = b"", digest.digest()
    while len(words) < count * WORD_BYTES:
        words += block
        block = hashlib.sha256(block).digest()
    starts = range(0, count * WORD_BYTES, WORD_BYTES)
    return [int.from_bytes(words[start : start + WORD_BYTES], "big") & SEED_MASK for start in starts]


def _sources(package: Path) -> list[Path]:
    found = []
    for name in SOURCES:
        path = package / name
        found += [path] if path.is_file() else [inner for inner in path.rglob("*") if inner.suffix in SUFFIXES]
    return found


def make_suite(scenario: str, size: Size, seeds: Sequence[int], folder: Path, progress: Progress) -> list[World]:
    """Make and scan each world in `folder`; one that is there from an earlier time is taken, and scanned again.

    Each step is a process of its own, so that its memory goes back. UsageError where a world can't be as asked,
    InputError where a step fails.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    worlds = []
    for number, seed in enumerate(seeds):
        progress("worlds", number, len(seeds))
        name = "-".join(str(part) for part in (scenario, seed, *(value for value in size if value is not None)))
        source, truth = folder / name, folder / f"{name}.truth"
        options = [
            text for key, value in size._asdict().items() if value is not None for text in (f"--{key}", str(value))
        ]
        if not source.is_dir():
            _run("synth", str(source), "--scenario", scenario, "--seed", str(seed), *options)
        run = folder / f"{name}.run"
        _run("scan", str(source), "-o", str(run), accepted=(EXIT_DONE, EXIT_INCOMPLETE))
        # A scenario may keep its truth beside the source's tables.
        worlds.append(World(seed, run, truth if truth.is_dir() else source))
    progress("worlds", len(seeds), len(seeds))
    return worlds


def _run(command: str, *arguments: str, accepted: Sequence[int] = (EXIT_DONE,)) -> None:
    """One simbox command in a process of its own, with this process's package and settings."""
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "simbox.cli", command, *arguments],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in accepted:
        last = [line.strip(" -") for line in done.stderr.splitlines()[-MOST_LINES:]]
        kind = FAILURES.get(done.returncode, InputError)
        raise kind(f"simbox {command} ended with {done.returncode} on a world of the suite:", last)
