"""Estimates what rigs/chances.toml holds: `benchmarks/rig_chances.py WORLD... [--own SOURCE VERDICTS]`.

Each world is a source folder made by `simbox synth` with its truth beside; an operator's own SOURCE is told by VERDICTS
which cards were of one rig. Nights are replayed; on the last one the suspects of each rig are looked at, as to how
often they agree in what pairs are compared by. Every rig counts alike, whatever its size.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from rig_agreement import LEAST_SIMS, MEASURES, MOST_SIMS, Rig
from watched_founding import scan_and_watch

from simbox import rigs
from simbox.config import Config
from simbox.evaluation import read_verdicts
from simbox.evaluation.truth import read_truth
from simbox.rigs.contacts import find_called
from simbox.rigs.strangers import find_squares
from simbox.training.own_verdicts import split_by_raid

NAMES = tuple(agreement.__name__ for agreement in MEASURES)


class LastNight(NamedTuple):
    """What is spoken by those who are suspects on a source's last night, the crowd, and from when records are held."""

    spoken: pl.DataFrame
    crowd: rigs.Crowd
    begins: pl.Expr


def last_night(source: Path) -> LastNight:
    """What the search for rigs is given on a source's last night."""
    kept: list[Any] = []

    def keep(*arguments: Any) -> None:
        kept[:] = arguments[:2]

    with tempfile.TemporaryDirectory() as folder:
        scan_and_watch(source, Path(folder) / "run", keep)
    return look_at(*kept)


def look_at(suspects: rigs.Suspects, crowd: rigs.Crowd) -> LastNight:
    """What of that pairs are compared by."""
    spoken = suspects.records.filter(pl.col("service").is_in(["voice", "sms"]))
    return LastNight(spoken, crowd, pl.lit(suspects.begins))


def measure(night: LastNight, owners: pl.DataFrame) -> pl.DataFrame:
    """NAMES of each rig of five suspects or more, whose each is as `owners` (imsi, rig) say."""
    suspects = night.spoken.select("imsi").unique()
    squares = find_squares(suspects, night.crowd)
    called = find_called(night.spoken, squares, night.crowd, Config().rigs.candidates_per_sim)
    rows = []
    for (rig,), held in night.spoken.join(owners, on="imsi").sort("rig").group_by("rig", maintain_order=True):
        sims = np.sort(held["imsi"].unique().to_numpy())
        if sims.size >= LEAST_SIMS:
            sims = sims[:: -(-sims.size // MOST_SIMS)]
            some = Rig(held.filter(pl.col("imsi").is_in(sims)), sims, called, night.crowd, night.begins)
            rows.append({"rig": rig} | {name: agreement(some) for name, agreement in zip(NAMES, MEASURES, strict=True)})
    return pl.DataFrame(rows, schema={"rig": pl.String} | dict.fromkeys(NAMES, pl.Float64))


def write_chances(file: Path, origin: str, measured: pl.DataFrame) -> None:
    """The file that ships."""
    means = [f"{name} = {measured[name].mean():.2g}" for name in NAMES]
    file.write_text("\n".join([f'origin = """{origin}"""', *means]) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worlds", nargs="+", type=Path)
    parser.add_argument("--own", nargs=2, type=Path, metavar=("SOURCE", "VERDICTS"), help="Cards read at the door.")
    parser.add_argument("-o", "--out", type=Path, default=Path(rigs.__file__).parent / "chances.toml")
    given = parser.parse_args()
    worlds = sorted(given.worlds)
    measured = []
    for world in worlds:
        sims = read_truth(world.with_name(f"{world.name}.truth")).sims
        measured.append(measure(last_night(world), sims.select("imsi", "rig").drop_nulls()))
    names = ", ".join(world.name for world in worlds)
    origin = f"Estimated by benchmarks/rig_chances.py on {names} (family A)"
    if given.own:
        source, verdicts = given.own
        raids = split_by_raid(read_verdicts(verdicts)).filter(pl.col("verdict") == "rig")
        measured.append(measure(last_night(source), raids.select("imsi", rig="raid")))
        origin += f", and on verdicts on {raids.height} SIMs"
    write_chances(given.out, f"{origin}.", pl.concat(measured))


if __name__ == "__main__":
    main()
