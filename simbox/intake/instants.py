"""When a leg began: the instant, the offset of local time from UTC, and the night that it belongs to."""

import polars as pl

from simbox.config import Operator
from simbox.tables.cdrs import INSTANT

FIRST_YEAR, LAST_YEAR = 1991, 2099
_LOCAL_LENGTH = 19
_REST = r"^(?:[.,]([0-9]{1,9}))?(?:(Z|z)|([+-])([0-9]{2}):?([0-9]{2})?)?$"
_LARGEST_OFFSET_MIN = 14 * 60
_UTC_ZONES = ("UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/Zulu")


def read_instants(column: pl.Series) -> pl.DataFrame:
    """For each row `started_at` (null: malformed or without offset), `own_offset_min`, `lacks_offset`.

    `own_offset_min` is null where the instant was given in UTC, which says nothing of local time.
    """
    if isinstance(column.dtype, pl.Datetime):
        return _from_timestamps(column)
    text = column.to_frame("text").select(
        given=pl.col("text").str.slice(0, _LOCAL_LENGTH), rest=pl.col("text").str.slice(_LOCAL_LENGTH)
    )
    local = _read_local(text["given"])
    first = text["rest"].drop_nulls().head(1)
    if first.len() and not (text["rest"] != first).any():
        # Almost always all rows of a block end alike: no join is needed.
        ending = _read_endings(first)
        joined = text.select("rest", local=local).with_columns(
            pl.when(pl.col("rest").is_not_null()).then(pl.lit(ending[name])).alias(name) for name in ending.columns[1:]
        )
        return _instants(joined)
    endings = _read_endings(text["rest"].unique())
    joined = text.select("rest", local=local).join(endings, on="rest", how="left", maintain_order="left")
    return _instants(joined)


def _instants(joined: pl.DataFrame) -> pl.DataFrame:
    """From local times and what follows them."""
    in_range = pl.col("local").dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    at = pl.col("local") + pl.col("fraction") - pl.duration(minutes="offset_min", time_unit="us")
    return joined.select(
        started_at=pl.when(in_range).then(at).dt.replace_time_zone("UTC"),
        own_offset_min=pl.when(pl.col("offset_min") != 0).then("offset_min"),
        lacks_offset=pl.col("lacks_offset").fill_null(False) & pl.col("local").is_not_null(),
    )


def zone_offset_min(operators: dict[str, Operator]) -> pl.Expr | None:
    """Offset of local time at `started_at` by the zone of `operator`; None where no operator has a zone."""
    zones: dict[str, list[str]] = {}
    for key, operator in sorted(operators.items()):
        if operator.timezone is not None:
            zones.setdefault(operator.timezone, []).append(key)
    if not zones:
        return None
    return pl.coalesce(
        pl.when(pl.col("operator").is_in(keys)).then(_offset_min(pl.col("started_at"), zone))
        for zone, keys in zones.items()
    )


def _read_local(text: pl.Series) -> pl.Series:
    local = text.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    if local.null_count() > text.null_count():
        local = local.fill_null(text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False))
    return local


def _read_endings(rest: pl.Series) -> pl.DataFrame:
    """What follows the seconds: a fraction and an offset; `offset_min` is null where that can't be read."""
    parts = pl.col("rest").str.extract_groups(_REST)
    fraction, utc, sign, hours, minutes = (parts.struct.field(str(number)) for number in range(1, 6))
    total = hours.cast(pl.Int16) * 60 + minutes.fill_null("00").cast(pl.Int16)
    signed = pl.when(sign == "-").then(-total).otherwise(total)
    is_possible = (total <= _LARGEST_OFFSET_MIN) & (minutes.fill_null("00").cast(pl.Int16) < 60)
    micros = fraction.fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    return rest.to_frame("rest").select(
        "rest",
        fraction=pl.duration(microseconds=micros, time_unit="us"),
        offset_min=pl.when(utc.is_not_null()).then(pl.lit(0, pl.Int16)).when(is_possible).then(signed),
        lacks_offset=pl.col("rest").str.contains(_REST) & utc.is_null() & sign.is_null(),
    )


def _from_timestamps(column: pl.Series) -> pl.DataFrame:
    zone = column.dtype.time_zone  # type: ignore[attr-defined]
    given = pl.col("given")
    own = pl.lit(None, dtype=pl.Int16) if zone in _UTC_ZONES else _offset_min(given, zone)
    in_range = given.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    at = given.cast(pl.Datetime("us", zone)).dt.convert_time_zone("UTC").cast(INSTANT)
    return column.to_frame("given").select(
        started_at=pl.when(in_range).then(at),
        own_offset_min=own,
        lacks_offset=pl.lit(False),
    )


def _offset_min(instant: pl.Expr, zone: str) -> pl.Expr:
    local = instant.dt.convert_time_zone(zone)
    return (local.dt.base_utc_offset() + local.dt.dst_offset()).dt.total_minutes().cast(pl.Int16)
