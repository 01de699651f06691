"""An operator's own verdicts beside the worlds: FEATURES of their SIMs before the cards were read, split by rig.

Nobody at the door can say which level of caution a rig had, so its SIMs are examples of the way of cheating whose
expert came closest to them. They take part in the experts and their scale; what surrounds a SIM, and the bands, are
set on worlds alone, where all SIMs are known.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from simbox.config import Config
from simbox.errors import InputError
from simbox.features import FEATURES, sims_seen
from simbox.handover import read_run
from simbox.looking_back import LookingBack
from simbox.scoring import Scorecard, find_scales, load_scorecard, score_alone, to_scale
from simbox.scoring.train import NIGHT_SHARE, Examples, to_examples
from simbox.scoring.usual import Reference
from simbox.scoring.ways import WAYS
from simbox.tables.reading import read_run_table
from simbox.tables.reference import PLACES
from simbox.tables.scores import USUAL
from simbox.training.lessons import LABELS, Progress

# Stands where the name of a world does, and for the level of the rigs.
NAME = "verdicts"
# Every third rig is kept out of the fit of the experts, the third that was raided first.
KEPT_OUT = 3
# A card that was read at the door says as much as so many that were drawn.
TIMES = 4
# What was measured of USUAL; the rest is against a card.
MEASURED = ("operator", "feature", "nights", "sims", "usual")
# Where no zone is configured a night counts as over when it is so everywhere on earth.
LAST_ZONE = timezone(timedelta(hours=-12))


class OwnLesson(NamedTuple):
    """FEATURES of SIMs with a verdict, with answers: night, operator, rig, kind, ..., `raid` (by which they are split),
    `is_kept` (out of the fit) and `way`; what is usual in the country (USUAL of the run), how many SIMs the run knows,
    and how many verdicts there were."""

    features: pl.DataFrame
    usual: pl.DataFrame
    run_sims: int
    verdicts: int


def learn_from_verdicts(verdicts: pl.DataFrame, folder: Path, card: Scorecard, progress: Progress) -> OwnLesson:
    """What VERDICTS teach with the records of a run, each SIM on the nights that were over when its card was read.

    `card` tells which way of cheating a rig's SIM is nearest to. InputError where the run has seen none of them before.
    """
    run = read_run(folder)
    places, usual = read_run_table(folder, PLACES), read_run_table(folder, USUAL)
    rows = []
    store = run.store()
    with store.locked():
        looking_back = LookingBack(store, places, run.config)
        judged = [night for night in looking_back.nights if not _settled(verdicts, night, run.config).is_empty()]
        for number, night in enumerate(judged):
            progress("verdicts", number, len(judged))
            sims = _settled(verdicts, night, run.config)
            for bucket in looking_back.buckets(looking_back.prepare(night), sims):
                who = sims_seen(bucket.cdrs).select("imsi", "operator")
                rows.append(bucket.features.join(who, on="imsi", how="left").with_columns(night=pl.lit(night)))
        progress("verdicts", len(judged), len(judged))
    found = pl.concat(rows) if rows else pl.DataFrame(schema={"imsi": pl.Int64})
    if found.is_empty():
        raise InputError("the run has no night of any SIM with a verdict before its card was read")
    raids = split_by_raid(verdicts.join(found, on="imsi", how="semi"))
    is_rig = pl.col("verdict") == "rig"
    known = found.join(raids, on="imsi").with_columns(
        rig=pl.when(is_rig).then("raid"),
        level=pl.when(is_rig).then(pl.lit(NAME)),
        kind=pl.lit(None, dtype=pl.String),
        modifiers=pl.lit(None, dtype=pl.String),
        segment=pl.lit(None, dtype=pl.String),
    )
    on_scale = to_scale(known, find_scales(usual.select(MEASURED), card.usual))
    known = known.join(_nearest_way(on_scale, card), on="imsi", how="left")
    features = known.select("night", "operator", *FEATURES.names, *LABELS, "raid", "is_kept", "way")
    return OwnLesson(features.sort("night", "imsi", "window_nights"), usual, run.scores.height, verdicts.height)


def put_to_scale(lesson: OwnLesson, reference: Reference) -> OwnLesson:
    """What the verdicts teach as a card sees it for which something else is usual."""
    scales = find_scales(lesson.usual.select(MEASURED), reference)
    return lesson._replace(features=to_scale(lesson.features, scales))


def split_by_raid(verdicts: pl.DataFrame) -> pl.DataFrame:
    """VERDICTS with `raid`, the rig that each belongs to, and whether that is kept out of the fit.

    Who was found in no rig of the run goes with the rig that most cards of the same source were taken for, and cards of
    a source without any rig with one another; so a rig is never both learned from and judged by.
    """
    counts = verdicts.drop_nulls("rig_id").group_by("source", "rig_id").len()
    main = counts.sort("len", "rig_id", descending=[True, False]).unique("source", keep="first", maintain_order=True)
    raids = verdicts.join(main.select("source", main_rig="rig_id"), on="source", how="left").with_columns(
        raid=pl.coalesce("rig_id", "main_rig", pl.lit("of ") + pl.col("source"))
    )
    order = raids.group_by("raid").agg(pl.col("seized_at").min()).sort("seized_at", "raid").with_row_index("number")
    kept = order.select("raid", is_kept=pl.col("number") % KEPT_OUT == KEPT_OUT - 1)
    return raids.drop("main_rig").join(kept, on="raid", how="left").sort("imsi")


def own_examples(lesson: OwnLesson, *, kept: bool, lawful_sims: int) -> list[Examples]:
    """The examples of the rigs in the fit, or of those kept out of it, if there are any.

    In the fit a verdict counts TIMES. Out of it, where rates are what matters, an innocent stands for itself among the
    SIMs of the run, not among the `lawful_sims` of a few worlds: he was looked at because he seemed suspect.
    """
    rows = lesson.features.filter(pl.col("is_kept") == kept)
    if rows.is_empty():
        return []
    examples = to_examples(rows.drop("way"), NAME, thin=False)
    ways = rows.select("imsi", "way").unique()
    facts = examples.facts.join(ways, on="imsi", how="left", maintain_order="left", suffix="_own")
    innocent = min(1.0, lawful_sims / lesson.run_sims) if kept else float(TIMES * NIGHT_SHARE)
    rig = 1.0 if kept else float(TIMES)
    facts = facts.with_columns(
        way=pl.col("way_own"),
        weight=pl.when(pl.col("rig").is_null()).then(pl.lit(innocent)).otherwise(pl.lit(rig)),
    )
    return [examples._replace(facts=facts.drop("way_own"))]


def tell_verdicts(lesson: OwnLesson) -> list[str]:
    """How many verdicts could be learned from, and how they were split, a line."""
    sims = lesson.features.unique("imsi")
    fit, kept = (sims.filter(pl.col("is_kept") == is_kept) for is_kept in (False, True))
    return [
        f"own verdicts: {sims.height} of {lesson.verdicts} SIMs have nights in the run before their card was read;"
        f" {_count(fit)} in the fit, {_count(kept)} kept out"
    ]


def compare_verdicts(former: pl.DataFrame, found: pl.DataFrame, before: Scorecard, card: Scorecard) -> list[str]:
    """How many SIMs of the verdicts kept out are suspect by the former card and by this one, a line for each verdict.

    (night, imsi, evidence) of both, `found` with rig: each SIM's own habits on its last night, without surroundings.
    """
    if found.is_empty():
        return ["own verdicts: fewer than three rigs, so none is kept out to compare the cards on"]
    both = found.join(former, on=["night", "imsi"], suffix="_former").sort("night").unique("imsi", keep="last")
    lines = ["own verdicts kept out, suspect or above without surroundings, former card -> this one"]
    for name, rows in (("rig", pl.col("rig").is_not_null()), ("innocent", pl.col("rig").is_null())):
        some = both.filter(rows)
        was = int((some["evidence_former"] >= before.bands.suspect).sum())
        now = int((some["evidence"] >= card.bands.suspect).sum())
        lines.append(f"  {name}: {was} -> {now} of {some.height} SIMs")
    return lines


def _settled(verdicts: pl.DataFrame, night: date, config: Config) -> pl.DataFrame:
    """(imsi) of the SIMs whose card was read when a night was over wherever the run's operators are."""
    midnight = datetime.combine(night + timedelta(days=1), time())
    names = {operator.timezone for operator in config.operators.values()} or {None}
    zones = [ZoneInfo(name) if name else LAST_ZONE for name in names]
    over = max(midnight.replace(tzinfo=zone).astimezone(UTC) for zone in zones)
    return verdicts.filter(pl.col("seized_at") >= over).select("imsi")


def _nearest_way(known: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """(imsi, way) of each rig's SIM: whose expert thought worst of it, on the night when it looked worst."""
    if not set(card.ways()) <= {way.name for way in WAYS}:
        card = load_scorecard()
    nights = []
    for (night,), rows in known.filter(pl.col("rig").is_not_null()).group_by("night", maintain_order=True):
        scored = score_alone(rows.select(FEATURES.names), rows.select("imsi", "operator").unique(), card, 0.5)
        strongest = scored.reasons.filter(pl.col("counted") & (pl.col("expert") != "base")).unique("imsi")
        nights.append(
            scored.evidence.join(strongest.select("imsi", way="expert"), on="imsi").with_columns(night=pl.lit(night))
        )
    if not nights:
        return pl.DataFrame(schema={"imsi": pl.Int64, "way": pl.String})
    worst = pl.concat(nights).sort("imsi", "evidence_alone", "night", descending=[False, True, False])
    return worst.unique("imsi", keep="first", maintain_order=True).select("imsi", "way")


def _count(sims: pl.DataFrame) -> str:
    cards = sims["rig"].drop_nulls()
    return f"{cards.len()} cards from {cards.n_unique()} raids and {sims.height - cards.len()} innocents"
