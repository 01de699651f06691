"""How a table is declared: its columns with dtype and meaning, its key, and the check that a frame obeys it."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl


@dataclass(frozen=True)
class Column:
    """One column; `decimals` is how far a float is kept, `any_enum` lets an Enum have its own categories."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    nullable: bool = False
    decimals: int | None = None
    any_enum: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """A table that stages hand to each other or to people: checked on the way and printed as the reference."""

    name: str
    one_row_for: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    file: str | None = None

    @cached_property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Column names with their dtypes, in order."""
        return {column.name: column.dtype for column in self.columns}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    def empty(self) -> pl.DataFrame:
        """The table with no rows."""
        return pl.DataFrame(schema=self.schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with this table's columns only, cast, floats rounded to their decimals, sorted by key."""
        expressions = []
        for column in self.columns:
            if column.name not in frame.columns and column.nullable:
                expressions.append(pl.lit(None, dtype=column.dtype).alias(column.name))
                continue
            expression = pl.col(column.name)
            if not column.any_enum:
                expression = expression.cast(column.dtype)
            if column.decimals is not None:
                rounded = expression.round(column.decimals)
                # 0.0 and -0.0 are equal and differ in bytes; polars leaves out an addition of zero.
                expression = pl.when(rounded == 0).then(pl.lit(0, dtype=column.dtype)).otherwise(rounded)
                expression = expression.alias(column.name)
            expressions.append(expression)
        return self.check(frame.select(expressions).sort(self.key, nulls_last=True))

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame itself, if it obeys the declaration; a ValueError naming every breach otherwise."""
        problems = []
        # Asked for once: each time a hundred columns take as long as a kernel.
        schema = frame.schema
        missing = [name for name in self.names if name not in schema]
        extra = [name for name in schema if name not in self.schema]
        problems += [f"column {name} is missing" for name in missing]
        problems += [f"column {name} is not declared" for name in extra]
        for column in self.columns:
            if column.name in missing:
                continue
            found = schema[column.name]
            fits = isinstance(found, pl.Enum) if column.any_enum else found == column.dtype
            if not fits:
                problems.append(f"column {column.name} is {found}, declared {column.dtype}")
            nulls = frame[column.name].null_count()
            if nulls and not column.nullable:
                problems.append(f"column {column.name} has {nulls} nulls and may have none")
        if not missing and self.key and frame.height and _has_duplicates(frame, self.key):
            problems.append(f"the key {', '.join(self.key)} is not unique")
        if problems:
            raise ValueError(f"table {self.name}: " + "; ".join(problems))
        return frame


def _is_ordered(frame: pl.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether the rows ascend by these columns, none of which holds a null."""
    if any(frame[name].null_count() for name in key):
        return False
    ascends = pl.lit(value=True)
    for name in reversed(key):
        column, former = pl.col(name), pl.col(name).shift()
        ascends = (column > former) | ((column == former) & ascends)
    return bool(frame.select(ascends.slice(1).all()).item()) if key else True


def _has_duplicates(frame: pl.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether two rows have the same key; where rows ascend by it, neighbours tell, in a fifth of the time."""
    if _is_ordered(frame, key):
        same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in key)
        return bool(frame.select(same.any()).item())
    return bool(frame.select(key).is_duplicated().any())
