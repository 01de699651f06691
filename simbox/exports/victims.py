"""Whom a rig called or wrote to, so that operators can warn the people they serve."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from simbox.config import Numbers, Operator
from simbox.exports.chosen import file_part
from simbox.tables.evidence import VICTIMS
from simbox.telecom import numbering
from simbox.telecom.identifiers import ALPHANUMERIC_BIT
from simbox.telecom.printing import csv_text

# Short codes and senders with a name are services, not people.
SERVICES = ("short_code", "alphanumeric", "withheld")
UNKNOWN = "unknown"


def find_victims(
    records: pl.DataFrame, members: pl.DataFrame, numbers: Numbers, operators: Mapping[str, Operator]
) -> pl.DataFrame:
    """VICTIMS of rigs, from the CDRS of their members; members' own numbers are left out.

    Who serves a number: the network that recorded it as its own, else the longest configured prefix that it has.
    """
    spoken = records.filter(
        pl.col("service").is_in(["voice", "sms"])
        & pl.col("other_party").is_not_null()
        & (pl.col("other_party") < ALPHANUMERIC_BIT)
        & ~pl.col("other_kind").is_in(SERVICES)
    ).join(members.select("rig_id", "imsi"), on="imsi", how="inner")
    inside = records.select(other_party="msisdn").drop_nulls().unique()
    spoken = spoken.join(inside, on="other_party", how="anti")
    keys = ["rig_id", "other_party"]
    made, voice = pl.col("direction") == "mo", pl.col("service") == "voice"
    answered = voice & pl.col("answered").fill_null(pl.col("duration_s") > 0)
    reached = (
        spoken.filter(made)
        .group_by(keys)
        .agg(
            calls=voice.sum().cast(pl.Int32),
            answered_calls=answered.sum().cast(pl.Int32),
            seconds=pl.when(answered).then(pl.col("duration_s")).otherwise(0).cast(pl.Int64).sum(),
            sms_count=(~voice).sum().cast(pl.Int32),
            first_at=pl.col("started_at").min(),
            last_at=pl.col("started_at").max(),
        )
        .with_columns(minutes=pl.col("seconds") / 60)
    )
    rung = spoken.filter(pl.col("direction") == "mt").group_by(keys).agg(rang_at=pl.col("started_at").max())
    found = (
        reached.join(_kinds(spoken.filter(made)), on=keys, how="left")
        .join(rung, on=keys, how="left")
        .with_columns(called_back=(pl.col("rang_at") > pl.col("first_at")).fill_null(value=False))
    )
    return VICTIMS.conform(_with_operators(found, numbers, operators))


def export_victims(victims: pl.DataFrame, *, redact: bool = False) -> dict[str, bytes]:
    """victims-OPERATOR.csv for each operator that serves some, victims-unknown.csv for the rest."""
    served = victims.with_columns(pl.col("serving_operator").fill_null(UNKNOWN).alias("file"))
    return {
        f"victims-{file_part(operator)}.csv": csv_text(
            served.filter(pl.col("file") == operator).drop("file"), redact=redact
        ).encode()
        for operator in served["file"].unique().sort()
    }


def _kinds(made: pl.DataFrame) -> pl.DataFrame:
    """(rig_id, other_party, kind, own_operator): the commonest kind, and the network that has it as its own."""
    kinds = (
        made.group_by("rig_id", "other_party", kind="other_kind")
        .agg(legs=pl.len())
        .sort("rig_id", "other_party", "legs", "kind", descending=[False, False, True, False])
        .unique(["rig_id", "other_party"], keep="first", maintain_order=True)
        .drop("legs")
    )
    own = (
        made.filter(pl.col("other_kind") == "on_net")
        .group_by("rig_id", "other_party")
        .agg(own_operator=pl.col("operator").cast(pl.String).min())
    )
    return kinds.join(own, on=["rig_id", "other_party"], how="left")


def _with_operators(found: pl.DataFrame, numbers: Numbers, operators: Mapping[str, Operator]) -> pl.DataFrame:
    names: Sequence[str] = sorted(operators)
    plan = numbering.make_plan(numbers, operators, names)
    codes = numbering.owner_or_kind(found["other_party"].to_numpy(), plan)
    by_prefix = pl.Series(
        "by_prefix", np.array([*names, ""], dtype=object)[np.where(codes >= 0, codes, len(names))].tolist(), pl.String
    )
    return (
        found.with_columns(by_prefix)
        .with_columns(by_prefix=pl.when(pl.col("by_prefix") != "").then("by_prefix"))
        .with_columns(
            serving_operator=pl.coalesce("own_operator", "by_prefix"),
            operator_from=pl.when(pl.col("own_operator").is_not_null())
            .then(pl.lit("records"))
            .when(pl.col("by_prefix").is_not_null())
            .then(pl.lit("prefix")),
        )
    )
