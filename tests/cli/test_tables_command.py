"""`simbox tables` prints every table that is declared anywhere, column by column."""

import pkgutil
from importlib import import_module

import pytest
from click.testing import CliRunner

import simbox.tables
from simbox.cli.tables import tables
from simbox.features import ABSENT, FEATURES, GRAPH
from simbox.tables.declare import Table


def _declared() -> dict[str, Table]:
    found = {FEATURES.name: FEATURES}
    for module in pkgutil.iter_modules(simbox.tables.__path__, "simbox.tables."):
        held = vars(import_module(module.name)).values()
        found |= {table.name: table for table in held if isinstance(table, Table)}
    return found


@pytest.fixture(scope="module")
def reference() -> dict[str, list[str]]:
    """Table name to the lines printed for it."""
    done = CliRunner().invoke(tables)
    assert done.exit_code == 0, done.output
    blocks = [block.splitlines() for block in done.stdout.strip().split("\n\n")]
    return {block[0].split()[0]: block for block in blocks}


def test_every_declared_table_is_printed_once(reference: dict[str, list[str]]) -> None:
    assert sorted(reference) == sorted([*_declared(), "ABSENT:", "GRAPH:"])


def test_patterns_without_a_column_are_printed_with_the_reason(reference: dict[str, list[str]]) -> None:
    printed = "\n".join(reference["GRAPH:"] + reference["ABSENT:"])
    assert all(f"    {line.name}: {line.meaning} " in printed for line in GRAPH)
    assert all(f"    {pattern.pattern} [{pattern.source}]: {pattern.reason}" in printed for pattern in ABSENT)


@pytest.mark.parametrize("name", sorted(_declared()))
def test_a_table_is_printed_with_file_key_and_columns(reference: dict[str, list[str]], name: str) -> None:
    table = _declared()[name]
    title, rows, *columns = reference[name]
    assert title == (f"{name} ({table.file})" if table.file else name)
    assert table.one_row_for in rows
    assert all(key in rows for key in table.key)
    assert [line.split(":")[0].strip() for line in columns] == list(table.names)
    assert all(line.endswith(column.meaning) for line, column in zip(columns, table.columns, strict=True))
