"""CDRS to COVERAGE and ACTIVITY: the little of the records that people are shown."""

from collections.abc import Sequence

import polars as pl

from simbox.tables.cdrs import CODE_SENDERS
from simbox.tables.shown import ACTIVITY, COVERAGE

COVERAGE_COLUMNS = ("night", "operator", "imsi", "imei", "cell", "service", "direction", "other_kind")
DETECTABLE_EVENTS = 5

_SPOKEN = pl.col("service").is_in(["voice", "sms"])
_MADE = _SPOKEN & (pl.col("direction") == "mo")
_CODE = (pl.col("service") == "sms") & (pl.col("direction") == "mt") & pl.col("other_kind").is_in(CODE_SENDERS)


def count_records(cdrs: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """COVERAGE of some SIMs' records, to be added to that of the others by `join_coverage`."""
    # Told before the SIMs are apart: inside a group the list of cells would be held once for each SIM.
    by_sim = (
        cdrs.with_columns(is_located=pl.col("cell").is_in(places["cell"].implode()))
        .group_by("night", "operator", "imsi")
        .agg(
            records=pl.len(),
            with_imei=pl.col("imei").count(),
            with_cell=pl.col("cell").count(),
            located=pl.col("is_located").sum(),
            events=(_MADE | _CODE).sum(),
        )
        .with_columns(pl.col("operator").cast(pl.String))
    )
    return COVERAGE.conform(
        by_sim.group_by("night", "operator").agg(
            pl.col("records", "with_imei", "with_cell", "located").cast(pl.Int64).sum(),
            sims=pl.len(),
            active_sims=(pl.col("events") > 0).sum(),
            detectable_sims=(pl.col("events") >= DETECTABLE_EVENTS).sum(),
        )
    )


def join_coverage(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """COVERAGE of SIMs of which no two parts hold the same."""
    counted = [column for column in COVERAGE.names if column not in COVERAGE.key]
    return COVERAGE.conform(pl.concat([COVERAGE.empty(), *parts]).group_by(COVERAGE.key).agg(pl.col(counted).sum()))


def member_activity(records: pl.DataFrame, members: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """ACTIVITY from placed records, MEMBERS and the ranks of a rig's places (rig_id, place, place_rank)."""
    local_min = pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min").fill_null(0).cast(pl.Int64)
    placed = (
        records.join(members.select("rig_id", "imsi"), on="imsi")
        .join(places.select("rig_id", "place", "place_rank"), on=["rig_id", "place"], how="left")
        .with_columns(hour=(local_min % 1440 // 60).cast(pl.Int8))
    )
    received = _SPOKEN & (pl.col("direction") == "mt")
    counted = placed.group_by(ACTIVITY.key).agg(
        imei_count=pl.col("imei").drop_nulls().n_unique(),
        legs=pl.len(),
        calls_made=(_MADE & (pl.col("service") == "voice")).sum(),
        sms_sent=(_MADE & (pl.col("service") == "sms")).sum(),
        received=received.sum(),
    )
    for column in ("imei", "place_rank"):
        counted = counted.join(_most_used(placed, column), on=ACTIVITY.key, how="left")
    return ACTIVITY.conform(counted)


def _most_used(placed: pl.DataFrame, column: str) -> pl.DataFrame:
    """For each hour of a member the value of most of its records, the smallest of several."""
    used = placed.filter(pl.col(column).is_not_null()).group_by(*ACTIVITY.key, column).agg(times=pl.len())
    ordered = used.sort(*ACTIVITY.key, "times", column, descending=[*[False] * len(ACTIVITY.key), True, False])
    return ordered.unique(ACTIVITY.key, keep="first", maintain_order=True).drop("times")
