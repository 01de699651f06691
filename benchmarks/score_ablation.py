"""What a card is worth without a family of features, and one that never saw the careful levels.

SIMs are scored alone, with their surroundings and without rigs, each by its last active night, as SCORES holds it. A
family of the catalogue is left out by blanking its features: the card's terms give the points they have for absent
ones. Needs scikit-learn (the extra `train`).
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from simbox.evaluation.intervals import bootstrap_shares
from simbox.evaluation.ranking import LEAST_FALSE_ALARMS, threshold_at
from simbox.features import FEATURES
from simbox.features.catalogue import CATALOGUE
from simbox.scoring import Scorecard, load_scorecard, score_alone
from simbox.scoring.surroundings import context_points
from simbox.scoring.train import to_examples
from simbox.scoring.usual import COUNTS
from simbox.training.card import KEPT_OUT, fit_card
from simbox.training.lessons import Lesson, measure_nights, put_to_scale, take_lesson, usual_in, usual_of

RATE = 1e-4
PREVALENCE = 0.001
# How many times as much people do elsewhere, and what grows with it.
TIMES = 2.0
MORE = ("mo_calls", "callees", "sms_mo", "data_legs", *COUNTS, "duration_total_s")
BUSY_SHARES, GAP = ("busy_share", "duty_cycle_share"), "gap_median_s"
TAUGHT, TESTED = ("E0", "E1", "E2"), ("E3", "E4", "E5")


def measure_ablation(taught: Sequence[Path], tested: Sequence[Path], workdir: Path, jobs: int = 1) -> dict[str, Any]:
    """Recall by level of the shipped card, whole and without each family, and of cards estimated on `taught`.

    The rate is 1e-4 where the tested worlds have innocents enough, and the least that they can tell else.
    """
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        list(pool.map(_learn, [*taught, *tested], repeat(workdir)))
        estimated = {}
        if len(taught) >= KEPT_OUT:
            estimated = {
                "estimated on all levels": pool.submit(estimate, taught, workdir),
                f"estimated on {TAUGHT[0]}-{TAUGHT[-1]}": pool.submit(estimate, taught, workdir, TAUGHT),
            }
        cards = _shipped_cards() | {name: (card.result(), ()) for name, card in estimated.items()}
    parts: dict[str, list[pl.DataFrame]] = {}
    # One world after the other: FEATURES of all nights of one of 60,000 SIMs take 2 GB.
    for world in tested:
        lesson = take_lesson(world, _quiet, workdir)
        for name, how in cards.items():
            parts.setdefault(name, []).append(score(lesson, *how))
        # Another country: nothing is known of it but that people do twice as much.
        busy, shipped = busier(lesson, TIMES), load_scorecard()
        for name, card in {"": shipped, ", its edges left where they are": _with_fixed_edges(shipped)}.items():
            parts.setdefault(f"shipped, people do {TIMES:g} times as much{name}", []).append(score(busy, card, ()))
    scored = {name: pl.concat(found) for name, found in parts.items()}
    innocents = scored["shipped"].filter(pl.col("rig").is_null()).height
    rate = max(RATE, LEAST_FALSE_ALARMS / max(innocents, 1))
    prevalence = 1 - innocents / scored["shipped"].height
    return {
        "rate": rate,
        "prevalence": prevalence,
        "recall": {name: recall_by_level(found, rate) for name, found in scored.items()},
    }


def _learn(world: Path, workdir: Path) -> None:
    take_lesson(world, _quiet, workdir)


def _shipped_cards() -> dict[str, tuple[Scorecard, tuple[str, ...]]]:
    """The card that ships, whole and without each family, and what is not known then."""
    shipped = load_scorecard()
    without = {f"shipped without {family}": (shipped, names) for family, names in families(shipped).items()}
    return {"shipped": (shipped, ()), **without, "shipped without surroundings": (_without_context(shipped), ())}


def busier(lesson: Lesson, times: float) -> Lesson:
    """A world whose lawful SIMs all make and receive so many times as many calls and SMS, with as many more parties.

    Crude, for it is their FEATURES that are multiplied: whom they call and when stays as it was.
    """
    lawful = pl.col("rig").is_null()
    more = [pl.when(lawful).then(pl.col(name) * times).otherwise(pl.col(name)).alias(name) for name in MORE]
    shares = [
        pl.when(lawful).then((pl.col(name) * times).clip(upper_bound=1)).otherwise(pl.col(name)).alias(name)
        for name in BUSY_SHARES
    ]
    gaps = pl.when(lawful).then(pl.col(GAP) / times).otherwise(pl.col(GAP)).alias(GAP)
    return lesson._replace(
        features=lesson.features.with_columns(*more, *shares, gaps),
        callees=lesson.callees.with_columns(pl.col("callees") * times),
    )


def families(card: Scorecard) -> dict[str, tuple[str, ...]]:
    """The features that a card asks for, by their family in the catalogue."""
    asked = set(card.features())
    named = dict.fromkeys(feature.kernel for feature in CATALOGUE if feature.name in asked)
    return {kernel: tuple(f.name for f in CATALOGUE if f.kernel == kernel and f.name in asked) for kernel in named}


def score(lesson: Lesson, card: Scorecard, blank: Sequence[str]) -> pl.DataFrame:
    """(world, imsi, rig, level, evidence) of a world's SIMs at their last active night, some features not known."""
    on_scale = put_to_scale(lesson, card.usual)
    rows = on_scale.features.with_columns(pl.lit(None, dtype=FEATURES.schema[name]).alias(name) for name in blank)
    nights = []
    for (night,), part in rows.group_by("night", maintain_order=True):
        who = part.select("imsi", "operator").unique()
        found = score_alone(part.select(FEATURES.names), who, card, PREVALENCE).evidence
        nights.append(found.select(pl.lit(night).alias("night"), "imsi", evidence="evidence_alone"))
    every = pl.concat(nights)
    if card.context is not None:
        points = context_points(measure_nights(every, lesson), card)
        every = every.with_columns(evidence=pl.col("evidence") + pl.Series(points))
    last = every.sort("night", "imsi").unique("imsi", keep="last", maintain_order=True)
    facts = lesson.features.select("imsi", "rig", "level").unique("imsi", maintain_order=True)
    return last.join(facts, on="imsi").select(pl.lit(lesson.name).alias("world"), "imsi", "rig", "level", "evidence")


def only_levels(lesson: Lesson, levels: Sequence[str] = TAUGHT) -> Lesson:
    """A lesson without the SIMs of rigs of other levels, neither as examples nor among anybody's surroundings."""
    hidden = (
        lesson.features.filter(pl.col("rig").is_not_null() & ~pl.col("level").is_in(levels)).select("imsi").unique()
    )
    return lesson._replace(
        features=lesson.features.join(hidden, on="imsi", how="anti", maintain_order="left"),
        at_home=lesson.at_home.join(hidden, on="imsi", how="anti", maintain_order="left"),
        handsets=lesson.handsets.join(hidden, on="imsi", how="anti", maintain_order="left"),
        calls=lesson.calls.join(hidden, on="imsi", how="anti", maintain_order="left"),
    )


def estimate(worlds: Sequence[Path], workdir: Path, levels: Sequence[str] | None = None) -> Scorecard:
    """The card that worlds teach, every third kept out of the experts' fit, as `simbox train` does; with `levels` as if
    there were no rigs of others."""

    def learned(world: Path) -> Lesson:
        lesson = take_lesson(world, _quiet, workdir)
        return lesson if levels is None else only_levels(lesson, levels)

    kept = [number % KEPT_OUT == KEPT_OUT - 1 for number in range(len(worlds))]
    reference = usual_in([usual_of(learned(world)) for world, out in zip(worlds, kept, strict=True) if not out])
    fit, held, ties = [], [], {}
    for world, out in zip(worlds, kept, strict=True):
        lesson = learned(world)
        examples = to_examples(put_to_scale(lesson, reference).features, lesson.name, thin=not out)
        (held if out else fit).append(examples)
        if out:
            ties[lesson.name] = lesson._replace(features=pl.DataFrame())
    card = fit_card(fit, held, ties, PREVALENCE, "worlds of a benchmark")[0]
    return msgspec.structs.replace(card, usual=reference)


def recall_by_level(scored: pl.DataFrame, rate: float) -> dict[str, Any]:
    """The share of each level's rig SIMs above the threshold at a false positive rate, with intervals over rigs."""
    lawful = scored.filter(pl.col("rig").is_null())["evidence"].cast(pl.Float64).to_numpy()
    threshold = threshold_at(lawful, lawful.size, rate)
    above = pl.lit(value=False) if threshold is None else pl.col("evidence") > threshold
    found: dict[str, Any] = {}
    rig_sims = scored.filter(pl.col("rig").is_not_null())
    for level in rig_sims["level"].unique().sort():
        by_rig = (
            rig_sims.filter(pl.col("level") == level)
            .group_by("world", "rig")
            .agg(caught=above.sum(), sims=pl.len())
            .sort("world", "rig")
        )
        hits, sims = by_rig["caught"].to_numpy().astype(float), by_rig["sims"].to_numpy().astype(float)
        [interval] = bootstrap_shares(hits[:, None], sims)
        low, high = (None, None) if threshold is None or interval is None else interval
        value = None if threshold is None else float(hits.sum() / sims.sum())
        found[str(level)] = {"value": value, "low": low, "high": high, "sims": int(sims.sum()), "rigs": by_rig.height}
    return found


def _without_context(card: Scorecard) -> Scorecard:
    return msgspec.structs.replace(card, context=None)


def _with_fixed_edges(card: Scorecard) -> Scorecard:
    return msgspec.structs.replace(card, usual={})


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""
