"""Who judges the first night of all, estimated beside a card that stays as it is for every other night."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from simbox.features import FEATURES
from simbox.scoring import Scorecard, load_scorecard, show_scorecard
from simbox.scoring.scorecard import FIRST_NIGHT, Expert
from simbox.scoring.train import (
    SAID_AFTER_RIGS,
    Examples,
    compare_cards,
    fit_drafts,
    join_examples,
    to_card,
    to_examples,
)
from simbox.tables.writing import write_text
from simbox.training.card import check_worlds, is_kept_out, scale_drafts, score_nights
from simbox.training.lessons import Lesson, Progress, put_to_scale, take_lesson

SAID = " Who judges the first night was estimated on "


def train_first_night(
    worlds: Sequence[Path],
    out: Path,
    progress: Progress,
    *,
    former: Path | None = None,
    prevalence: float = 0.001,
    workdir: Path | None = None,
) -> list[str]:
    """Write the former card to `out` with experts for the first night estimated on the worlds' first nights, and say
    what each card finds then in the worlds kept out, a line each.

    Two worlds in three fit the experts, the others set their scale. On a first night everybody is new, nobody has been
    called before and no habit is known, so that what is seldom on other nights says nothing. UsageError for fewer than
    three worlds, or two of one name.
    """
    check_worlds(worlds)
    before = load_scorecard(former, frozenset(FEATURES.names))
    fit: list[Examples] = []
    kept: list[Examples] = []
    was = []
    for number, world in enumerate(worlds):
        progress("worlds", number, len(worlds))
        lesson = _first_night_of(take_lesson(world, progress, workdir), before)
        examples = to_examples(lesson.features, lesson.name, thin=False)
        if is_kept_out(number):
            kept.append(examples)
            scored = score_nights(lesson.features, before, prevalence)
            was.append(scored.select(pl.lit(lesson.name).alias("world"), "night", "imsi", "evidence"))
        else:
            fit.append(examples)
    progress("worlds", len(worlds), len(worlds))
    points, found = scale_drafts(fit_drafts(join_examples(fit)), join_examples(kept), prevalence)
    experts = to_card(points, before.bands, None, before.name, "").expert
    card = msgspec.structs.replace(before, expert=_merge(before.expert, experts), origin=_origin(before, worlds))
    write_text(show_scorecard(card), out)
    return [f"first night: {len(experts)} experts", *compare_cards(pl.concat(was), found)]


def _first_night_of(lesson: Lesson, card: Scorecard) -> Lesson:
    """What a world teaches of its first night, to the scale of a card."""
    first = lesson.features.filter(pl.col("night") == pl.col("night").min())
    return put_to_scale(lesson._replace(features=first), card.usual)


def _merge(former: Sequence[Expert], experts: Sequence[Expert]) -> list[Expert]:
    """The former experts with these for the first night instead of theirs, by way in the former order."""
    others = [expert for expert in former if expert.from_nights != FIRST_NIGHT]
    ways = list(dict.fromkeys(expert.name for expert in [*others, *experts]))
    return sorted([*experts, *others], key=lambda expert: (ways.index(expert.name), expert.from_nights))


def _origin(before: Scorecard, worlds: Sequence[Path]) -> str:
    head, mark, after_rigs = before.origin.partition(SAID_AFTER_RIGS)
    names = ", ".join(sorted(world.name for world in worlds))
    own = f"{SAID}{date.today().isoformat()} on the first nights of {names}; every third set the scale only."
    return head.partition(SAID)[0] + own + mark + after_rigs
