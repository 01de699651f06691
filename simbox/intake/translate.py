"""Raw rows of an operator's own format to the fields of CDRS, as its profile says."""

from collections import Counter
from datetime import date
from typing import NamedTuple

import msgspec
import polars as pl

from simbox.config import Config
from simbox.intake import fields
from simbox.intake.blocks import LINE
from simbox.intake.composed_cells import read_composed_cells
from simbox.intake.far_ends import party_text, read_parties
from simbox.intake.file_dates import outside
from simbox.intake.local_times import Times, read_times
from simbox.intake.numbers import PRECISION_LOST, NumberReader
from simbox.intake.profile import ProfiledFeed
from simbox.intake.profile_columns import (
    AnsweredColumn,
    Columns,
    DirectionColumn,
    DurationColumn,
    ImeiColumn,
    ServiceColumn,
    TimeColumn,
    cell_columns,
)
from simbox.tables.cdrs import DIRECTION, SERVICE

CAUSE = pl.Enum(["normal", "partial", "failed"])
EXTRAS: dict[str, type[pl.DataType] | pl.DataType] = {
    "node": pl.String,
    "call_ref": pl.String,
    "part_no": pl.Int64,
    "cause_class": CAUSE,
}
EXCHANGED = "dates that can be read with day and month exchanged: does started_at.format have them right?"
_UNITS = {"s": (1, 1), "ms": (1, 1000), "ds": (1, 10), "min": (60, 1)}
_EXPONENT = r"^[0-9](?:[.,][0-9]+)?[Ee]\+?[0-9]{1,2}$"


class Translated(NamedTuple):
    """Rows with the fields of CDRS not yet judged, EXTRAS of those the feed has, and what was seen on the way."""

    rows: pl.DataFrame
    senders: dict[int, str]
    skipped: int
    noted: Counter[str]


class Translator:
    """Reads the fields of one feed's rows."""

    def __init__(self, feed: ProfiledFeed, config: Config) -> None:
        self.feed = feed
        self._columns: Columns = feed.feed.columns
        self._numbers = NumberReader(feed.numbers, config.numbers)
        started = self._columns.started_at
        self._started = started if isinstance(started, TimeColumn) else TimeColumn(from_=started)

    def translate(self, raw: pl.DataFrame, window: tuple[date, date] | None, node: str | None) -> Translated:
        """The fields of a block of raw rows; `window` are the first and last local date that its file may speak of."""
        raw = _as_text(raw)
        noted: Counter[str] = Counter()
        legs = self._legs(raw)
        skipped = int(legs["skip"].sum())
        if skipped:
            keep = ~legs["skip"]
            raw, legs = raw.filter(keep), legs.filter(keep)
        times = self._times(raw, noted)
        noted["midnights written as 24:00"] = times.repaired_count
        noted["local times that were there twice, taken as the earlier"] = times.ambiguous_count
        columns = self._columns
        parties, senders = read_parties(*party_text(raw, legs["direction"], columns.other_party), self._numbers)
        rows = pl.DataFrame(
            [
                raw[LINE],
                pl.Series("operator", [self.feed.operator], dtype=pl.Categorical).new_from_index(0, raw.height),
                legs["service"],
                legs["direction"],
                times.started_at.alias("started_at"),
                times.offset_min.alias("own_offset_min"),
                times.in_gap.alias("in_gap"),
                *self._imsi(raw, columns.imsi),
                *self._msisdn(raw, columns.msisdn),
                *self._imei(raw, columns.imei, noted),
                *self._duration(raw, times, noted),
                *self._answered(raw),
                *self._cell(raw),
                *self._extras(raw, node),
            ]
        ).hstack(parties)
        unset = {"utc_offset_min": pl.Int64, "has_utc_offset_min": pl.Boolean, "lacks_offset": pl.Boolean}
        rows = rows.with_columns(
            *(
                pl.lit(None if name == "utc_offset_min" else False, dtype=dtype).alias(name)
                for name, dtype in unset.items()
            ),
            outside(window).alias("outside_window"),
        )
        return Translated(rows, senders, skipped, +noted)

    def _legs(self, raw: pl.DataFrame) -> pl.DataFrame:
        """`service`, `direction`, and whether the profile says to `skip` the record."""
        columns = self._columns
        if columns.leg is not None:
            leg = columns.leg
            codes = raw[leg.from_].cast(pl.Enum([*leg.map, *leg.skip]), strict=False).to_physical()
            nothing = [None] * len(leg.skip)
            service = pl.Series("service", [pair[0] for pair in leg.map.values()] + nothing, dtype=SERVICE)
            direction = pl.Series("direction", [pair[1] for pair in leg.map.values()] + nothing, dtype=DIRECTION)
            skip = (codes >= len(leg.map)).fill_null(False).alias("skip")
            return pl.DataFrame([service.gather(codes), direction.gather(codes), skip])
        service, skips = _word(raw, columns.service, SERVICE, "service")
        direction, skips_too = _word(raw, columns.direction, DIRECTION, "direction")
        return pl.DataFrame([service, direction, (skips | skips_too).alias("skip")])

    def _times(self, raw: pl.DataFrame, noted: Counter[str]) -> Times:
        started = self._started
        text = _joined(raw, started.from_)
        if started.else_ is not None and text.null_count():
            text = text.fill_null(_joined(raw, started.else_))
        offset = raw[started.offset] if started.offset is not None else None
        times = read_times(text, offset, started, self.feed.zone)
        if times.started_at.null_count() * 2 > raw.height and "%d" in started.format and "%m" in started.format:
            exchanged = started.format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
            other = read_times(text, offset, msgspec.structs.replace(started, format=exchanged), self.feed.zone)
            if other.started_at.null_count() < times.started_at.null_count():
                noted[EXCHANGED] = times.started_at.null_count() - other.started_at.null_count()
        return times

    def number_kinds(self, raw: pl.DataFrame) -> dict[int, int]:
        """How many far ends of raw rows there are of each kind, by its place in KINDS."""
        raw = _as_text(raw)
        legs = self._legs(raw)
        raw, legs = raw.filter(~legs["skip"]), legs.filter(~legs["skip"])
        code = self._numbers.read(*party_text(raw, legs["direction"], self._columns.other_party))["code"]
        return {int(value): int(count) for value, count in code.value_counts().iter_rows()}

    def _imsi(self, raw: pl.DataFrame, name: str | None) -> list[pl.Series]:
        if name is None:
            return _absent("imsi", raw.height, lost=True)
        text = raw[name]
        imsi = fields.read_imsis(text).alias("imsi")
        lost = _has_exponent(text) if imsi.null_count() > text.null_count() else _never(raw.height)
        return [imsi, text.is_not_null().alias("has_imsi"), lost.alias("lost_imsi")]

    def _msisdn(self, raw: pl.DataFrame, name: str | None) -> list[pl.Series]:
        if name is None:
            return _absent("msisdn", raw.height, lost=True)
        read = self._numbers.read(raw[name])
        lost = read["code"] == PRECISION_LOST
        # A served number of another kind is none.
        msisdn = read.select(pl.when(pl.col("code") == 0).then("number")).to_series()
        return [msisdn.alias("msisdn"), raw[name].is_not_null().alias("has_msisdn"), lost.alias("lost_msisdn")]

    def _imei(self, raw: pl.DataFrame, column: str | ImeiColumn | None, noted: Counter[str]) -> list[pl.Series]:
        if column is None:
            return _absent("imei", raw.height)
        name, form = (column, "auto") if isinstance(column, str) else (column.from_, column.form)
        text = raw[name]
        read = text
        if form != "auto":
            # A spreadsheet or a database took zeros away where the width says that there were some.
            digits = int(form)
            is_short = pl.col(name).str.len_bytes().is_between(digits - 2, digits - 1)
            padded = pl.when(is_short).then(pl.col(name).str.zfill(digits)).otherwise(pl.col(name))
            read = raw.select(padded.alias(name)).to_series()
            noted["IMEIs put right (leading zeros)"] = int(raw.select(is_short.sum()).item() or 0)
        imei = fields.read_imeis(read.rename("imei"))
        bad = (imei.is_null() & read.is_not_null()).arg_true()
        if bad.len():
            mended = fields.read_imeis(read.gather(bad).str.replace_all(r"[- /.]", "").str.replace(r"[Ff?]+$", ""))
            noted["IMEIs put right (hyphens, filler)"] = mended.len() - mended.null_count()
            imei = imei.scatter(bad, mended)
        return [fields.without_junk(imei.rename("imei")), text.is_not_null().alias("has_imei")]

    def _duration(self, raw: pl.DataFrame, times: Times, noted: Counter[str]) -> list[pl.Series]:
        column = self._columns.duration_s
        if column is None:
            return _absent("duration_s", raw.height)
        given = column if isinstance(column, DurationColumn) else DurationColumn(from_=column)
        text = raw[given.from_]
        duration = _hours(text) if given.unit == "hms" else _scaled(text, given.unit)
        if given.ended_at is not None:
            wrong = duration.is_null() | (duration < 0)
            if wrong.any():
                ended = read_times(raw[given.ended_at], None, self._started, self.feed.zone).started_at
                lasted = (ended - times.started_at).dt.total_seconds()
                frame = pl.DataFrame({"d": duration, "l": lasted, "w": wrong})
                better = frame.select(pl.when(pl.col("w") & (pl.col("l") >= 0)).then("l").otherwise("d")).to_series()
                noted["durations taken from begin and end"] += int((wrong & (lasted >= 0).fill_null(False)).sum())
                duration = better
        return [duration.alias("duration_s"), text.is_not_null().alias("has_duration_s")]

    def _answered(self, raw: pl.DataFrame) -> list[pl.Series]:
        column = self._columns.answered
        if column is None:
            return _absent("answered", raw.height, pl.Boolean)
        if isinstance(column, str):
            answered = fields.read_truth(raw[column])
            return [answered.alias("answered"), raw[column].is_not_null().alias("has_answered")]
        text = raw[column.from_]
        answered = _answered_by(text, column)
        return [answered.alias("answered"), (text.is_not_null() & answered.is_not_null()).alias("has_answered")]

    def _cell(self, raw: pl.DataFrame) -> list[pl.Series]:
        ways = cell_columns(self._columns)
        if not ways:
            return _absent("cell", raw.height)
        return read_composed_cells(raw, ways, self.feed.networks).get_columns()

    def _extras(self, raw: pl.DataFrame, node: str | None) -> list[pl.Series]:
        columns = self._columns
        found = []
        if columns.node is not None:
            found.append(raw[columns.node].alias("node"))
        elif node is not None:
            found.append(pl.Series("node", [node], dtype=pl.Enum([node])).new_from_index(0, raw.height))
        if columns.call_ref is not None:
            found.append(raw[columns.call_ref].alias("call_ref"))
        if columns.part_no is not None:
            found.append(raw[columns.part_no].cast(pl.Int64, strict=False).alias("part_no"))
        if columns.cause_class is not None:
            cause = columns.cause_class
            codes = raw[cause.from_].cast(pl.Enum(list(cause.map)), strict=False).to_physical()
            found.append(pl.Series("cause_class", list(cause.map.values()), dtype=CAUSE).gather(codes))
        return found


def _as_text(raw: pl.DataFrame) -> pl.DataFrame:
    """Raw rows with every column as text, but times."""
    if all(dtype == pl.String or name == LINE for name, dtype in raw.schema.items()):
        return raw
    return raw.with_columns(
        pl.selectors.by_dtype(pl.Categorical, pl.Enum, pl.Null, pl.Boolean).cast(pl.String),
        pl.selectors.integer().exclude(LINE).cast(pl.String),
    )


def _word(raw: pl.DataFrame, column: object, dtype: pl.Enum, name: str) -> tuple[pl.Series, pl.Series]:
    if isinstance(column, str):
        return pl.Series(name, [column], dtype=dtype).new_from_index(0, raw.height), _never(raw.height)
    assert isinstance(column, ServiceColumn | DirectionColumn)
    text = raw[column.from_]
    words = dict(column.map) or {word: word for word in dtype.categories}
    value = text.replace_strict(words, default=None, return_dtype=dtype)
    return value.alias(name), text.is_in(column.skip).fill_null(False)


def _joined(raw: pl.DataFrame, names: str | list[str]) -> pl.Series:
    if isinstance(names, str):
        return raw[names]
    return raw.select(pl.concat_str(names, separator=" ").alias("text")).to_series()


def _scaled(text: pl.Series, unit: str) -> pl.Series:
    times, parts = _UNITS[unit]
    whole = fields.read_whole(text)
    return whole if times == parts == 1 else whole * times // parts


def _hours(text: pl.Series) -> pl.Series:
    """Seconds from h:mm:ss or m:ss; null for anything else."""
    parts = pl.col("text").str.extract_groups(r"^(?:([0-9]{1,4}):)?([0-9]{1,2}):([0-5][0-9])$")
    hours, minutes, seconds = (parts.struct.field(str(n)).cast(pl.Int64) for n in (1, 2, 3))
    return text.to_frame("text").select(hours.fill_null(0) * 3600 + minutes * 60 + seconds).to_series()


def _answered_by(text: pl.Series, column: AnsweredColumn) -> pl.Series:
    if column.when == "not empty":
        return text.is_not_null()
    if column.when == "positive":
        return text.cast(pl.Float64, strict=False).fill_null(0) > 0
    return text.replace_strict(column.map, default=None, return_dtype=pl.Boolean)


def _has_exponent(text: pl.Series) -> pl.Series:
    return text.str.contains(_EXPONENT).fill_null(False)


def _absent(name: str, rows: int, dtype: type[pl.DataType] = pl.Int64, *, lost: bool = False) -> list[pl.Series]:
    series = [pl.Series(name, [None], dtype=dtype).new_from_index(0, rows), _never(rows).alias(f"has_{name}")]
    return series + ([_never(rows).alias(f"lost_{name}")] if lost else [])


def _never(rows: int) -> pl.Series:
    return pl.Series([False]).new_from_index(0, rows)
