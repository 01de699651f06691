"""Weights from examples: directions kept, caps kept, and a card that says what the fit said."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from simbox.features import FEATURES
from simbox.scoring import base_points, load_scorecard, score_alone, show_scorecard
from simbox.scoring.scorecard import FIRST_NIGHT, Bands
from simbox.scoring.train import (
    MISSING,
    POINTS,
    Examples,
    align_drafts,
    bin_of,
    blind,
    calibrate,
    compare_cards,
    evidence_of,
    fit_drafts,
    set_bands,
    to_card,
    to_examples,
    to_points,
)
from simbox.scoring.train.additive import _met
from simbox.scoring.ways import SIGNS, WAYS

PREVALENCE = 0.001
NIGHTS = (date(2025, 3, 1), date(2025, 3, 2))


def world(seed: int, lawful: int = 3000, rigs: int = 6) -> pl.DataFrame:
    """FEATURES with answers: rigs' SIMs call many, and new ones, from one place; half of the lawful have no cell."""
    rng = np.random.default_rng(seed)
    count = lawful + rigs * 20
    is_rig = np.arange(count) >= lawful
    calls = np.where(is_rig, rng.poisson(25, count), rng.poisson(3, count)).astype(float)
    names = [None] * lawful + [f"rig{number // 20}" for number in range(rigs * 20)]
    frames = []
    for number, night in enumerate(NIGHTS):
        for window in (1, 3)[: number + 1]:
            frames.append(
                pl.DataFrame(
                    {
                        "imsi": 401_770_000_000_000 + np.arange(count) + seed * 1_000_000,
                        "window_nights": np.full(count, window, dtype=np.int16),
                        "mo_calls": calls,
                        "mo_events": calls,
                        "mo_calls_a_night": calls,
                        "received_codes": np.zeros(count),
                        "mo_share": np.clip(rng.normal(np.where(is_rig, 0.95, 0.5), 0.1), 0, 1).round(4),
                        "callers": np.where(is_rig, rng.poisson(0.3, count), rng.poisson(4, count)).astype(float),
                        "top_place_share": np.where(rng.random(count) < 0.5, np.nan, np.where(is_rig, 1.0, 0.6)),
                        "places": np.where(is_rig, 1.0, rng.integers(1, 6, count)),
                        "age_days": np.where(rng.random(count) < 0.8, np.nan, rng.integers(0, 9, count)),
                    },
                    nan_to_null=True,
                ).with_columns(
                    night=pl.lit(night),
                    operator=pl.lit("alpha"),
                    rig=pl.Series(names),
                    kind=pl.when(pl.Series(is_rig)).then(pl.lit("vishing")),
                    level=pl.when(pl.Series(is_rig)).then(pl.lit("E0")),
                    modifiers=pl.when(pl.Series(is_rig)).then(pl.lit("imei_model")),
                    segment=pl.lit("ordinary"),
                )
            )
    known = pl.concat(frames)
    unknown = [pl.lit(None, dtype=pl.Float64).alias(name) for name in FEATURES.names if name not in known.columns]
    return known.with_columns(unknown)


@pytest.fixture(scope="module")
def fitted():
    """Drafts of one world, and the examples of another."""
    drafts = fit_drafts(to_examples(world(1), "one"))
    return drafts, to_examples(world(2), "two", thin=False)


def test_an_expert_for_each_way_that_was_seen(fitted):
    drafts, _ = fitted
    windows = [(draft.name, draft.windows[0]) for draft in drafts]
    assert windows == [("cold_caller", FIRST_NIGHT), ("cold_caller", 1), ("cold_caller", 3)]


def test_tables_keep_their_direction_and_caps(fitted):
    for draft in fitted[0]:
        for column, table in zip(draft.columns, draft.tables, strict=True):
            sign, known = SIGNS[column], table[:-1]
            assert np.all(np.diff(known) * sign.direction >= -1e-9), sign.code
            assert table.min() >= sign.least / POINTS - 1e-9
            assert table.max() <= sign.most / POINTS + 1e-9


def test_rigs_stand_above_the_lawful_of_another_world(fitted):
    drafts, examples = fitted
    found = evidence_of(drafts, examples)
    is_rig = found["rig"].is_not_null()
    limit = np.quantile(found.filter(~is_rig)["log_odds"].to_numpy(), 0.999)
    assert (found.filter(is_rig)["log_odds"].to_numpy() > limit).mean() > 0.95


def test_the_card_scores_as_the_fit_did(fitted, tmp_path):
    drafts, examples = fitted
    points = to_points(align_drafts(drafts, examples, PREVALENCE), 0.9, -1.0)
    card = to_card(points, Bands(-50, 0, 40), None, "fitted", 'a test, "quoted"')
    path = tmp_path / "card.toml"
    path.write_text(show_scorecard(card))
    read = load_scorecard(path, frozenset(FEATURES.names))
    assert read == card
    expected = evidence_of(points, examples).select("night", "imsi", pl.col("log_odds").cast(pl.Int32))
    for night in NIGHTS:
        rows = world(2).filter(pl.col("night") == night)
        who = rows.select("imsi", "operator").unique()
        scored = score_alone(FEATURES.conform(rows.select(FEATURES.names)), who, read, PREVALENCE)
        both = scored.evidence.join(expected.filter(pl.col("night") == night), on="imsi")
        assert both.height == who.height
        assert (both["evidence_alone"] - base_points(PREVALENCE)).equals(both["log_odds"], null_equal=True)
        sums = scored.reasons.filter("counted").group_by("imsi").agg(total=pl.col("points").sum())
        assert both.join(sums, on="imsi").filter(pl.col("evidence_alone") != pl.col("total")).is_empty()


def test_thinning_keeps_rigs_and_the_weight_of_the_lawful():
    features = world(3)
    whole, thin = to_examples(features, "w", thin=False), to_examples(features, "w")
    rigs = [part.facts.filter(pl.col("rig").is_not_null()) for part in (whole, thin)]
    assert rigs[0].height == rigs[1].height
    assert rigs[1]["weight"].to_list() == [1.0] * rigs[1].height
    lawful = [part.facts.filter(pl.col("rig").is_null())["weight"].sum() for part in (whole, thin)]
    assert lawful[1] == pytest.approx(lawful[0], rel=0.25)
    # Of the first night everybody is there.
    first, later = (
        [part.facts.filter((pl.col("night") == NIGHTS[0]) == is_first).height for part in (whole, thin)]
        for is_first in (True, False)
    )
    assert first[1] == first[0]
    assert later[1] < later[0] / 3


def test_what_is_not_known_has_a_bin_of_its_own():
    values = pl.Series([None, 0.0, 1.0, 2.5])
    assert bin_of((1.0, 2.0), values).tolist() == [MISSING, 0, 1, 2]


def test_some_sims_are_learned_from_without_cells_or_imeis():
    examples = to_examples(world(4), "w", thin=False)
    examples.bins[:] = 0
    seen = blind(examples)
    columns = {need: [place for place, sign in enumerate(SIGNS) if sign.needs == need] for need in ("place", "handset")}
    for need, places in columns.items():
        share = (seen.bins[:, places] == MISSING).all(axis=1).mean()
        assert 0.03 < share < 0.1, need
    others = [place for place, sign in enumerate(SIGNS) if not sign.needs]
    assert (seen.bins[:, others] == 0).all()


def test_calibration_is_honest_at_the_stated_prevalence():
    rng = np.random.default_rng(5)
    lawful, rigs = rng.normal(-2, 1.5, 60_000), rng.normal(2.5, 1.5, 4_000)
    # Two normals of one spread: the true log-odds are a straight line.
    slope, offset = calibrate(
        pl.DataFrame(
            {
                "log_odds": np.concatenate([lawful, rigs]),
                "rig": [None] * lawful.size + ["r"] * rigs.size,
                "level": [None] * lawful.size + ["E0"] * rigs.size,
                "kind": [None] * lawful.size + ["bypass"] * rigs.size,
                "weight": np.ones(lawful.size + rigs.size),
            }
        ),
        PREVALENCE,
    )
    assert slope == pytest.approx(4.5 / 1.5**2, rel=0.1)
    assert slope * 0.25 + offset == pytest.approx(0, abs=0.3)


def test_bands_rise_and_expect_fewer_false_discoveries():
    rng = np.random.default_rng(6)
    lawful, rigs = rng.normal(-100, 20, 50_000).astype(np.int32), rng.normal(40, 40, 3000).astype(np.int32)
    found = pl.DataFrame(
        {
            "evidence": np.concatenate([lawful, rigs]),
            "rig": [None] * lawful.size + ["r"] * rigs.size,
            "level": [None] * lawful.size + ["E0"] * rigs.size,
            "kind": [None] * lawful.size + ["bypass"] * rigs.size,
            "weight": np.ones(lawful.size + rigs.size),
        }
    )
    bands = set_bands(found, PREVALENCE)
    assert bands.watch < bands.suspect < bands.strong
    for least, most in ((bands.watch, 0.8), (bands.suspect, 0.15)):
        alarms, hits = (lawful >= least).mean() * (1 - PREVALENCE), (rigs >= least).mean() * PREVALENCE
        assert alarms / (alarms + hits) <= most


def test_cards_are_compared_on_what_was_thought_last():
    rows = [("w", NIGHTS[0], 1, "r", "E0", 5, 90), ("w", NIGHTS[1], 1, "r", "E0", 90, 5)]
    rows += [("w", NIGHTS[0], imsi, None, None, 50, 50) for imsi in range(2, 30)]
    schema = ["world", "night", "imsi", "rig", "level", "evidence", "former"]
    found = pl.DataFrame(rows, schema=schema, orient="row")
    former = found.select("world", "night", "imsi", evidence="former")
    lines = compare_cards(former, found.drop("former"))
    assert lines[0] == "after one night: 28 lawful SIMs; recall at 1e-3 and 1e-4, former card -> this one"
    assert lines[1].split() == "E0: 1 SIMs 1.00 -> 0.00 1.00 -> 0.00".split()
    assert lines[3].split() == "E0: 1 SIMs 0.00 -> 1.00 0.00 -> 1.00".split()


def test_nothing_that_would_be_unfair_is_a_sign():
    forbidden = ("registration", "activated", "dealer", "imsi", "msisdn", "iccid", "owner", "weekend")
    assert not [sign.feature for sign in SIGNS if any(word in sign.feature for word in forbidden)]
    assert len({(sign.code, sign.window) for sign in SIGNS}) == len(SIGNS)
    codes = {sign.code for sign in SIGNS}
    assert not [code for way in WAYS for code in way.signs if code not in codes]
    assert {sign.feature for sign in SIGNS} <= set(FEATURES.names)


def test_what_buys_immunity_is_capped():
    least = {sign.code: sign.least for sign in SIGNS}
    assert min(least[code] for code in ("NOBODY_RINGS_BACK", "NEW_SIM", "CALLS_RECEIVED", "FEW_CALLERS")) >= -45


def test_examples_join(fitted):
    _, examples = fitted
    assert isinstance(examples, Examples)
    assert examples.bins.shape == (examples.facts.height, len(SIGNS))


def test_weights_that_meet_are_those_of_a_product_of_indicators():
    rng = np.random.default_rng(3)
    sizes = np.array([3, 5, 2])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.stack([rng.integers(0, size, 200) for size in sizes])
    weights = rng.uniform(size=200)
    shown = np.concatenate([np.eye(size)[column] for size, column in zip(sizes, columns, strict=True)], axis=1)
    assert np.allclose(_met(columns, offsets, weights), shown.T @ (shown * weights[:, None]))
