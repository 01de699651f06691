"""What is usual in a country, and that nobody is suspect for what everybody does there."""

import numpy as np
import polars as pl
import pytest

from simbox.features import FEATURES
from simbox.scoring import (
    EMPTY,
    find_scales,
    finish_reasons,
    measure_usual,
    read_scorecard,
    score_alone,
    show_scorecard,
    to_scale,
)
from simbox.scoring.usual import COUNTS, LEAST_SIMS, MOVED

PREVALENCE = 0.001
NIGHTS = 3
USUAL_CALLS, USUAL_SECONDS = [4.0, 7.0, 10.0], [100.0, 200.0, 300.0]
CARD = f"""
name = "one"
origin = "a test"
[bands]
watch = -60
suspect = 0
strong = 40
[calibration]
[usual]
mt_calls = {USUAL_CALLS}
duration_total_s = {USUAL_SECONDS}
[[expert]]
name = "loud"
term = [
  {{ code = "CALLS_RECEIVED", feature = "mt_calls", edges = [1, 2, 41], points = [-5, 0, 3, 120] }},
  {{ code = "TALK_TIME", feature = "duration_total_s", edges = [1500], points = [0, 40] }},
  {{ code = "STAYS_PUT", feature = "top_place_share", edges = [0.5], points = [0, 9] }},
]
pair = [
  {{ code = "CALLS_RECEIVED_WITH_FEW_CALLERS", SIDES, points = [[0, 0, 0], [1, 2, 0], [0, 0, 0]] }},
]
""".replace("SIDES", 'first = "top_place_share", first_edges = [0.5], second = "mt_calls", second_edges = [21]')


@pytest.fixture(scope="module")
def card():
    return read_scorecard(CARD, "of the test", frozenset(FEATURES.names))


def people(times: float = 1.0, count: int = 1000, operator: str = "alpha", **more: object) -> pl.DataFrame:
    """FEATURES with operator of people who are called up to 18 times as often, and talk as much."""
    rank = np.arange(count) / count
    row = {
        "mt_calls": 18 * rank**2 * times,
        "duration_total_s": 600 * rank * times,
        "mo_events": 5.0,
        "top_place_share": rank,
    }
    found = pl.DataFrame({"imsi": np.arange(count) + 1, "window_nights": 3} | row | more)
    return FEATURES.conform(found).with_columns(operator=pl.lit(operator))


def scales_of(rows: pl.DataFrame, card) -> dict[tuple[str, str], float]:
    scales = find_scales(measure_usual(rows, NIGHTS), card.usual)
    return {
        (operator, feature): scale for operator, feature, scale in scales.select("operator", "feature", "scale").rows()
    }


def test_usual_is_the_mean_between_the_median_and_the_ninth_decile():
    told = measure_usual(people(), NIGHTS).filter(pl.col("feature") == "duration_total_s").row(0, named=True)
    assert told == {
        "operator": "alpha", "feature": "duration_total_s", "nights": 3, "sims": 1000,
        "usual": pytest.approx(600 * 0.7, rel=0.01),
    }  # fmt: skip


@pytest.mark.parametrize("odd", [{"age_days": 2.0}, {"mo_events": 90.0, "callees": 1.0}])
def test_newcomers_and_machines_do_not_tell_what_people_do(odd):
    loud = people(50, **odd).with_columns(pl.col("imsi") + 10_000)
    told = measure_usual(pl.concat([people(), loud]), NIGHTS)
    assert told.equals(measure_usual(people(), NIGHTS))


def test_a_tenth_of_rigs_hardly_moves_what_is_usual():
    rigs = people(100, count=90).with_columns(pl.col("imsi") + 10_000)
    usual, beside = (
        measure_usual(rows, NIGHTS).filter(pl.col("feature") == "duration_total_s")["usual"].item()
        for rows in (people(), pl.concat([people(), rigs]))
    )
    assert beside == pytest.approx(usual, rel=0.15)


@pytest.mark.parametrize(("times", "scale"), [(1, 1), (1.05, 1), (2, 2), (4, 4), (0.5, 0.5), (50, 4), (0.01, 0.25)])
def test_a_scale_is_what_everybody_does_more_in_fourth_roots_of_two(times, scale):
    of_card = measure_usual(people(), NIGHTS)
    reference = {name: [1.0, 1.0, usual] for name, usual in of_card.drop_nulls().select("feature", "usual").rows()}
    told = find_scales(measure_usual(people(times), NIGHTS), reference)
    found = dict(told.select("feature", "scale").rows())
    assert found["duration_total_s"] == pytest.approx(scale)
    assert all(found[name] == 1 for name in MOVED if name not in reference)


def test_too_few_sims_move_nothing(card):
    assert set(scales_of(people(9, count=LEAST_SIMS - 1), card).values()) == {1.0}
    assert scales_of(people(9, count=LEAST_SIMS), card)["alpha", "duration_total_s"] > 2


def test_each_operator_has_a_scale_of_its_own(card):
    both = pl.concat([people(), people(3, operator="beta").with_columns(pl.col("imsi") + 10_000)])
    found = scales_of(both, card)
    assert found["beta", "duration_total_s"] == pytest.approx(3 * found["alpha", "duration_total_s"], rel=0.2)


def test_one_call_is_one_call_in_every_country(card):
    scales = find_scales(measure_usual(people(3), NIGHTS), card.usual)
    rows = people(3).with_columns(mt_calls=pl.Series(np.arange(1000) % 3, dtype=pl.Float64))
    found = to_scale(rows, scales)["mt_calls"]
    assert found.filter(rows["mt_calls"] < 2).equals(rows["mt_calls"].filter(rows["mt_calls"] < 2))
    assert found.filter(rows["mt_calls"] == 2).unique().item() < 2
    assert "mt_calls" in COUNTS


def test_who_does_as_much_beside_his_country_has_the_same_evidence_and_his_own_numbers(card):
    at_home = people()
    reference = {
        name: [1, 1, of] for name, of in measure_usual(at_home, NIGHTS).drop_nulls().select("feature", "usual").rows()
    }
    card = read_scorecard(show_scorecard(card).split("[usual]")[0] + "[[expert]]" + CARD.split("[[expert]]")[1], "t")
    abroad = people(2)
    evidence, reasons = [], []
    for rows in (at_home, abroad):
        scales = find_scales(measure_usual(rows, NIGHTS), reference)
        scored = score_alone(
            rows.select(FEATURES.names), rows.select("imsi", "operator"), card, PREVALENCE, scales=scales
        )
        evidence.append(scored.evidence)
        reasons.append(finish_reasons(scored.reasons, EMPTY, scales, rows.select("imsi", "operator")))
    # One call is one call everywhere: of so few, what lies between one and two differs.
    many = at_home.select(pl.col("mt_calls") >= 2).to_series()
    assert evidence[0].filter(many).equals(evidence[1].filter(many))
    assert many.mean() > 0.6
    calls = [rows.filter(pl.col("code") == "CALLS_RECEIVED").sort("imsi") for rows in reasons]
    measured = abroad.join(calls[1], on="imsi")
    assert measured["value"].to_list() == pytest.approx(measured["mt_calls"].round(4).to_list())
    assert set(calls[0]["limit"]) == {1.0, 2.0}
    assert set(calls[1]["limit"]) == {1.0, 3.0}
    pairs = reasons[1].filter(pl.col("code") == "CALLS_RECEIVED_WITH_FEW_CALLERS").join(abroad, on="imsi")
    assert pairs.height
    assert pairs["beside"].to_list() == pytest.approx(pairs["mt_calls"].round(4).to_list())


def test_a_card_says_what_was_usual_where_it_was_estimated(card):
    assert read_scorecard(show_scorecard(card), "again") == card
    with pytest.raises(Exception, match="usual: mo_share is nothing that is put to scale"):
        read_scorecard(CARD.replace("mt_calls = ", "mo_share = "), "of the test")
