"""Every section of an evaluation, each figure counted by hand on the drawn run (see conftest)."""

from datetime import date
from math import pi

import polars as pl
import pytest

from simbox.evaluation.by_night import judge_by_night
from simbox.evaluation.links import judge_links
from simbox.evaluation.lists import judge_list
from simbox.evaluation.pool import read_pool
from simbox.evaluation.rigs import judge_rigs
from simbox.evaluation.sims import judge_sims, rank_sims
from simbox.evaluation.throughput import judge_throughput, recall_by_throughput
from simbox.evaluation.times import judge_times

RULE = {"run": pl.Int32, "baseline": pl.String, "imsi": pl.Int64, "score": pl.Float64, "flagged": pl.Boolean}
RULE |= {"first_flagged_night": pl.Date}


@pytest.fixture
def rankings(pool):
    """Ours, and a rule that reports SIM 1 and, on the second night, the courier, and knows nobody else."""
    rule = [(1, "rule", 401_770_000_000_000 + sim, 1.0, True, date(2025, 3, night)) for sim, night in ((1, 1), (12, 2))]
    return rank_sims(pool, pl.DataFrame(rule, schema=RULE, orient="row"))


@pytest.fixture
def sims(pool, rankings):
    """The section on SIMs."""
    return judge_sims(pool, rankings)


def test_recall_at_the_shipped_threshold(sims, find):
    ours = find(sims["rankings"], name="simbox")
    everybody = find(ours["recall"], population="active", by="all")
    assert (everybody["rigs"], everybody["sims"]) == (2, 7)
    assert everybody["recall"]["flagged"]["value"] == pytest.approx(4 / 7)
    assert everybody["recall_of_calls"]["flagged"]["value"] == pytest.approx(50 / 62)
    assert everybody["worst_rig"] == pytest.approx(1 / 3)
    detectable = find(ours["recall"], population="detectable", by="all")
    assert detectable["sims"] == 5
    assert detectable["recall"]["flagged"]["value"] == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    ("by", "group", "sims_in_it", "share"),
    [
        ("level", "E0", 4, 3 / 4),
        ("level", "E1", 3, 1 / 3),
        ("kind", "vishing", 3, 1 / 3),
        ("modifier", "copied", 4, 3 / 4),
        ("window", "1", 2, 1.0),
        ("window", "7", 4, 2 / 4),
    ],
)
def test_recall_by_group(sims, find, by, group, sims_in_it, share):
    row = find(find(sims["rankings"], name="simbox")["recall"], population="active", by=by, group=group)
    assert row["sims"] == sims_in_it
    assert row["recall"]["flagged"]["value"] == pytest.approx(share)


def test_five_innocents_tell_no_rate(sims):
    assert sims["innocents"] == 5
    for ranking in sims["rankings"]:
        assert set(ranking["thresholds"].values()) == {None}
        assert all(row["recall"]["0.001"] is None for row in ranking["recall"])
        assert all(curve == [] for curve in ranking["curves"].values())


def test_realised_false_positives(sims, find):
    ours, alone, rule = (find(sims["rankings"], name=name) for name in ("simbox", "simbox, SIMs alone", "rule"))
    assert (ours["false_alarms"], ours["false_positive_rate"]) == (1, 0.2)
    assert (rule["false_alarms"], rule["false_positive_rate"]) == (1, 0.2)
    assert alone["false_alarms"] is None
    assert find(rule["recall"], population="active", by="all")["recall"]["flagged"]["value"] == pytest.approx(1 / 7)


@pytest.mark.parametrize(("band", "recall", "false_alarms"), [("watch", 5, 2), ("suspect", 5, 1), ("strong", 3, 1)])
def test_bands(sims, find, band, recall, false_alarms):
    row = find(sims["bands"], band=band)
    assert row["recall"] == pytest.approx(recall / 7)
    assert row["false_alarms"] == false_alarms


def test_false_alarms_a_night(sims):
    # Eight nights of innocents; SIM 8 stands on the list for both of its.
    assert sims["false_alarms_a_night"] == {
        "sim_nights": 8,
        "suspect": {"standing_a_million": 250_000.0, "new_a_million": 125_000.0},
        "listed": {"standing_a_million": 250_000.0, "new_a_million": 125_000.0},
    }


def test_false_alarms_by_segment(sims, find):
    ordinary, courier = (find(sims["segments"], segment=name) for name in ("ordinary", "courier"))
    assert (ordinary["innocents"], ordinary["listed"]["false_alarms"]) == (4, 1)
    assert ordinary["listed"]["false_positive_rate"] == 0.25
    assert courier["listed"] == {
        "false_alarms": 0,
        "false_positive_rate": 0.0,
        "false_positive_rate_at_most": pytest.approx(0.95),
    }


def test_the_list(pool, find):
    row = find(judge_list(pool), list="to act on")
    assert (row["sims"], row["innocents"], row["precision"]) == (5, 1, 0.8)
    assert row["recall"] == pytest.approx(4 / 7)
    assert row["innocents_by_segment"] == {"ordinary": 1}
    assert row["innocents_a_million_subscribers"] == pytest.approx(1e6 / 6)
    assert row["expected_innocents"] == pytest.approx(0.5)
    assert row["observed_of_expected"] == pytest.approx(2.0)
    assert row["precision_at_prevalence"]["0.0001"] == pytest.approx(4e-4 / 7 / (4e-4 / 7 + 0.2 * 0.9999))
    assert row["precision_at_least"]["0.0001"] < row["precision_at_prevalence"]["0.0001"]
    assert find(judge_list(pool), list="seize")["precision"] == 1.0
    assert find(judge_list(pool), list="watch")["sims"] == 1


def test_rigs(pool, find):
    found = judge_rigs(pool)
    everybody = find(found["groups"], by="all")
    assert everybody["b_cubed"]["precision"] == pytest.approx((3 * 3 / 4 + 2) / 6)
    assert everybody["b_cubed"]["recall"] == pytest.approx((3 * 3 / 4 + 2 * 2 / 3) / 7)
    assert everybody["pairwise"]["precision"] == pytest.approx((3 + 1) / (6 + 1))
    assert everybody["pairwise"]["recall"] == pytest.approx((3 + 1) / (6 + 3))
    assert (everybody["touched"], everybody["recovered"]) == (0.5, 0.0)
    assert found["found"] == {
        "rigs": 2,
        "rigs_of_innocents": 0,
        "fused": 0,
        "true_rigs_each": 1.0,
        "innocents_each": 0.5,
        "innocents_worst": 1,
    }
    assert find(found["groups"], by="SIMs per port")["group"] == "up to 3"


def test_where_a_rig_stands_and_what_it_is(pool, find):
    row = find(judge_rigs(pool)["groups"], by="level", group="E0")
    assert (row["premises_in_region"], row["premises_found"]) == (1.0, 1.0)
    assert row["region_area_km2"] == pytest.approx(pi)
    assert (row["mast_right"], row["kind_right"]) == (1.0, 1.0)
    assert (row["ports_in_interval"], row["port_interval_width"]) == (1.0, 3.0)
    assert (row["fragments_each"], row["innocents_each"]) == (1.0, 1.0)


def test_two_sims_of_a_rig_are_no_part_of_it(pool, find):
    row = find(judge_rigs(pool)["groups"], by="level", group="E1")
    assert row["touched"] == 0.0
    assert row["premises_in_region"] is row["mast_right"] is row["kind_right"] is row["ports_in_interval"] is None


def test_names_of_rigs_between_nights(pool, find):
    stability = judge_rigs(pool)["stability"]
    assert find(stability, level="all") == {"level": "all", "sim_nights": 3, "same_share": pytest.approx(2 / 3)}


def test_false_links(pool):
    assert judge_links(pool) == {
        "strong_pairs": 4,
        "false_pairs": 3,
        "false_share": 0.75,
        "false_by_segment": {"ordinary": 2, "courier": 1, "two rigs": 1},
        "false_by_comparison": {"near_imsi": 1, "same_places": 1, "shared_callees": 1},
    }


def test_time_to_listing(pool, find):
    # Lists are there at midnight: 15 h and 39 h after nine in the morning. SIM 4, never seen, is at risk for 43 h.
    row = find(judge_times(pool), level="all")
    assert row["curve"] == [(15.0, pytest.approx(5 / 7)), (39.0, pytest.approx(3 / 7))]
    assert (row["sims"], row["listed"]) == (7, 4)
    assert (row["median_hours"], row["median_hours_of_listed"]) == (39.0, 27.0)
    assert (row["median_events_of_listed"], row["mean_events_of_listed"]) == (10.0, 10.0)
    assert row["prevented_share"] == pytest.approx(10 / 62)


def test_throughput_kept_against_naive_rigs_of_the_kind(pool, find):
    rows = judge_throughput(pool)
    naive = find(rows, level="E0")
    assert (naive["throughput_share"], naive["listed_share"]) == (1.0, 0.75)
    assert naive["listed_share_of_calls"] == pytest.approx(40 / 42)
    assert find(rows, level="E1")["throughput_share"] is None


def test_recall_by_what_rigs_keep(find):
    rig = {"level": "E0", "kind": "bypass"}
    rigs = [
        rig | {"sims": 30, "listed_share": 1.0, "throughput_share": 1.0, "listed_share_of_calls": 1.0},
        rig | {"sims": 10, "listed_share": 0.2, "throughput_share": 0.8, "listed_share_of_calls": 0.5},
        rig | {"sims": 5, "listed_share": 0.0, "throughput_share": 0.1, "listed_share_of_calls": None},
        rig | {"sims": 5, "listed_share": 1.0, "throughput_share": None, "listed_share_of_calls": 1.0},
    ]
    rows = recall_by_throughput(rigs)
    assert [(row["kept"], row["rigs"], row["sims"]) for row in rows] == [("up to 10 %", 1, 5), ("over 75 %", 2, 40)]
    assert rows[1]["recall"]["value"] == pytest.approx(32 / 40)
    assert rows[1]["recall_of_calls"]["value"] == pytest.approx(0.75)
    assert rows[0]["recall"] == {"value": 0.0, "low": None, "high": None}
    assert rows[0]["recall_of_calls"] is None


def test_what_is_reported_by_the_end_of_each_night(pool, rankings, find):
    rows = judge_by_night(pool, rankings)
    assert {row["judge"] for row in rows} == {"simbox", "rule"}
    # SIM 7 was not active before the second night; SIM 4 never came into the run.
    first, second = (find(rows, judge="simbox", night=night) for night in (1, 2))
    assert (first["reported"], first["rig_sims"]) == (3, 6)
    assert (first["precision"], first["recall"]) == (pytest.approx(2 / 3), pytest.approx(2 / 6))
    assert (second["precision"], second["recall"]) == (pytest.approx(4 / 5), pytest.approx(4 / 7))
    assert find(rows, judge="rule", night=1)["precision"] == 1.0
    assert find(rows, judge="rule", night=2)["precision"] == 0.5


def test_the_truths_own_throughput_and_calls_win(drawn):
    path = drawn.truth / "rigs.parquet"
    rigs = pl.read_parquet(path).with_columns(calls_delivered=pl.lit(21), throughput_share=pl.lit(0.3))
    rigs.write_parquet(path)
    pool = read_pool([drawn.run], [drawn.truth])
    assert {row["throughput_share"] for row in judge_throughput(pool)} == {0.3}
    # SIM 1 made 20 of its rig's 42 events.
    assert pool.sims.sort("imsi")["calls"][0] == pytest.approx(10.0)


def test_messages_do_not_drown_calls(drawn, find):
    for name in ("sims", "rigs"):
        path = drawn.truth / f"{name}.parquet"
        frame = pl.read_parquet(path).with_columns(kind=pl.col("kind").replace({"vishing": "sms_farm"}))
        if name == "rigs":
            frame = frame.with_columns(calls_delivered=pl.lit(42), sms_delivered=pl.lit(20_000))
        frame.write_parquet(path)
    pool = read_pool([drawn.run], [drawn.truth])
    rows = judge_sims(pool, rank_sims(pool, pl.DataFrame(schema=RULE)))["rankings"][0]["recall"]
    everybody = find(rows, population="active", by="all")["recall_of_calls"]["flagged"]["value"]
    farm = find(rows, population="active", by="kind", group="sms_farm")["recall_of_calls"]["flagged"]["value"]
    assert everybody == pytest.approx(40 / 42)
    assert farm == pytest.approx(10 / 20)


def test_two_worlds_pooled_count_twice_and_share_no_rig(drawn, pool, find):
    both = read_pool([drawn.run, drawn.run], [drawn.truth, drawn.truth])
    once, twice = judge_rigs(pool), judge_rigs(both)
    assert find(twice["groups"], by="all")["rigs"] == 2 * find(once["groups"], by="all")["rigs"]
    assert find(twice["groups"], by="all")["b_cubed"] == pytest.approx(find(once["groups"], by="all")["b_cubed"])
    assert judge_links(both)["false_pairs"] == 2 * judge_links(pool)["false_pairs"]
