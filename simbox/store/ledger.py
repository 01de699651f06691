"""The store's ledger: every input file that was taken, and the text of every alphanumeric sender."""

from pathlib import Path

import polars as pl

from simbox.errors import DamagedError
from simbox.store.night_manifest import PREPARED, ledger_path
from simbox.tables.cdrs import FILES, SENDERS
from simbox.tables.declare import Table
from simbox.tables.writing import write_parquet

_LEDGERS = {"files.parquet": FILES, "senders.parquet": SENDERS}
_KEYS = {"files.parquet": "file_number", "senders.parquet": "other_party"}


def read_ledger(store: Path, file: str) -> pl.DataFrame:
    """FILES (`files.parquet`, by file_number) or SENDERS (`senders.parquet`) as the store has them."""
    table = _LEDGERS[file]
    path = ledger_path(store, file)
    if not path.exists():
        return table.empty()
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {file} can't be read") from error
    if dict(frame.schema) != table.schema:
        raise DamagedError(f"the store is damaged: {file} does not have the columns of {table.name}")
    return frame


def prepare_ledger(store: Path, file: str, added: pl.DataFrame) -> str:
    """Write the ledger with rows added beside it; of two rows with the same number the one already there stays."""
    table: Table = _LEDGERS[file]
    known = pl.concat([read_ledger(store, file), added.select(table.names)])
    key = _KEYS[file]
    rows = known.unique(key, keep="first", maintain_order=True).sort(key)
    write_parquet(rows, store / f"{PREPARED}-{file}")
    return file
