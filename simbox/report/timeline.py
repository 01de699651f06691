"""When each card was at work, on which handset and at which place: the rows in which rotation shows."""

from datetime import date
from typing import Any

import polars as pl

from simbox.report.naming import Naming

NOT_KNOWN = -1


def draw_timeline(
    rows: pl.DataFrame, drawn: pl.DataFrame, activity: pl.DataFrame, naming: Naming, nights: tuple[date, date]
) -> dict[str, Any]:
    """For each drawn member its runs of hours: (hours since the last run, hours, IMEI, place rank) one after the other.

    Chains tell who took over whose port.
    """
    first_night, last_night = nights
    hour = (pl.col("night") - first_night).dt.total_days() * 24 + pl.col("hour")
    hours = activity.join(drawn, on="imsi").with_columns(at=hour.cast(pl.Int64)).sort("number", "at")
    shown = hours.filter(pl.col("imei").is_not_null()).group_by("imei").agg(first=pl.struct("at", "number").min())
    imeis = shown.sort("first", "imei")["imei"]
    codes = pl.DataFrame({"imei": imeis, "code": pl.Series(range(len(imeis)), dtype=pl.Int64)})
    coded = hours.join(codes, on="imei", how="left", maintain_order="left").with_columns(
        pl.col("code", "place_rank").fill_null(NOT_KNOWN)
    )
    runs: dict[int, list[int]] = {number: [] for number in drawn["number"]}
    ends: dict[int, int] = {}
    last: tuple[int, int, int, int] | None = None
    for number, at, code, place in coded.select("number", "at", "code", "place_rank").iter_rows():
        if last == (number, at, code, place):
            runs[number][-3] += 1
        else:
            runs[number] += [at - ends.get(number, 0), 1, code, place]
        ends[number] = at + 1
        last = (number, at + 1, code, place)
    return {
        "from": first_night.isoformat(),
        "hours": ((last_night - first_night).days + 1) * 24,
        "sims": list(runs),
        "runs": list(runs.values()),
        "imeis": naming.imeis(imeis),
        "chains": _chains(rows, drawn),
    }


def _chains(rows: pl.DataFrame, drawn: pl.DataFrame) -> list[int]:
    """For each drawn member the number of the first card of its port's chain; empty where nobody replaced anybody."""
    if rows["replaces_imsi"].null_count() == rows.height:
        return []
    before = dict(rows.select("imsi", "replaces_imsi").iter_rows())
    numbers = {imsi: number for number, imsi in enumerate(rows["imsi"])}
    chains = []
    for imsi in drawn["imsi"]:
        followed = [imsi]
        while before.get(followed[-1]) in numbers and before[followed[-1]] not in followed:
            followed.append(before[followed[-1]])
        chains.append(numbers[followed[-1]])
    return chains
