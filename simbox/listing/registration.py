"""Whether a SIM is registered, as of a night."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from simbox.tables.reference import REGISTRATION

LEAST_COVERAGE = 0.5
DETAILS = ("msisdn", "iccid", "registration", "activated_on", "dealer")


def look_up_owners(
    sims: pl.DataFrame, seen: pl.Series, subscribers: pl.DataFrame, networks: Mapping[str, str], night: date
) -> pl.DataFrame:
    """SIMs (imsi, first_night) with `home_operator` and the subscriber's details valid on the night.

    A home IMSI absent from a complete snapshot is unregistered, a foreign one a roamer. Where the snapshot is absent,
    older than the SIM's first record, or covers less than half of that operator's own SIMs `seen`, it is unknown.
    `networks` maps MCC-MNC (`40177`) to the operator's key.
    """
    valid = subscribers.filter(
        pl.col("valid_from").fill_null(night).le(night) & pl.col("valid_to").fill_null(night).ge(night)
    )
    rows = valid.sort("imsi", "valid_from", "msisdn", nulls_last=True).unique("imsi", keep="last", maintain_order=True)
    complete = _complete_snapshots(seen, rows, networks)
    owners = _with_home(sims, networks).join(
        rows.select("imsi", *DETAILS), on="imsi", how="left", maintain_order="left"
    )
    absent = (
        pl.when(pl.col("home_operator").is_null())
        .then(pl.lit("roamer"))
        .when(pl.col("covered") & pl.col("snapshot_on").fill_null(night).ge(pl.col("first_night")))
        .then(pl.lit("unregistered"))
        .otherwise(pl.lit("unknown"))
        .cast(REGISTRATION)
    )
    return (
        owners.join(complete, on="home_operator", how="left", maintain_order="left")
        .with_columns(pl.col("covered").fill_null(value=False))
        .with_columns(registration=pl.coalesce("registration", absent))
        .drop("covered", "snapshot_on")
    )


def _with_home(sims: pl.DataFrame, networks: Mapping[str, str]) -> pl.DataFrame:
    """`home_operator` by the longest MCC-MNC that the IMSI begins with; null for a foreign one."""
    digits = pl.col("imsi").cast(pl.String).str.zfill(15)
    by_three = digits.str.slice(0, 6).replace_strict(dict(networks), default=None, return_dtype=pl.String)
    by_two = digits.str.slice(0, 5).replace_strict(dict(networks), default=None, return_dtype=pl.String)
    return sims.with_columns(home_operator=pl.coalesce(by_three, by_two))


def _complete_snapshots(seen: pl.Series, rows: pl.DataFrame, networks: Mapping[str, str]) -> pl.DataFrame:
    known = rows.select("imsi", "snapshot_on", listed=pl.lit(True))
    coverage = (
        _with_home(pl.DataFrame({"imsi": seen}).unique(), networks)
        .join(known, on="imsi", how="left")
        .group_by("home_operator")
        .agg(
            share=pl.col("listed").is_not_null().sum() / pl.len(),
            snapshot_on=pl.col("snapshot_on").max(),
        )
    )
    return coverage.select("home_operator", "snapshot_on", covered=pl.col("share") >= LEAST_COVERAGE)
