"""What the scorecard learns from: FEATURES of every judged night of a world, beside what the world knows."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl

from simbox import features, rigs
from simbox.config import load_config
from simbox.errors import InputError, UsageError
from simbox.evaluation.truth import read_truth
from simbox.features import FEATURES
from simbox.intake import take_in
from simbox.looking_back import LookingBack
from simbox.pipeline import HABIT_COLUMNS, operators_of
from simbox.scoring import (
    Scorecard,
    Surroundings,
    base_points,
    load_scorecard,
    measure_context,
    score_alone,
    show_scorecard,
)
from simbox.scoring.score import context_points
from simbox.scoring.scorecard import Bands
from simbox.scoring.train import (
    POINTS,
    Draft,
    Examples,
    align_drafts,
    calibrate,
    compare_cards,
    evidence_of,
    fit_context,
    fit_drafts,
    join_examples,
    set_bands,
    to_card,
    to_examples,
    to_points,
)
from simbox.store import Memory, open_store
from simbox.tables.writing import write_text
from simbox.telecom.cells import fuse_places

Progress = Callable[[str, int, int], None]
LABELS = ("rig", "kind", "level", "modifiers", "segment")
# Every third world is kept out of the fit of the experts.
KEPT_OUT = 3
NAME = "estimated"


class Lesson(NamedTuple):
    """A world: FEATURES with answers (night, operator, rig, kind, ...), and by night where SIMs are at home (night,
    imsi, place) and what they were seen in (night, imsi, imei)."""

    name: str
    features: pl.DataFrame
    at_home: pl.DataFrame
    handsets: pl.DataFrame


def train_card(
    worlds: Sequence[Path],
    out: Path,
    progress: Progress,
    *,
    former: Path | None = None,
    prevalence: float = 0.001,
    workdir: Path | None = None,
) -> list[str]:
    """Estimate a card on worlds, write it to `out`, and say what changed against the former one, a line each.

    Two worlds in three fit the experts; on the others the scale, the context and the bands are set and both cards are
    compared. `workdir` keeps what was learned from each world. UsageError for fewer than three worlds, or two of one
    name.
    """
    if len(worlds) < KEPT_OUT:
        raise UsageError(f"{KEPT_OUT} worlds are needed at least: every third is kept out of the fit")
    names = [world.name for world in worlds]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"worlds are told apart by the names of their folders: {', '.join(twice)} is there twice")
    before = load_scorecard(former, frozenset(FEATURES.names))
    fit: list[Examples] = []
    kept: list[Examples] = []
    ties: dict[str, Lesson] = {}
    former_evidence = []
    for number, world in enumerate(worlds):
        progress("worlds", number, len(worlds))
        lesson = _lesson(world, progress, workdir)
        is_kept = number % KEPT_OUT == KEPT_OUT - 1
        (kept if is_kept else fit).append(to_examples(lesson.features, lesson.name, thin=not is_kept))
        if is_kept:
            ties[lesson.name] = lesson._replace(features=pl.DataFrame())
            former_evidence.append(_score(lesson, before, prevalence))
    progress("worlds", len(worlds), len(worlds))
    card, found = fit_card(fit, kept, ties, prevalence, _origin(worlds, prevalence))
    write_text(show_scorecard(card), out)
    return [*_changes(before, card), *compare_cards(pl.concat(former_evidence), found)]


def fit_card(
    fit: Sequence[Examples], kept: Sequence[Examples], ties: dict[str, Lesson], prevalence: float, origin: str
) -> tuple[Scorecard, pl.DataFrame]:
    """The card whose experts are fitted on some worlds, its scale, context and bands on others, known by `ties`.

    With what it thinks of the others' SIMs, night by night: world, night, imsi, rig, level, weight, evidence.
    """
    return finish_card(fit_drafts(join_examples(fit)), kept, ties, prevalence, origin)


def finish_card(
    drafts: Sequence[Draft], kept: Sequence[Examples], ties: dict[str, Lesson], prevalence: float, origin: str
) -> tuple[Scorecard, pl.DataFrame]:
    """The card that fitted drafts make, see fit_card."""
    examples = join_examples(kept)
    drafts = align_drafts(drafts, examples, prevalence)
    points = to_points(drafts, *calibrate(evidence_of(drafts, examples), prevalence))
    base = base_points(prevalence)
    found = evidence_of(points, examples).with_columns(
        evidence=pl.col("log_odds").cast(pl.Int32) + base, log_odds=pl.col("log_odds") / POINTS
    )
    context = None
    worlds = []
    for (world,), rows in found.group_by("world", maintain_order=True):
        lesson = ties[str(world)]
        measured = measure_nights(rows.select("night", "imsi", "evidence"), lesson)
        worlds.append(pl.concat([rows, measured.drop("night", "imsi"), _near_rigs(rows, lesson)], how="horizontal"))
    found = pl.concat(worlds)
    context = fit_context(found, prevalence)
    card = to_card(points, Bands(0, 1, 2), context, NAME, origin)
    found = found.with_columns(evidence=pl.col("evidence") + pl.Series(context_points(found, card)))
    bands = set_bands(found, prevalence)
    return to_card(points, bands, context, NAME, origin), found.select(
        "world", "night", "imsi", "rig", "level", "segment", "weight", "evidence"
    )


def learn_from(source: Path, progress: Progress, memory: Memory | None = None) -> Lesson:
    """A synthetic world, each of its nights judged as a scan would; InputError where there is no truth beside it."""
    beside = source.with_name(source.name + ".truth")
    truth = read_truth(beside if beside.is_dir() else source).sims.select("imsi", *LABELS)
    config = load_config(source / "simbox.toml")
    rows, homes, handsets = [], [], []
    with TemporaryDirectory(prefix="simbox-train-") as folder:
        scratch = Path(folder) / "scratch"
        scratch.mkdir(mode=0o700)
        store = open_store(Path(folder) / "store", create=True, memory=memory)
        with store.locked():
            places = fuse_places(take_in(source, store, config, progress).references.cells)
            looking_back = LookingBack(store, scratch, places, config)
            for night in looking_back.nights:
                habits = []
                for bucket in looking_back.buckets(looking_back.prepare(night)):
                    who = operators_of(bucket.cdrs).select("imsi", "operator")
                    rows.append(bucket.features.join(who, on="imsi", how="left").with_columns(night=pl.lit(night)))
                    placed = features.add_place(bucket.cdrs.select(HABIT_COLUMNS), places)
                    habits.append(rigs.find_habits(placed))
                joined = rigs.join_habits(habits)
                homes.append(joined.at_home.select(pl.lit(night).alias("night"), "imsi", "place"))
                handsets.append(joined.handsets.select(pl.lit(night).alias("night"), "imsi", "imei"))
    if not rows:
        raise InputError(f"{source.name} holds no night to learn from")
    known = pl.concat(rows).join(truth, on="imsi", how="inner")
    if known.height * 2 < sum(part.height for part in rows):
        raise InputError(f"the truth beside {source.name} is of another world")
    found = known.select("night", "operator", *FEATURES.names, *LABELS).sort("night", "imsi", "window_nights")
    return Lesson(source.name, found, pl.concat(homes), pl.concat(handsets))


def _lesson(source: Path, progress: Progress, workdir: Path | None) -> Lesson:
    if workdir is None:
        return learn_from(source, progress)
    folder = workdir / source.name
    names = ("features", "at_home", "handsets")
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


def _score(lesson: Lesson, card: Scorecard, prevalence: float) -> pl.DataFrame:
    """(world, night, imsi, evidence) of a world's SIMs by a card that is no draft."""
    nights = []
    for (night,), rows in lesson.features.group_by("night", maintain_order=True):
        who = rows.select("imsi", "operator").unique()
        scored = score_alone(rows.select(FEATURES.names), who, card, prevalence).evidence
        nights.append(scored.select(pl.lit(night).alias("night"), "imsi", evidence="evidence_alone"))
    return _add_context(pl.concat(nights), lesson, card).select(
        pl.lit(lesson.name).alias("world"), "night", "imsi", "evidence"
    )


def _add_context(found: pl.DataFrame, lesson: Lesson, card: Scorecard) -> pl.DataFrame:
    """(night, imsi, evidence, ...) with the points of the SIMs around added."""
    if card.context is None:
        return found
    measured = measure_nights(found, lesson)
    return found.with_columns(evidence=pl.col("evidence") + pl.Series(context_points(measured, card)))


def measure_nights(found: pl.DataFrame, lesson: Lesson) -> pl.DataFrame:
    """CONTEXT of each row of (night, imsi, evidence), in their order, from what is known of all SIMs at its night."""
    parts = []
    for night in found["night"].unique().sort():
        known = found.filter(pl.col("night") <= night).sort("night").unique("imsi", keep="last", maintain_order=True)
        home, seen = (
            frame.filter(pl.col("night") == night).drop("night") for frame in (lesson.at_home, lesson.handsets)
        )
        sims = pl.concat([home.select("imsi"), seen.select("imsi"), known.select("imsi")]).unique()
        around = measure_context(known.select("imsi", "evidence"), Surroundings(home, seen, sims))
        parts.append(around.with_columns(night=pl.lit(night)))
    return found.select("night", "imsi").join(pl.concat(parts), on=["night", "imsi"], how="left", maintain_order="left")


def _near_rigs(rows: pl.DataFrame, lesson: Lesson) -> pl.DataFrame:
    """(near_rig) of each row of (night, imsi, rig): whether it is at home where a SIM of a rig is."""
    rig_sims = rows.filter(pl.col("rig").is_not_null()).select("imsi").unique()
    hot = lesson.at_home.join(rig_sims, on="imsi", how="semi").select("night", "place").unique()
    near = lesson.at_home.join(hot, on=["night", "place"], how="semi").select("night", "imsi").unique()
    marked = near.with_columns(near_rig=pl.lit(value=True))
    found = rows.join(marked, on=["night", "imsi"], how="left", maintain_order="left")
    return found.select(pl.col("near_rig").fill_null(value=False))


def _origin(worlds: Sequence[Path], prevalence: float) -> str:
    names = ", ".join(sorted(world.name for world in worlds))
    return (
        f"Estimated by simbox train on {date.today().isoformat()} at a prevalence of {prevalence:g}, on the synthetic"
        f" worlds {names}; every third of them, in the order given, set scale, context and bands only."
    )


def _changes(before: Scorecard, card: Scorecard) -> list[str]:
    """Each expert's reasons that are new, gone, or give other points at most and at least."""
    lines = []
    for expert in card.expert:
        former = before.expert_for(expert.name, expert.from_nights)
        known = {term.code: term for term in former.term} if former else {}
        told = []
        for term in expert.term:
            old = known.pop(term.code, None)
            was = f" (was {min(old.points):+d}..{max(old.points):+d})" if old else " (new)"
            told.append(f"{term.code} {min(term.points):+d}..{max(term.points):+d}{was}")
        gone = "".join(f"; without {code}" for code in sorted(known))
        lines.append(f"{expert.name}, {expert.from_nights} nights or more: {', '.join(told)}{gone}")
    return lines
