"""The dates that a file may speak of, by the date in its name."""

from datetime import date, timedelta

import polars as pl


def window_of(text: str | None, late_nights: int) -> tuple[date, date] | None:
    """The dates that a file may speak of by the date in its name: late ones, and the night that it was closed in."""
    digits = "".join(char for char in text or "" if char in "0123456789")[:8]
    try:
        named = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return named - timedelta(days=late_nights), named + timedelta(days=1)


def outside(window: tuple[date, date] | None) -> pl.Expr:
    """Whether a record's local date lies outside the dates that its file may speak of."""
    if window is None:
        return pl.lit(False)
    local = pl.col("started_at") + pl.duration(minutes=pl.col("own_offset_min").fill_null(0), time_unit="us")
    return ~local.dt.date().is_between(*window)
