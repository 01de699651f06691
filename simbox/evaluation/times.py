"""How long a rig's SIM works before it is listed, in hours and in calls."""

from typing import Any

import numpy as np
import polars as pl

from simbox.evaluation.pool import Pool
from simbox.evaluation.ranking import mean_or_null
from simbox.evaluation.survival import median_time, survival_curve

POINTS_AN_HOUR = 4


def judge_times(pool: Pool) -> list[dict[str, Any]]:
    """For all active rig SIMs and by level: hours and events from a SIM's first event to its listing.

    A night's list is there when the night ends, local time. SIMs not listed by the end of the records are censored,
    not left out: the median is that of the Kaplan-Meier curve, null where more than half stay off the list. Events are
    calls and SMS made (for cards that receive codes, those received); prevented are those after the listing's night.
    """
    sims = pool.sims.filter(pl.col("rig").is_not_null() & pl.col("is_active") & pl.col("first_at").is_not_null())
    groups = [("all", sims), *((level, sims.filter(pl.col("level") == level)) for level in _levels(sims))]
    return [{"level": level} | _judge(part) for level, part in groups]


def _levels(sims: pl.DataFrame) -> list[str]:
    return sims["level"].drop_nulls().unique().sort().to_list()


def _judge(sims: pl.DataFrame) -> dict[str, Any]:
    listed = sims["first_listed_night"].is_not_null()
    until = pl.coalesce("listed_at", "records_end_at") - pl.col("first_at")
    hours = sims.select((until.dt.total_seconds() / 3600).clip(0)).to_series().to_numpy()
    curve = survival_curve(hours, listed.to_numpy()) if sims.height else []
    caught = sims.filter(listed)
    events = int(sims["events"].sum())
    # A SIM listed for what it did on earlier nights than those judged has no event before it.
    before = caught["events_listed"].fill_null(0)
    return {
        "sims": sims.height,
        "listed": caught.height,
        "median_hours": median_time(curve),
        "median_hours_of_listed": float(np.median(hours[listed.to_numpy()])) if caught.height else None,
        "median_events_of_listed": float(before.median()) if caught.height else None,  # type: ignore[arg-type]
        "mean_events_of_listed": mean_or_null(before.to_list()),
        "prevented_share": int((caught["events"] - before).sum()) / events if events else None,
        "curve": _thin(curve),
    }


def _thin(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The curve's last point in each quarter of an hour: a picture needs no more."""
    return list({int(hours * POINTS_AN_HOUR): (hours, share) for hours, share in curve}.values())
