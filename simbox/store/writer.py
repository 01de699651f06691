"""Records into the store: held, or put on disk as sorted runs, until all are there; then merged, then all counted."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import TracebackType

import polars as pl

from simbox.store.cursors import Cursor, merge_cursors
from simbox.store.ledger import prepare_ledger
from simbox.store.lock import StoreLock
from simbox.store.memory import Memory
from simbox.store.night_manifest import NightManifest, carry_out, commit, night_folder, read_manifest, sweep
from simbox.store.order import sort_records, with_one_enum
from simbox.store.parts import write_part
from simbox.store.runs import BLOCK_ROWS, Pile, read_run, write_run
from simbox.tables.cdrs import CDRS, FILES, SENDERS

SCRATCH = ".writing"
# Sorting a night keeps all cores busy, writing it only one.
NIGHTS_AT_ONCE = 2


class StoreWriter:
    """Takes CDRS of any nights in any order; nothing of them counts before `commit`, nor after a death on the way."""

    def __init__(self, path: Path, memory: Memory, lock: StoreLock) -> None:
        self._path = path
        self._memory = memory
        self._lock = lock
        self._scratch = path / SCRATCH
        self._held: dict[date, list[pl.DataFrame]] = {}
        self._held_rows = 0
        self._runs: dict[date, list[Path]] = {}
        self._rows: Counter[date] = Counter()

    def __enter__(self) -> "StoreWriter":
        self._had_lock = self._lock.is_held
        if not self._had_lock:
            self._lock.acquire()
        try:
            carry_out(self._path)
            sweep(self._path)
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch.mkdir(mode=0o700)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def add(self, cdrs: pl.DataFrame) -> None:
        """Take CDRS, `operator` as Enum or Categorical; they go to disk when more are held than memory allows."""
        for (night,), rows in cdrs.partition_by("night", as_dict=True, maintain_order=True).items():
            self._held.setdefault(night, []).append(CDRS.check(_with_enum(rows.select(CDRS.names))))
            self._rows[night] += rows.height
        self._held_rows += cdrs.height
        if self._held_rows >= self._memory.rows_held:
            self._spill()

    def nights(self) -> list[date]:
        """The nights of the records taken so far, in order."""
        return sorted(self._held.keys() | self._runs.keys())

    def frames(self, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of all records taken so far, in no order; `operator` as a Categorical."""
        operator = pl.col("operator").cast(pl.Categorical)
        wanted = [operator if name == "operator" else pl.col(name) for name in columns]
        for paths in self._runs.values():
            for path in paths:
                yield pl.concat(block.select(wanted) for block in read_run(path))
        for frames in self._held.values():
            yield from (frame.select(wanted) for frame in frames)

    def pile(self) -> Pile:
        """Room for records that can't be added yet, within the same memory."""
        return Pile(self._scratch / "aside", self._memory.rows_held // 4)

    def commit(
        self,
        files: pl.DataFrame | None = None,
        senders: pl.DataFrame | None = None,
        *,
        replace: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Write a part for each night and enter FILES and SENDERS in the ledger; then all of it counts at once.

        The same records of a night a second time change nothing. With `replace` the nights hold only these records.
        """
        nights = self.nights()
        changed = []
        with ThreadPoolExecutor(NIGHTS_AT_ONCE) as pool:
            for done, manifest in enumerate(pool.map(lambda night: self._write_night(night, replace), nights)):
                changed.append(manifest)
                progress(done + 1, len(nights))
        given = {"senders.parquet": (SENDERS, senders), "files.parquet": (FILES, files)}
        ledgers = [
            prepare_ledger(self._path, file, added)
            for file, (_, added) in given.items()
            if added is not None and (added.height or not (self._path / file).exists())
        ]
        commit(self._path, changed, ledgers)
        sweep(self._path)

    def _write_night(self, night: date, replace: bool) -> NightManifest:
        held = with_one_enum(self._held.pop(night, []))
        operators = {name for frame in held[:1] for name in _operators(frame)}
        pieces = [iter(_blocks(sort_records(pl.concat(held))))] if held else []
        del held
        for path in self._runs.get(night, []):
            operators |= set(_operators(next(read_run(path))))
            pieces.append(read_run(path))
        cursors = [Cursor(piece) for piece in pieces]
        rows = self._memory.rows_merged // NIGHTS_AT_ONCE
        part = write_part(
            merge_cursors(cursors, rows),
            sorted(operators),
            night_folder(self._path, night),
            self._scratch / f"{night.isoformat()}.parquet",
        )
        if part.rows != self._rows[night]:
            raise AssertionError(f"{self._rows[night]} records of {night} were taken and {part.rows} written")
        known = [] if replace else read_manifest(self._path, night).parts
        parts = {known_part.file: known_part for known_part in [*known, part]}
        return NightManifest(night, [parts[file] for file in sorted(parts)])

    def _spill(self) -> None:
        """Put what is held on disk, a run for each night."""
        for night in list(self._held):
            rows = sort_records(pl.concat(with_one_enum(self._held.pop(night))))
            runs = self._runs.setdefault(night, [])
            path = self._scratch / f"{night.isoformat()}-{len(runs)}.run"
            write_run(rows, path)
            runs.append(path)
        self._held_rows = 0

    def _leave(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        if not self._had_lock:
            self._lock.release()


def _blocks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return frame.iter_slices(BLOCK_ROWS * 64)


def _with_enum(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an Enum of just the operators that are in it."""
    names = frame["operator"].unique().cast(pl.String).sort().to_list()
    return frame.with_columns(pl.col("operator").cast(pl.String).cast(pl.Enum(names)))


def _operators(frame: pl.DataFrame) -> list[str]:
    dtype = frame.schema["operator"]
    return dtype.categories.to_list() if isinstance(dtype, pl.Enum) else []
