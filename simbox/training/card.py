"""A card from worlds and verdicts: experts from some, scale, surroundings and bands from those kept out."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from simbox.errors import UsageError
from simbox.evaluation import read_verdicts
from simbox.features import FEATURES
from simbox.scoring import Scorecard, base_points, load_scorecard, score_alone, show_scorecard
from simbox.scoring.scorecard import NIGHT, Bands, Pair, Term
from simbox.scoring.surroundings import context_points
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
from simbox.tables.writing import write_text
from simbox.training import own_verdicts
from simbox.training.lessons import (
    Lesson,
    Progress,
    measure_nights,
    near_rigs,
    put_to_scale,
    take_lesson,
    usual_in,
    usual_of,
)

# Every third world is kept out of the fit of the experts.
KEPT_OUT = 3
NAME = "estimated"


def train_card(
    worlds: Sequence[Path],
    out: Path,
    progress: Progress,
    *,
    former: Path | None = None,
    prevalence: float = 0.001,
    workdir: Path | None = None,
    verdicts: Path | None = None,
    run: Path | None = None,
) -> list[str]:
    """Estimate a card on worlds, write it to `out`, and say what changed against the former one, a line each.

    Two worlds in three fit the experts; on the others the scale, the context and the bands are set and both cards are
    compared. `workdir` keeps what was learned from each world. VERDICTS on SIMs of a run, both or neither, are learned
    from beside the worlds, every third rig kept out. UsageError for fewer than three worlds, or two of one name;
    InputError for VERDICTS that can't be used, DamagedError for a run.
    """
    if (verdicts is None) != (run is None):
        raise UsageError("verdicts need the run that has seen their SIMs: give both --verdicts and --run, or neither")
    check_worlds(worlds, *([own_verdicts.NAME] if verdicts else []))
    before = load_scorecard(former, frozenset(FEATURES.names))
    own = None
    if verdicts and run:
        own = own_verdicts.learn_from_verdicts(read_verdicts(verdicts), run, before, progress)
    fit: list[Examples] = []
    kept: list[Examples] = []
    ties: dict[str, Lesson] = {}
    former_evidence = []
    with tempfile.TemporaryDirectory(prefix="simbox-train-") as temporary:
        lessons = workdir or Path(temporary)
        usual = []
        for number, world in enumerate(worlds):
            progress("worlds", number, len(worlds))
            lesson = take_lesson(world, progress, lessons)
            if not is_kept_out(number):
                usual.append(usual_of(lesson))
        reference = usual_in(usual)
        for number, world in enumerate(worlds):
            lesson = take_lesson(world, progress, lessons)
            examples = to_examples(put_to_scale(lesson, reference).features, lesson.name, thin=not is_kept_out(number))
            (kept if is_kept_out(number) else fit).append(examples)
            if is_kept_out(number):
                ties[lesson.name] = lesson._replace(features=pl.DataFrame())
                former_evidence.append(_score(put_to_scale(lesson, before.usual), before, prevalence))
        progress("worlds", len(worlds), len(worlds))
    if own:
        lawful_sims = sum(_lawful_sims(part) for part in kept)
        on_scale = own_verdicts.put_to_scale(own, reference)
        fit += own_verdicts.own_examples(on_scale, kept=False, lawful_sims=lawful_sims)
        kept += own_verdicts.own_examples(on_scale, kept=True, lawful_sims=lawful_sims)
    card, found = fit_card(fit, kept, ties, prevalence, _origin(worlds, prevalence, own))
    # What is said once rigs were sought takes scans: it stays what it was, for all cards put evidence to one scale.
    card = msgspec.structs.replace(card, usual=reference, no_rig=before.no_rig, calibration=before.calibration)
    write_text(show_scorecard(card), out)
    of_worlds = found.filter(pl.col("world").is_in(list(ties)))
    lines = [*_changes(before, card), *compare_cards(pl.concat(former_evidence), of_worlds)]
    if own:
        on_scale = own_verdicts.put_to_scale(own, before.usual)
        was = score_nights(on_scale.features.filter("is_kept"), before, prevalence)
        judged = found.filter(~pl.col("world").is_in(list(ties)))
        lines += own_verdicts.tell_verdicts(own)
        lines += own_verdicts.compare_verdicts(was, judged, before, card)
    return lines


def check_worlds(worlds: Sequence[Path], *others: str) -> None:
    """UsageError for worlds that are too few, or that can't be told apart from each other and from `others`."""
    if len(worlds) < KEPT_OUT:
        raise UsageError(f"{KEPT_OUT} worlds are needed at least: every third is kept out of the fit")
    names = [*(world.name for world in worlds), *others]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"worlds are told apart by the names of their folders: {', '.join(twice)} is there twice")


def is_kept_out(number: int) -> bool:
    """Whether the world with that number, from 0, sets scale, context and bands only."""
    return number % KEPT_OUT == KEPT_OUT - 1


def fit_card(
    fit: Sequence[Examples], kept: Sequence[Examples], ties: dict[str, Lesson], prevalence: float, origin: str
) -> tuple[Scorecard, pl.DataFrame]:
    """The card whose experts are fitted on some worlds, its scale, context and bands on others, known by `ties`.

    With what it thinks of the others' SIMs, night by night: world, night, imsi, rig, level, kind, segment, weight,
    evidence. Kept examples of no world in `ties` take part in the scale only, and are judged without surroundings.
    """
    return finish_card(fit_drafts(join_examples(fit)), kept, ties, prevalence, origin)


def finish_card(
    drafts: Sequence[Draft], kept: Sequence[Examples], ties: dict[str, Lesson], prevalence: float, origin: str
) -> tuple[Scorecard, pl.DataFrame]:
    """The card that fitted drafts make, see fit_card."""
    examples = join_examples(kept)
    points, found = scale_drafts(drafts, examples, prevalence)
    found = found.with_columns(log_odds=pl.col("log_odds") / POINTS)
    context = None
    worlds = []
    own = found.filter(~pl.col("world").is_in(list(ties)))
    for (world,), rows in found.filter(pl.col("world").is_in(list(ties))).group_by("world", maintain_order=True):
        lesson = ties[str(world)]
        measured = measure_nights(rows.select("night", "imsi", "evidence"), lesson)
        worlds.append(pl.concat([rows, measured.drop("night", "imsi"), near_rigs(rows, lesson)], how="horizontal"))
    found = pl.concat(worlds)
    context = fit_context(found, prevalence)
    card = to_card(points, Bands(0, 1, 2), context, NAME, origin)
    found = found.with_columns(evidence=pl.col("evidence") + pl.Series(context_points(found, card)))
    bands = set_bands(found, prevalence)
    known = ("world", "night", "imsi", "rig", "level", "kind", "segment", "weight", "evidence")
    return to_card(points, bands, context, NAME, origin), pl.concat([found.select(known), own.select(known)])


def scale_drafts(drafts: Sequence[Draft], examples: Examples, prevalence: float) -> tuple[list[Draft], pl.DataFrame]:
    """Drafts in whole points that are honest on examples they were not fitted on, and the evidence (`log_odds` in
    points, `evidence` with the prior) that these give each SIM and night."""
    drafts = align_drafts(drafts, examples, prevalence)
    points = to_points(drafts, *calibrate(evidence_of(drafts, examples), prevalence))
    found = evidence_of(points, examples)
    return points, found.with_columns(evidence=pl.col("log_odds").cast(pl.Int32) + base_points(prevalence))


def _score(lesson: Lesson, card: Scorecard, prevalence: float) -> pl.DataFrame:
    """(world, night, imsi, evidence) of a world's SIMs by a card that is no draft."""
    return _add_context(score_nights(lesson.features, card, prevalence), lesson, card).select(
        pl.lit(lesson.name).alias("world"), "night", "imsi", "evidence"
    )


def score_nights(rows_of_nights: pl.DataFrame, card: Scorecard, prevalence: float) -> pl.DataFrame:
    """(night, imsi, evidence) of FEATURES of several nights, without surroundings."""
    empty = pl.DataFrame(schema={"night": pl.Date, "imsi": pl.Int64, "evidence": pl.Int32})
    nights = [empty]
    for (night,), rows in rows_of_nights.group_by("night", maintain_order=True):
        who = rows.select("imsi", "operator").unique()
        scored = score_alone(rows.select(FEATURES.names), who, card, prevalence).evidence
        nights.append(scored.select(pl.lit(night).alias("night"), "imsi", evidence="evidence_alone"))
    return pl.concat(nights)


def _lawful_sims(examples: Examples) -> int:
    return int(examples.facts.filter(pl.col("rig").is_null())["imsi"].n_unique())


def _add_context(found: pl.DataFrame, lesson: Lesson, card: Scorecard) -> pl.DataFrame:
    """(night, imsi, evidence, ...) with the points of the SIMs around added."""
    if card.context is None:
        return found
    measured = measure_nights(found, lesson)
    return found.with_columns(evidence=pl.col("evidence") + pl.Series(context_points(measured, card)))


def _origin(worlds: Sequence[Path], prevalence: float, own: own_verdicts.OwnLesson | None) -> str:
    names = ", ".join(sorted(world.name for world in worlds))
    of_verdicts = ""
    if own:
        sims = own.features["imsi"].n_unique()
        of_verdicts = f", and on verdicts on {sims} SIMs, every third rig of which set the scale only"
    return (
        f"Estimated by simbox train on {date.today().isoformat()} at a prevalence of {prevalence:g}, on the synthetic"
        f" worlds {names}; every third of them, in the order given, set scale, context and bands only{of_verdicts}."
    )


def _changes(before: Scorecard, card: Scorecard) -> list[str]:
    """Each expert's reasons that are new, gone, or give other points at most and at least."""
    lines = []
    for expert in card.expert:
        former = before.expert_for(expert.name, expert.from_nights)
        known = {(one.code, one.window): one for one in former.said()} if former else {}
        told = []
        for one in expert.said():
            old = known.pop((one.code, one.window), None)
            told.append(f"{_named(one)} {_span(one)}" + (f" (was {_span(old)})" if old else " (new)"))
        gone = "".join(f"; without {name}" for name in sorted(map(_named, known.values())))
        lines.append(f"{expert.name}, {expert.from_nights} nights or more: {', '.join(told)}{gone}")
    return lines


def _named(said: Term | Pair) -> str:
    return said.code + (" (that night)" if said.window == NIGHT else "")


def _span(said: Term | Pair) -> str:
    points = said.points if isinstance(said, Term) else [points for row in said.points for points in row]
    return f"{min(points):+d}..{max(points):+d}"
