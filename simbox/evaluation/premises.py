"""Whether the door is the right one: the premises against the stated region, and the mast that serves them."""

from math import pi

import polars as pl

from simbox.evaluation.pool import Pool
from simbox.telecom.cells import distance_m

MAIN = 1


def judge_premises(true: pl.DataFrame, pool: Pool) -> pl.DataFrame:
    """True rigs (rig, found) with what their predicted rig says of the place; null where it says nothing.

    premises_in_region: one of the rig's premises is inside the region of the predicted rig's main place;
    premises_found: the share of its premises inside a region of any of its places; radius_m and region_area_km2: of the
    main place's region; mast_right: the mast named serves one of its premises best for some operator.
    """
    pairs = (
        true.select("rig", "found")
        .filter(pl.col("found").is_not_null())
        .join(pool.true_rigs.select("rig", "lat", "lon", "site"), on="rig")
        .with_row_index("premises")
    )
    regions = pool.sites.select("found", "place_rank", "radius_m", site_lat="lat", site_lon="lon").drop_nulls()
    inside = _inside(pairs, regions)
    main = inside.filter(pl.col("place_rank") == MAIN).group_by("rig").agg(
        premises_in_region=pl.col("is_inside").any(), radius_m=pl.col("radius_m").first()
    )  # fmt: skip
    held = inside.group_by("rig", "premises").agg(pl.col("is_inside").any()).group_by("rig").agg(
        premises_found=pl.col("is_inside").mean()
    )  # fmt: skip
    masts = (
        pairs.join(pool.rigs.select("found", mast="site"), on="found")
        .filter(pl.col("mast").is_not_null() & pl.col("site").is_not_null())
        .with_columns(is_right=pl.col("site").str.split(" ").list.contains(pl.col("mast")))
        .group_by("rig")
        .agg(mast_right=pl.col("is_right").any())
    )
    return (
        true.join(main, on="rig", how="left")
        .join(held, on="rig", how="left")
        .join(masts, on="rig", how="left")
        .with_columns(region_area_km2=pi * (pl.col("radius_m") / 1000) ** 2)
    )


def _inside(pairs: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    both = pairs.join(regions, on="found")
    apart_m = distance_m(*(both[name].to_numpy() for name in ("lat", "lon", "site_lat", "site_lon")))
    return both.with_columns(is_inside=pl.Series(apart_m, dtype=pl.Float64) <= pl.col("radius_m"))
