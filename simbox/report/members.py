"""A rig's cards as rows of the page, and which of them are drawn where not all can be seen."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from simbox.report.naming import Naming
from simbox.tables.listed import DECISION, STATE
from simbox.tables.reference import REGISTRATION
from simbox.tables.rigs import ROLE

# What a row's numbers stand for; the page has these words once.
DECISIONS = (*DECISION.categories, "exempted", "not listed")
STATES = tuple(STATE.categories)
ROLES = tuple(ROLE.categories)
REGISTRATIONS = tuple(REGISTRATION.categories)
NOT_KNOWN = -1

_LISTED = ("rig_id", "imsi", "rank", "decision", "msisdn", "operator", "registration", "state")


def describe_members(
    members: pl.DataFrame, seizure_list: pl.DataFrame, review: pl.DataFrame, scores: pl.DataFrame
) -> pl.DataFrame:
    """MEMBERS with what the lists and SCORES say of each, rig by rig in the order they joined."""
    exempted = review.select(_LISTED).with_columns(rank=pl.lit(None, dtype=pl.Int32), decision=pl.lit("exempted"))
    listed = pl.concat([seizure_list.select(_LISTED).with_columns(pl.col("decision").cast(pl.String)), exempted])
    scored = scores.select("imsi", "evidence", sim_probability="probability", recorded_by="operator")
    silent = pl.when(pl.col("left_at").is_null()).then(pl.lit("live")).otherwise(pl.lit("silent"))
    return (
        members.join(
            listed.unique(["rig_id", "imsi"], keep="first", maintain_order=True), on=["rig_id", "imsi"], how="left"
        )
        .join(scored, on="imsi", how="left")
        .with_columns(
            pl.col("decision").fill_null("not listed"),
            operator=pl.coalesce("operator", "recorded_by", pl.lit("")),
            registration=pl.col("registration").cast(pl.String).fill_null("unknown"),
            state=pl.coalesce(pl.col("state").cast(pl.String), silent),
        )
        .sort("rig_id", "joined_at", "imsi")
    )


def member_columns(rows: pl.DataFrame, naming: Naming, first_night: date) -> dict[str, Any]:
    """One rig's described members, a list for each column; instants are minutes since the first night began in UTC."""
    operators = sorted(set(rows["operator"]))
    begins = datetime.combine(first_night, datetime.min.time()) - timedelta(days=1)
    minutes = (pl.col("joined_at", "left_at").dt.replace_time_zone(None) - begins).dt.total_minutes()
    numbers = rows.with_row_index("replaced").select(replaces_imsi="imsi", replaced=pl.col("replaced").cast(pl.Int64))
    coded = rows.join(numbers, on="replaces_imsi", how="left", maintain_order="left").with_columns(
        minutes.fill_null(NOT_KNOWN),
        pl.col("replaced", "rank").fill_null(NOT_KNOWN),
        per_mille=(pl.coalesce("sim_probability", "probability") * 1000).round(0).cast(pl.Int32),
        evidence=pl.col("evidence").fill_null(0),
    )
    return {
        "operators": operators,
        "begins": begins.strftime("%Y-%m-%dT%H:%MZ"),
        "sim": naming.sims(rows["imsi"]),
        "msisdn": naming.msisdns(rows["msisdn"]),
        "operator": [operators.index(name) for name in rows["operator"]],
        "registration": _codes(rows["registration"], REGISTRATIONS),
        "decision": _codes(rows["decision"], DECISIONS),
        "state": _codes(rows["state"], STATES),
        "role": _codes(rows["role"], ROLES),
        "rank": coded["rank"].to_list(),
        "per_mille": coded["per_mille"].to_list(),
        "evidence": coded["evidence"].to_list(),
        "joined": coded["joined_at"].to_list(),
        "left": coded["left_at"].to_list(),
        "replaces": coded["replaced"].to_list(),
    }


def choose_drawn(rows: pl.DataFrame, activity: pl.DataFrame, limit: int) -> pl.DataFrame:
    """The members to draw, as (number, imsi): all of them, or those of the busiest IMEIs, IMEI by IMEI.

    Cards that followed one another in a handset stay together, so that what is left out hides no rotation.
    """
    numbered = rows.select("imsi").with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
    if rows.height <= limit:
        return numbered
    used = activity.group_by("imsi", "imei").agg(pl.col("legs").cast(pl.Int64).sum())
    main = used.sort("imsi", "legs", "imei", descending=[False, True, False], nulls_last=True).unique(
        "imsi", keep="first", maintain_order=True
    )
    # A card whose handset is not known stands for itself; IMSIs and IMEIs can't be taken for one another below.
    main = main.with_columns(handset=pl.coalesce("imei", -pl.col("imsi")))
    busy = main.with_columns(busy=pl.col("legs").sum().over("handset"))
    return (
        numbered.join(busy.select("imsi", "handset", "busy"), on="imsi", how="left")
        .sort("busy", "handset", "number", descending=[True, False, False], nulls_last=True)
        .head(limit)
        .select("number", "imsi")
        .sort("number")
    )


def _codes(words: pl.Series, known: tuple[str, ...]) -> list[int]:
    places = {word: number for number, word in enumerate(known)}
    return [places[word] for word in words.cast(pl.String)]
