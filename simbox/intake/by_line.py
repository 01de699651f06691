"""Lines one by one, where some of a piece are not rows: each that is none says why."""

import csv

import polars as pl

from simbox.intake.blocks import Block, Misshapen, Shape, count_in, is_marked, number_lines


def parse_by_line(piece: bytes, shape: Shape, first_line: int) -> Block:
    """A piece of a file, each of its lines looked at alone."""
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
        elif dialect.trailer_mark is not None and is_marked(fields, dialect.trailer_mark):
            trailers.append(count_in(fields, dialect.trailer_mark))
        elif dialect.header_mark is not None and is_marked(fields, dialect.header_mark):
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
    return Block(number_lines(frame, lines), misshapen, counted, piece, first_line, blank, headers, tuple(trailers))


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
        if len(text) != dialect.width:
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
