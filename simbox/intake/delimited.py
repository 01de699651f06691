"""Lines of text to frames of text columns, losing none: each is a row, a header, a trailer, blank, or misshapen.

A block is read at once; one that does not add up is read again in small pieces, and one of these line by line.
"""

import csv
import re
from collections.abc import Iterator

import polars as pl

from simbox.intake.at_once import keep_integers, parse_at_once, parse_integers
from simbox.intake.blocks import USUAL, Block, Dialect, Shape, is_marked, number_lines
from simbox.intake.by_line import parse_by_line
from simbox.intake.decoding import read_lines
from simbox.intake.sources import PIECE_BYTES, ByteTally, Source, UnreadableError

SEPARATORS = ",;\t|"
SMALL_PIECE_BYTES = 256 << 10


def read_delimited(
    source: Source, piece_bytes: int = PIECE_BYTES, dialect: Dialect = USUAL, tally: ByteTally | None = None
) -> Iterator[Block]:
    """The rows of a text file in blocks; the first block is empty and shows the columns."""
    tally = tally or ByteTally()
    shape: Shape | None = None
    next_line = 1
    quote = dialect.quote.encode() if dialect.multiline else b""
    for block in read_lines(source, tally, piece_bytes, dialect.encoding, dialect.unpacked_ratio, quote):
        start = 0
        if shape is None:
            start, headers, shape = _begin(block, dialect)
            yield Block(_empty(shape), [], headers, block[:start], next_line, 0, headers)
            next_line += headers
        if start < len(block):
            parsed = _parse(block[start:] if start else block, shape, next_line)
            next_line += parsed.lines
            yield parsed


def _begin(block: bytes, dialect: Dialect) -> tuple[int, int, Shape]:
    """Where the records begin, after how many lines of header, and the columns."""
    start = headers = 0
    if dialect.header_mark is not None and not dialect.names:
        separator = dialect.separator or ","
        while start < len(block):
            end = block.find(b"\n", start) + 1 or len(block)
            fields = block[start:end].decode(errors="replace").strip("\r\n").split(separator)
            if not is_marked(fields, dialect.header_mark):
                break
            start, headers = end, headers + 1
    if dialect.names:
        return 0, 0, Shape(list(dialect.names), dialect.separator or ",", b"", dialect, {})
    end = block.find(b"\n", start) + 1 or len(block)
    return end, headers + 1, _read_header(block[start:end], dialect)


def _read_header(line: bytes, dialect: Dialect) -> Shape:
    try:
        text = line.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableError("its header is not UTF-8 text") from error
    separator = dialect.separator or max(SEPARATORS, key=lambda candidate: (text.count(candidate), candidate == ","))
    if dialect.quote:
        fields = next(csv.reader([text], delimiter=separator, quotechar=dialect.quote), [])
    else:
        fields = text.split(separator)
    names = [name.strip() for name in fields]
    if not any(names) or "\0" in text:
        raise UnreadableError("it has no header line")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice and show_names(twice).replace("(not a name)", "").strip(", ") == "":
        raise UnreadableError("its first line is no header: it holds values, some of them twice")
    if twice:
        raise UnreadableError(f"columns stand there twice: {show_names(twice)}")
    integers = {name: least for name, least in dialect.integers if name in names}
    return Shape(names, separator, line.strip(b"\r\n"), dialect, integers)


def show_names(names: list[str]) -> str:
    """Column names for a message; one with digits in a row may be a value of a file without a header, so not shown."""
    shown = [name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ .-]{0,39}", name) else "(not a name)" for name in names]
    return ", ".join("(not a name)" if re.search(r"[0-9]{4}", name) else name for name in shown)


def _parse(block: bytes, shape: Shape, first_line: int) -> Block:
    whole = parse_integers(block, shape, first_line) or parse_at_once(block, shape, first_line)
    if whole is not None:
        if shape.integers:
            keep_integers(whole.frame, shape)
        return whole
    blocks = []
    start, line = 0, first_line
    while start < len(block):
        end = block.find(b"\n", min(start + SMALL_PIECE_BYTES, len(block)) - 1) + 1 or len(block)
        piece = block[start:end]
        parsed = parse_at_once(piece, shape, line) or parse_by_line(piece, shape, line)
        blocks.append(parsed)
        line += parsed.lines
        start = end
    return Block(
        pl.concat([parsed.frame for parsed in blocks]),
        [broken for parsed in blocks for broken in parsed.misshapen],
        line - first_line,
        block,
        first_line,
        sum(parsed.blank for parsed in blocks),
        sum(parsed.headers for parsed in blocks),
        tuple(count for parsed in blocks for count in parsed.trailers),
    )


def _empty(shape: Shape) -> pl.DataFrame:
    return number_lines(pl.DataFrame(schema=dict.fromkeys(shape.names, pl.String)), [])
