"""Every declared table finds each breach of its declaration, and brings a frame that obeys into its form."""

import importlib
import pkgutil
from datetime import UTC, date, datetime

import polars as pl
import pytest

from simbox import tables
from simbox.tables.declare import Column, Table


def declared_tables():
    found = {}
    for module in pkgutil.iter_modules(tables.__path__, f"{tables.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Table):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


ALL = declared_tables()
each_table = pytest.mark.parametrize("table", ALL, ids=[table.name for table in ALL])


def sample(column, row):
    """A value of the column's type, another for each row."""
    dtype = column.dtype
    if isinstance(dtype, pl.Enum):
        return dtype.categories[row % len(dtype.categories)] if len(dtype.categories) else None
    if isinstance(dtype, pl.List):
        return [row]
    if dtype == pl.Boolean:
        return row % 2 == 0
    if dtype == pl.Date:
        return date(2025, 3, 1 + row)
    if isinstance(dtype, pl.Datetime):
        return datetime(2025, 3, 1 + row, tzinfo=UTC)
    if dtype == pl.String:
        return f"text {row}"
    if dtype.is_float():
        return row + 0.123456789
    return row + 1


def frame_of(table, rows=3):
    columns = []
    for column in table.columns:
        dtype = pl.Enum(["one"]) if column.any_enum else column.dtype
        values = ["one"] * rows if column.any_enum else [sample(column, row) for row in range(rows)]
        columns.append(pl.Series(column.name, values, dtype=dtype))
    return pl.DataFrame(columns)


@each_table
def test_a_frame_that_obeys_passes(table):
    assert table.check(frame_of(table)).height == 3
    assert table.check(table.empty()).is_empty()


@each_table
def test_every_column_has_a_meaning_and_the_key_is_declared(table):
    assert all(column.meaning and not column.meaning.endswith(".") for column in table.columns)
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert not any(column.nullable for column in table.columns if column.name in table.key and table.name != "REASONS")


@each_table
def test_every_missing_column_is_named(table):
    with pytest.raises(ValueError, match="is missing") as caught:
        table.check(pl.DataFrame())
    assert str(caught.value).startswith(f"table {table.name}: ")
    assert all(f"column {name} is missing" in str(caught.value) for name in table.names)


@each_table
def test_a_column_that_is_not_declared_is_named(table):
    with pytest.raises(ValueError, match="column stranger is not declared"):
        table.check(frame_of(table).with_columns(stranger=1))


@each_table
def test_every_wrong_type_is_named(table):
    wrong = frame_of(table).with_columns(pl.lit(1, dtype=pl.Int128).alias(name) for name in table.names)
    with pytest.raises(ValueError, match="declared") as caught:
        table.check(wrong)
    assert all(f"column {name} is Int128" in str(caught.value) for name in table.names)


@each_table
def test_nulls_are_named_where_there_may_be_none(table):
    empty = frame_of(table, 1).with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in frame_of(table, 1).schema.items()
    )
    required = [column.name for column in table.columns if not column.nullable]
    if not required:
        table.check(empty)
        return
    with pytest.raises(ValueError, match="1 nulls") as caught:
        table.check(empty)
    assert str(caught.value).count("1 nulls") == len(required)


@each_table
def test_a_key_that_repeats_is_named(table):
    twice = frame_of(table, 1)
    twice = pl.concat([twice, twice])
    if not table.key:
        table.check(twice)
        return
    with pytest.raises(ValueError, match="is not unique"):
        table.check(twice)


@each_table
def test_conforming_sorts_orders_and_rounds(table):
    frame = frame_of(table)
    conformed = table.conform(frame.reverse().select(reversed(frame.columns)).with_columns(stranger=1))
    assert tuple(conformed.columns) == table.names
    if table.key:
        assert conformed.equals(conformed.sort(table.key))
        assert conformed.equals(table.conform(frame))
    for column in table.columns:
        if column.decimals is not None:
            assert conformed[column.name].equals(conformed[column.name].round(column.decimals))


def test_conforming_fills_columns_that_may_be_null():
    table = Table("T", "row", ("a",), (Column("a", pl.Int64, "key"), Column("b", pl.Float64, "value", True)))
    assert table.conform(pl.DataFrame({"a": [2, 1]})).rows() == [(1, None), (2, None)]


def test_conforming_leaves_no_negative_zero():
    table = Table("T", "row", ("a",), (Column("a", pl.Int64, "key"), Column("b", pl.Float64, "value", decimals=1)))
    conformed = table.conform(pl.DataFrame({"a": [1, 2, 3], "b": [-0.0, -0.04, -0.06]}))
    assert [str(value) for value in conformed["b"]] == ["0.0", "0.0", "-0.1"]
