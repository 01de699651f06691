"""A store folder: what it holds, and how records go in and come out."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from simbox.errors import InputError
from simbox.store.ledger import extend_ledger, read_ledger
from simbox.store.night_manifest import add_part, find_nights, night_folder, read_manifest
from simbox.store.parts import read_part, verify_part, write_part
from simbox.tables.cdrs import CDRS, STORE_ORDER
from simbox.telecom.identifiers import BUCKETS

ALL_BUCKETS = (0, BUCKETS)


class Store:
    """CDRS of many nights in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._verified: set[str] = set()

    def nights(self) -> list[date]:
        """The nights that hold records, in order."""
        return find_nights(self.path)

    def rows(self, nights: Sequence[date]) -> int:
        """How many records these nights hold."""
        return sum(part.rows for night in nights for part in read_manifest(self.path, night).parts)

    def add(self, night: date, cdrs: pl.DataFrame) -> None:
        """Add CDRS of one night as a part of it; the same CDRS a second time change nothing."""
        if cdrs.is_empty():
            return
        if not (cdrs["night"] == night).all():
            raise ValueError("records of one night were handed over as those of another")
        add_part(self.path, night, write_part(self.path, night, CDRS.check(cdrs.select(CDRS.names))))

    def bucket_ranges(self, nights: Sequence[date], rows_per_range: int) -> list[tuple[int, int]]:
        """Contiguous ranges [first, last) that cover all buckets, each with about `rows_per_range` rows of the nights.

        Rows are taken as even within a row group, which the manifests know; a range has at least one bucket.
        """
        rows = np.zeros(BUCKETS)
        for night in nights:
            for part in read_manifest(self.path, night).parts:
                for group in part.groups:
                    width = group.last_bucket - group.first_bucket + 1
                    rows[group.first_bucket : group.last_bucket + 1] += group.rows / width
        before = np.concatenate([[0.0], np.cumsum(rows)])
        count = max(1, min(BUCKETS, round(before[-1] / rows_per_range)))
        shares = before[-1] * np.arange(1, count) / count
        borders = np.unique(np.clip(np.searchsorted(before, shares), 1, BUCKETS - 1)).tolist() if count > 1 else []
        return list(zip([0, *borders], [*borders, BUCKETS], strict=True))

    def read(
        self,
        nights: Sequence[date],
        buckets: tuple[int, int] = ALL_BUCKETS,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """CDRS of these nights whose SIMs fall into the buckets, in STORE_ORDER over all nights and parts.

        The operators of the Enum are those of all parts read, in alphabetical order.
        """
        wanted = list(CDRS.names if columns is None else columns)
        needed = [name for name in CDRS.names if name in wanted or name in STORE_ORDER]
        frames = []
        for night in sorted(set(nights)):
            for part in read_manifest(self.path, night).parts:
                path = night_folder(self.path, night) / part.file
                if part.sha256 not in self._verified:
                    verify_part(path, part)
                    self._verified.add(part.sha256)
                frames.append(read_part(path, part, buckets, needed))
        if not frames:
            return CDRS.empty().select(wanted)
        merged = pl.concat(_with_one_enum(frames)).sort(STORE_ORDER).select(wanted)
        return merged.rechunk()

    def files(self) -> pl.DataFrame:
        """FILES of every input file taken so far, by file_number; one path may stand there with several contents."""
        return read_ledger(self.path, "files")

    def senders(self) -> pl.DataFrame:
        """SENDERS of every alphanumeric sender seen so far."""
        return read_ledger(self.path, "senders")

    def record_files(self, files: pl.DataFrame, senders: pl.DataFrame) -> None:
        """Enter taken files and senders in the ledger; files last, for they say that their records are there."""
        extend_ledger(self.path, "senders", senders)
        extend_ledger(self.path, "files", files)


def open_store(path: Path, *, create: bool = False) -> Store:
    """The store in a folder; with `create` one that has nothing yet, whose folder appears with its first record."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is not a store: it is a file")
    is_store = path.is_dir() and ((path / "files.parquet").exists() or any(path.glob("night=*")))
    is_free = not path.exists() or not any(path.iterdir())
    if is_store or (create and is_free):
        return Store(path)
    if create:
        raise InputError(f"{path} is not a store and not empty: choose another folder")
    raise InputError(f"there is no store at {path}")


def _with_one_enum(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    if "operator" not in frames[0].columns:
        return frames
    dtypes = [frame.schema["operator"] for frame in frames]
    names = sorted({name for dtype in dtypes if isinstance(dtype, pl.Enum) for name in dtype.categories})
    return [frame.with_columns(pl.col("operator").cast(pl.Enum(names))) for frame in frames]
