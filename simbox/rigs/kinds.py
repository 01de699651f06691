"""What a rig is for: passing calls from abroad off as local, scam calls, or SMS; told by whom it reaches and when."""

import polars as pl

from simbox.rigs.crowd import Crowd
from simbox.tables.cdrs import CODE_SENDERS
from simbox.tables.rigs import RIG_KIND

# Of so few callees that a feed serves nothing can be said.
LEAST_VISIBLE = 10
# So few calls from abroad before a rig's first one say nothing of a fall.
LEAST_BEFORE = 10
# Which share of a rig's visible callees are called from abroad as well: of a scammer's as many as of anybody's (a tenth
# in drawn worlds), of a bypass' a third, for a family abroad does not always get through the same way.
EVEN_ABROAD_SHARE = 0.2
UNSURE = (0.35, 0.65)


def find_kinds(member_records: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(rig_id, kind, kind_probability): bypass, vishing or sms_farm; unknown where under ten callees are visible.

    SMS sent and codes received against calls decide sms_farm. Between the others: a family abroad is called again, and
    in the evening, and its number receives calls from abroad, which become fewer once the rig lands them; a scammer's
    callees are new each time, called in office hours, and no more called from abroad than anybody.
    """
    local_hour = (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min")) % 1440 // 60
    call = (pl.col("service") == "voice") & (pl.col("direction") == "mo")
    text = (pl.col("service") == "sms") & ((pl.col("direction") == "mo") | pl.col("other_kind").is_in(CODE_SENDERS))
    habits = (
        member_records.with_columns(hour=local_hour)
        .group_by("rig_id")
        .agg(
            calls=call.sum(),
            texts=text.sum(),
            callees=pl.col("other_party").filter(call).n_unique(),
            office=(call & pl.col("hour").is_between(9, 17)).sum(),
        )
        .join(_calls_from_abroad(member_records.filter(call), crowd), on="rig_id", how="left")
        .with_columns(pl.col("visible").fill_null(0), pl.col("abroad_share", "fall").fill_null(0.0))
    )
    sms_share = pl.col("texts") / (pl.col("texts") + pl.col("calls")).clip(1)
    office_share = pl.col("office") / pl.col("calls").clip(1)
    fan_out = pl.col("callees") / pl.col("calls").clip(1)
    # Even chances at two thirds of calls in office hours and 85 % of callees new: between the survey's two habits.
    # What few visible callees say of the others is half as much for ten of them.
    known = pl.col("visible") / (pl.col("visible") + LEAST_VISIBLE)
    log_odds = (
        12 * (office_share - 0.67)
        + 8 * (fan_out - 0.85)
        - known * (20 * (pl.col("abroad_share") - EVEN_ABROAD_SHARE) + 2 * pl.col("fall"))
    )
    vishing = 1 / (1 + (-log_odds).exp())
    kind = (
        pl.when(sms_share > 0.5)
        .then(pl.lit("sms_farm"))
        .when((pl.col("visible") < LEAST_VISIBLE) | vishing.is_between(*UNSURE))
        .then(pl.lit("unknown"))
        .when(vishing > 0.5)
        .then(pl.lit("vishing"))
        .otherwise(pl.lit("bypass"))
        .cast(RIG_KIND)
    )
    certainty = pl.when(sms_share > 0.5).then(sms_share).otherwise(pl.max_horizontal(vishing, 1 - vishing))
    return habits.select("rig_id", kind=kind, kind_probability=certainty.round(4))


def _calls_from_abroad(calls: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(rig_id, visible, abroad_share, fall) of the callees of rigs' calls that a feed serves: how many, the share of
    them that is called from abroad, and by how much such calls are fewer a night since the rig's first call to each."""
    last_night = calls["night"].max()
    begins = crowd.sims_at_place["night"].min()
    callees = (
        calls.group_by("rig_id", msisdn="other_party")
        .agg(since=pl.col("night").min())
        .join(crowd.numbers.select("msisdn").unique(), on="msisdn", how="semi")
        .with_columns(
            nights_before=(pl.col("since") - pl.lit(begins, dtype=pl.Date)).dt.total_days(),
            nights_after=(pl.lit(last_night, dtype=pl.Date) - pl.col("since")).dt.total_days() + 1,
        )
    )
    is_before = pl.col("night") < pl.col("since")
    received = (
        callees.join(crowd.from_abroad, on="msisdn")
        .group_by("rig_id", "msisdn")
        .agg(
            before=pl.col("calls").filter(is_before).sum().cast(pl.Int64),
            after=pl.col("calls").filter(~is_before).sum().cast(pl.Int64),
        )
    )
    total = callees.join(received, on=["rig_id", "msisdn"], how="left").group_by("rig_id").agg(
        pl.len().alias("visible"),
        abroad_share=(pl.col("before").is_not_null()).mean(),
        **{name: pl.col(name).sum() for name in ("before", "after", "nights_before", "nights_after")},
    )  # fmt: skip
    left = pl.col("after") * pl.col("nights_before") / (pl.col("before") * pl.col("nights_after"))
    fall = pl.when(pl.col("before") >= LEAST_BEFORE).then((1 - left).clip(0, 1))
    return total.select("rig_id", "visible", "abroad_share", fall=fall)
