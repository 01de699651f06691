"""How many cards are live at each hour of the week, and the hours named for a raid."""

import re
from datetime import date
from typing import Any

import polars as pl

_WINDOW = re.compile(r"([0-9]{2}):[0-9]{2}-([0-9]{2}):[0-9]{2}")


def draw_week(activity: pl.DataFrame, nights: list[date], raid_windows: str) -> dict[str, Any]:
    """Members live by weekday (Monday first) and hour, the mean over that weekday's nights; null without any."""
    live = activity.group_by("night", "hour").agg(sims=pl.col("imsi").n_unique())
    totals = [[0] * 24 for _ in range(7)]
    for night, hour, sims in live.iter_rows():
        totals[night.weekday()][hour] += sims
    counts = [sum(night.weekday() == day for night in nights) for day in range(7)]
    return {
        "live": [
            [round(total / count, 1) for total in row] if count else None
            for row, count in zip(totals, counts, strict=True)
        ],
        "nights": counts,
        "raid": [[int(first), int(last) or 24] for first, last in _WINDOW.findall(raid_windows)],
    }
