"""Rigs over nights: a rig keeps its rig_id while its SIMs are replaced."""

import hashlib
from datetime import date

import polars as pl

from simbox.tables.rigs import RIG_STATUS

QUIET_NIGHTS = 3
GROWTH = 1.2


def name_groups(groups: pl.DataFrame, previous_members: pl.DataFrame, night: date) -> pl.DataFrame:
    """(group, rig_id) for (group, imsi): the previous rig that shares most SIMs with it, or a name of its own.

    A previous rig goes to one group only, the one that shares most; a new name is a digest of founders and night.
    """
    shared = (
        groups.join(previous_members.select("rig_id", "imsi"), on="imsi")
        .group_by("group", "rig_id")
        .agg(common=pl.len())
        .sort("common", "group", "rig_id", descending=[True, False, False])
    )
    names: dict[int, str] = {}
    for group, rig_id, _ in shared.iter_rows():
        if group not in names and rig_id not in names.values():
            names[group] = rig_id
    for (group,), founders in groups.sort("group", "imsi").group_by("group", maintain_order=True):
        if group not in names:
            names[int(str(group))] = _new_name(founders["imsi"].to_list(), night)
    return pl.DataFrame(
        {"group": list(names), "rig_id": list(names.values())}, schema={"group": pl.Int64, "rig_id": pl.String}
    ).sort("group")


def status_of(rigs: pl.DataFrame, previous: pl.DataFrame, night: date) -> pl.DataFrame:
    """RIGS rows with their status against the night before: sim_count, live_count, site and last_at must be there."""
    before = previous.select("rig_id", sims_before="sim_count", site_before="site", status_before="status")
    silent = (pl.lit(night) - pl.col("last_at").dt.date()).dt.total_days()
    status = (
        pl.when(pl.col("sims_before").is_null())
        .then(pl.lit("new"))
        .when(silent > QUIET_NIGHTS)
        .then(pl.lit("dissolved"))
        .when(pl.col("live_count") == 0)
        .then(pl.lit("quiet"))
        .when(pl.col("site").ne_missing(pl.col("site_before")))
        .then(pl.lit("moved"))
        .when(pl.col("sim_count") >= pl.col("sims_before") * GROWTH)
        .then(pl.lit("growing"))
        .otherwise(pl.lit("steady"))
        .cast(RIG_STATUS)
    )
    return rigs.join(before, on="rig_id", how="left", maintain_order="left").with_columns(status=status)


def _new_name(founders: list[int], night: date) -> str:
    text = ",".join(str(imsi) for imsi in founders)
    digest = hashlib.blake2b(f"{night.isoformat()} {text}".encode(), digest_size=5).hexdigest()
    return f"R{night:%Y%m%d}-{digest}"
