"""Where a rig's radio stands: places with the region that holds the gateway, the cells that served it, and the hours.

A place is always "radio of the gateway": the cards may be kept elsewhere and reach it over the network.
"""

from typing import NamedTuple

import polars as pl

from simbox.rigs.regions import find_regions
from simbox.tables.rigs import SITES
from simbox.telecom.identifiers import print_cell

LEAST_SHARE = 0.05
CELLS_SHOWN = 4
RAID_HOURS = 3


class Located(NamedTuple):
    """SITES, and the mast that serves each rig best at its first place that has a region (rig_id, lat, lon, site)."""

    sites: pl.DataFrame
    masts: pl.DataFrame


def locate(member_records: pl.DataFrame, places: pl.DataFrame, zones: pl.DataFrame, night: pl.Expr) -> Located:
    """From placed records of members (with rig_id), PLACES, and the zone's name by operator."""
    located = member_records.filter(pl.col("place").is_not_null()).join(
        places.select("cell", "azimuth_deg"), on="cell", how="left"
    )
    shares = (
        located.group_by("rig_id", "place")
        .agg(
            legs=pl.len(),
            first_at=pl.col("started_at").min(),
            last_at=pl.col("started_at").max(),
            live_now=(pl.col("night") == night).any(),
        )
        .with_columns(all_legs=pl.col("legs").sum().over("rig_id"))
        .with_columns(event_share=pl.col("legs") / pl.col("all_legs"))
        .filter((pl.col("event_share") >= LEAST_SHARE) | (pl.col("legs") == pl.col("legs").max().over("rig_id")))
        .sort("rig_id", "legs", "place", descending=[False, True, False])
        .with_columns(place_rank=(pl.int_range(pl.len()).over("rig_id") + 1).cast(pl.Int32))
    )
    kept = located.join(shares.select("rig_id", "place"), on=["rig_id", "place"], how="semi")
    legs = located.group_by("rig_id", "place", "cell").agg(legs=pl.len())
    regions = shares.join(find_regions(legs, shares, places), on=["rig_id", "place"], how="left")
    sites = SITES.conform(
        regions.join(_main_cells(kept), on=["rig_id", "place"], how="left")
        .join(_raid_windows(kept, zones), on=["rig_id", "place"], how="left")
        .with_columns(pl.col("raid_windows").fill_null(""))
    )
    masts = regions.filter(pl.col("mast_lat").is_not_null()).sort("rig_id", "place_rank").unique("rig_id", keep="first")
    return Located(sites, masts.select("rig_id", lat="mast_lat", lon="mast_lon", site="site").sort("rig_id"))


def site_places(member_records: pl.DataFrame) -> pl.DataFrame:
    """(rig_id, place, place_rank) by the same order as SITES."""
    legs = member_records.filter(pl.col("place").is_not_null()).group_by("rig_id", "place").agg(legs=pl.len())
    return legs.sort("rig_id", "legs", "place", descending=[False, True, False]).select(
        "rig_id", "place", (pl.int_range(pl.len()).over("rig_id") + 1).cast(pl.Int32).alias("place_rank")
    )


def _main_cells(located: pl.DataFrame) -> pl.DataFrame:
    azimuth = (
        pl.when(pl.col("azimuth_deg").is_null())
        .then(pl.lit("all round"))
        .otherwise(pl.concat_str(pl.col("azimuth_deg").round(0).cast(pl.Int32).cast(pl.String), pl.lit(" deg")))
    )
    return (
        located.group_by("rig_id", "place", "operator", "cell")
        .agg(legs=pl.len(), azimuth_deg=pl.col("azimuth_deg").first())
        .with_columns(pl.col("operator").cast(pl.String))
        .sort("rig_id", "place", "legs", "cell", descending=[False, False, True, False])
        .group_by("rig_id", "place", maintain_order=True)
        .head(CELLS_SHOWN)
        .with_columns(text=pl.concat_str("operator", pl.lit(" "), print_cell(pl.col("cell")), pl.lit(" "), azimuth))
        .group_by("rig_id", "place", maintain_order=True)
        .agg(cells=pl.col("text").str.join("; "))
    )


def _raid_windows(located: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """The hours of the local day in which most members are live, busiest first, three at most."""
    local_hour = (
        (pl.col("started_at").dt.epoch("s") // 60 + pl.col("utc_offset_min")).cast(pl.Int64) % 1440 // 60
    ).alias("hour")
    live = (
        located.filter(pl.col("utc_offset_min").is_not_null())
        .with_columns(local_hour, pl.col("operator").cast(pl.String))
        .join(zones, on="operator", how="left")
        .group_by("rig_id", "place", "hour")
        .agg(sims=pl.struct("imsi", "night").n_unique(), zone=pl.col("zone").min())
        .sort("rig_id", "place", "sims", "hour", descending=[False, False, True, False])
        .group_by("rig_id", "place", maintain_order=True)
        .head(RAID_HOURS)
        .sort("rig_id", "place", "hour")
    )
    two_digits = pl.col("hour").cast(pl.String).str.zfill(2)
    next_hour = ((pl.col("hour") + 1) % 24).cast(pl.String).str.zfill(2)
    return (
        live.with_columns(text=pl.concat_str(two_digits, pl.lit(":00-"), next_hour, pl.lit(":00")))
        .group_by("rig_id", "place", maintain_order=True)
        .agg(hours=pl.col("text").str.join(", "), zone=pl.col("zone").min())
        .select(
            "rig_id",
            "place",
            raid_windows=pl.concat_str("hours", pl.lit(" "), pl.col("zone").fill_null("zone of the operator")),
        )
    )
