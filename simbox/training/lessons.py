"""A synthetic world judged night by night, beside what it knows of its SIMs."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl

from simbox import features, rigs
from simbox.config import load_config
from simbox.errors import InputError
from simbox.evaluation.truth import read_truth
from simbox.features import FEATURES
from simbox.intake import take_in
from simbox.looking_back import LookingBack
from simbox.night_scoring import HABIT_COLUMNS
from simbox.scoring import (
    CALL_COLUMNS,
    Surroundings,
    find_calls,
    find_scales,
    measure_context,
    measure_usual,
    to_scale,
)
from simbox.scoring.usual import Reference
from simbox.store import Memory, open_store
from simbox.telecom.cells import fuse_places

Progress = Callable[[str, int, int], None]
LABELS = ("rig", "kind", "level", "modifiers", "segment")


class Lesson(NamedTuple):
    """A world: FEATURES with answers (night, operator, rig, kind, ...), by night where SIMs are at home (night, imsi,
    place), what they were seen in (night, imsi, imei) and how many numbers they called (night, imsi, callees), and from
    which night on a SIM had called another (night, imsi, called)."""

    name: str
    features: pl.DataFrame
    at_home: pl.DataFrame
    handsets: pl.DataFrame
    callees: pl.DataFrame
    calls: pl.DataFrame


def learn_from(source: Path, progress: Progress, memory: Memory | None = None) -> Lesson:
    """A synthetic world, each of its nights judged as a scan would; InputError where there is no truth beside it."""
    beside = source.with_name(source.name + ".truth")
    truth = read_truth(beside if beside.is_dir() else source).sims.select("imsi", *LABELS)
    config = load_config(source / "simbox.toml")
    rows, homes, handsets, calls = [], [], [], []
    with TemporaryDirectory(prefix="simbox-train-") as folder:
        store = open_store(Path(folder) / "store", create=True, memory=memory)
        with store.locked():
            places = fuse_places(take_in(source, store, config, progress).references.cells)
            looking_back = LookingBack(store, places, config)
            for night in looking_back.nights:
                habits, called = [], []
                for bucket in looking_back.buckets(looking_back.prepare(night)):
                    who = features.sims_seen(bucket.cdrs).select("imsi", "operator")
                    rows.append(bucket.features.join(who, on="imsi", how="left").with_columns(night=pl.lit(night)))
                    placed = features.add_place(bucket.cdrs.select(HABIT_COLUMNS), places)
                    habits.append(rigs.find_habits(placed))
                    called.append(bucket.cdrs.filter(pl.col("night") == night).select(CALL_COLUMNS))
                joined = rigs.join_habits(habits)
                homes.append(joined.at_home.select(pl.lit(night).alias("night"), "imsi", "place"))
                handsets.append(joined.handsets.select(pl.lit(night).alias("night"), "imsi", "imei"))
                told = find_calls(pl.concat(called), joined.numbers)
                calls.append(told.select(pl.lit(night).alias("night"), pl.all()))
    if not rows:
        raise InputError(f"{source.name} holds no night to learn from")
    known = pl.concat(rows).join(truth, on="imsi", how="inner")
    if known.height * 2 < sum(part.height for part in rows):
        raise InputError(f"the truth beside {source.name} is of another world")
    found = known.select("night", "operator", *FEATURES.names, *LABELS).sort("night", "imsi", "window_nights")
    first_calls = pl.concat(calls).group_by("imsi", "called").agg(pl.col("night").min())
    told = first_calls.select("night", "imsi", "called").sort("night", "imsi", "called")
    return Lesson(source.name, found, pl.concat(homes), pl.concat(handsets), _callees_of(found), told)


def _callees_of(features: pl.DataFrame) -> pl.DataFrame:
    longest = pl.col("window_nights") == pl.col("window_nights").max().over("night")
    return features.filter(longest).select("night", "imsi", "callees")


def take_lesson(source: Path, progress: Progress, workdir: Path | None) -> Lesson:
    """What a world teaches; `workdir` keeps it, and is asked first."""
    if workdir is None:
        return learn_from(source, progress)
    folder = workdir / source.name
    names = ("features", "at_home", "handsets", "callees", "calls")
    if not folder.is_dir():
        lesson = learn_from(source, progress)
        partial = folder.with_name(f".{folder.name}.partial")
        partial.mkdir(parents=True, mode=0o700, exist_ok=True)
        for name in names:
            path = partial / f"{name}.parquet"
            getattr(lesson, name).write_parquet(path)
            path.chmod(0o600)
        partial.rename(folder)
    return Lesson(source.name, *(pl.read_parquet(folder / f"{name}.parquet") for name in names))


def usual_of(lesson: Lesson) -> pl.DataFrame:
    """(night, operator, feature, nights, sims, usual): what people usually do in a world, as of each of its nights."""
    first = lesson.features["night"].min()
    found = []
    for (night,), rows in lesson.features.group_by("night", maintain_order=True):
        nights = (night - first).days + 1
        found.append(measure_usual(rows, nights).select(pl.lit(night).alias("night"), pl.all()))
    return pl.concat(found)


def usual_in(lessons: Iterable[pl.DataFrame]) -> dict[str, list[float]]:
    """What is usual in several worlds after one night, two and so on, by feature, from the `usual_of` of each: the mean
    of their operators and nights, each alike."""
    every = pl.concat(lessons).drop_nulls("usual").group_by("feature", "nights").agg(pl.col("usual").mean())
    found = {}
    for (feature,), rows in every.sort("feature", "nights").group_by("feature", maintain_order=True):
        # Up to the first number of nights of which nobody tells.
        told = [float(f"{row['usual']:.4g}") for place, row in enumerate(rows.to_dicts(), 1) if row["nights"] == place]
        found[str(feature)] = told
    return found


def put_to_scale(lesson: Lesson, reference: Reference) -> Lesson:
    """A world as a card sees it for which something else is usual."""
    usual = usual_of(lesson)
    nights = []
    for (night,), rows in lesson.features.group_by("night", maintain_order=True):
        nights.append(to_scale(rows, find_scales(usual.filter(pl.col("night") == night).drop("night"), reference)))
    return lesson._replace(features=pl.concat(nights))


def measure_nights(found: pl.DataFrame, lesson: Lesson) -> pl.DataFrame:
    """CONTEXT of each row of (night, imsi, evidence), in their order, from what is known of all SIMs at its night."""
    parts = []
    firsts = found.group_by("imsi").agg(first_night=pl.col("night").min())
    for night in found["night"].unique().sort():
        known = found.filter(pl.col("night") <= night).sort("night").unique("imsi", keep="last", maintain_order=True)
        home, seen = (
            frame.filter(pl.col("night") == night).drop("night") for frame in (lesson.at_home, lesson.handsets)
        )
        begun = firsts.filter(pl.col("first_night") <= night)
        sims = pl.concat([home.select("imsi"), seen.select("imsi"), known.select("imsi")]).unique()
        calls = lesson.calls.filter(pl.col("night") <= night).select("imsi", "called")
        callees = lesson.callees.filter(pl.col("night") == night).select("imsi", "callees")
        around = measure_context(
            known.select("imsi", "evidence"), Surroundings(home, seen, sims, begun, calls, callees)
        )
        parts.append(around.with_columns(night=pl.lit(night)))
    return found.select("night", "imsi").join(pl.concat(parts), on=["night", "imsi"], how="left", maintain_order="left")


def near_rigs(rows: pl.DataFrame, lesson: Lesson) -> pl.DataFrame:
    """(near_rig) of each row of (night, imsi, rig): whether it is at home where a SIM of a rig is."""
    rig_sims = rows.filter(pl.col("rig").is_not_null()).select("imsi").unique()
    hot = lesson.at_home.join(rig_sims, on="imsi", how="semi").select("night", "place").unique()
    near = lesson.at_home.join(hot, on=["night", "place"], how="semi").select("night", "imsi").unique()
    marked = near.with_columns(near_rig=pl.lit(value=True))
    found = rows.join(marked, on=["night", "imsi"], how="left", maintain_order="left")
    return found.select(pl.col("near_rig").fill_null(value=False))
