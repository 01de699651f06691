"""Who is of a SIM's own kind, and who is asked where these are too few."""

import numpy as np
import polars as pl
import pytest

from simbox.features import FEATURES
from simbox.scoring import base_points, finish_reasons, read_scorecard, score_alone
from simbox.scoring.peers import LEAST_PEERS, peer_group

PREVALENCE = 0.001
BASE = base_points(PREVALENCE)
CARD = """
name = "one"
origin = "a test"
[bands]
watch = -60
suspect = 0
strong = 40
[calibration]
[[expert]]
name = "loud"
term = [{ code = "CALLS_MADE", feature = "mo_calls", edges = [2, 100], points = [-1, 1, 150] }]
"""


@pytest.fixture(scope="module")
def card():
    return read_scorecard(CARD, "of the test", frozenset(FEATURES.names))


def features(*rows: dict[str, object]) -> pl.DataFrame:
    usual = {"window_nights": 1, "mo_events": 5.0, "mo_calls": 5.0}
    return FEATURES.conform(
        pl.DataFrame([{"imsi": number} | usual | row for number, row in enumerate(rows, 1)], infer_schema_length=None)
    )


def told(card, rows, operators=None):
    """{SIM: (percentile, peers)} of its calls."""
    found = features(*rows)
    names = operators or ["alpha"] * found.height
    scored = score_alone(found, pl.DataFrame({"imsi": found["imsi"], "operator": names}), card, PREVALENCE)
    reasons = finish_reasons(scored.reasons, scored.histograms).filter(pl.col("code") == "CALLS_MADE")
    return {imsi: (share, peers) for imsi, share, peers in reasons.select("imsi", "percentile", "peer_group").rows()}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"mo_events": 5}, "3-9 settled"),
        ({"mo_events": 5, "age_days": 6}, "3-9 new"),
        ({"mo_events": 5, "age_days": 7}, "3-9 settled"),
        ({"mo_events": 40, "callees": 2, "callers": 1, "sms_senders": None}, "30+ settled machine"),
        ({"mo_events": 40, "age_days": 1, "callees": 1}, "30+ new machine"),
        ({"mo_events": 40, "age_days": 1}, "30+ new"),
        ({"mo_events": 40, "callees": 2, "callers": 1, "sms_senders": 3}, "30+ settled"),
        ({"mo_events": 9, "callees": 1}, "3-9 settled"),
        ({"mo_events": None}, "1-2 settled"),
    ],
)
def test_a_kind_is_told_by_activity_age_and_parties(row, kind):
    named = features(row).select(peer_group(pl.lit("alpha"))).to_series()
    assert named.to_list() == [f"alpha {kind}"]


def test_with_enough_of_its_kind_a_sim_is_compared_with_them_alone(card):
    settled = [{"mo_calls": number % 10 + 1, "mo_events": 5} for number in range(LEAST_PEERS)]
    new = [{"mo_calls": 9, "mo_events": 5, "age_days": 1}] * LEAST_PEERS
    found = told(card, [*settled, *new])
    assert found[10] == (90.0, "alpha 3-9 settled")
    assert found[LEAST_PEERS + 1] == (0.0, "alpha 3-9 new")


def test_few_of_a_kind_are_compared_with_all_as_active_and_these_with_the_operator(card):
    settled = [{"mo_calls": number % 10 + 1, "mo_events": 5} for number in range(LEAST_PEERS)]
    new, busy = {"mo_calls": 10, "mo_events": 5, "age_days": 1}, {"mo_calls": 8, "mo_events": 50}
    found = told(card, [*settled, new, busy])
    assert found[LEAST_PEERS + 1] == (89.1, "alpha 3-9")
    assert found[LEAST_PEERS + 2] == (68.6, "alpha")
    assert found[1][1] == "alpha 3-9 settled"


def test_an_operator_too_small_is_its_own_measure(card):
    found = told(card, [{"mo_calls": 3}, {"mo_calls": 4}], ["alpha", "beta"])
    assert found == {1: (0.0, "alpha"), 2: (0.0, "beta")}


def test_who_is_suspect_is_nobodys_peer(card):
    people = [{"mo_calls": 5, "mo_events": 5}] * LEAST_PEERS
    suspects = [{"mo_calls": 1 + 100 * (number > 0), "mo_events": 5} for number in range(3 * LEAST_PEERS)]
    found = told(card, [*people, *suspects])
    assert found[LEAST_PEERS + 2][0] == pytest.approx(100.0)
    assert found[1][0] == pytest.approx(0.9, abs=0.1)


def test_percentiles_do_not_depend_on_the_order_of_buckets(card):
    generator = np.random.default_rng(7)
    rows = [
        {"mo_calls": int(generator.integers(1, 60)), "mo_events": int(generator.integers(0, 60))} for _ in range(900)
    ]
    found = features(*rows)
    who = pl.DataFrame({"imsi": found["imsi"], "operator": ["alpha", "beta", "gamma"] * 300})
    whole = score_alone(found, who, card, PREVALENCE)
    parts = [score_alone(found[first : first + 300], who, card, PREVALENCE) for first in (600, 0, 300)]
    counted = parts[0].histograms.add(parts[1].histograms).add(parts[2].histograms)
    order = ["imsi", "code"]
    together = finish_reasons(pl.concat([part.reasons for part in parts]), counted).sort(order)
    assert together.equals(finish_reasons(whole.reasons, whole.histograms).sort(order))
