"""Records into the store: held, or put on disk as sorted runs, until all are there; then merged, then all counted."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import TracebackType

import polars as pl

from simbox.store.cursors import Cursor, merge_cursors
from simbox.store.ledger import prepare_ledger
from simbox.store.lock import StoreLock
from simbox.store.memory import Memory
from simbox.store.night_manifest import NightManifest, Part, carry_out, commit, night_folder, read_manifest, sweep
from simbox.store.order import sort_records, with_one_enum
from simbox.store.parts import read_part, verify_part, write_part
from simbox.store.repeats import Repeats
from simbox.store.runs import BLOCK_ROWS, Pile, read_run, write_run
from simbox.tables.cdrs import CDRS, FILES, SENDERS
from simbox.telecom.identifiers import BUCKETS

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
        self._run_count = 0
        self._discarded: list[int] = []
        self._written: list[NightManifest] = []

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
        for night, rows in _by_night(cdrs):
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
                kept = (self._without_discarded(block) for block in read_run(path))
                yield pl.concat(block.select(wanted) for block in kept)
        for frames in self._held.values():
            yield from (self._without_discarded(frame).select(wanted) for frame in frames)

    def take_out(self, record_ids: pl.Series) -> pl.DataFrame:
        """Remove these records and hand them back; those that it does not have are passed over."""
        wanted = pl.col("record_id").is_in(record_ids.implode())
        operator = pl.col("operator").cast(pl.Categorical)
        taken = [CDRS.empty().with_columns(operator)]
        for night, frames in self._held.items():
            for place, frame in enumerate(frames):
                found = frame.filter(wanted)
                if found.height:
                    frames[place] = frame.filter(~wanted)
                    taken.append(found.with_columns(operator))
                    self._rows[night] -= found.height
        for night, paths in self._runs.items():
            for place, path in reversed(list(enumerate(paths))):
                frame = pl.concat(read_run(path))
                found = frame.filter(wanted)
                if not found.height:
                    continue
                taken.append(self._without_discarded(found).with_columns(operator))
                self._rows[night] -= found.height
                path.unlink()
                if found.height < frame.height:
                    write_run(frame.filter(~wanted), path)
                else:
                    del paths[place]
        return pl.concat(taken)

    def discard(self, file_numbers: Iterable[int]) -> None:
        """Forget the records of these files, those taken so far and those to come."""
        self._discarded = sorted({*self._discarded, *file_numbers})

    def pile(self, name: str = "aside") -> Pile:
        """Room for records that can't be added yet, within the same memory; each pile has a name of its own."""
        return Pile(self._scratch / name, self._memory.rows_held // 4)

    def write(
        self,
        *,
        replace: bool = False,
        new_from: int | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Counter[int]:
        """Write a part for each night, which do not count yet.

        With `new_from`, the first file number of these records, a record that was there before in another file is
        dropped; how many of each file were. With `replace` the nights will hold only these records.
        """
        nights = self.nights()
        repeated: Counter[int] = Counter()
        with ThreadPoolExecutor(NIGHTS_AT_ONCE) as pool:
            written = pool.map(lambda night: self._write_night(night, replace, new_from), nights)
            for done, (manifest, dropped) in enumerate(written):
                self._written.append(manifest)
                repeated += dropped
                progress(done + 1, len(nights))
        return repeated

    def commit(
        self,
        files: pl.DataFrame | None = None,
        senders: pl.DataFrame | None = None,
        *,
        replace: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Enter FILES and SENDERS in the ledger; then they and all nights, written before or now, count at once.

        The same records of a night a second time change nothing.
        """
        if not self._written:
            self.write(replace=replace, progress=progress)
        changed, self._written = self._written, []
        given = {"senders.parquet": (SENDERS, senders), "files.parquet": (FILES, files)}
        ledgers = [
            prepare_ledger(self._path, file, added)
            for file, (_, added) in given.items()
            if added is not None and (added.height or not (self._path / file).exists())
        ]
        commit(self._path, [manifest for manifest in changed if manifest.parts], ledgers)
        sweep(self._path)

    def _write_night(self, night: date, replace: bool, new_from: int | None) -> tuple[NightManifest, Counter[int]]:
        held = with_one_enum(self._held.pop(night, []))
        operators = {name for frame in held[:1] for name in _operators(frame)}
        pieces = [iter(_blocks(sort_records(self._without_discarded(pl.concat(held)))))] if held else []
        del held
        for path in self._runs.get(night, []):
            operators |= set(_operators(next(read_run(path))))
            pieces.append(self._without_discarded(block) for block in read_run(path))
        known = [] if replace else read_manifest(self._path, night).parts
        if new_from is not None:
            pieces += [self._read_known(night, part) for part in known]
        cursors = [Cursor(piece) for piece in pieces]
        rows = self._memory.rows_merged // NIGHTS_AT_ONCE
        merged: Iterator[pl.DataFrame] = merge_cursors(cursors, rows)
        repeats = Repeats(new_from)
        if new_from is not None:
            merged = repeats.drop(merged)
        part = write_part(
            merged,
            sorted(operators),
            night_folder(self._path, night),
            self._scratch / f"{night.isoformat()}.parquet",
        )
        if part.rows + repeats.dropped.total() != self._rows[night] and not self._discarded:
            raise AssertionError(f"{self._rows[night]} records of {night} were taken and {part.rows} written")
        parts = {known_part.file: known_part for known_part in [*known, *([part] if part.rows else [])]}
        return NightManifest(night, [parts[file] for file in sorted(parts)]), repeats.dropped

    def _read_known(self, night: date, part: Part) -> Iterator[pl.DataFrame]:
        path = night_folder(self._path, night) / part.file
        verify_part(path, part)
        return read_part(path, part, (0, BUCKETS), list(CDRS.names), BLOCK_ROWS)

    def _without_discarded(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not self._discarded:
            return frame
        return frame.filter(~(pl.col("record_id") // (1 << 32)).is_in(self._discarded))

    def _spill(self) -> None:
        """Put what is held on disk, a run for each night."""
        for night in list(self._held):
            rows = sort_records(pl.concat(with_one_enum(self._held.pop(night))))
            runs = self._runs.setdefault(night, [])
            self._run_count += 1
            path = self._scratch / f"{night.isoformat()}-{self._run_count}.run"
            write_run(rows, path)
            runs.append(path)
        self._held_rows = 0

    def _leave(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        if self._written:
            # Parts that were written and never entered.
            sweep(self._path)
        if not self._had_lock:
            self._lock.release()


def _by_night(cdrs: pl.DataFrame) -> Iterator[tuple[date, pl.DataFrame]]:
    """Records night by night; a block of a file is mostly of one."""
    first, last = cdrs["night"].min(), cdrs["night"].max()
    if isinstance(first, date) and first == last:
        yield first, cdrs
        return
    for (night,), rows in cdrs.partition_by("night", as_dict=True, maintain_order=True).items():
        assert isinstance(night, date)
        yield night, rows


def _blocks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return frame.iter_slices(BLOCK_ROWS * 64)


def _with_enum(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an Enum of just the operators that are in it."""
    names = frame["operator"].unique().cast(pl.String).sort().to_list()
    return frame.with_columns(pl.col("operator").cast(pl.String).cast(pl.Enum(names)))


def _operators(frame: pl.DataFrame) -> list[str]:
    dtype = frame.schema["operator"]
    return dtype.categories.to_list() if isinstance(dtype, pl.Enum) else []
