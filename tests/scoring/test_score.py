"""Points by bins, the strongest expert in its best window, and sums that anybody can check."""

import math

import polars as pl
import pytest

from simbox.features import FEATURES
from simbox.scoring import EMPTY, base_points, finish_reasons, read_scorecard, score_alone
from simbox.tables.scores import USUAL

PREVALENCE = 0.001
BASE = base_points(PREVALENCE)
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
term = [
  { code = "CALLS_MADE", feature = "mo_calls", edges = [2, 10], points = [-5, 0, 50] },
  { code = "STAYS_PUT", feature = "top_place_share", edges = [0.5, 0.8], points = [-7, 0, 7], without = 3 },
]
[[expert]]
name = "writer"
term = [{ code = "SMS_SENT", feature = "sms_mo", edges = [10], points = [-90, 50] }]
"""


@pytest.fixture(scope="module")
def card():
    return read_scorecard(CARD, "of the test", frozenset(FEATURES.names))


def features(*rows: dict[str, object]) -> pl.DataFrame:
    """FEATURES with the columns given, nothing else known."""
    usual = {"imsi": 1, "window_nights": 1, "mo_events": 1.0, "sms_mo": 0.0}
    return FEATURES.conform(pl.DataFrame([usual | row for row in rows], infer_schema_length=None))


def score(card, *rows):
    found = features(*rows)
    operators = found.select("imsi").unique().with_columns(operator=pl.lit("alpha"))
    return score_alone(found, operators, card, PREVALENCE)


@pytest.mark.parametrize("prevalence", [0.001, 0.01, 0.49])
def test_the_prior_is_ten_points_for_each_doubling_of_the_odds(prevalence):
    assert base_points(prevalence) == round(10 * math.log2(prevalence / (1 - prevalence)))


@pytest.mark.parametrize(("calls", "points"), [(0, -5), (1, -5), (2, 0), (9, 0), (10, 50), (1e9, 50), (None, 0)])
def test_an_edge_belongs_to_the_bin_above(card, calls, points):
    found = score(card, {"mo_calls": calls, "top_place_share": None})
    assert found.evidence["evidence_alone"].item() == BASE + points + 3


@pytest.mark.parametrize(
    ("share", "points"), [(None, 3), (0.0, -7), (0.4999, -7), (0.5, 0), (0.7999, 0), (0.8, 7), (1.0, 7)]
)
def test_what_is_not_known_has_points_of_its_own(card, share, points):
    found = score(card, {"mo_calls": 5, "top_place_share": share})
    assert found.evidence["evidence_alone"].item() == BASE + points
    told = found.reasons.filter(pl.col("code") == "STAYS_PUT")
    assert told.select("value", "points", "counted").rows() == ([(share, points, True)] if points else [])


OF_TWO = (
    'pair = [{ code = "EVENTS_MADE", first = "mo_calls", first_edges = [2], second = "top_place_share",'
    " second_edges = [0.8], points = [[0, 0, 0], [0, 40, -3], [0, 11, -5]] }]\n"
)
PAIRED = CARD.replace('[[expert]]\nname = "writer"', OF_TWO + '[[expert]]\nname = "writer"')


@pytest.mark.parametrize(
    ("calls", "share", "points"),
    [(1, 0.9, 0), (5, 0.7, 0), (5, 0.9, 40), (5, None, -3), (None, 0.9, 11), (None, None, -5)],
)
def test_two_things_together_have_points_beside_those_of_each(card, calls, share, points):
    paired = read_scorecard(PAIRED, "of the test", frozenset(FEATURES.names))
    row = {"mo_calls": calls, "top_place_share": share}
    alone, both = (score(one, row) for one in (card, paired))
    assert both.evidence["evidence_alone"].item() == alone.evidence["evidence_alone"].item() + points
    told = both.reasons.filter(pl.col("code") == "EVENTS_MADE")
    assert told.select("value", "beside", "points").rows() == ([(calls, share, points)] if points else [])
    assert both.reasons.filter("counted")["points"].sum() == both.evidence["evidence_alone"].item()


def test_the_strongest_expert_counts_in_its_best_window(card):
    found = score(
        card,
        {"window_nights": 1, "mo_calls": 5, "sms_mo": 3},
        {"window_nights": 3, "mo_calls": 12, "sms_mo": 3},
        {"window_nights": 7, "mo_calls": 12, "sms_mo": 30, "top_place_share": 0.1},
    )
    counted = found.reasons.filter("counted").sort("code")
    assert found.evidence["evidence_alone"].item() == BASE + 53
    assert counted.select("code", "expert", "window_nights", "points").rows() == [
        ("BASE", "base", 0, BASE),
        ("CALLS_MADE", "loud", 3, 50),
        ("STAYS_PUT", "loud", 3, 3),
    ]


FIRST = (
    CARD
    + """
[[expert]]
name = "loud"
from_nights = 0
term = [{ code = "CALLS_MADE", feature = "mo_calls", edges = [100], points = [0, 9] }]
"""
)


def test_where_only_nights_alone_are_judged_the_first_one_is_told_by_what_is_usual():
    one = read_scorecard(FIRST, "of the test", frozenset(FEATURES.names))
    found = features({"mo_calls": 120, "sms_mo": 0})
    who = pl.DataFrame({"imsi": [1], "operator": ["alpha"]})
    told = {"operator": "alpha", "feature": "mo_calls", "sims": 100, "usual": 2.0, "usual_of_card": 2.0, "scale": 1.0}
    for nights, points in ((1, 9), (2, 53)):
        usual = USUAL.conform(pl.DataFrame([told | {"nights": nights}]))
        assert score_alone(found, who, one, PREVALENCE, scales=usual).evidence["evidence_alone"].item() == BASE + points


@pytest.mark.parametrize(
    ("card_of", "windows", "points"),
    [(FIRST, (1,), 9), (FIRST, (1, 3), 53), (CARD, (1,), 53)],
    ids=["the first night of all", "another one", "a card without one for it"],
)
def test_the_first_night_has_an_expert_of_its_own(card_of, windows, points):
    one = read_scorecard(card_of, "of the test", frozenset(FEATURES.names))
    found = score(one, *({"window_nights": window, "mo_calls": 120, "sms_mo": 0} for window in windows))
    assert found.evidence["evidence_alone"].item() == BASE + points
    assert found.reasons.filter("counted")["points"].sum() == BASE + points


def test_ties_go_to_the_first_expert_and_the_shorter_window(card):
    row = {"mo_calls": 10, "top_place_share": 0.6, "sms_mo": 10}
    found = score(card, *(row | {"window_nights": window} for window in (1, 3)))
    counted = found.reasons.filter(pl.col("counted") & (pl.col("expert") != "base"))
    assert set(counted.select("expert", "window_nights").rows()) == {("loud", 1)}


def test_other_experts_are_shown_for_those_worth_watching(card):
    quiet = {"imsi": 1, "mo_calls": 0, "sms_mo": 0, "top_place_share": 0.0}
    loud = {"imsi": 2, "mo_calls": 99, "sms_mo": 0, "top_place_share": 1.0}
    found = score(card, quiet, loud)
    shown = found.reasons.filter(~pl.col("counted")).select("imsi", "code", "points").rows()
    assert shown == [(2, "SMS_SENT", -90)]


def test_counted_points_add_up(card):
    rows = [
        {"imsi": 1 + number, "window_nights": window, "mo_calls": number % 13, "sms_mo": number % 17,
         "top_place_share": (number % 11) / 10 if number % 5 else None}
        for number in range(200) for window in (1, 3)
    ]  # fmt: skip
    found = score(card, *rows)
    sums = found.reasons.filter("counted").group_by("imsi").agg(total=pl.col("points").sum())
    assert found.evidence.join(sums, on="imsi").filter(pl.col("evidence_alone") != pl.col("total")).is_empty()
    assert found.evidence["imsi"].to_list() == list(range(1, 201))


def test_the_limit_is_the_edge_that_was_passed(card):
    found = score(card, {"mo_calls": 12, "top_place_share": 0.9})
    limits = dict(found.reasons.select("code", "limit").iter_rows())
    assert limits == {"BASE": None, "CALLS_MADE": 10.0, "STAYS_PUT": 0.8, "SMS_SENT": 10.0}


def test_percentiles_count_the_peers_with_less(card, monkeypatch):
    monkeypatch.setattr("simbox.scoring.peers.LEAST_PEERS", 1)
    rows = [{"imsi": number, "mo_calls": number, "mo_events": 5, "top_place_share": 1.0} for number in range(1, 21)]
    stranger = {"imsi": 99, "mo_calls": 15, "mo_events": 50, "callees": 9.0, "top_place_share": 1.0}
    found = score(card, *rows, stranger)
    told = finish_reasons(found.reasons, found.histograms).filter(pl.col("code") == "CALLS_MADE")
    percentiles = dict(told.select("imsi", "percentile").iter_rows())
    # Bins are declared: within one nobody has less.
    for imsi, share in percentiles.items():
        if imsi == 99:
            assert share == 0.0
        else:
            assert share == sum(other < imsi for other in range(1, 21)) * 5
    groups = set(told["peer_group"])
    assert groups == {"alpha 3-9 settled", "alpha 30+ settled"}


def test_histograms_add_up_in_any_order(card):
    rows = [
        {"imsi": number, "mo_calls": number % 7, "mo_events": number % 40, "sms_mo": 1.0} for number in range(1, 101)
    ]
    whole = score(card, *rows).histograms
    parts = [score(card, *rows[start : start + 25]).histograms for start in (50, 0, 75, 25)]
    summed = EMPTY
    for part in parts:
        summed = summed.add(part)
    keys = ["feature", "window_nights", "peer_group", "bin"]
    assert summed.counts.sort(keys).equals(whole.counts.sort(keys), null_equal=True)


@pytest.mark.parametrize(
    ("events", "band"), [(0, "1-2"), (2, "1-2"), (3, "3-9"), (9, "3-9"), (10, "10-29"), (30, "30+")]
)
def test_peers_are_those_of_an_operator_who_do_as_much(card, events, band):
    told = score(card, {"mo_calls": 5, "mo_events": events}).reasons
    assert set(told["peer_group"].drop_nulls()) == {f"alpha {band} settled"}


def test_nobody_to_score(card):
    found = score_alone(FEATURES.empty(), pl.DataFrame(schema={"imsi": pl.Int64, "operator": pl.String}), card, 0.001)
    assert found.evidence.is_empty()
    assert finish_reasons(found.reasons, found.histograms).is_empty()
