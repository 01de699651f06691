"""Parts of a night: written in store order with row groups that end on bucket borders, read by bucket."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.errors import DamagedError
from simbox.kernels.registers import is_among
from simbox.store.night_manifest import Part, RowGroup
from simbox.tables.cdrs import CDRS
from simbox.tables.writing import ROW_GROUP_ROWS, open_parquet, replacing
from simbox.telecom.identifiers import bucket, first_key, sim_key

# Dictionaries pay where values repeat within a row group; on these they double the time it takes to write.
SELDOM_REPEATED = ("record_id", "started_at", "imsi", "msisdn", "imei", "other_party")
# A page of each column of thirty nights is held at once while they are merged: 60 MB, with pyarrow's usual 1 MiB 480.
PAGE_BYTES = 128 << 10
_READ_AHEAD_BYTES = 64 << 10


class Chosen:
    """Some SIMs, or all but some, and which rows of a frame in store order are theirs."""

    def __init__(self, among: pl.Series | None, without: pl.Series | None = None) -> None:
        self._among = None if among is None else np.sort(sim_key(among.unique().to_numpy()))
        self._without = None if without is None else np.sort(sim_key(without.unique().to_numpy()))

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of these SIMs."""
        keys = sim_key(frame["imsi"].to_numpy())
        chosen = np.ones(keys.size, dtype=bool) if self._among is None else is_among(keys, self._among)
        if self._without is not None:
            chosen &= ~is_among(keys, self._without)
        return frame if chosen.all() else frame.filter(pl.Series(chosen))


def write_part(frames: Iterable[pl.DataFrame], operators: list[str], folder: Path, scratch: Path) -> Part:
    """Write frames in store order, one after the other, as a part of a night.

    Its name comes from its bytes, so that the same rows are never there twice; its bytes from the rows alone, however
    they are cut into frames. `scratch` is a path on the same disk that nobody else uses.
    """
    enum = pl.Enum(operators)
    groups = []
    empty = CDRS.empty().with_columns(pl.col("operator").cast(enum)).to_arrow(compat_level=pl.CompatLevel.oldest())
    with (
        replacing(scratch) as partial,
        open_parquet(partial, empty.schema, SELDOM_REPEATED, PAGE_BYTES, statistics=False) as writer,
    ):
        of_one_enum = (frame.select(CDRS.names).with_columns(pl.col("operator").cast(enum)) for frame in frames)
        for rows in _row_groups(of_one_enum):
            arrow = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
            writer.write_table(arrow, row_group_size=rows.height)
            first, last = bucket(rows["imsi"].gather([0, rows.height - 1]).to_numpy()).tolist()
            groups.append(RowGroup(first, last, rows.height))
    sha256 = file_sha256(scratch)
    name = f"part-{sha256[:16]}.parquet"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.replace(scratch, folder / name)
    return Part(name, sha256, sum(group.rows for group in groups), groups)


def read_part(
    path: Path,
    part: Part,
    buckets: tuple[int, int],
    columns: list[str],
    block_rows: int | None = None,
    chosen: Chosen | None = None,
) -> Iterator[pl.DataFrame]:
    """Rows of a part whose SIMs fall into the buckets, or are among those chosen, a block at a time; row groups outside
    them are not read.

    A block is a row group, which takes two thirds of the time, or so many rows.
    """
    first, last = buckets
    wanted = [n for n, group in enumerate(part.groups) if group.last_bucket >= first and group.first_bucket < last]
    if not wanted:
        return
    is_cut = part.groups[wanted[0]].first_bucket < first or part.groups[wanted[-1]].last_bucket >= last
    blocks = _row_groups_of(path, part, wanted, columns)
    try:
        for frame in blocks if block_rows is None else _blocks_of(path, wanted, columns, block_rows):
            if is_cut:
                keys = sim_key(frame["imsi"].to_numpy())
                start, end = np.searchsorted(keys, [first_key(first), first_key(last)])
                frame = frame.slice(start, end - start)
            if chosen is not None:
                frame = chosen.of(frame)
            if frame.height:
                yield frame
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {_name(path)} can't be read") from error


def _row_groups_of(path: Path, part: Part, wanted: list[int], columns: list[str]) -> Iterator[pl.DataFrame]:
    rows = pl.scan_parquet(path, glob=False).select(columns)
    begins = np.cumsum([0, *(group.rows for group in part.groups)]).tolist()
    for number in wanted:
        yield rows.slice(begins[number], part.groups[number].rows).collect()


def _blocks_of(path: Path, wanted: list[int], columns: list[str], block_rows: int) -> Iterator[pl.DataFrame]:
    with pq.ParquetFile(path, buffer_size=_READ_AHEAD_BYTES, pre_buffer=False) as file:
        for batch in file.iter_batches(block_rows, wanted, columns):
            yield pl.DataFrame(batch).select(columns)


def read_sims(path: Path, sims: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """Rows of a part whose SIMs are among these, in its order."""
    try:
        # Values of the other rows are not even decoded: a tenth of the time of reading all and choosing among them.
        wanted = pl.scan_parquet(path, glob=False, parallel="prefiltered").filter(pl.col("imsi").is_in(sims.implode()))
        return wanted.select(columns).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {_name(path)} can't be read") from error


def part_operators(path: Path) -> list[str]:
    """The operators whose records a part may hold, by its schema alone."""
    try:
        dtype = pl.DataFrame(pq.read_schema(path).empty_table())["operator"].dtype
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DamagedError(f"the store is damaged: {_name(path)} can't be read") from error
    return dtype.categories.to_list() if isinstance(dtype, pl.Enum) else []


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


def _row_groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Groups of about ROW_GROUP_ROWS rows, cut where the bucket changes; at twice as many also inside a bucket."""
    held = pl.DataFrame()
    for frame in frames:
        held = pl.concat([held, frame], rechunk=False) if held.height else frame
        # Only what is longer than the longest group can be cut without knowing what follows.
        while held.height > 2 * ROW_GROUP_ROWS:
            rows = _group_rows(held)
            yield held.head(rows)
            held = held.slice(rows)
    while held.height:
        rows = min(_group_rows(held), held.height)
        yield held.head(rows)
        held = held.slice(rows)


def _group_rows(held: pl.DataFrame) -> int:
    """How many rows the next group has."""
    most = 2 * ROW_GROUP_ROWS
    near = bucket(held["imsi"].slice(ROW_GROUP_ROWS - 1, most - ROW_GROUP_ROWS + 2).to_numpy())
    borders = np.flatnonzero(near[1:] != near[:-1])
    return ROW_GROUP_ROWS + int(borders[0]) if borders.size else most


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
