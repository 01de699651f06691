"""Estimates a card on worlds of every kind: `python benchmarks/train_card.py -o CARD [--workdir DIR] [--jobs N]`.

It makes worlds of family A, small ones of many scenarios, farms that receive codes and burnt banks among them, hands
them to `simbox train` and says what changed against the card that ships. Two worlds in three fit the experts, the
others set scale, context and bands. Suites draw their seeds from the whole range of 31 bits; these are small numbers,
which none of them has. It needs the extra `train`; worlds and what was learned from them stay in the workdir.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from refresh_readme import ROOT

from simbox.synth import generate
from simbox.training import take_lesson, train_card, train_first_night

CARD = ROOT / "simbox" / "scoring" / "scorecard.toml"
FARMS = ROOT / "benchmarks" / "training" / "farms.toml"


class Drawn(NamedTuple):
    """Worlds of one scenario: their seeds, and their size where it is not the scenario's own."""

    scenario: str
    seeds: Sequence[int]
    subscribers: int
    nights: int | None = None
    rigs: int | None = None
    rig_cards: int | None = None


# Boxes that buy codes are rare in the scenarios of the suites, and a country's banks outlast a week. Dealers' phones
# and new SIMs are ten times as many in the sample as elsewhere.
FITTED = (
    Drawn("ladder", range(9001, 9009), 20_000),
    Drawn("straw", range(9201, 9203), 15_000),
    Drawn("partial", range(9301, 9304), 15_000),
    Drawn("single", range(9351, 9352), 15_000),
    Drawn("crowded", range(9401, 9404), 15_000),
    Drawn("quiet", range(9101, 9104), 12_000, nights=14),
    Drawn("quiet", range(9104, 9107), 12_000),
    Drawn("farms", range(9471, 9475), 15_000),
    Drawn("sample", range(9481, 9487), 6_000),
    Drawn("kazakhstan", range(9451, 9452), 40_000, nights=12, rigs=12, rig_cards=4_800),
)
KEPT = (
    Drawn("ladder", range(9501, 9504), 20_000),
    Drawn("quiet", range(9601, 9602), 12_000, nights=14),
    Drawn("quiet", range(9602, 9603), 12_000),
    Drawn("crowded", range(9701, 9702), 15_000),
    Drawn("partial", range(9801, 9802), 15_000),
    Drawn("straw", range(9901, 9902), 15_000),
    Drawn("single", range(9851, 9852), 15_000),
    Drawn("farms", range(9971, 9973), 15_000),
    Drawn("sample", range(9981, 9984), 6_000),
    Drawn("kazakhstan", range(9951, 9953), 40_000, nights=12, rigs=12, rig_cards=4_800),
    Drawn("outage", range(9991, 9992), 15_000),
)


class World(NamedTuple):
    """One world to learn from: what to draw, and its folder."""

    drawn: Drawn
    seed: int
    source: Path


def worlds(folder: Path) -> list[World]:
    """All worlds in the order of `simbox train`: every third is one that is kept out of the fit."""

    def each(of: Sequence[Drawn]) -> Iterator[World]:
        for drawn in of:
            for seed in drawn.seeds:
                yield World(drawn, seed, folder / "worlds" / f"{drawn.scenario}-{seed}")

    fitted, kept = list(each(FITTED)), list(each(KEPT))
    if len(fitted) != 2 * len(kept):
        raise ValueError(f"{len(fitted)} worlds to fit on need half as many kept out, not {len(kept)}")
    pairs = zip(fitted[::2], fitted[1::2], kept, strict=True)
    return [world for three in pairs for world in three]


def learn(world: World, lessons: Path) -> str:
    """Draw a world and replay its nights, unless that was done; its name."""
    drawn, seed, source = world
    if not source.exists():
        scenario = str(FARMS) if drawn.scenario == "farms" else drawn.scenario
        source.parent.mkdir(parents=True, exist_ok=True)
        generate(
            source, scenario, seed=seed, subscribers=drawn.subscribers, nights=drawn.nights, rigs=drawn.rigs,
            rig_cards=drawn.rig_cards, family="A",
        )  # fmt: skip
    take_lesson(source, _silent, lessons)
    return source.name


def _silent(stage: str, done: int, of: int) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="Keeps worlds and what was learned from them.")
    parser.add_argument("--jobs", type=int, default=1, help="Worlds to draw and replay at once.")
    parser.add_argument("-o", "--out", type=Path, required=True, help="Where the card goes.")
    parser.add_argument("--first-night", action="store_true", help="Only who judges the first night; the rest stays.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.workdir or Path(temporary)
        drawn = worlds(folder)
        lessons = folder / "lessons"
        with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
            for number, name in enumerate(pool.map(learn, drawn, [lessons] * len(drawn)), start=1):
                sys.stdout.write(f"{number} of {len(drawn)}: {name}\n")
                sys.stdout.flush()
        sources = [world.source for world in drawn]
        estimate = train_first_night if given.first_night else train_card
        told = estimate(sources, given.out, _silent, former=CARD, workdir=lessons)
        sys.stdout.write("".join(f"{line}\n" for line in told))


if __name__ == "__main__":
    main()
