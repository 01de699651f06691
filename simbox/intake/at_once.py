"""A block of lines at full speed, where each of them is a row.

Polars refuses long lines, but fills short ones with nulls without a word; the number of separators tells.
"""

import numpy as np
import polars as pl

from simbox.intake.blocks import LINE, Block, Misshapen, Shape, count_in, number_lines

_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)


def parse_integers(block: bytes, shape: Shape, first_line: int) -> Block | None:
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
    numbered = number_lines(frame, range(first_line, first_line + frame.height))
    return Block(numbered, [], frame.height, block, first_line)


def keep_integers(frame: pl.DataFrame, shape: Shape) -> None:
    """Try no more what did not read as integers in a block that had to be read as text."""
    for name in [name for name in shape.integers if frame.schema[name] == pl.String]:
        whole = frame[name].cast(pl.Int64, strict=False)
        length = int(frame[name].str.len_bytes().sum())
        if whole.null_count() != frame[name].null_count() or _digits(whole, shape.integers[name]) != length:
            del shape.integers[name]


def parse_at_once(block: bytes, shape: Shape, first_line: int) -> Block | None:
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
    frame = number_lines(frame, range(first_line, first_line + rows))
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
            trailers += [count_in(list(row[:-1]), mark) for row in found.iter_rows()]
        else:
            headers += found.height
    return Block(frame, misshapen, rows, block, first_line, 0, headers, tuple(trailers))


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
    width = shape.dialect.width
    if not lines.select((pl.col("text").str.len_chars() == width).all()).item():
        return None
    character = pl.col("text").str.slice if not text.isascii() else _byte_slice
    return lines.select(
        stripped_text(character(start, length)).alias(name)
        for name, (start, length) in zip(shape.names, shape.dialect.fixed, strict=True)
    )


def _byte_slice(start: int, length: int) -> pl.Expr:
    return pl.col("text").str.slice(start, length)


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
    return stripped_text(pl.col(name)).alias(name)


def stripped_text(text: pl.Expr) -> pl.Expr:
    trimmed = text.str.strip_chars(" \t")
    return pl.when(trimmed != "").then(trimmed)
