"""Input files as they lie there: which there are, what they are by their first bytes, and their bytes in pieces."""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import pyarrow as pa

PIECE_BYTES = 16 << 20
UNPACKED_RATIO = 200
# Short files of equal lines pack better than any real one: below this nothing is called a bomb.
ALWAYS_UNPACKED_BYTES = 64 << 20
_XZ_MEMORY_BYTES = 256 << 20
# What its decoder holds unread counts as read: much of it would let a small bomb pass.
_XZ_PACKED_BYTES = 64 << 10
_COMPRESSIONS = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_REFUSED = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"ORC", "an ORC file"),
)
_TAR = (257, b"ustar")
Thing = TypeVar("Thing")
_GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = {"": "", "gzip": ".gz", "zstd": ".zst", "bzip2": ".bz2", "xz": ".xz"}


class UnreadableError(Exception):
    """A file that can't be used as a whole; the message says why, without a value from it."""


@dataclass
class ByteTally:
    """How many bytes of text a file has, before anything was made of them; `padding` are the NULs at its end, `tail`
    the bytes behind its compressed data that were left out, `packed` how many compressed bytes were read by now."""

    bytes: int = 0
    padding: int = 0
    tail: int = 0
    packed: int = 0


class Source(NamedTuple):
    """One input file: where it is, its path below the source folder, and what its first bytes say it is.

    With `salvage` what stands behind gzip data, and is none, is left out, where else the file can't be read.
    """

    path: Path
    name: str
    is_parquet: bool
    compression: str
    salvage: bool = False

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
            start = file.read(512)
    except OSError as error:
        raise UnreadableError(f"can't be opened ({error.strerror})") from error
    if start.startswith(b"PAR1"):
        return Source(path, name, True, "")
    compression = _compression(start)
    if not compression:
        _refuse(start)
    return Source(path, name, False, compression)


def read_pieces(
    source: Source,
    piece_bytes: int = PIECE_BYTES,
    unpacked_ratio: int = UNPACKED_RATIO,
    tally: ByteTally | None = None,
) -> Iterator[bytes]:
    """The decompressed bytes of a file in pieces; one that unpacks to more than `unpacked_ratio` times what was read of
    it by then is refused, so that a bomb of any size is after its first pieces."""
    tally = tally or ByteTally()
    unpacked = 0
    try:
        for piece in _unpack(source, piece_bytes, tally):
            unpacked += len(piece)
            if source.compression and unpacked > max(tally.packed * unpacked_ratio, ALWAYS_UNPACKED_BYTES):
                raise UnreadableError(f"it unpacks to more than {unpacked_ratio} times its size")
            yield piece
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise UnreadableError(f"the {source.compression or 'file'} data is truncated or damaged") from error


def read_ahead(things: Iterator[Thing]) -> Iterator[Thing]:
    """The same things, each made in another thread while the one before is worked on."""
    pool = ThreadPoolExecutor(1)
    try:
        pending = pool.submit(next, things, None)
        while (thing := pending.result()) is not None:
            pending = pool.submit(next, things, None)
            yield thing
    finally:
        # Of a file that was given up the garbage collector ends this, maybe in a thread that is just starting and holds
        # the lock that waiting for another one takes: the two would wait for ever.
        pool.shutdown(wait=False)


def show_file(name: str) -> str:
    """A file's name for a message: characters that a terminal would obey are escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def _unpack(source: Source, piece_bytes: int, tally: ByteTally) -> Iterator[bytes]:
    if source.compression == "bzip2":
        with source.path.open("rb") as file, bz2.open(file) as stream:
            while piece := stream.read(piece_bytes):
                tally.packed = file.tell()
                yield piece
    elif source.compression == "xz":
        yield from _gather(_unpack_xz(source.path, piece_bytes, tally), piece_bytes)
    elif source.compression == "gzip" and source.salvage:
        yield from _unpack_gzip(source.path, piece_bytes, tally)
    elif source.compression:
        with (
            pa.OSFile(str(source.path), "rb") as packed,
            pa.CompressedInputStream(packed, source.compression) as stream,
        ):
            while piece := stream.read(piece_bytes):
                tally.packed = packed.tell()
                yield piece
    else:
        with source.path.open("rb") as plain:
            while piece := plain.read(piece_bytes):
                yield piece


def _unpack_gzip(path: Path, piece_bytes: int, tally: ByteTally) -> Iterator[bytes]:
    """Members of a gzip file one after the other, up to the first bytes that begin none."""
    with path.open("rb") as file:
        packed = file.read(1 << 20)
        while packed.startswith(_GZIP_MAGIC):
            member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            while not member.eof:
                if not packed and not (packed := file.read(1 << 20)):
                    raise EOFError
                piece = member.decompress(packed, piece_bytes)
                packed = member.unconsumed_tail
                tally.packed = file.tell() - len(packed) - len(member.unused_data)
                if piece:
                    yield piece
            packed = member.unused_data
            if len(packed) < len(_GZIP_MAGIC):
                packed += file.read(1 << 20)
        tally.tail = path.stat().st_size - file.tell() + len(packed)


def _unpack_xz(path: Path, piece_bytes: int, tally: ByteTally) -> Iterator[bytes]:
    """Members of an xz file one after the other; a dictionary larger than its limit is an error, not an allocation."""
    with path.open("rb") as file:
        packed = file.read(_XZ_PACKED_BYTES)
        while packed:
            member = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
            while not member.eof:
                if member.needs_input and not packed:
                    packed = file.read(_XZ_PACKED_BYTES)
                    if not packed:
                        raise EOFError
                piece = member.decompress(packed, piece_bytes)
                tally.packed = file.tell()
                if piece:
                    yield piece
                packed = b""
            # Padding of a member is a multiple of four zero bytes.
            packed = (member.unused_data or file.read(_XZ_PACKED_BYTES)).lstrip(b"\0")


def _gather(pieces: Iterator[bytes], piece_bytes: int) -> Iterator[bytes]:
    """The same bytes in pieces of at least so many, but for the last."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= piece_bytes:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _compression(start: bytes) -> str:
    return next((name for magic, name in _COMPRESSIONS if start.startswith(magic)), "")


def _refuse(start: bytes) -> None:
    kinds = [kind for magic, kind in _REFUSED if start.startswith(magic)]
    if start[_TAR[0] :].startswith(_TAR[1]):
        kinds.append("a tar archive")
    if kinds:
        raise UnreadableError(f"it is {kinds[0]}; CSV (also .gz, .zst, .bz2, .xz) and Parquet are read")
