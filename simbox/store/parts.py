"""Parts of a night: written sorted by bucket and SIM with row groups that end on bucket borders, read by bucket."""

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.errors import DamagedError
from simbox.store.night_manifest import Part, RowGroup, night_folder
from simbox.tables.cdrs import CDRS, STORE_ORDER
from simbox.tables.writing import ROW_GROUP_ROWS, write_parquet
from simbox.telecom.identifiers import bucket

# Dictionaries pay where values repeat within a row group; on these they double the time it takes to write.
SELDOM_REPEATED = ("record_id", "started_at", "imsi", "msisdn", "other_party")
_BUCKET = "bucket"


def write_part(store: Path, night: date, cdrs: pl.DataFrame) -> Part:
    """Write one part of a night; its name comes from its bytes, so that the same rows are never there twice."""
    ordered = cdrs.select(*CDRS.names, pl.Series(_BUCKET, bucket(cdrs["imsi"].to_numpy()))).sort(_BUCKET, *STORE_ORDER)
    groups = _row_groups(ordered[_BUCKET].to_numpy())
    folder = night_folder(store, night)
    incoming = folder / ".incoming.parquet"
    borders = np.cumsum([group.rows for group in groups]).tolist()
    write_parquet(ordered.drop(_BUCKET), incoming, borders, plain=SELDOM_REPEATED)
    sha256 = file_sha256(incoming)
    name = f"part-{sha256[:16]}.parquet"
    incoming.replace(folder / name)
    return Part(name, sha256, ordered.height, groups)


def read_part(path: Path, part: Part, buckets: tuple[int, int], columns: list[str]) -> pl.DataFrame:
    """Rows of a part whose SIMs fall into the buckets; row groups outside them are not read."""
    first, last = buckets
    wanted = [n for n, group in enumerate(part.groups) if group.last_bucket >= first and group.first_bucket < last]
    if not wanted:
        return CDRS.empty().select(columns)
    offset = sum(group.rows for group in part.groups[: wanted[0]])
    rows = sum(part.groups[n].rows for n in wanted)
    try:
        frame = pl.scan_parquet(path, glob=False).select(columns).slice(offset, rows).collect(engine="in-memory")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {_name(path)} can't be read") from error
    inside = all(part.groups[n].first_bucket >= first and part.groups[n].last_bucket < last for n in wanted)
    if inside:
        return frame
    found = bucket(frame["imsi"].to_numpy())
    return frame.filter(pl.Series((found >= first) & (found < last)))


def verify_part(path: Path, part: Part) -> None:
    """DamagedError unless the part is there with the bytes its manifest names."""
    if not path.is_file():
        raise DamagedError(f"the store is damaged: {_name(path)} is missing")
    if file_sha256(path) != part.sha256:
        raise DamagedError(f"the store is damaged: {_name(path)} does not have the SHA-256 that its manifest names")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row_groups(bucket_of_row: npt.NDArray[np.int64]) -> list[RowGroup]:
    """Row groups of about ROW_GROUP_ROWS rows, cut where the bucket changes."""
    if bucket_of_row.size == 0:
        return []
    starts = np.flatnonzero(np.diff(bucket_of_row, prepend=-1))
    ends = np.append(starts[1:], bucket_of_row.size)
    groups = []
    first_row = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        is_full = end - first_row >= ROW_GROUP_ROWS
        if is_full or end == bucket_of_row.size:
            groups.append(RowGroup(int(bucket_of_row[first_row]), int(bucket_of_row[start]), end - first_row))
            first_row = end
    return groups


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
