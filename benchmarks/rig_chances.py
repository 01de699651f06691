"""Estimates what rigs/chances.toml holds: `benchmarks/rig_chances.py WORLD...`.

Each world is a source folder made by `simbox synth` with its truth beside. Its nights are replayed; on the last one the
pairs of suspects of each rig are counted that agree in a comparison. Every rig counts alike, whatever its size.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from watched_founding import scan_and_watch

from simbox import rigs
from simbox.evaluation.truth import read_truth
from simbox.rigs.comparisons import BATCH_RANKS, RUN_RANKS, RUN_WIDTH

LEAST_SIMS = 5
NAMES = ("near_imsi", "calls_inside")


def measure(spoken: pl.DataFrame, owners: pl.DataFrame, crowd: rigs.Crowd) -> pl.DataFrame:
    """NAMES of each rig of five suspects or more, from records of suspects and whose each is (imsi, rig)."""
    in_use = crowd.imsis.to_numpy()
    rows = []
    for (rig,), held in spoken.join(owners, on="imsi").sort("rig").group_by("rig", maintain_order=True):
        sims = np.sort(held["imsi"].unique().to_numpy())
        if sims.size >= LEAST_SIMS:
            pairs = sims.size * (sims.size - 1) // 2
            shares = {"near_imsi": near_imsi(sims, in_use), "calls_inside": calls_inside(held) / pairs}
            rows.append({"rig": rig} | shares)
    return pl.DataFrame(rows, schema={"rig": pl.String} | dict.fromkeys(NAMES, pl.Float64))


def near_imsi(sims: np.ndarray, in_use: np.ndarray) -> float:
    """The share of pairs so near that they may be of one run, over that of the pairs of a run which are."""
    rank = np.searchsorted(in_use, sims)
    one, other = np.triu_indices(sims.size, 1)
    near = (rank[other] - rank[one] <= BATCH_RANKS) & (sims[other] - sims[one] < RUN_WIDTH)
    return float(near.mean() / -np.expm1(-BATCH_RANKS / RUN_RANKS))


def calls_inside(held: pl.DataFrame) -> int:
    numbers = held.drop_nulls("msisdn").select(called="imsi", other_party="msisdn").unique()
    made = held.filter(pl.col("direction") == "mo").select("imsi", "other_party").unique()
    inside = made.join(numbers, on="other_party").filter(pl.col("imsi") != pl.col("called"))
    ends = [end("imsi", "called").alias(name) for name, end in (("a", pl.min_horizontal), ("b", pl.max_horizontal))]
    return inside.select(ends).unique().height


def last_night(world: Path) -> tuple[pl.DataFrame, rigs.Crowd]:
    """What is spoken by the suspects of a world's last night, and the crowd."""
    kept: list[Any] = []

    def keep(*arguments: Any) -> None:
        kept[:] = arguments[:2]

    with tempfile.TemporaryDirectory() as folder:
        scan_and_watch(world, Path(folder) / "run", keep)
    suspects, crowd = kept
    return suspects.records.filter(pl.col("service").is_in(["voice", "sms"])), crowd


def write_chances(file: Path, origin: str, measured: pl.DataFrame) -> None:
    """The file that ships."""
    means = [f"{name} = {measured[name].mean():.2g}" for name in NAMES]
    file.write_text("\n".join([f'origin = """{origin}"""', *means]) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worlds", nargs="+", type=Path)
    worlds = sorted(parser.parse_args().worlds)
    measured = []
    for world in worlds:
        spoken, crowd = last_night(world)
        sims = read_truth(world.with_name(f"{world.name}.truth")).sims
        measured.append(measure(spoken, sims.select("imsi", "rig").drop_nulls(), crowd))
    names = ", ".join(world.name for world in worlds)
    origin = f"Estimated by benchmarks/rig_chances.py on {names} (family A)."
    write_chances(Path(rigs.__file__).parent / "chances.toml", origin, pl.concat(measured))


if __name__ == "__main__":
    main()
