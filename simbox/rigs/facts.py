"""What a rig is and does: kind, ports, handsets, cards live and burnt, minutes and SMS, from its members' records."""

import polars as pl

from simbox.rigs.comparisons import TAC_DIVISOR
from simbox.rigs.crowd import Crowd
from simbox.rigs.kinds import find_kinds

# A port that works makes a call every few minutes: members at work within a quarter of an hour sit on ports.
PORT_WINDOW = "15m"
WEEK_NIGHTS = 7


def count_facts(member_records: pl.DataFrame, crowd: Crowd, night: pl.Expr) -> pl.DataFrame:
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
        .join(find_kinds(member_records, crowd), on="rig_id", how="left")
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
