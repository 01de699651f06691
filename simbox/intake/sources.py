"""Input files as they lie there: which there are, what they are by their first bytes, and their bytes in pieces."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import pyarrow as pa

PIECE_BYTES = 16 << 20
_COMPRESSIONS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_REFUSED = (
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
)
Thing = TypeVar("Thing")
_SUFFIXES = {"": "", "gzip": ".gz", "zstd": ".zst"}


class UnreadableError(Exception):
    """A file that can't be used as a whole; the message says why, without a value from it."""


class Source(NamedTuple):
    """One input file: where it is, its path below the source folder, and what its first bytes say it is."""

    path: Path
    name: str
    is_parquet: bool
    compression: str

    @property
    def format(self) -> str:
        """csv or parquet, with the compression."""
        return "parquet" if self.is_parquet else f"csv{_SUFFIXES[self.compression]}"


def find_files(folder: Path, root: Path) -> list[tuple[str, Path]]:
    """Every file below a folder with its path below `root`, in order of that; hidden ones are left out."""
    found = [(path.relative_to(root).as_posix(), path) for path in folder.rglob("*") if path.is_file()]
    return sorted(entry for entry in found if not any(part.startswith(".") for part in entry[0].split("/")))


def identify(path: Path, name: str) -> Source:
    """What a file is by its first bytes, whatever its name."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise UnreadableError(f"can't be opened ({error.strerror})") from error
    if start.startswith(b"PAR1"):
        return Source(path, name, True, "")
    compression = _compression(start)
    if not compression:
        _refuse(start)
    return Source(path, name, False, compression)


def read_pieces(source: Source, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
    """The decompressed bytes of a file in pieces."""
    try:
        with pa.input_stream(str(source.path), compression=source.compression or None) as stream:
            while piece := stream.read(piece_bytes):
                yield piece
    except OSError as error:
        raise UnreadableError(f"the {source.compression or 'file'} data is truncated or damaged") from error


def read_ahead(things: Iterator[Thing]) -> Iterator[Thing]:
    """The same things, each made in another thread while the one before is worked on."""
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, things, None)
        while (thing := pending.result()) is not None:
            pending = pool.submit(next, things, None)
            yield thing


def _compression(start: bytes) -> str:
    return next((name for magic, name in _COMPRESSIONS if start.startswith(magic)), "")


def _refuse(start: bytes) -> None:
    for magic, kind in _REFUSED:
        if start.startswith(magic):
            raise UnreadableError(f"it is {kind}; CSV, .csv.gz, .csv.zst and Parquet are read")
