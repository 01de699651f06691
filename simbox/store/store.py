"""A store folder: what it holds, and how records go in and come out."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Lock

import numpy as np
import polars as pl

from simbox.errors import InputError
from simbox.store.cursors import Cursor, cut_between_sims, merge_cursors
from simbox.store.ledger import read_ledger
from simbox.store.lock import LOCK, StoreLock
from simbox.store.memory import Memory, give_back_early, read_memory
from simbox.store.night_manifest import Part, carry_out, find_nights, night_folder, read_manifest, sweep
from simbox.store.order import merge_records
from simbox.store.parts import Chosen, part_operators, read_part, read_sims, verify_part
from simbox.store.runs import BLOCK_ROWS
from simbox.store.upkeep import NightInfo, compact_night, describe_night, drop_nights, past_retention
from simbox.store.writer import SCRATCH, StoreWriter
from simbox.tables.cdrs import CDRS, STORE_ORDER
from simbox.telecom.identifiers import BUCKETS, bucket

MOST_BLOCK_ROWS = 131_072
ALL_BUCKETS = (0, BUCKETS)


class Store:
    """CDRS of many nights in one folder, and the memory that work on them may take."""

    def __init__(self, path: Path, memory: Memory) -> None:
        self.path = path
        self.memory = memory
        self._lock = StoreLock(path)
        self._verified: set[str] = set()
        self._verifying = Lock()
        self._operators: dict[Path, list[str]] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out for a whole block; LockedError where another run has the lock."""
        if self._lock.is_held:
            yield
            return
        self._lock.acquire()
        try:
            carry_out(self.path)
            sweep(self.path)
            yield
        finally:
            self._lock.release()

    def nights(self) -> list[date]:
        """The nights that hold records, in order."""
        return find_nights(self.path)

    def rows(self, nights: Sequence[date]) -> int:
        """How many records these nights hold."""
        return sum(part.rows for night in nights for part in self._parts(night))

    def write(self) -> StoreWriter:
        """A writer, to be used in a with statement; it holds the store's lock."""
        return StoreWriter(self.path, self.memory, self._lock)

    def add(self, night: date, cdrs: pl.DataFrame, *, replace: bool = False) -> None:
        """Add CDRS of one night as a part of it, or in place of its parts; the same a second time change nothing."""
        if cdrs.is_empty():
            return
        if not (cdrs["night"] == night).all():
            raise ValueError("records of one night were handed over as those of another")
        with self.write() as writer:
            writer.add(cdrs)
            writer.commit(replace=replace)

    def bucket_ranges(self, nights: Sequence[date], rows_per_part: int) -> list[tuple[int, int]]:
        """Contiguous ranges [first, last) that cover all buckets, each with about so many rows of each part.

        Rows are taken as even within a row group, which the manifests know; a range has at least one bucket. Of a
        single part the ranges are whole row groups, so that none is read twice.
        """
        rows = np.zeros(BUCKETS)
        parts = [part for night in nights for part in self._parts(night)]
        for group in (group for part in parts for group in part.groups):
            width = group.last_bucket - group.first_bucket + 1
            rows[group.first_bucket : group.last_bucket + 1] += group.rows / width
        before = np.concatenate([[0.0], np.cumsum(rows)])
        count = max(1, min(BUCKETS, round(before[-1] / (rows_per_part * max(len(parts), 1)))))
        shares = before[-1] * np.arange(1, count) / count
        borders = np.clip(np.searchsorted(before, shares), 1, BUCKETS - 1)
        if len(parts) == 1:
            begins = np.array([group.first_bucket for group in parts[0].groups] + [BUCKETS])
            borders = begins[np.searchsorted(begins, borders)]
        inner = np.unique(borders[(borders > 0) & (borders < BUCKETS)]).tolist()
        return list(zip([0, *inner], [*inner, BUCKETS], strict=True))

    def stream(
        self,
        nights: Sequence[date],
        columns: Sequence[str] | None = None,
        buckets: tuple[int, int] = ALL_BUCKETS,
        rows: int | None = None,
        sims: int | None = None,
        among: pl.Series | None = None,
        without: pl.Series | None = None,
    ) -> Iterator[pl.DataFrame]:
        """CDRS of these nights by (bucket, STORE_ORDER) over all nights and parts, each SIM whole in one frame.

        A frame has about `rows` rows, and at most `sims` SIMs, by default as many as memory allows features to be
        computed of at once; only a SIM with more rows makes a longer one. Where frames are cut depends on memory, their
        order does not. The operators of the Enum are those of all parts of the nights, in alphabetical order. With
        `among` SIMs other than these are left out before the nights are merged, and those of `without` as well.
        """
        wanted = list(CDRS.names if columns is None else columns)
        parts = [(self._checked(night, part), part) for night in sorted(set(nights)) for part in self._parts(night)]
        # One part is in order already and needs no column to order by.
        ordering = STORE_ORDER if len(parts) > 1 else STORE_ORDER[:1]
        needed = [name for name in CDRS.names if name in wanted or name in ordering]
        enum = self._enum_of(path for path, _ in parts)
        held = rows or self.memory.rows_computed
        block = None if self.memory.holds_row_groups(len(parts)) else _block_rows(held, len(parts))
        chosen = None if among is None and without is None else Chosen(among, without)
        cursors = [Cursor(read_part(path, part, buckets, needed, block, chosen)) for path, part in parts]
        for merged in merge_cursors(cursors, held):
            for frame in cut_between_sims(merged, sims or self.memory.sims_computed):
                yield frame.select(pl.col(name).cast(enum) if name == "operator" else pl.col(name) for name in wanted)

    def stream_sim(self, nights: Sequence[date], imsi: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """CDRS of one SIM night by night, each in the order of `stream` and in as many frames as it takes.

        What is held is a row group of these columns, or of a night of several parts the SIM's records in it.
        """
        enum = self._enum_of(self._checked(night, part) for night in nights for part in self._parts(night))
        wanted = [pl.col(name).cast(enum) if name == "operator" else pl.col(name) for name in columns]
        [of_sim] = bucket(np.array([imsi], dtype=np.int64)).tolist()
        buckets, sim = (of_sim, of_sim + 1), pl.Series([imsi])
        needed = [name for name in CDRS.names if name in columns or name == "imsi"]
        for night in sorted(set(nights)):
            parts = self._parts(night)
            if len(parts) == 1:
                path = self._checked(night, parts[0])
                frames = read_part(path, parts[0], buckets, needed, chosen=Chosen(sim))
            else:
                frames = self.stream([night], needed, buckets, among=sim)
            yield from (frame.select(wanted) for frame in frames)

    def read(
        self,
        nights: Sequence[date],
        buckets: tuple[int, int] = ALL_BUCKETS,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """The frames of `stream` as one."""
        frames = list(self.stream(nights, columns, buckets))
        if not frames:
            return self._empty(nights).select(CDRS.names if columns is None else columns)
        return pl.concat(frames, rechunk=True)

    def read_sims(self, nights: Sequence[date], sims: pl.Series, columns: Sequence[str] = CDRS.names) -> pl.DataFrame:
        """CDRS of some SIMs in the order of `stream`, all at once: for the few that are looked at closely."""
        needed = [name for name in CDRS.names if name in columns or name in STORE_ORDER]
        wanted = sims.unique().sort()
        parts = [self._checked(night, part) for night in sorted(set(nights)) for part in self._parts(night)]
        pieces = [read_sims(path, wanted, needed) for path in parts]
        enum = self._enum_of(parts)
        merged = merge_records(pieces) if pieces else CDRS.empty()
        return merged.select(pl.col(name).cast(enum) if name == "operator" else pl.col(name) for name in columns)

    def files(self) -> pl.DataFrame:
        """FILES of every input file taken so far, by file_number; one path may stand there with several contents."""
        return read_ledger(self.path, "files.parquet")

    def senders(self) -> pl.DataFrame:
        """SENDERS of every alphanumeric sender seen so far."""
        return read_ledger(self.path, "senders.parquet")

    def describe(self, *, verify: bool = False) -> list[NightInfo]:
        """What each night holds; with `verify` every part is compared with its SHA-256."""
        return [describe_night(self.path, night, verify=verify) for night in self.nights()]

    def compact(self, nights: Sequence[date] | None = None) -> dict[date, int]:
        """Merge the parts of each night into one with the same records; how many parts each had."""
        with self.locked():
            scratch = self.path / SCRATCH
            scratch.mkdir(mode=0o700, exist_ok=True)
            try:
                return {
                    night: compact_night(self.path, night, self.memory, scratch / f"{night.isoformat()}.parquet")
                    for night in (self.nights() if nights is None else nights)
                }
            finally:
                shutil.rmtree(scratch, ignore_errors=True)

    def retain(self, days: int) -> list[date]:
        """Keep the last `days` days up to the last night and drop the nights before; which these were."""
        with self.locked():
            gone = past_retention(self.path, days)
            if gone:
                drop_nights(self.path, gone)
            return gone

    def _empty(self, nights: Sequence[date]) -> pl.DataFrame:
        enum = self._enum_of(self._checked(night, part) for night in nights for part in self._parts(night))
        return CDRS.empty().with_columns(pl.col("operator").cast(enum))

    def _parts(self, night: date) -> list[Part]:
        return read_manifest(self.path, night).parts

    def _enum_of(self, paths: Iterable[Path]) -> pl.Enum:
        # A part is named after its bytes, so what it says once it says for ever; asking takes a hundredth of a second.
        names: set[str] = set()
        for path in paths:
            if path not in self._operators:
                self._operators[path] = part_operators(path)
            names.update(self._operators[path])
        return pl.Enum(sorted(names))

    def _checked(self, night: date, part: Part) -> Path:
        """Where a part is, once its bytes have been compared with its SHA-256."""
        path = night_folder(self.path, night) / part.file
        # Several threads may ask for ranges of one part at once.
        with self._verifying:
            if part.sha256 not in self._verified:
                verify_part(path, part)
                self._verified.add(part.sha256)
        return path


def open_store(path: Path, *, create: bool = False, memory: Memory | None = None) -> Store:
    """The store in a folder; with `create` one that has nothing yet, whose folder appears with its first record."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is not a store: it is a file")
    held = {entry.name for entry in path.iterdir()} - {LOCK, SCRATCH} if path.is_dir() else set()
    is_store = bool(held & {"files.parquet", "journal.json"}) or any(name.startswith("night=") for name in held)
    if is_store or (create and not held):
        give_back_early()
        return Store(path, memory or read_memory(None))
    if create:
        raise InputError(f"{path} is not a store and not empty: choose another folder")
    raise InputError(f"there is no store at {path}")


def _block_rows(held: int, parts: int) -> int:
    # A block costs as much as thousands of rows; a quarter of what a part may hold adds little to it.
    return min(max(held // (4 * max(parts, 1)), BLOCK_ROWS), MOST_BLOCK_ROWS)
