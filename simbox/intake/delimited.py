"""Delimited text to frames of text columns, losing no line: each is a row, blank, or misshapen with its reason.

Polars reads a block at full speed and refuses long lines, but fills short ones with nulls without a word; the number
of separators tells. A block that does not add up is read again in small pieces, and one of these line by line.
"""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.intake.sources import PIECE_BYTES, Source, UnreadableError, read_ahead, read_pieces

SEPARATORS = ",;\t|"
SMALL_PIECE_BYTES = 256 << 10
LONGEST_LINE_BYTES = 64 << 20
# A name that no header can have.
LINE = "\0line"
_BOM = b"\xef\xbb\xbf"


class Misshapen(NamedTuple):
    """A line that is not a row: its number and the rule that it breaks."""

    line: int
    rule: str


class Block(NamedTuple):
    """Some rows of a file with their line numbers, the lines among them that are no rows, and how many lines in all."""

    frame: pl.DataFrame
    misshapen: list[Misshapen]
    lines: int


class Shape(NamedTuple):
    """Names of the columns, in order, and what separates them."""

    names: list[str]
    separator: str


def read_delimited(source: Source, piece_bytes: int = PIECE_BYTES) -> Iterator[Block]:
    """The rows of a delimited file with a header, in blocks; the first block is empty and shows the columns."""
    shape: Shape | None = None
    next_line = 1
    for block in _whole_lines(source, piece_bytes):
        start = 0
        if shape is None:
            start = block.find(b"\n") + 1 or len(block)
            shape = _read_header(block[:start])
            next_line += 1
            yield Block(_empty(shape), [], 0)
        if start < len(block):
            parsed = _parse(block[start:] if start else block, shape, next_line)
            next_line += parsed.lines
            yield parsed


def _whole_lines(source: Source, piece_bytes: int) -> Iterator[bytes]:
    """The file's bytes cut after line ends, with LF for lone CR and without byte order mark and trailing NULs."""
    rest = b""
    only_cr = False
    is_first = True
    for piece in read_ahead(read_pieces(source, piece_bytes)):
        if is_first:
            _check_encoding(piece[:4096])
            piece = piece.removeprefix(_BOM)
            only_cr = b"\r" in piece and b"\n" not in piece
            is_first = False
        if only_cr:
            piece = piece.replace(b"\r", b"\n")
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield rest + piece[:cut] if rest else piece[:cut]
            rest = piece[cut:]
        else:
            rest += piece
        if len(rest) > LONGEST_LINE_BYTES:
            raise UnreadableError("it has a line without end")
    rest = rest.rstrip(b"\0")
    if rest:
        yield rest


def _check_encoding(start: bytes) -> None:
    header = start.partition(b"\n")[0]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or header.count(b"\0") > len(header) // 4:
        raise UnreadableError("it is UTF-16 or binary, not UTF-8 text")


def _read_header(line: bytes) -> Shape:
    try:
        text = line.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableError("its header is not UTF-8 text") from error
    separator = max(SEPARATORS, key=lambda candidate: (text.count(candidate), candidate == ","))
    names = [name.strip() for name in next(csv.reader([text], delimiter=separator), [])]
    if not any(names) or "\0" in text:
        raise UnreadableError("it has no header line")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableError(f"columns stand there twice: {show_names(twice)}")
    return Shape(names, separator)


def show_names(names: list[str]) -> str:
    """Column names for a message; one with digits in a row may be a value of a file without a header, so not shown."""
    shown = [name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ .-]{0,39}", name) else "(not a name)" for name in names]
    return ", ".join("(not a name)" if re.search(r"[0-9]{4}", name) else name for name in shown)


def _parse(block: bytes, shape: Shape, first_line: int) -> Block:
    frame = _parse_at_once(block, shape, first_line)
    if frame is not None:
        return Block(frame, [], frame.height)
    frames, misshapen = [], []
    start, line = 0, first_line
    while start < len(block):
        end = block.find(b"\n", min(start + SMALL_PIECE_BYTES, len(block)) - 1) + 1 or len(block)
        piece = block[start:end]
        frame = _parse_at_once(piece, shape, line)
        if frame is None:
            frame, broken = _parse_by_line(piece, shape, line)
            misshapen += broken
        frames.append(frame)
        line += _count_lines(piece)
        start = end
    return Block(pl.concat(frames), misshapen, line - first_line)


def _parse_at_once(block: bytes, shape: Shape, first_line: int) -> pl.DataFrame | None:
    """The rows of a block in which every line is a row; None where one is not, or may not be."""
    quoted = b'"' in block
    try:
        frame = pl.read_csv(
            block,
            has_header=False,
            schema=dict.fromkeys(shape.names, pl.String),
            separator=shape.separator,
            quote_char='"' if quoted else None,
            extra_columns="raise",
        )
    except pl.exceptions.PolarsError:
        return None
    adds_up = _adds_up_quoted(block, frame, shape) if quoted else _adds_up(block, frame)
    if not adds_up:
        return None
    if quoted:
        frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
    if _has_outer_blanks(block, shape.separator.encode()):
        frame = frame.select(_stripped(name) for name in frame.columns)
    return _numbered(frame, range(first_line, first_line + frame.height))


def _adds_up(block: bytes, frame: pl.DataFrame) -> bool:
    """Whether values, separators of full rows and line ends make up all bytes; counting separators is slower by far."""
    values = sum(frame.select(pl.all().str.len_bytes().cast(pl.Int64).sum()).row(0))
    line_ends = frame.height - (not block.endswith(b"\n")) + (block.count(b"\r") if b"\r" in block else 0)
    return len(block) == values + line_ends + frame.height * (frame.width - 1)


def _adds_up_quoted(block: bytes, frame: pl.DataFrame, shape: Shape) -> bool:
    """Whether there is a row for each line, with as many separators outside its values as there should be."""
    inside = frame.select(pl.all().str.count_matches(shape.separator, literal=True).sum()).sum_horizontal().sum()
    outside = block.count(shape.separator.encode()) - int(inside)
    return frame.height == _count_lines(block) and outside == frame.height * (frame.width - 1)


def _count_lines(block: bytes) -> int:
    return block.count(b"\n") + (not block.endswith(b"\n"))


def _parse_by_line(piece: bytes, shape: Shape, first_line: int) -> tuple[pl.DataFrame, list[Misshapen]]:
    rows: list[list[str | None]] = []
    lines: list[int] = []
    misshapen = []
    for number, raw in enumerate(piece.removesuffix(b"\n").split(b"\n"), start=first_line):
        if not raw.strip(b" \t\r\0"):
            continue
        fields = _split(raw.rstrip(b"\r"), shape)
        if isinstance(fields, str):
            misshapen.append(Misshapen(number, fields))
        else:
            rows.append([field.strip(" \t") or None for field in fields])
            lines.append(number)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(shape.names, pl.String), orient="row")
    return _numbered(frame, lines), misshapen


def _has_outer_blanks(block: bytes, separator: bytes) -> bool:
    """Whether a blank stands next to a separator or a line's end."""
    if b" " not in block:
        return False
    characters = np.frombuffer(block, dtype=np.uint8)
    blank = np.flatnonzero(characters == ord(" "))
    edges = np.zeros(256, dtype=bool)
    edges[[ord("\n"), ord("\r"), separator[0]]] = True
    before, after = np.maximum(blank - 1, 0), np.minimum(blank + 1, characters.size - 1)
    at_end = blank[0] == 0 or blank[-1] == characters.size - 1
    return bool(at_end or edges[characters[before]].any() or edges[characters[after]].any())


def _stripped(name: str) -> pl.Expr:
    trimmed = pl.col(name).str.strip_chars(" \t")
    return pl.when(trimmed != "").then(trimmed).alias(name)


def _split(raw: bytes, shape: Shape) -> list[str] | str:
    """The fields of a line, or the rule that it breaks."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    if '"' not in text:
        fields = text.split(shape.separator)
    else:
        try:
            fields = next(csv.reader([text], delimiter=shape.separator, strict=True))
        except csv.Error:
            return "quotes"
    return fields if len(fields) == len(shape.names) else "field_count"


def _numbered(frame: pl.DataFrame, lines: range | list[int]) -> pl.DataFrame:
    numbers = pl.int_range(lines.start, lines.stop, eager=True) if isinstance(lines, range) else pl.Series(lines)
    return frame.with_columns(numbers.cast(pl.Int64).alias(LINE))


def _empty(shape: Shape) -> pl.DataFrame:
    return _numbered(pl.DataFrame(schema=dict.fromkeys(shape.names, pl.String)), [])
