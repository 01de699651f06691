"""What evading costs the fraudster: the share of calls a rig still gets through, beside how much of it is caught."""

from typing import Any

import polars as pl

from simbox.evaluation.pool import Pool

NAIVE = "E0"


def judge_throughput(pool: Pool) -> list[dict[str, Any]]:
    """For each true rig: level, kind, throughput_share and the shares of its active SIMs and their calls listed.

    The share is the truth's own (events for each port-hour against a naive rig's of that kind); where it has none, the
    rig's events for each port and night against the mean of the pool's E0 rigs of that kind, null without such rigs.
    """
    listed = pl.col("first_listed_night").is_not_null()
    sims = pool.sims.filter(pl.col("rig").is_not_null() & pl.col("is_active"))
    caught = sims.group_by("rig").agg(
        listed_share=listed.mean(), listed_calls=(pl.col("calls") * listed).sum(), calls=pl.col("calls").sum()
    )
    nights = pl.DataFrame(
        {"run": range(1, len(pool.nights) + 1), "nights": pool.nights}, schema_overrides={"run": pl.Int32}
    )
    worked = sims.group_by("rig").agg(events=pl.col("events").sum())
    rigs = (
        pool.true_rigs.unique("rig", keep="first", maintain_order=True)
        .select("run", "rig", "level", "kind", "ports", "throughput_share")
        .join(nights, on="run")
        .join(worked, on="rig")
        .with_columns(pace=pl.col("events") / (pl.col("ports") * pl.col("nights")))
    )
    naive = rigs.filter(pl.col("level") == NAIVE).group_by("kind").agg(naive=pl.col("pace").mean())
    rows = (
        rigs.join(naive, on="kind", how="left")
        .join(caught, on="rig")
        .sort("rig")
        .select(
            "level",
            "kind",
            "listed_share",
            throughput_share=pl.coalesce("throughput_share", pl.col("pace") / pl.col("naive")),
            listed_share_of_calls=pl.when(pl.col("calls") > 0).then(pl.col("listed_calls") / pl.col("calls")),
        )
    )
    return rows.to_dicts()
