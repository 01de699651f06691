"""What is thought of a SIM is carried from night to night."""

from datetime import UTC, date, datetime

import msgspec
import polars as pl
import pytest

from simbox.reasons import say_reason
from simbox.scoring import NOTHING_KNOWN, add_rigs, carry, load_scorecard, to_history, to_reasons, to_scores
from simbox.scoring.scorecard import NoRig
from simbox.tables.rigs import MEMBERS
from simbox.tables.scores import REASONS, SCORES

BASE = -100
NO_POINTS = pl.DataFrame(schema={"imsi": pl.Int64, "points": pl.Int32, "value": pl.Float64})
NOBODY = pl.DataFrame(schema={"imsi": pl.Int64})


@pytest.fixture(scope="module")
def card():
    return msgspec.structs.replace(load_scorecard(), no_rig=NoRig())


@pytest.fixture(scope="module")
def severe(card):
    return msgspec.structs.replace(card, no_rig=NoRig(percent=50, most=30))


def seen(night: int, *imsis: int) -> pl.DataFrame:
    at = datetime(2025, 3, night, 12, tzinfo=UTC)
    return pl.DataFrame(
        [(imsi, "alpha", at, at) for imsi in imsis],
        schema={"imsi": pl.Int64, "operator": pl.String, "first_at": SCORES.schema["first_active_at"],
                "last_at": SCORES.schema["last_active_at"]},
        orient="row",
    )  # fmt: skip


def evidence(**points: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(evidence, REASONS) of SIMs given as s1=40: BASE and one expert's points."""
    imsis = [int(name[1:]) for name in points]
    alone = pl.DataFrame(
        {"imsi": imsis, "evidence_alone": list(points.values())}, schema_overrides={"evidence_alone": pl.Int32}
    )
    rows = [
        {"imsi": imsi, "code": code, "expert": expert, "window_nights": 0, "points": given, "counted": True}
        for imsi, total in zip(imsis, points.values(), strict=True)
        for code, expert, given in (("BASE", "base", BASE), ("CALLS_MADE", "loud", total - BASE))
    ]
    known = {name: REASONS.schema[name] for name in ("imsi", "code", "expert", "window_nights", "points", "counted")}
    return alone, REASONS.conform(pl.DataFrame(rows, schema=known))


def night_of(state, number, who, given, points=None, listed=NOBODY, *, by):
    state = carry(state, seen(number, *who), *evidence(**given), BASE)
    gained = pl.DataFrame(points or {"imsi": [], "points": [], "value": []}, schema=NO_POINTS.schema)
    return add_rigs(state, gained, listed, date(2025, 3, number), by), gained


def test_who_was_never_active_has_the_prior(card):
    state, gained = night_of(NOTHING_KNOWN, 1, (1, 2), {"s1": 20}, by=card)
    scores = to_scores(state, card)
    assert scores.select("imsi", "evidence").rows() == [(1, 20), (2, BASE)]
    assert to_reasons(state, gained, card).filter(pl.col("imsi") == 2).select("code", "points").rows() == [
        ("BASE", BASE)
    ]


def test_who_is_silent_keeps_what_was_thought(card):
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, by=card)
    state, gained = night_of(state, 2, (2,), {"s2": -5}, by=card)
    assert to_scores(state, card).select("imsi", "evidence").rows() == [(1, 20), (2, -5)]
    assert to_reasons(state, gained, card)["imsi"].to_list() == [1, 1, 2, 2]


def test_a_new_night_replaces_what_was_thought_and_the_peak_stays(card):
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, by=card)
    state, gained = night_of(state, 2, (1,), {"s1": -30}, by=card)
    row = to_scores(state, card).row(0, named=True)
    assert (row["evidence"], row["peak_night"]) == (-30, date(2025, 3, 1))
    assert to_reasons(state, gained, card)["points"].sum() == -30


def test_first_and_last_events_reach_over_the_nights(card):
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, by=card)
    state, _ = night_of(state, 3, (1,), {"s1": 20}, by=card)
    row = to_scores(state, card).row(0, named=True)
    assert (row["first_active_at"].day, row["last_active_at"].day) == (1, 3)


def test_a_rig_adds_once(card):
    given = {"imsi": [1], "points": [60], "value": [60.0]}
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, given, by=card)
    state, gained = night_of(state, 2, (2,), {"s2": 0}, given, by=card)
    assert to_scores(state, card).filter(pl.col("imsi") == 1).select("evidence_alone", "evidence").rows() == [(20, 80)]
    assert to_reasons(state, gained, card).filter((pl.col("imsi") == 1) & pl.col("counted"))["points"].sum() == 80


def test_who_is_watched_and_in_no_rig_loses_a_part_of_what_it_has_above_the_band(severe):
    watch = severe.bands.watch
    alone = {"s1": watch - 1, "s2": watch, "s3": watch + 10, "s4": watch + 11, "s5": watch + 200, "s6": watch + 40}
    rig = {"imsi": [6], "points": [0], "value": [0.0]}
    state, gained = night_of(NOTHING_KNOWN, 1, (1, 2, 3, 4, 5, 6), alone, rig, by=severe)
    scores = to_scores(state, severe)
    assert (scores["evidence"] - scores["evidence_alone"]).to_list() == [0, 0, -5, -5, -30, 0]
    assert scores.filter(pl.col("band") == "clear")["imsi"].to_list() == [1]
    reasons = to_reasons(state, gained, severe)
    lone = reasons.filter(pl.col("code") == "NO_RIG_FOUND")
    assert lone.select("imsi", "expert", "points", "counted").sort("imsi").rows() == [
        (3, "rig", -5, True), (4, "rig", -5, True), (5, "rig", -30, True),
    ]  # fmt: skip
    sums = reasons.filter("counted").group_by("imsi").agg(pl.col("points").sum()).sort("imsi")
    assert sums["points"].to_list() == scores["evidence"].to_list()
    some = to_reasons(state, gained, severe, pl.DataFrame({"imsi": [1, 5, 6]}))
    assert some.filter(pl.col("code") == "NO_RIG_FOUND")["imsi"].to_list() == [5]


def test_no_sim_overtakes_another_for_being_in_no_rig(severe):
    alone = {f"s{number}": number - 60 for number in range(1, 250)}
    state, _ = night_of(NOTHING_KNOWN, 1, tuple(range(1, 250)), alone, by=severe)
    assert to_scores(state, severe).sort("imsi")["evidence"].is_sorted()


def test_what_a_missing_rig_takes_is_given_back_on_the_night_on_which_it_is_found(severe):
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 60}, by=severe)
    assert to_scores(state, severe)["evidence"].to_list() == [30]
    state, _ = night_of(state, 2, (1,), {"s1": 60}, {"imsi": [1], "points": [15], "value": [15.0]}, by=severe)
    assert to_scores(state, severe).select("evidence_alone", "evidence").rows() == [(60, 75)]
    state, _ = night_of(state, 3, (2,), {"s2": -90}, by=severe)
    assert to_scores(state, severe)["evidence"].to_list() == [30, -90]


def test_who_took_a_port_over_is_told_and_nothing_is_counted_for_that(card):
    state, gained = night_of(
        NOTHING_KNOWN, 1, (1,), {"s1": 20, "s2": 0}, {"imsi": [1], "points": [60], "value": [60.0]}, by=card
    )
    replaced = pl.DataFrame({"imsi": [1], "relay_points": [25], "relay_gap_s": [240.0]})
    told = to_reasons(state, gained, card, replaced=replaced).filter(pl.col("code") == "REPLACES")
    assert told.select("imsi", "expert", "value", "points", "counted").rows() == [(1, "rig", 240.0, 25, False)]
    assert say_reason("REPLACES", 240.0) == "began 240 s after a SIM of its rig had fallen silent at the same place"


def test_without_its_rig_a_sim_stands_alone_again(card):
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, {"imsi": [1], "points": [60], "value": [60.0]}, by=card)
    state, gained = night_of(state, 2, (2,), {"s2": 0}, by=card)
    row = to_scores(state, card).row(0, named=True)
    assert (row["evidence"], row["peak_night"]) == (20, date(2025, 3, 1))
    assert "MEMBER_OF_RIG" not in to_reasons(state, gained, card)["code"].to_list()


def test_the_first_night_on_the_list_is_kept(card):
    listed = pl.DataFrame({"imsi": [1]})
    state, _ = night_of(NOTHING_KNOWN, 1, (1,), {"s1": 20}, by=card)
    assert to_scores(state, card)["first_listed_night"].to_list() == [None]
    for night in (2, 3):
        state, _ = night_of(state, night, (1,), {"s1": 20}, listed=listed, by=card)
    assert to_scores(state, card)["first_listed_night"].to_list() == [date(2025, 3, 2)]


def test_history_holds_who_is_watched(card):
    bands = card.bands
    state, _ = night_of(
        NOTHING_KNOWN, 1, (1, 2, 3), {"s1": bands.watch - 1, "s2": bands.watch, "s3": bands.strong}, by=card
    )
    members = (
        MEMBERS.empty()
        .select("imsi", "rig_id")
        .vstack(pl.DataFrame({"imsi": [3], "rig_id": ["R1"]}).select(pl.col("imsi"), pl.col("rig_id")))
    )
    history = to_history(to_scores(state, card), members, pl.DataFrame({"imsi": [3]}), date(2025, 3, 1))
    assert history.select("imsi", "band", "rig_id", "listed").rows() == [
        (2, "watch", None, False),
        (3, "strong", "R1", True),
    ]


def test_score_probability_and_band_rise_with_evidence(card):
    points = {f"s{number + 200}": number for number in range(-199, 200)}
    state, _ = night_of(NOTHING_KNOWN, 1, tuple(int(name[1:]) for name in points), points, by=card)
    scores = to_scores(state, card).sort("evidence")
    for column in (scores["score"], scores["probability"], scores["band"].to_physical()):
        assert column.is_sorted()
    assert scores["score"].min() == 0
    assert scores["score"].max() == 100
    assert set(scores["band"]) == {"clear", "watch", "suspect", "strong"}
    edges = dict(scores.group_by("band").agg(pl.col("evidence").min()).cast({"band": pl.String}).iter_rows())
    assert (edges["watch"], edges["suspect"], edges["strong"]) == tuple(
        getattr(card.bands, name) for name in ("watch", "suspect", "strong")
    )
