"""Who is not told in full can be, later: the same reasons as if they had been written at once."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from simbox.features import FEATURES
from simbox.scoring import (
    NOTHING_KNOWN,
    add_rigs,
    base_points,
    carry,
    finish_reasons,
    finish_untold,
    read_scorecard,
    score_alone,
    to_reasons,
    to_scores,
)
from simbox.tables.scores import REASONS, SCORES, USUAL

PREVALENCE = 0.001
BASE = base_points(PREVALENCE)
NO_POINTS = pl.DataFrame(schema={"imsi": pl.Int64, "points": pl.Int32, "value": pl.Float64})
PAIR = (
    '{ code = "EVENTS_MADE", first = "mo_calls_a_night", first_edges = [5], second = "top_place_share",'
    ' second_edges = [0.3, 0.6], second_window = "longest",'
    " points = [[1, -2, 0, 3], [0, 5, -6, 7], [2, 0, -4, 8]] }"
)
CARD = """
name = "two"
origin = "a test"
[bands]
watch = -60
suspect = 0
strong = 40
[calibration]
[[expert]]
name = "loud"
start = -4
term = [
  { code = "CALLS_MADE", feature = "mo_calls_a_night", edges = [2, 10], points = [-5, 0, 40] },
  { code = "STAYS_PUT", feature = "top_place_share", edges = [0.5], points = [-7, 7], without = 3, window = "longest" },
]
pair = [PAIR]
[[expert]]
name = "writer"
term = [{ code = "SMS_SENT", feature = "sms_mo", edges = [10], points = [-20, 20] }]
""".replace("[PAIR]", f"[{PAIR}]")


@pytest.fixture(scope="module")
def card():
    return read_scorecard(CARD, "of the test", frozenset(FEATURES.names))


def calls_of(number: int, window: int) -> dict[str, object]:
    """A SIM's features: which expert is the strongest, in which window, and what is known differ from SIM to SIM."""
    return {
        "imsi": number,
        "window_nights": window,
        "mo_events": float(number % 40),
        "mo_calls_a_night": None if number % 7 == 0 else float(number % 11 * window % 17),
        "sms_mo": float(number % 13 + window),
        "top_place_share": None if number % 5 == 0 else number % 10 / 10,
    }


# With one of the two operators everybody calls twice as much as where the card was estimated.
SCALES = USUAL.conform(
    pl.DataFrame(
        {"operator": "alpha", "feature": "mo_calls_a_night", "nights": 3, "sims": 500, "usual": 8.0}
        | {"usual_of_card": 4.0, "scale": 2.0}
    )
)


def judged(card, told_from: int, *imsis: int):
    """What is thought of a night's SIMs, with the told threshold given."""
    rows = [calls_of(number, window) for number in imsis for window in (1, 3)]
    found = FEATURES.conform(pl.DataFrame(rows, infer_schema_length=None))
    who = pl.DataFrame({"imsi": imsis, "operator": ["alpha" if number % 3 else "beta" for number in imsis]})
    return score_alone(found, who, card, PREVALENCE, told_from, SCALES)


def state_of(state, scored, night: date):
    at = datetime(night.year, night.month, night.day, 12, tzinfo=UTC)
    operator = pl.when(pl.col("imsi") % 3 == 0).then(pl.lit("beta")).otherwise(pl.lit("alpha"))
    seen = scored.evidence.select("imsi", operator=operator, first_at=pl.lit(at), last_at=pl.lit(at)).cast(
        {"first_at": SCORES.schema["first_active_at"], "last_at": SCORES.schema["last_active_at"]}
    )
    untold = finish_untold(scored.untold, scored.histograms, SCALES, night)
    reasons = finish_reasons(scored.reasons, scored.histograms, SCALES, seen)
    return carry(state, seen, scored.evidence, reasons, BASE, untold)


ORDER = ["imsi", "expert", "code", "window_nights"]


def test_members_are_told_as_if_they_had_been_told_at_once(card):
    night, imsis = date(2025, 3, 1), range(1, 200)
    in_full = state_of(NOTHING_KNOWN, judged(card, -(10**6), *imsis), night)
    in_short = state_of(NOTHING_KNOWN, judged(card, 10**6, *imsis), night)
    members = pl.DataFrame({"imsi": list(imsis), "points": 50, "value": 50.0}, schema=NO_POINTS.schema)
    nobody = pl.DataFrame(schema={"imsi": pl.Int64})
    states = [add_rigs(state, members, nobody, night, card) for state in (in_full, in_short)]
    at_once, later = (to_reasons(state, members, card).filter("counted").sort(ORDER) for state in states)
    assert in_short.reasons.is_empty()
    assert set(at_once["code"]) == {
        "BASE",
        "EVERYDAY_HABITS",
        "CALLS_MADE",
        "STAYS_PUT",
        "SMS_SENT",
        "MEMBER_OF_RIG",
        "EVENTS_MADE",
    }
    assert at_once.filter(pl.col("code") == "EVENTS_MADE").select(pl.col("value", "beside").null_count()).row(0) > (
        0,
        0,
    )
    assert at_once["window_nights"].n_unique() == 3
    assert later.equals(at_once)
    some = pl.DataFrame({"imsi": [3, 50]})
    assert (
        to_reasons(states[1], members, card, some)
        .filter("counted")
        .sort(ORDER)
        .equals(at_once.join(some, on="imsi", how="semi"))
    )


def test_others_have_one_reason_beside_the_prior_and_it_adds_up(card):
    state = state_of(NOTHING_KNOWN, judged(card, 10**6, *range(1, 60)), date(2025, 3, 1))
    reasons = to_reasons(state, NO_POINTS, card)
    watched = to_scores(state, card).filter(pl.col("band") != "clear")["imsi"]
    short = reasons.filter(pl.col("code") == "ORDINARY")
    assert 0 < len(watched) < 50
    assert not set(short["imsi"]) & set(watched)
    assert short.select(pl.col("imsi", "expert", "window_nights").is_null().any()).row(0) == (False,) * 3
    sums = reasons.filter("counted").group_by("imsi").agg(pl.col("points").sum()).sort("imsi")
    assert sums["points"].to_list() == to_scores(state, card)["evidence"].to_list()
    assert set(reasons["code"]) >= {"BASE", "ORDINARY", "CALLS_MADE"}


def test_a_sim_is_told_by_the_night_on_which_it_was_scored_last(card):
    first = state_of(NOTHING_KNOWN, judged(card, 10**6, 1, 2, 3, 4), date(2025, 3, 1))
    second = state_of(first, judged(card, 10**6, 3, 4, 5, 6), date(2025, 3, 2))
    assert second.untold.sims.sort("imsi").select("imsi", pl.col("night").dt.day()).rows() == [
        (1, 1), (2, 1), (3, 2), (4, 2), (5, 2), (6, 2),
    ]  # fmt: skip
    members = pl.DataFrame({"imsi": [1, 5], "points": 1, "value": 1.0}, schema=NO_POINTS.schema)
    told = to_reasons(second, members, card).filter(pl.col("imsi").is_in([1, 5]))
    assert "ORDINARY" not in told["code"].to_list()
    alone = to_reasons(first, members, card).filter((pl.col("imsi") == 1) & (pl.col("code") != "MEMBER_OF_RIG"))
    assert (
        told.filter((pl.col("imsi") == 1) & (pl.col("code") != "MEMBER_OF_RIG")).sort(ORDER).equals(alone.sort(ORDER))
    )
    last = state_of(second, judged(card, -(10**6), 1, 2), date(2025, 3, 3))
    assert last.untold.sims["imsi"].sort().to_list() == [3, 4, 5, 6]
    assert last.untold.histograms["night"].unique().to_list() == [date(2025, 3, 2)]
    assert list(REASONS.names) == to_reasons(last, NO_POINTS, card).columns
