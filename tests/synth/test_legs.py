"""One call leaves two legs that agree, written alike whoever made it."""

import polars as pl


def _pairs(records: pl.DataFrame) -> pl.DataFrame:
    talked = records.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))
    made = talked.filter(pl.col("direction") == "mo").select(
        "imsi", "rig", called="other_party", caller="msisdn", mo_at="started_at", mo_s="duration_s"
    )
    taken = talked.filter(pl.col("direction") == "mt").select(
        caller="other_party", called="msisdn", mt_at="started_at", mt_s="duration_s"
    )
    return (
        made.join(taken, on=["caller", "called"], how="left")
        .with_columns(delay_s=(pl.col("mt_at") - pl.col("mo_at")).dt.total_seconds())
        .with_columns(agrees=(pl.col("delay_s").abs() <= 2) & ((pl.col("mo_s") - pl.col("mt_s")).abs() <= 1))
    )


def test_both_legs_of_a_call_agree(records: pl.DataFrame) -> None:
    inside = set(records["msisdn"].drop_nulls().unique())
    pairs = _pairs(records).filter(pl.col("called").is_in(inside))
    found = pairs.group_by("imsi", "called", "mo_at").agg(pl.col("agrees").fill_null(False).any())
    # A few legs are lost, and some callers withhold their number.
    assert found["agrees"].mean() >= 0.98


def test_delay_between_legs_is_the_same_for_rigs_and_people(records: pl.DataFrame) -> None:
    agreeing = _pairs(records).filter(pl.col("agrees"))
    share = agreeing.group_by(pl.col("rig").is_not_null(), "delay_s").len()
    share = share.with_columns(pl.col("len") / pl.col("len").sum().over("rig")).pivot("rig", index="delay_s")
    assert share.select((pl.col("true").fill_null(0) - pl.col("false").fill_null(0)).abs().max()).item() < 0.05


def test_unanswered_calls_have_no_talk_time(records: pl.DataFrame) -> None:
    assert records.filter(~pl.col("answered") & (pl.col("duration_s") > 0)).is_empty()


def test_nobody_talks_twice_at_once(records: pl.DataFrame) -> None:
    talk = records.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0)).sort("imsi", "started_at")
    overlap = talk.select(
        (pl.col("started_at") + pl.duration(seconds="duration_s")).shift(1).over("imsi") > pl.col("started_at")
    ).to_series()
    assert overlap.mean() < 0.002
