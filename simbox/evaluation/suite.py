"""A suite: worlds of a scenario or a few, of both families, drawn by seeds that nobody chose, made and scanned.

The seeds are the first words of SHA-256 over scorecard, link weights and synth sources, so that whoever changes one of
them, and with it what was tuned or what it was tuned on, is judged on worlds he has not seen.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple

from simbox.errors import EXIT_DONE, EXIT_INCOMPLETE, InputError, SimboxError, UsageError
from simbox.store import LEAST_MEMORY

PACKAGE = Path(__file__).resolve().parents[1]
JUDGING = Path(__file__).resolve().parent.name
# Weights are in files that scoring reads, and in the rigs' stage itself.
SOURCES = {"scoring": (".toml",), "rigs": (".py", ".toml"), "synth": (".py", ".toml")}
WORD_BYTES = 4
# Read by `simbox synth --seed` as a number; 31 bits are one on every machine.
SEED_MASK = 0x7FFF_FFFF

# What the step was asked for can't be; anything else that stops it makes the suite unusable.
FAILURES: dict[int, type[SimboxError]] = {UsageError.exit_code: UsageError}
MOST_LINES = 5

Progress = Callable[[str, int, int], None]
Family = Literal["A", "B"]
FAMILIES: tuple[Family, ...] = ("A", "B")

# FraudZen's adversaries (Kouam et al., AsiaCCS 2024), few and many cards each, as its tables have them.
FRAUDZEN = "fraudzen"
FRAUDZEN_VARIANTS = ("naive", "social", "traffic", "mobility", "all")
FRAUDZEN_CARDS = (50, 200)


class Size(NamedTuple):
    """How large each world is; null as the scenario says."""

    subscribers: int | None = None
    nights: int | None = None
    rigs: int | None = None
    rig_cards: int | None = None


class Part(NamedTuple):
    """Worlds that are pooled and stand as one in every table: `name` says which."""

    name: str
    scenario: str
    family: Family
    size: Size


class World(NamedTuple):
    """One world of a suite: its seed, the run that judged it, and its truth."""

    seed: int
    run: Path
    truth: Path


def plan_suite(name: str, families: Sequence[Family], size: Size) -> list[Part]:
    """The parts of a suite: of a scenario one for each family; `fraudzen` has each variant with 50 and 200 cards."""
    if name != FRAUDZEN:
        return [Part(f"family {family}", name, family, size) for family in families]
    cards = FRAUDZEN_CARDS if size.rig_cards is None else (size.rig_cards,)
    return [
        Part(f"fd_{variant}, {number} cards, family {family}", f"{FRAUDZEN}_{variant}", family,
             size._replace(rig_cards=number))
        for family in families
        for variant in FRAUDZEN_VARIANTS
        for number in cards
    ]  # fmt: skip


def suite_seeds(count: int, package: Path = PACKAGE) -> list[int]:
    """The first `count` seeds of what the package's sources say today; more words come from hashing the hash again."""
    words, block = b"", _hash(_sources(package), package).digest()
    while len(words) < count * WORD_BYTES:
        words += block
        block = hashlib.sha256(block).digest()
    starts = range(0, count * WORD_BYTES, WORD_BYTES)
    return [int.from_bytes(words[start : start + WORD_BYTES], "big") & SEED_MASK for start in starts]


def _hash(paths: Sequence[Path], package: Path) -> "hashlib._Hash":
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.relative_to(package).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest


def scanning_hash(package: Path = PACKAGE) -> str:
    """What a scan may depend on, as SHA-256: every source of the package but those that judge what it found."""
    paths = [path for path in package.rglob("*") if path.suffix in (".py", ".toml")]
    return _hash([path for path in paths if path.relative_to(package).parts[0] != JUDGING], package).hexdigest()


def _sources(package: Path) -> list[Path]:
    return [
        path for name, suffixes in SOURCES.items() for path in (package / name).rglob("*") if path.suffix in suffixes
    ]


def make_suite(
    parts: Sequence[Part],
    seeds: Sequence[int],
    folder: Path,
    progress: Progress,
    jobs: int = 1,
    memory: int | None = None,
) -> list[list[World]]:
    """Make and scan the worlds of each part in `folder`, `jobs` at once.

    Worlds that are there are not made again, nor are runs that the same sources made: a suite that was stopped goes on
    where it was. Each step is a process of its own, so that its memory goes back. Scans that run at once share `memory`
    (bytes; null: each takes what a scan takes). UsageError where a world can't be as asked, InputError where a step
    fails.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = [(part, seed) for part in parts for seed in seeds]
    progress("worlds", 0, len(wanted))
    done = count(1)
    settings = [] if memory is None else ["--memory", str(max(memory // jobs, LEAST_MEMORY))]

    def make(of: tuple[Part, int]) -> World:
        world = _make(*of, folder, settings)
        progress("worlds", next(done), len(wanted))
        return world

    with ThreadPoolExecutor(jobs) as pool:
        try:
            worlds = list(pool.map(make, wanted))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [worlds[start : start + len(seeds)] for start in range(0, len(worlds), len(seeds))]


def _make(part: Part, seed: int, folder: Path, settings: Sequence[str]) -> World:
    given = {key: value for key, value in part.size._asdict().items() if value is not None}
    name = "-".join(map(str, (part.scenario, part.family, seed, *given.values())))
    source, truth, run = folder / name, folder / f"{name}.truth", folder / f"{name}.run"
    options = [text for key, value in given.items() for text in (f"--{key.replace('_', '-')}", str(value))]
    scanned = folder / f"{name}.scanned"
    if not source.is_dir():
        scanned.unlink(missing_ok=True)
        _run("synth", str(source), "--scenario", part.scenario, "--family", part.family, "--seed", str(seed), *options)
    sources = scanning_hash()
    if not (run.is_dir() and scanned.is_file() and scanned.read_text("ascii") == sources):
        scanned.unlink(missing_ok=True)
        _run("scan", str(source), "-o", str(run), *settings, accepted=(EXIT_DONE, EXIT_INCOMPLETE))
        scanned.write_text(sources, "ascii")
    # A scenario may keep its truth beside the source's tables.
    return World(seed, run, truth if truth.is_dir() else source)


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
