"""Tables of a bundle as they stand there, and two of them compared row by row."""

import io

import polars as pl

from simbox.cases import Bundle

SHOWN = 5
# What tells which row is meant in each table; where a SIM is part of it, only the row's number is shown.
KEYS = {
    "source_rows.csv": ("file", "line"),
    "claims.csv": ("claim",),
    "claim_rows.csv": ("claim", "row"),
    "listed.csv": ("rank",),
    "sites.csv": ("rig_id", "place_rank"),
    "inputs.csv": ("file", "sha256"),
}
_PATHS = ("file", "line", "claim", "row", "rank", "rig_id", "place_rank")


def read_table(bundle: Bundle, name: str) -> pl.DataFrame:
    """A CSV file of a bundle, all of it text."""
    return parse(bundle.files[name])


def parse(content: bytes) -> pl.DataFrame:
    """CSV as text, nothing taken for null but what is empty."""
    return pl.read_csv(io.BytesIO(content), infer_schema=False)


def compare_tables(name: str, bundled: bytes, remade: bytes) -> list[str]:
    """Where a table of the bundle differs from the one made again: rows added, rows gone, and which columns changed.

    Rows are matched by the table's key if it has one that is no identifier, else by their number. No value is shown.
    """
    there, here = parse(bundled), parse(remade)
    if there.columns != here.columns:
        return [f"{name}: its columns are {', '.join(there.columns)}, made again {', '.join(here.columns)}"]
    key = [column for column in KEYS.get(name, ()) if column in there.columns]
    if not key or there.select(key).is_duplicated().any() or here.select(key).is_duplicated().any():
        key = ["number"]
    there, here = (
        frame.with_row_index("number", 1).with_columns(pl.col("number").cast(pl.String)) for frame in (there, here)
    )
    faults = []
    for frame, other, what in (
        (there, here, "is in the bundle and does not follow from the source"),
        (here, there, "follows from the source and is not in the bundle"),
    ):
        alone = frame.join(other, on=key, how="anti")
        faults += _say(name, alone, key, what)
    both = there.join(here, on=key, suffix=" again")
    values = [column for column in there.columns if column not in (*key, "number")]
    for column in values:
        changed = both.filter(pl.col(column).ne_missing(pl.col(f"{column} again")))
        faults += _say(name, changed, key, f"{column} is not what the source says")
    return faults


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_row_index("number", 1).with_columns(pl.col("number").cast(pl.String))


def _say(name: str, rows: pl.DataFrame, key: list[str], what: str) -> list[str]:
    """The first rows one by one, then how many more."""
    faults = []
    for row in rows.head(SHOWN).iter_rows(named=True):
        where = [f"{column} {row[column]}" for column in _PATHS if column in (*key, "file") and row.get(column)]
        place = ", ".join(where) or f"row {row['number']}"
        faults.append(f"{name}, {place}: {what}")
    if rows.height > SHOWN:
        faults.append(f"{name}: {rows.height - SHOWN} more rows: {what}")
    return faults
