"""What operators run today, on drawn features."""

import polars as pl
import pytest

from simbox.evaluation.baselines import BOOSTING, RULES, load_baselines
from simbox.evaluation.baselines.rules import shared_handset, volume_and_ratio

BASELINES, LEFT_OUT = load_baselines()

SIM = {"imsi": 1, "window_nights": 1, "active_nights": 1.0, "mo_calls": 20.0, "mt_calls": 2.0, "callees": 10.0}
SIM |= {"sms_mo": 0.0, "sms_mt": 0.0, "sms_recipients": 0.0, "places": 6.0, "sims_on_imei": 1.0}


def rule(*rows: dict) -> dict:
    [found] = volume_and_ratio(pl.DataFrame([SIM | row for row in rows])).to_dicts()
    return found


@pytest.mark.parametrize(
    ("change", "flagged"),
    [
        ({}, True),
        ({"mo_calls": 9.0, "mt_calls": 0.0, "callees": 9.0}, False),
        ({"active_nights": 3.0}, False),
        ({"mt_calls": 3.0}, False),
        ({"callees": 9.0}, False),
        ({"places": 7.0}, False),
        ({"places": None}, False),
        ({"mo_calls": 0.0, "callees": 0.0, "sms_mo": 20.0, "sms_mt": 2.0, "sms_recipients": 10.0}, True),
        ({"mo_calls": 0.0, "mt_calls": 0.0, "callees": 0.0}, False),
    ],
)
def test_a_sim_is_reported_that_passes_all_four_limits(change, flagged):
    found = rule(change)
    assert found["flagged"] is flagged
    assert (found["score"] >= 4) is flagged


def test_one_window_is_enough():
    assert rule({"window_nights": 1}, {"window_nights": 7, "mt_calls": 500.0})["flagged"]


def test_ranked_by_limits_passed_then_by_volume():
    three_limits_loud = rule({"mo_calls": 900.0, "callees": 900.0, "places": 20.0})["score"]
    all_limits_quiet = rule({"mo_calls": 20.0})["score"]
    all_limits_loud = rule({"mo_calls": 40.0, "callees": 40.0})["score"]
    assert three_limits_loud < all_limits_quiet < all_limits_loud


def test_many_sims_in_one_handset():
    features = pl.DataFrame(
        [SIM | {"sims_on_imei": 49.0}, SIM | {"imsi": 2, "sims_on_imei": 50.0}, SIM | {"imsi": 3, "sims_on_imei": None}]
    )
    assert shared_handset(features).rows() == [(1, 49.0, False), (2, 50.0, True), (3, 0.0, False)]


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_answers_once_for_each_sim(sample_run, name):
    features = pl.read_parquet(sample_run.out / "features.parquet")
    found = BASELINES[name](features)
    assert found.schema == {"imsi": pl.Int64, "score": pl.Float64, "flagged": pl.Boolean}
    assert found["imsi"].to_list() == features["imsi"].unique().sort().to_list()
    assert found["score"].null_count() == found["flagged"].null_count() == 0


def test_none_is_left_out_of_the_package():
    assert LEFT_OUT == []
    assert list(BASELINES) == [*RULES, BOOSTING]


def test_a_baseline_without_its_model_is_left_out_and_named(tmp_path):
    baselines, [why] = load_baselines(tmp_path / "absent.npz")
    assert baselines == RULES
    assert BOOSTING in why
    assert "absent.npz is missing" in why
