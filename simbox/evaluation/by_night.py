"""What is reported by the end of each night: the way FraudZen (Kouam et al., AsiaCCS 2024) states its detectors."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from simbox.evaluation.pool import Pool
from simbox.evaluation.sims import Ranking


def judge_by_night(pool: Pool, rankings: Sequence[Ranking]) -> list[dict[str, Any]]:
    """For each judge that reports and each number of nights: SIMs reported by then, precision, recall.

    Recall is over the rigs' SIMs that were active by then. After the end of a run what it reported stands.
    Precision is null where nothing was reported, recall where no rig was at work.
    """
    begun = (
        pool.sim_nights.join(pool.dates, on=["run", "night"]).group_by("run", "imsi").agg(begun=pl.col("number").min())
    )
    rows = []
    for ranking in rankings:
        if "first_flagged_night" not in ranking.sims.columns:
            continue
        sims = (
            ranking.sims.select("run", "imsi", "rig", night="first_flagged_night")
            .join(pool.dates, on=["run", "night"], how="left")
            .join(begun, on=["run", "imsi"], how="left")
        )
        rows += [{"judge": ranking.name} | _judge(sims, night) for night in range(1, max(pool.nights, default=0) + 1)]
    return rows


def _judge(sims: pl.DataFrame, night: int) -> dict[str, Any]:
    reported = sims.filter(pl.col("number") <= night)
    right = reported.filter(pl.col("rig").is_not_null())
    active = sims.filter(pl.col("rig").is_not_null() & (pl.col("begun") <= night))
    caught = active.filter(pl.col("number") <= night).height
    return {
        "night": night,
        "reported": reported.height,
        "rig_sims": active.height,
        "precision": right.height / reported.height if reported.height else None,
        "recall": caught / active.height if active.height else None,
    }
