"""The store's ledger: every input file that was taken, and the text of every alphanumeric sender."""

from pathlib import Path

import polars as pl

from simbox.errors import DamagedError
from simbox.tables.cdrs import FILES, SENDERS
from simbox.tables.declare import Table
from simbox.tables.writing import write_parquet

_LEDGERS = {"files": FILES, "senders": SENDERS}
_KEYS = {"files": "file_number", "senders": "other_party"}


def read_ledger(store: Path, name: str) -> pl.DataFrame:
    """FILES (`files`, by file_number) or SENDERS (`senders`) as the store has them."""
    table = _LEDGERS[name]
    path = store / f"{name}.parquet"
    if not path.exists():
        return table.empty()
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {path.name} can't be read") from error
    if dict(frame.schema) != table.schema:
        raise DamagedError(f"the store is damaged: {path.name} does not have the columns of {table.name}")
    return frame


def extend_ledger(store: Path, name: str, added: pl.DataFrame) -> None:
    """Add rows, by one rename; of two rows with the same number the one already there stays."""
    table: Table = _LEDGERS[name]
    known = pl.concat([read_ledger(store, name), added.select(table.names)])
    key = _KEYS[name]
    write_parquet(known.unique(key, keep="first", maintain_order=True).sort(key), store / f"{name}.parquet")
