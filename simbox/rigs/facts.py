"""What a rig is and does: kind, ports, handsets, cards live and burnt, minutes and SMS, from its members' records."""

import polars as pl

from simbox.rigs.comparisons import TAC_DIVISOR
from simbox.tables.rigs import RIG_KIND

# A port that works makes a call every few minutes: members at work within a quarter of an hour sit on ports.
PORT_WINDOW = "15m"
LEAST_CALLEES = 10
WEEK_NIGHTS = 7


def count_facts(member_records: pl.DataFrame, night: pl.Expr) -> pl.DataFrame:
    """One row for each rig_id with the counts of RIGS, from placed records of its members."""
    made = (pl.col("direction") == "mo") & pl.col("service").is_in(["voice", "sms"])
    calls = (pl.col("direction") == "mo") & (pl.col("service") == "voice")
    lives = (
        member_records.group_by("rig_id", "imsi")
        .agg(first_night=pl.col("night").min(), last_night=pl.col("night").max())
        .group_by("rig_id")
        .agg(
            live_count=(pl.col("last_night") == night).sum().cast(pl.Int32),
            burnt_count=(pl.col("last_night") < night).sum().cast(pl.Int32),
            newcomers=(pl.col("first_night") > pl.col("first_night").min()).sum(),
            nights=(night - pl.col("first_night").min()).dt.total_days(),
        )
        .with_columns(
            replaced_a_night=pl.when(pl.col("nights") > 0).then(pl.col("newcomers") / pl.col("nights")),
        )
        .with_columns(
            expected_unseen_count=(WEEK_NIGHTS * pl.col("newcomers") / pl.col("nights").replace(0, None))
            .round(0)
            .cast(pl.Int32)
        )
    )
    totals = member_records.group_by("rig_id").agg(
        operators=pl.col("operator").unique().cast(pl.String).sort().str.join(" "),
        sim_count=pl.col("imsi").n_unique().cast(pl.Int32),
        imei_count=pl.col("imei").drop_nulls().n_unique().cast(pl.Int32),
        tac_count=(pl.col("imei").drop_nulls() // TAC_DIVISOR).n_unique().cast(pl.Int32),
        first_at=pl.col("started_at").min(),
        last_at=pl.col("started_at").max(),
        minutes=pl.col("duration_s").filter(calls).cast(pl.Int64).sum() / 60,
        sms_count=((pl.col("service") == "sms") & made).sum().cast(pl.Int32),
    )
    return (
        totals.join(lives.drop("newcomers", "nights"), on="rig_id")
        .join(_ports(member_records), on="rig_id", how="left")
        .join(_kinds(member_records), on="rig_id", how="left")
        .with_columns(pl.col("ports_low", "ports", "ports_high").fill_null(1))
    )


def _ports(member_records: pl.DataFrame) -> pl.DataFrame:
    """Most members in calls at one instant (at least so many ports), and at work within a quarter of an hour."""
    spoken = member_records.filter(pl.col("service").is_in(["voice", "sms"]))
    calls = spoken.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))
    starts = calls.select("rig_id", at="started_at", step=pl.lit(1))
    ends = calls.select("rig_id", at=pl.col("started_at") + pl.duration(seconds="duration_s"), step=pl.lit(-1))
    at_once = (
        pl.concat([starts, ends])
        .sort("rig_id", "at", "step")
        .with_columns(running=pl.col("step").cum_sum().over("rig_id"))
        .group_by("rig_id")
        .agg(ports_low=pl.col("running").max().clip(1).cast(pl.Int32))
    )
    at_work = (
        spoken.filter(pl.col("direction") == "mo")
        .group_by("rig_id", quarter=pl.col("started_at").dt.truncate(PORT_WINDOW))
        .agg(sims=pl.col("imsi").n_unique())
        .group_by("rig_id")
        .agg(ports=pl.col("sims").max().cast(pl.Int32))
    )
    rigs = member_records.select("rig_id").unique()
    joined = rigs.join(at_once, on="rig_id", how="left").join(at_work, on="rig_id", how="left").fill_null(1)
    return joined.select(
        "rig_id",
        "ports_low",
        pl.max_horizontal("ports", "ports_low").alias("ports"),
        ports_high=(pl.max_horizontal("ports", "ports_low") * 3 / 2).ceil().cast(pl.Int32),
    )


def _kinds(member_records: pl.DataFrame) -> pl.DataFrame:
    """Bypass, vishing or sms_farm with a probability; unknown where under ten callees are seen.

    SMS sent and codes received against calls decide sms_farm. Between the others: a scammer's callees are new each
    time and called in office hours; a family abroad is called again, and in the evening.
    """
    local_hour = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min")) % 1440 // 60
    call = (pl.col("service") == "voice") & (pl.col("direction") == "mo")
    text = (pl.col("service") == "sms") & (
        (pl.col("direction") == "mo") | pl.col("other_kind").is_in(["alphanumeric", "short_code"])
    )
    habits = (
        member_records.with_columns(hour=local_hour)
        .group_by("rig_id")
        .agg(
            calls=call.sum(),
            texts=text.sum(),
            callees=pl.col("other_party").filter(call).n_unique(),
            office=(call & pl.col("hour").is_between(9, 17)).sum(),
        )
    )
    sms_share = pl.col("texts") / (pl.col("texts") + pl.col("calls")).clip(1)
    office_share = pl.col("office") / pl.col("calls").clip(1)
    fan_out = pl.col("callees") / pl.col("calls").clip(1)
    # Even chances at two thirds of calls in office hours and 85 % of callees new: between the survey's two habits.
    vishing_log_odds = 12 * (office_share - 0.67) + 8 * (fan_out - 0.85)
    vishing = 1 / (1 + (-vishing_log_odds).exp())
    kind = (
        pl.when(sms_share > 0.5)
        .then(pl.lit("sms_farm"))
        .when((pl.col("callees") < LEAST_CALLEES) | vishing.is_between(0.35, 0.65))
        .then(pl.lit("unknown"))
        .when(vishing > 0.5)
        .then(pl.lit("vishing"))
        .otherwise(pl.lit("bypass"))
        .cast(RIG_KIND)
    )
    certainty = pl.when(sms_share > 0.5).then(sms_share).otherwise(pl.max_horizontal(vishing, 1 - vishing))
    return habits.select("rig_id", kind=kind, kind_probability=certainty.round(4))
