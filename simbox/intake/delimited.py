"""Lines of text to frames of text columns, losing none: each is a row, a header, a trailer, blank, or misshapen.

Polars reads a block at full speed and refuses long lines, but fills short ones with nulls without a word; the number
of separators tells. A block that does not add up is read again in small pieces, and one of these line by line.
"""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.intake.decoding import read_lines
from simbox.intake.sources import PIECE_BYTES, UNPACKED_RATIO, ByteTally, Source, UnreadableError

SEPARATORS = ",;\t|"
SMALL_PIECE_BYTES = 256 << 10
_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)
# A name that no header can have.
LINE = "\0line"


class Misshapen(NamedTuple):
    """A line that is not a row: its number and the rule that it breaks."""

    line: int
    rule: str


class Block(NamedTuple):
    """Some lines of a file: the rows among them with their line numbers, those that are none, and how many there are.

    `raw` are the lines' bytes, the first of them is line `first_line`; `trailers` what trailers say of the file's rows.
    """

    frame: pl.DataFrame
    misshapen: list[Misshapen]
    lines: int
    raw: bytes = b""
    first_line: int = 0
    blank: int = 0
    headers: int = 0
    trailers: tuple[str, ...] = ()


class Mark(NamedTuple):
    """A line that is no record: the field that tells, what it holds, and the field that counts records."""

    field: int
    value: str
    count_field: int | None = None


class Dialect(NamedTuple):
    """How text is written: by default with a header, one of the usual separators, and quotes where needed.

    `integers` are columns that may be read as such, with the least that they hold.
    `names` are given where there is no header, `fixed` (first character from 0, width) where there is no separator.
    """

    separator: str | None = None
    quote: str = '"'
    encoding: str = "auto"
    multiline: bool = False
    names: tuple[str, ...] = ()
    fixed: tuple[tuple[int, int], ...] = ()
    header_mark: Mark | None = None
    trailer_mark: Mark | None = None
    unpacked_ratio: int = UNPACKED_RATIO
    integers: tuple[tuple[str, int], ...] = ()


USUAL = Dialect()


class Shape(NamedTuple):
    """Names of the columns, in order, what separates them, and the header line if there is one."""

    names: list[str]
    separator: str
    header: bytes
    dialect: Dialect
    integers: dict[str, int]


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
            if not _is_marked(fields, dialect.header_mark):
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
    whole = _parse_integers(block, shape, first_line) or _parse_at_once(block, shape, first_line)
    if whole is not None:
        if shape.integers:
            _keep_integers(whole.frame, shape)
        return whole
    blocks = []
    start, line = 0, first_line
    while start < len(block):
        end = block.find(b"\n", min(start + SMALL_PIECE_BYTES, len(block)) - 1) + 1 or len(block)
        piece = block[start:end]
        parsed = _parse_at_once(piece, shape, line) or _parse_by_line(piece, shape, line)
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


def _parse_integers(block: bytes, shape: Shape, first_line: int) -> Block | None:
    """A block whose identifiers and numbers are read as integers, a third faster than as text; None where they stand
    there otherwise than an integer is printed, which leading zeros, signs and blanks show by the bytes they take."""
    dialect = shape.dialect
    quote = dialect.quote.encode()
    if not shape.integers or b"\0" in block or (quote and quote in block):
        return None
    schema = {name: pl.Int64 if name in shape.integers else pl.String for name in shape.names}
    try:
        frame = pl.read_csv(
            block, has_header=False, schema=schema, separator=shape.separator, quote_char=None, extra_columns="raise"
        )
    except pl.exceptions.PolarsError:
        return None
    digits = sum(_digits(frame[name], least) for name, least in shape.integers.items())
    if not _adds_up(block, frame.drop(shape.integers), frame.width, digits):
        return None
    if _has_outer_blanks(block, shape.separator.encode()):
        frame = frame.with_columns(_stripped(name) for name in frame.columns if name not in shape.integers)
    numbered = _numbered(frame, range(first_line, first_line + frame.height))
    return Block(numbered, [], frame.height, block, first_line)


def _keep_integers(frame: pl.DataFrame, shape: Shape) -> None:
    """Try no more what did not read as integers in a block that had to be read as text."""
    for name in [name for name in shape.integers if frame.schema[name] == pl.String]:
        whole = frame[name].cast(pl.Int64, strict=False)
        length = int(frame[name].str.len_bytes().sum())
        if whole.null_count() != frame[name].null_count() or _digits(whole, shape.integers[name]) != length:
            del shape.integers[name]


def _digits(column: pl.Series, least: int) -> int:
    """How many bytes a column of integers takes when printed; -1 bytes too few where one is below the least."""
    lowest, highest = column.min(), column.max()
    if lowest is None or highest is None:
        return 0
    if int(str(lowest)) < least:
        return -1
    count = column.len() - column.null_count()
    if len(str(lowest)) == len(str(highest)):
        return count * len(str(lowest))
    values = column.drop_nulls().to_numpy()
    return count + int(np.searchsorted(_POWERS, values, side="right").sum())


def _parse_at_once(block: bytes, shape: Shape, first_line: int) -> Block | None:
    """A block in which every line has the fields of a row; None where one has not, or may not have."""
    dialect = shape.dialect
    if b"\0" in block:
        return None
    if dialect.fixed:
        frame = _cut(block, shape)
        return None if frame is None else _sort_out(frame, block, shape, first_line)
    quoted = bool(dialect.quote) and dialect.quote.encode() in block
    try:
        frame = pl.read_csv(
            block,
            has_header=False,
            schema=dict.fromkeys(shape.names, pl.String),
            separator=shape.separator,
            quote_char=dialect.quote if quoted else None,
            extra_columns="raise",
        )
    except pl.exceptions.PolarsError:
        return None
    line_ends = pl.Series([0])
    if quoted:
        if dialect.multiline:
            line_ends = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
        adds_up = _adds_up_quoted(block, frame, shape, int(line_ends.sum()))
    else:
        adds_up = _adds_up(block, frame)
    if not adds_up:
        return None
    if quoted:
        frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
    if _has_outer_blanks(block, shape.separator.encode()):
        frame = frame.select(_stripped(name) for name in frame.columns)
    sorted_out = _sort_out(frame, block, shape, first_line)
    if line_ends.sum():
        before = line_ends.cum_sum().shift(1, fill_value=0).cast(pl.Int64)
        lines = pl.int_range(first_line, first_line + frame.height, eager=True, dtype=pl.Int64) + before
        places = (sorted_out.frame[LINE] - first_line).cast(pl.UInt32)
        kept = sorted_out.frame.with_columns(lines.gather(places).alias(LINE))
        return sorted_out._replace(frame=kept, lines=frame.height + int(line_ends.sum()))
    return sorted_out


def _sort_out(frame: pl.DataFrame, block: bytes, shape: Shape, first_line: int) -> Block:
    """A block of which each line is a row, without those that are headers or trailers."""
    rows = frame.height
    frame = _numbered(frame, range(first_line, first_line + rows))
    misshapen: list[Misshapen] = []
    headers, trailers = 0, []
    dialect = shape.dialect
    if shape.header and shape.header in block:
        last = shape.names[-1]
        again = pl.all_horizontal(
            *(pl.col(name) == name for name in shape.names[1:]),
            pl.col(shape.names[0]).str.ends_with(shape.names[0]),
            pl.col(last).is_not_null(),
        )
        repeated = frame.filter(again)
        misshapen = [Misshapen(line, "repeated_header") for line in repeated[LINE]]
        frame = frame.filter(~again.fill_null(False)) if repeated.height else frame
    for mark in (dialect.header_mark, dialect.trailer_mark):
        if mark is None or mark.value.encode() not in block or mark.field >= len(shape.names):
            continue
        is_marked = pl.col(shape.names[mark.field]).eq_missing(mark.value)
        found = frame.filter(is_marked)
        if not found.height:
            continue
        frame = frame.filter(~is_marked)
        if mark is dialect.trailer_mark:
            trailers += [_count_in(list(row[:-1]), mark) for row in found.iter_rows()]
        else:
            headers += found.height
    return Block(frame, misshapen, rows, block, first_line, 0, headers, tuple(trailers))


def _adds_up(block: bytes, frame: pl.DataFrame, width: int | None = None, more: int = 0) -> bool:
    """Whether values, separators of full rows and line ends make up all bytes; counting separators is slower by far.

    `more` are the bytes of values in columns that the frame has not, of `width` in all.
    """
    values = more + sum(frame.select(pl.all().str.len_bytes().cast(pl.Int64).sum()).row(0))
    line_ends = frame.height - (not block.endswith(b"\n")) + (block.count(b"\r") if b"\r" in block else 0)
    return len(block) == values + line_ends + frame.height * ((width or frame.width) - 1)


def _adds_up_quoted(block: bytes, frame: pl.DataFrame, shape: Shape, line_ends: int) -> bool:
    """Whether there is a row for each line, with as many separators outside its values as there should be."""
    inside = frame.select(pl.all().str.count_matches(shape.separator, literal=True).sum()).sum_horizontal().sum()
    outside = block.count(shape.separator.encode()) - int(inside)
    return frame.height + line_ends == _count_lines(block) and outside == frame.height * (frame.width - 1)


def _count_lines(block: bytes) -> int:
    return block.count(b"\n") + (not block.endswith(b"\n"))


def _cut(block: bytes, shape: Shape) -> pl.DataFrame | None:
    """The fields of lines of fixed width; None where a line is longer or shorter, or no text."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = pl.Series([text.removesuffix("\n")]).str.split("\n").explode().to_frame("text")
    width = _width(shape.dialect)
    if not lines.select((pl.col("text").str.len_chars() == width).all()).item():
        return None
    character = pl.col("text").str.slice if not text.isascii() else _byte_slice
    return lines.select(
        _stripped_text(character(start, length)).alias(name)
        for name, (start, length) in zip(shape.names, shape.dialect.fixed, strict=True)
    )


def _byte_slice(start: int, length: int) -> pl.Expr:
    return pl.col("text").str.slice(start, length)


def _width(dialect: Dialect) -> int:
    return max(start + length for start, length in dialect.fixed)


def _parse_by_line(piece: bytes, shape: Shape, first_line: int) -> Block:
    rows: list[list[str | None]] = []
    lines: list[int] = []
    misshapen = []
    trailers: list[str] = []
    blank = headers = 0
    dialect = shape.dialect
    number = first_line - 1
    for number, raw in enumerate(piece.removesuffix(b"\n").split(b"\n"), start=first_line):
        if not raw.strip(b" \t\r\0"):
            blank += 1
            continue
        fields = _split(raw.rstrip(b"\r"), shape)
        if isinstance(fields, str):
            misshapen.append(Misshapen(number, fields))
        elif dialect.trailer_mark is not None and _is_marked(fields, dialect.trailer_mark):
            trailers.append(_count_in(fields, dialect.trailer_mark))
        elif dialect.header_mark is not None and _is_marked(fields, dialect.header_mark):
            headers += 1
        elif len(fields) != len(shape.names):
            misshapen.append(Misshapen(number, "line_length" if dialect.fixed else "field_count"))
        elif shape.header and [field.strip("\ufeff \t") for field in fields] == shape.names:
            misshapen.append(Misshapen(number, "repeated_header"))
        else:
            rows.append([field.strip(" \t") or None for field in fields])
            lines.append(number)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(shape.names, pl.String), orient="row")
    counted = number - first_line + 1
    return Block(_numbered(frame, lines), misshapen, counted, piece, first_line, blank, headers, tuple(trailers))


def _is_marked(fields: list[str], mark: Mark) -> bool:
    return len(fields) > mark.field and fields[mark.field].strip(" \t\ufeff") == mark.value


def _count_in(fields: list[str] | list[str | None], mark: Mark) -> str:
    """What a trailer says of how many records there are, empty where it says nothing."""
    if mark.count_field is None or len(fields) <= mark.count_field:
        return ""
    return (fields[mark.count_field] or "").strip()


def _has_outer_blanks(block: bytes, separator: bytes) -> bool:
    """Whether a blank stands next to a separator or a line's end."""
    for blank in (b" ", b"\t"):
        if blank == separator or blank not in block:
            continue
        edges = (blank + separator, separator + blank, blank + b"\n", b"\n" + blank, blank + b"\r")
        if any(edge in block for edge in edges) or block.startswith(blank) or block.endswith(blank):
            return True
    return False


def _stripped(name: str) -> pl.Expr:
    return _stripped_text(pl.col(name)).alias(name)


def _stripped_text(text: pl.Expr) -> pl.Expr:
    trimmed = text.str.strip_chars(" \t")
    return pl.when(trimmed != "").then(trimmed)


def _split(raw: bytes, shape: Shape) -> list[str] | str:
    """The fields of a line, however many, or the rule that it breaks."""
    dialect = shape.dialect
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    if "\0" in text:
        return "nul_character"
    if dialect.fixed:
        if len(text) != _width(dialect):
            return _marked_fields(text, shape)
        return [text[start : start + length] for start, length in dialect.fixed]
    if not dialect.quote or dialect.quote not in text:
        return text.split(shape.separator)
    try:
        return next(csv.reader([text], delimiter=shape.separator, quotechar=dialect.quote, strict=True))
    except csv.Error:
        return "quotes"


def _marked_fields(text: str, shape: Shape) -> list[str]:
    """The fields of a line that is too long or too short for a row, never as many as a row has; a header or trailer
    may be short."""
    fields = [text[start : start + length].strip() for start, length in shape.dialect.fixed if start < len(text)]
    return fields + [""] * (len(fields) == len(shape.names))


def _numbered(frame: pl.DataFrame, lines: range | list[int]) -> pl.DataFrame:
    numbers = pl.int_range(lines.start, lines.stop, eager=True) if isinstance(lines, range) else pl.Series(lines)
    return frame.with_columns(numbers.cast(pl.Int64).alias(LINE))


def _empty(shape: Shape) -> pl.DataFrame:
    return _numbered(pl.DataFrame(schema=dict.fromkeys(shape.names, pl.String)), [])
