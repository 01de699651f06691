"""The bytes of a text file as UTF-8 blocks of whole lines, whatever its encoding and its line ends."""

import codecs
from collections.abc import Iterator

from simbox.intake.sources import (
    PIECE_BYTES,
    UNPACKED_RATIO,
    ByteTally,
    Source,
    UnreadableError,
    read_ahead,
    read_pieces,
)

LONGEST_LINE_BYTES = 64 << 20
_BOM = b"\xef\xbb\xbf"
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SAMPLE_BYTES = 4096


def read_lines(
    source: Source,
    tally: ByteTally,
    piece_bytes: int = PIECE_BYTES,
    encoding: str = "auto",
    unpacked_ratio: int = UNPACKED_RATIO,
    quote: bytes = b"",
) -> Iterator[bytes]:
    """UTF-8 bytes cut after line ends, with LF for lone CR, without byte order mark and NULs at the end.

    With `quote` they are cut only where quotes are balanced, so that a value may hold line ends.
    """
    rest = b""
    for piece in _in_utf_8(read_ahead(read_pieces(source, piece_bytes, unpacked_ratio, tally)), encoding):
        tally.bytes += len(piece)
        cut = piece.rfind(b"\n") + 1
        if cut and quote:
            piece, rest = rest + piece, b""
            cut = piece.rfind(b"\n") + 1
            while cut and piece.count(quote, 0, cut) % 2:
                cut = piece.rfind(b"\n", 0, cut - 1) + 1
        if cut:
            # One copy of a piece takes as long as counting its lines.
            block = b"".join((rest, memoryview(piece)[:cut]))
            rest = piece[cut:]
            yield block
        else:
            rest += piece
        if len(rest) > LONGEST_LINE_BYTES:
            raise UnreadableError("it has a line without end")
    last = rest.rstrip(b"\0")
    tally.padding = len(rest) - len(last)
    if last:
        yield last


def _in_utf_8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder: codecs.IncrementalDecoder | None = None
    only_cr = False
    is_first = True
    for piece in pieces:
        if is_first:
            found = _encoding(piece[:_SAMPLE_BYTES], encoding)
            piece = piece.removeprefix(_BOM) if found == "utf-8" else piece
            if found.startswith("utf-16"):
                piece = piece[2:] if piece[:2] in _UTF_16 else piece
            if found != "utf-8":
                # A byte that the code page lacks spoils its field, not the file; half a character of UTF-16 spoils all.
                errors = "strict" if found.startswith("utf-16") else "replace"
                decoder = codecs.getincrementaldecoder(found)(errors)
        if decoder is not None:
            piece = _decode(decoder, piece)
        if is_first:
            only_cr = b"\r" in piece and b"\n" not in piece
            is_first = False
        yield piece.replace(b"\r", b"\n") if only_cr else piece
    if decoder is not None and (rest := _decode(decoder, b"", final=True)):
        yield rest


def _decode(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bytes:
    try:
        return decoder.decode(piece, final).encode()
    except UnicodeError as error:
        raise UnreadableError("it is damaged UTF-16 text") from error


def _encoding(start: bytes, given: str) -> str:
    """The encoding given, or by byte order mark and NULs; UTF-16 shows even where something else was given."""
    if start[:2] in _UTF_16:
        return _UTF_16[start[:2]]
    # With a NUL for every character at odd or even places it is UTF-16 without a mark.
    odd, even = start[1::2].count(0), start[::2].count(0)
    if max(odd, even) > len(start) // 3 and min(odd, even) <= len(start) // 20:
        return "utf-16-le" if odd > even else "utf-16-be"
    header = start.partition(b"\n")[0]
    if header.count(b"\0") > len(header) // 4:
        raise UnreadableError("it is binary, not text")
    if given == "auto":
        return "utf-8"
    name = codecs.lookup(given).name
    return "utf-8" if name in ("utf-8", "ascii", "utf-8-sig") else name
