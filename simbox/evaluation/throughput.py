"""What evading costs the fraudster: the share of calls a rig still gets through, beside how much of it is caught."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from simbox.evaluation.intervals import Floats, bootstrap_shares
from simbox.evaluation.pool import Pool

NAIVE = "E0"
KEPT = {"up to 10 %": 0.1, "10 to 25 %": 0.25, "25 to 50 %": 0.5, "50 to 75 %": 0.75, "over 75 %": float("inf")}


def judge_throughput(pool: Pool) -> list[dict[str, Any]]:
    """For each true rig: level, kind, sims, throughput_share and the shares of its active SIMs and their calls listed.

    The share is the truth's own (events for each port-hour against a naive rig's of that kind); where it has none, the
    rig's events for each port and night against the mean of the pool's E0 rigs of that kind, null without such rigs.
    """
    listed = pl.col("first_listed_night").is_not_null()
    sims = pool.sims.filter(pl.col("rig").is_not_null() & pl.col("is_active"))
    caught = sims.group_by("rig").agg(
        sims=pl.len(),
        listed_share=listed.mean(),
        listed_calls=(pl.col("calls") * listed).sum(),
        calls=pl.col("calls").sum(),
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
            "sims",
            "listed_share",
            throughput_share=pl.coalesce("throughput_share", pl.col("pace") / pl.col("naive")),
            listed_share_of_calls=pl.when(pl.col("calls") > 0).then(pl.col("listed_calls") / pl.col("calls")),
        )
    )
    return rows.to_dicts()


def recall_by_throughput(rigs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rigs of `judge_throughput` by what they keep: how many, their SIMs, recall of these and of rigs' calls.

    Recall is over SIMs, with its interval over rigs; that of calls is the mean over rigs, which keep different traffic.
    Rigs whose share is not known are left out, and so are bounds without rigs.
    """
    rows = []
    least = -float("inf")
    for kept, most in KEPT.items():
        inside = [r for r in rigs if r["throughput_share"] is not None and least < r["throughput_share"] <= most]
        least = most
        if inside:
            sims = np.array([rig["sims"] for rig in inside], dtype=np.float64)
            listed = sims * np.array([rig["listed_share"] for rig in inside])
            called = [rig["listed_share_of_calls"] for rig in inside if rig["listed_share_of_calls"] is not None]
            row = {"kept": kept, "rigs": len(inside), "sims": int(sims.sum()), "recall": _share(listed, sims)}
            rows.append(row | {"recall_of_calls": _share(np.array(called), np.ones(len(called))) if called else None})
    return rows


def _share(hits: Floats, sizes: Floats) -> dict[str, Any]:
    [interval] = bootstrap_shares(hits[:, None], sizes)
    low, high = interval or (None, None)
    return {"value": float(hits.sum() / sizes.sum()), "low": low, "high": high}
