"""What is set once rigs were sought makes the odds of those in one, and of those in none, honest."""

import msgspec
import numpy as np
import polars as pl
import pytest

from simbox.scoring import base_points, load_scorecard
from simbox.scoring.score import judge
from simbox.scoring.scorecard import Calibration, NoRig
from simbox.scoring.state import no_rig_points
from simbox.scoring.train import fit_after_rigs

PREVALENCE = 0.001
WATCH = -33


@pytest.fixture(scope="module")
def card():
    shipped = load_scorecard()
    return msgspec.structs.replace(shipped, no_rig=NoRig(), bands=msgspec.structs.replace(shipped.bands, watch=WATCH))


def scanned(found: float, mistaken: float, lawful: int = 200_000, rigs: int = 3_000) -> pl.DataFrame:
    """SIMs of which a share `found` of the rigs' and `mistaken` of the lawful ones watched were put into a rig."""
    rng = np.random.default_rng(11)
    is_rig = np.arange(lawful + rigs) >= lawful
    alone = np.where(is_rig, rng.normal(70, 45, is_rig.size), rng.normal(-100, 32, is_rig.size)).round()
    in_rig = (alone >= WATCH) & (rng.random(is_rig.size) < np.where(is_rig, found, mistaken))
    told = pl.DataFrame(
        {"evidence_alone": alone.astype(np.int32), "in_rig": in_rig, "is_rig": is_rig},
    )
    return told.select(
        "evidence_alone",
        rig=pl.when("is_rig").then(pl.lit("r")),
        level=pl.when("is_rig").then(pl.lit("E0")),
        kind=pl.when("is_rig").then(pl.lit("bypass")),
        evidence_with_rig=pl.when("in_rig").then(pl.col("evidence_alone") + 20),
        weight=pl.lit(1.0),
    )


def honesty(sims: pl.DataFrame, card) -> list[tuple[float, float]]:
    """(mean probability, share of rigs' at the prevalence) by fifths of probability, of SIMs given 0.05 or more."""
    alone = pl.col("evidence_alone")
    evidence = pl.coalesce("evidence_with_rig", alone + no_rig_points(alone, card.bands.watch, card.no_rig))
    is_rig = pl.col("rig").is_not_null()
    odds = PREVALENCE / (1 - PREVALENCE) * is_rig.not_().sum() / is_rig.sum()
    rows = sims.select(
        judge(evidence, card, base_points(PREVALENCE))["probability"].alias("probability"),
        is_rig=is_rig,
        weight=pl.when(is_rig).then(odds).otherwise(1.0),
    ).filter(pl.col("probability") >= 0.05)
    fifths = rows.group_by((pl.col("probability") * 5).floor().clip(0, 4).alias("fifth")).agg(
        mean=(pl.col("probability") * pl.col("weight")).sum() / pl.col("weight").sum(),
        share=pl.col("weight").filter("is_rig").sum() / pl.col("weight").sum(),
        sims=pl.len(),
    )
    return [(row["mean"], row["share"]) for row in fifths.filter(pl.col("sims") >= 100).to_dicts()]


def test_probabilities_are_honest_for_those_in_a_rig_and_for_those_in_none(card):
    sims = scanned(found=0.95, mistaken=0.02)
    fitted = msgspec.structs.replace(card, **fit_after_rigs(sims, card, PREVALENCE)._asdict())
    assert fitted.no_rig.most > 0
    off = [abs(mean - share) for mean, share in honesty(sims, fitted)]
    assert off
    assert max(off) < 0.15
    before = [abs(mean - share) for mean, share in honesty(sims, card)]
    assert max(before) > 2 * max(off)


def test_where_being_in_a_rig_says_nothing_hardly_anything_is_lost_without_one(card):
    telling, silent = (fit_after_rigs(scanned(0.5, mistaken), card, PREVALENCE).no_rig for mistaken in (0.0001, 0.5))
    assert silent.percent * silent.most < telling.percent * telling.most


def test_the_order_of_sims_does_not_matter(card):
    sims = scanned(0.9, 0.05, 40_000, 1_000)
    assert fit_after_rigs(sims, card, PREVALENCE) == fit_after_rigs(sims.reverse(), card, PREVALENCE)


def test_where_rigs_are_rarer_all_odds_are_lower_by_as_much(card):
    told = msgspec.structs.replace(card, calibration=Calibration(1.21, -21.0, PREVALENCE))
    seen = pl.DataFrame({"seen": [60, 120, 180]})

    def odds(prevalence: float) -> list[float]:
        base = base_points(prevalence)
        found = seen.with_columns(**judge(pl.col("seen") + base, told, base))["probability"]
        return [chance / (1 - chance) for chance in found]

    assert base_points(PREVALENCE / 8) == base_points(PREVALENCE) - 30
    assert [
        usual / rarer for usual, rarer in zip(odds(PREVALENCE), odds(PREVALENCE / 8), strict=True)
    ] == pytest.approx([8, 8, 8], rel=0.02)
