"""Sets what a card says once rigs were sought: `python benchmarks/calibrate_card.py -o CARD [--workdir D] [--jobs N]`.

It draws worlds of family A with few rigs among many SIMs, and one without, scans each twice with the card that ships,
its first night alone and all nights, and estimates from what became of their SIMs how much one loses that is in no rig
and the slope and offset of probability. The rest of the card stays as it is. Seeds are small numbers, which no suite
draws.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
from score_tables import scan_first_night
from train_card import CARD

from simbox.evaluation import Part, Size, make_suite
from simbox.evaluation.suite import World
from simbox.evaluation.truth import read_truth
from simbox.scoring import Scorecard, load_scorecard, show_scorecard
from simbox.scoring.train import SAID_AFTER_RIGS, fit_after_rigs

SCENARIOS = ("ladder", "quiet", "crowded", "straw", "partial")
LAWFUL = "clean"
SEED, NIGHTS = 9701, 7
# Of 15 rigs beside 200,000 others are 0.2 to 0.4 % of the active SIMs.
SUBSCRIBERS, RIGS = 200_000, 15
PREVALENCE = 0.001


def draw(workdir: Path, jobs: int) -> list[World]:
    """The worlds, each scanned over all its nights, those that are in the workdir as they are."""
    parts = [Part(name, name, "A", Size(SUBSCRIBERS, NIGHTS, RIGS)) for name in SCENARIOS]
    parts.append(Part(LAWFUL, LAWFUL, "A", Size(SUBSCRIBERS)))
    return [world for made in make_suite(parts, [SEED], workdir, lambda *_: None, jobs) for world in made]


def judged_sims(run: Path, truth: Path) -> pl.DataFrame:
    """What a run thinks of each SIM before rigs and with one (evidence_alone, evidence_with_rig), and what it is."""
    known = read_truth(truth).sims.select("imsi", "rig", "level", "kind")
    scores = pl.read_parquet(run / "scores.parquet", columns=["imsi", "evidence_alone", "evidence"])
    members = pl.read_parquet(run / "members.parquet", columns=["imsi"]).unique()
    with_rig = pl.when(pl.col("imsi").is_in(members["imsi"].implode())).then("evidence")
    return scores.join(known, on="imsi").select(
        "rig", "level", "kind", "evidence_alone", evidence_with_rig=with_rig, weight=pl.lit(1.0)
    )


def calibrate(worlds: Sequence[World], first_nights: Sequence[Path], card: Scorecard) -> Scorecard:
    """The card with what it says after rigs as these worlds have it, one night and all nights alike."""
    runs = [(world.run, world.truth) for world in worlds]
    runs += [(run, world.truth) for run, world in zip(first_nights, worlds, strict=True)]
    found = pl.concat([judged_sims(run, truth) for run, truth in runs])
    made_of = ", ".join(sorted(world.run.stem for world in worlds))
    said = f"{SAID_AFTER_RIGS}{date.today().isoformat()} by benchmarks/calibrate_card.py on {made_of}."
    origin = card.origin.split(SAID_AFTER_RIGS)[0] + said
    return msgspec.structs.replace(card, origin=origin, **fit_after_rigs(found, card, PREVALENCE)._asdict())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workdir", type=Path, help="Keeps worlds and runs.")
    parser.add_argument("--jobs", type=int, default=1, help="Worlds to draw and scan at once.")
    parser.add_argument("-o", "--out", type=Path, required=True, help="Where the card goes.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        worlds = draw(asked.workdir or Path(temporary), asked.jobs)
        with ThreadPoolExecutor(asked.jobs) as pool:
            first_nights = list(pool.map(scan_first_night, [world.run for world in worlds]))
        card = calibrate(worlds, first_nights, load_scorecard(CARD))
    asked.out.write_text(show_scorecard(card), "utf-8")
    sys.stdout.write(f"{card.no_rig}\n{card.calibration}\n")


if __name__ == "__main__":
    main()
