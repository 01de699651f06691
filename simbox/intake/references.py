"""The tables beside the CDRs: subscribers, cells, gateways, exemptions, ported numbers and reports."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.errors import InputError
from simbox.intake import fields
from simbox.intake.blocks import LINE, Block
from simbox.intake.columnar import read_columnar, wrong_types
from simbox.intake.delimited import read_delimited, show_names
from simbox.intake.instants import read_instants
from simbox.intake.sources import Source, UnreadableError, identify
from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table
from simbox.tables.reference import CELLS, REFERENCE_TABLES, REPORTS

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".parquet")
SHOWN_LINES = 5
# Countries are smaller than this, and few lie where their latitude might be their longitude.
EXCHANGED_DEG = 15.0
# 43,25 and 43°15'N: what is left out of a table for that would be half of a network.
_NOT_DECIMAL = r"^\s*[+-]?[0-9]+,[0-9]+\s*$|[°º'′\"″]|[0-9]\s*[NSEWnsew]\s*$|^\s*[NSEWnsew]\s*[0-9]"
_WITHOUT = {
    "subscribers": "without it no SIM is known to be unregistered, and records that carry only a number are resolved "
    "from the other records alone",
    "cells": "without it nothing can be located: a place is one cell, and rigs have no position",
    "gateways": "without it lawful gateways can't be told from rigs",
    "exemptions": "without it no SIM is exempt from the list",
    "ported": "without it numbers that changed operator count for the operator of their prefix",
    "reports": "without it complaints and test calls don't weigh in",
}
# South, west, north, east, in degrees.
Bounds = tuple[float, float, float, float]
_IDENTIFIERS = {"imsi": fields.imsi, "msisdn": fields.msisdn, "imei": fields.imei}


class References(NamedTuple):
    """The reference tables, empty where absent (their names are in `missing`), rows in order of their values."""

    subscribers: pl.DataFrame
    cells: pl.DataFrame
    gateways: pl.DataFrame
    exemptions: pl.DataFrame
    ported: pl.DataFrame
    reports: pl.DataFrame
    missing: tuple[str, ...]
    warnings: list[str]


def read_references(source: Path, bounds: Bounds | None = None) -> References:
    """The reference tables of a source folder; InputError names everything that is wrong with them.

    Cells must lie within `bounds` (simbox.toml); without any, those are wrong that lie among the others only with
    latitude and longitude exchanged.
    """
    frames: dict[str, pl.DataFrame] = {}
    problems: list[str] = []
    warnings: list[str] = []
    missing = []
    for table in REFERENCE_TABLES:
        name = str(table.file)
        frames[name] = table.empty()
        paths = [path for suffix in SUFFIXES if (path := source / f"{name}{suffix}").is_file()]
        if not paths:
            missing.append(name)
            warnings.append(f"there is no {name} table: {_WITHOUT[name]}")
        elif len(paths) > 1:
            problems.append(f"table {name} is there twice: {', '.join(path.name for path in paths)}")
        else:
            try:
                raw = _read_raw(identify(paths[0], paths[0].name), table)
                frames[name] = _convert(raw, table, paths[0].name, bounds, problems, warnings)
            except UnreadableError as error:
                problems.append(f"{paths[0].name}: {error}")
    if problems:
        raise InputError("the reference tables can't be used:", problems)
    return References(**frames, missing=tuple(missing), warnings=warnings)


def _read_raw(source: Source, table: Table) -> Block:
    """All rows of a file as they stand there."""
    if source.is_parquet:
        blocks: list[Block] = []
        for block in read_columnar(source, table.names):
            if not blocks and (wrong := wrong_types(block.frame.schema, table.names)):
                raise UnreadableError("; ".join(wrong))
            blocks.append(block)
        # The first block shows all columns; the others have the wanted ones only, as they were read.
        unknown = [name for name in blocks[0].frame.columns if name not in blocks[-1].frame.columns]
        rows = blocks[1:] or [blocks[0]]
        frame = pl.concat([block.frame for block in rows])
        return Block(frame.with_columns(pl.lit(None, dtype=pl.Null).alias(name) for name in unknown), [], frame.height)
    blocks = list(read_delimited(source))
    if not blocks:
        raise UnreadableError("it is empty")
    misshapen = [line for block in blocks for line in block.misshapen]
    return Block(pl.concat([block.frame for block in blocks]), misshapen, sum(block.lines for block in blocks))


def _convert(
    raw: Block, table: Table, file: str, bounds: Bounds | None, problems: list[str], warnings: list[str]
) -> pl.DataFrame:
    """The declared table from raw rows; adds what is wrong to `problems` and what was passed over to `warnings`."""
    frame = raw.frame
    found = [
        f"{file}: column {column.name} is missing"
        for column in table.columns
        if column.name not in frame.columns and not column.optional
    ]
    if table is REPORTS and not {"imsi", "msisdn"} & set(frame.columns):
        found.append(f"{file}: needs a column imsi or msisdn")
    unknown = [name for name in frame.columns if name not in table.names and name != LINE]
    if unknown:
        warnings.append(f"{file}: columns without a meaning here were passed over: {show_names(unknown)}")
    if raw.misshapen:
        lines = pl.Series([line.line for line in raw.misshapen])
        found.append(f"{file}: {_say(lines, 'another number of fields than the header, or broken text')}")
    if found:
        problems += found
        return table.empty()
    columns = []
    for column in table.columns:
        if column.name not in frame.columns:
            columns.append(pl.Series(column.name, [None], dtype=column.dtype).new_from_index(0, frame.height))
            continue
        given = frame[column.name]
        values = _values(frame, column).cast(column.dtype).alias(column.name)
        unusable = frame[LINE].filter(values.is_null() & (given.is_not_null() | (not column.nullable)))
        is_place = table is CELLS and column.name in ("lat", "lon")
        foreign = frame[LINE].filter(_is_not_decimal(given)) if is_place else frame[LINE].clear()
        is_spoilt = is_place and (values.null_count() == frame.height or bounds is not None)
        if foreign.len():
            problems.append(f"{file}: column {column.name}: {_say(foreign, 'no decimal degrees (as 43.25)')}")
            continue
        if unusable.len() and column.nullable and not is_spoilt:
            warnings.append(f"{file}: column {column.name}: {_say(unusable, 'no usable value')}; left empty")
        elif unusable.len():
            problems.append(f"{file}: column {column.name}: {_say(unusable, 'no usable value')}")
        columns.append(values)
    if table is CELLS:
        problems += [f"{file}: {problem}" for problem in _misplaced(frame, bounds)]
    if len(columns) < len(table.columns):
        return table.empty()
    converted = pl.DataFrame(columns)
    if any(not column.nullable and converted[column.name].null_count() for column in table.columns):
        return table.empty()
    # Rows in order of their values, each once: nothing may depend on how a file was ordered.
    return table.check(converted.unique().sort(converted.columns))


def _values(frame: pl.DataFrame, column: Column) -> pl.Series:
    name, schema = column.name, frame.schema
    if schema[name] == pl.Null:
        return frame[name]
    if name == "cell":
        return fields.read_cells(frame[name])
    if name == "id":
        return frame.select(_exempted(schema)).to_series()
    if name in _IDENTIFIERS:
        return frame.select(_IDENTIFIERS[name](schema)).to_series()
    if column.dtype == INSTANT:
        return read_instants(frame[name])["started_at"]
    if isinstance(column.dtype, pl.Enum):
        return frame.select(fields.word(name, column.dtype)).to_series()
    if column.dtype == pl.Date and schema[name] == pl.String:
        return frame.select(pl.col(name).str.to_date("%Y-%m-%d", strict=False)).to_series()
    if column.dtype == pl.Float64:
        return frame.select(_number(name)).to_series()
    return frame[name].cast(column.dtype, strict=False)


def _exempted(schema: pl.Schema) -> pl.Expr:
    kind = pl.col("id_type").cast(pl.String)
    return pl.coalesce(pl.when(kind == name).then(read(schema, "id")) for name, read in _IDENTIFIERS.items())


def _number(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Float64, strict=False)
    limit = {"lat": 90.0, "lon": 180.0}.get(name, float("inf"))
    return pl.when(value.is_finite() & (value.abs() <= limit)).then(value)


def _is_not_decimal(given: pl.Series) -> pl.Series:
    """Which texts are places in another notation than decimal degrees."""
    if given.dtype != pl.String:
        return pl.repeat(False, given.len(), eager=True)
    return given.str.contains(_NOT_DECIMAL).fill_null(False)


def _misplaced(frame: pl.DataFrame, bounds: Bounds | None) -> list[str]:
    """Masts on the equator's zero point, those out of bounds, and those with lat and lon exchanged."""
    # As given: a longitude that stands in the place of the latitude may be more than any latitude.
    cells = frame.select(LINE, *(pl.col(name).cast(pl.Float64, strict=False).fill_nan(None) for name in ("lat", "lon")))
    lat, lon = pl.col("lat"), pl.col("lon")

    def is_near(one: pl.Expr, other: pl.Expr) -> pl.Expr:
        return ((one - lat.median()).abs() < EXCHANGED_DEG) & ((other - lon.median()).abs() < EXCHANGED_DEG)

    def is_within(one: pl.Expr, other: pl.Expr) -> pl.Expr:
        assert bounds is not None
        south, west, north, east = bounds
        is_between = other.is_between(west, east) if west <= east else (other >= west) | (other <= east)
        return one.is_between(south, north) & is_between

    is_there = is_near if bounds is None else is_within
    at_zero, exchanged = (lat == 0) & (lon == 0), ~is_there(lat, lon) & is_there(lon, lat)
    wrong = {"latitude and longitude 0": at_zero, "latitude and longitude exchanged": exchanged & ~at_zero}
    if bounds is not None:
        wrong["a place out of country.bounds in simbox.toml"] = ~is_within(lat, lon) & ~exchanged & ~at_zero
    found = {words: cells.filter(is_wrong)[LINE] for words, is_wrong in wrong.items()}
    return [f"column lat: {_say(lines, words)}" for words, lines in found.items() if lines.len()]


def _say(lines: pl.Series, what: str) -> str:
    """How many rows have something, and the first lines where."""
    first = ", ".join(str(line) for line in lines.sort().head(SHOWN_LINES))
    more = ", ..." if lines.len() > SHOWN_LINES else ""
    return f"{lines.len()} {'row has' if lines.len() == 1 else 'rows have'} {what} (line {first}{more})"
