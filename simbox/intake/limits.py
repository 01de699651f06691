"""When a feed is refused for a night: too much of it is unusable, by fixed limits and by what was usual for it."""

from datetime import timedelta
from statistics import median

import polars as pl

from simbox.intake.profile import Limits

NIGHTS_BACK = 14
LEAST_NIGHTS = 5
# A share that is usually nothing may rise to this part of the fixed limit without meaning anything.
FLOOR = 0.1
TOO_FEW = 0.2
_SHARES = {
    "rejects_share": "of its rows are rejected",
    "unknown_cells_share": "of its cells are not known",
    "junk_imeis_share": "of its IMEIs are junk",
}


def passed_limits(limits: Limits, shares: dict[str, float | None], history: pl.DataFrame) -> list[str]:
    """Every limit that a feed's shares of tonight pass, and by how much; `history` are FILES of the feed so far."""
    passed = []
    for name, words in _SHARES.items():
        share = shares[name]
        limit = getattr(limits, name)
        if share is None:
            continue
        if share > limit:
            passed.append(f"{_percent(share)} {words}, the limit is {_percent(limit)} ({name})")
            continue
        usual = _usual(history, name)
        if usual is None or not limits.times_median:
            continue
        most = max(usual * limits.times_median, limit * FLOOR)
        if share > most:
            passed.append(
                f"{_percent(share)} {words}, in the last {NIGHTS_BACK} nights it was {_percent(usual)}"
                f" ({name}, times_median {limits.times_median:g})"
            )
    return passed


def warn_of_volume(feed: str, rows: int, history: pl.DataFrame) -> str | None:
    """A warning where a feed brings far fewer rows than usual."""
    nights = _by_night(history)
    if nights.height < LEAST_NIGHTS:
        return None
    usual = median(nights["rows_in"].to_list())
    if rows >= TOO_FEW * usual:
        return None
    return f"feed {feed}: {rows} rows, in the last {NIGHTS_BACK} nights it had {usual:.0f} a night"


def _usual(history: pl.DataFrame, share: str) -> float | None:
    nights = _by_night(history).drop_nulls(share)
    return median(nights[share].to_list()) if nights.height >= LEAST_NIGHTS else None


def _by_night(history: pl.DataFrame) -> pl.DataFrame:
    """The shares and rows of a feed's last nights, those of its files weighed by their rows."""
    night = pl.coalesce("named_on", pl.col("last_at").dt.date())
    rows = history.with_columns(night=night).drop_nulls("night")
    if rows.is_empty():
        return rows.select("night", "rows_in", *_SHARES)
    last = rows["night"].max()
    assert last is not None
    rows = rows.filter(pl.col("night") > pl.lit(last) - timedelta(days=NIGHTS_BACK))
    weighed = [
        ((pl.col(name) * pl.col("rows_in")).sum() / pl.col("rows_in").filter(pl.col(name).is_not_null()).sum()).alias(
            name
        )
        for name in _SHARES
    ]
    return rows.group_by("night").agg(pl.col("rows_in").sum(), *weighed).sort("night")


def _percent(share: float) -> str:
    return f"{share:.2%}" if share < 0.1 else f"{share:.1%}"
