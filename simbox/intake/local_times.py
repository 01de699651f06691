"""Operators' times as instants: any format, local time by offset column or IANA zone, with its gaps and overlaps."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.intake.instants import FIRST_YEAR, LAST_YEAR
from simbox.intake.profile_columns import TimeColumn

DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
_OFFSET = r"^([+-]?)([0-9]{1,2}):?([0-9]{2})?$"
_LARGEST_OFFSET_MIN = 14 * 60
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2, "j": 3, "b": 3, "p": 2, "I": 2}

Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Times(NamedTuple):
    """`started_at` (null where malformed or in a gap of local time), the offset, what was odd about each row."""

    started_at: pl.Series
    offset_min: pl.Series
    in_gap: pl.Series
    repaired_count: int
    ambiguous_count: int
    lacks_zone: bool


def read_times(text: pl.Series, offset: pl.Series | None, column: TimeColumn, zone: str | None) -> Times:
    """Instants from what the columns of a feed hold; an offset in the text itself (%z) or in `offset` comes first.

    Of the two instants that an hour set back has, the earlier is taken (and counted); an hour that was skipped is none.
    Midnight written as 24:00 is the next day's.
    """
    local, repaired = _read_local(text, column.format)
    is_utc = column.format in _EPOCHS
    if isinstance(local.dtype, pl.Datetime) and local.dtype.time_zone is not None:
        is_utc, local = True, local.dt.replace_time_zone(None)
    year = local.dt.year()
    local = local.to_frame("local").select(pl.when(year.is_between(FIRST_YEAR, LAST_YEAR)).then("local")).to_series()
    us = local.to_physical().fill_null(0).to_numpy()
    known = local.is_not_null().to_numpy()
    gap = np.zeros(us.size, dtype=bool)
    ambiguous = 0
    own = pl.Series([None], dtype=pl.Int16).new_from_index(0, us.size)
    lacks_zone = False
    if is_utc:
        at = us
    else:
        minutes = np.zeros(us.size, dtype=np.int64)
        has_own = np.zeros(us.size, dtype=bool)
        if offset is not None:
            own = _read_offsets(offset)
            has_own = own.is_not_null().to_numpy()
            minutes = own.fill_null(0).cast(pl.Int64).to_numpy() * _MINUTE_US
        if zone is not None and not has_own.all():
            by_zone, gap, twice = _zone_offsets(us, known & ~has_own, zone)
            minutes = np.where(has_own, minutes, by_zone)
            ambiguous = int(twice.sum())
            own = pl.Series(minutes // _MINUTE_US).cast(pl.Int16)
        elif zone is None:
            lacks_zone = bool((known & ~has_own).any())
        at = us - minutes
    instants = pl.Series(at).cast(pl.Datetime("us", "UTC"))
    usable = pl.Series(known & ~gap)
    frame = pl.DataFrame({"at": instants, "usable": usable}).select(pl.when("usable").then("at"))
    return Times(frame.to_series(), own, pl.Series(gap), repaired, ambiguous, lacks_zone)


def _read_local(text: pl.Series, form: str) -> tuple[pl.Series, int]:
    """Local time, or UTC for epochs and texts with an offset; and how many were written as 24:00."""
    if isinstance(text.dtype, pl.Datetime):
        return text.cast(pl.Datetime("us", text.dtype.time_zone)), 0
    if text.dtype == pl.Date:
        return text.cast(pl.Datetime("us")), 0
    if form in _EPOCHS:
        whole = text.cast(pl.Int64, strict=False)
        # Beyond the year 9999 the product would not fit, and none of it is a time.
        most = 253_402_300_800_000_000 // _EPOCHS[form]
        us = whole.to_frame("t").select(pl.when(pl.col("t").is_between(0, most)).then(pl.col("t") * _EPOCHS[form]))
        return us.to_series().cast(pl.Datetime("us")), 0
    if "%z" in form:
        return text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False), 0
    local = text.str.to_datetime(form, time_unit="us", strict=False, exact=True)
    at_hour = _hour_at(form)
    if at_hour is None or local.null_count() == text.null_count():
        return local, 0
    lost = local.is_null() & (text.str.slice(at_hour, 2) == "24")
    if not lost.any():
        return local, 0
    rows = lost.arg_true()
    midnight = text.gather(rows)
    midnight = midnight.str.slice(0, at_hour) + "00" + midnight.str.slice(at_hour + 2)
    parsed = midnight.str.to_datetime(form, time_unit="us", strict=False)
    # 24:00:01 is no time.
    parsed = parsed.to_frame("t").select(pl.when(pl.col("t").dt.time() == pl.time(0)).then(pl.col("t"))).to_series()
    return local.scatter(rows, parsed + timedelta(days=1)), int(parsed.is_not_null().sum())


def _hour_at(form: str) -> int | None:
    """Where the hour stands in text of this format; None where that differs from row to row."""
    place = 0
    for directive, character in re.findall(r"%(.)|(.)", form, re.DOTALL):
        if directive == "H":
            return place
        if directive and directive not in _WIDTHS:
            return None
        place += _WIDTHS[directive] if directive else len(character)
    return None


def _read_offsets(offset: pl.Series) -> pl.Series:
    """Minutes from +0500, +05:00, 5 or -3; null for anything else."""
    distinct = offset.cast(pl.String).drop_nulls().unique().to_frame("given")
    parts = pl.col("given").str.extract_groups(_OFFSET)
    sign, hours, minutes = (parts.struct.field(str(number)) for number in (1, 2, 3))
    total = hours.cast(pl.Int16) * 60 + minutes.fill_null("0").cast(pl.Int16)
    signed = pl.when(sign == "-").then(-total).otherwise(total)
    is_possible = (total <= _LARGEST_OFFSET_MIN) & (minutes.fill_null("0").cast(pl.Int16) < 60)
    known = distinct.with_columns(minutes=pl.when(is_possible).then(signed))
    given = offset.cast(pl.String).to_frame("given")
    return given.join(known, on="given", how="left", maintain_order="left")["minutes"]


def _zone_offsets(local_us: Longs, wanted: Bools, zone: str) -> tuple[Longs, Bools, Bools]:
    """Offset of each local time in microseconds, whether it was skipped, whether it was there twice.

    Almost every day has one offset; only rows of days on which it changes are looked up one by one.
    """
    day = np.where(wanted, local_us // DAY_US, 0)
    first = int(day.min(initial=0))
    present = np.flatnonzero(np.bincount(day - first)) if day.size else np.zeros(0, dtype=np.int64)
    table = np.zeros(int(present[-1]) + 1 if present.size else 1, dtype=np.int64)
    changes = []
    for place in present.tolist():
        offset = _offset_of_day(zone, first + place)
        if offset is None:
            changes.append(place)
        else:
            table[place] = offset
    offsets = table[day - first]
    gap, twice = np.zeros(day.size, dtype=bool), np.zeros(day.size, dtype=bool)
    if changes:
        rows = np.flatnonzero(wanted & np.isin(day - first, changes))
        local = pl.Series(local_us[rows]).cast(pl.Datetime("us"))
        earliest = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        latest = local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
        gap[rows] = earliest.is_null().to_numpy()
        twice[rows] = (earliest != latest).fill_null(False).to_numpy()
        offsets[rows] = np.where(gap[rows], 0, local_us[rows] - earliest.to_physical().fill_null(0).to_numpy())
    return offsets, gap, twice


@lru_cache(maxsize=100_000)
def _offset_of_day(zone: str, day: int) -> int | None:
    """The zone's offset from UTC on a local day since 1970 in microseconds; None where it changes around that day."""
    begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    hours = (begin + timedelta(hours=hour) for hour in range(-15, 40, 1))
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours}
    if len(offsets) > 1:
        return None
    offset = offsets.pop()
    return int((offset or timedelta()).total_seconds()) * 1_000_000
