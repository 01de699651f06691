"""What separates the fields of a file, which lines are its header and trailer, and what its name is made of."""

import re

import polars as pl

from simbox.intake.blocks import LINE, USUAL, Dialect, Mark
from simbox.intake.columnar import read_columnar
from simbox.intake.decoding import read_lines
from simbox.intake.delimited import read_delimited
from simbox.intake.seen_column import LINES, escaped, word_for
from simbox.intake.sources import ByteTally, Source, UnreadableError

PIECE_BYTES = 1 << 20
SEPARATORS = ("|", ";", "\t", ",", "~", "\x01", "\x1f")


def read_shape(source: Source) -> tuple[list[str], pl.DataFrame, list[tuple[str, str, str]]]:
    """How the file is laid out as lines of a profile, its first rows as text, and why."""
    if source.is_parquet:
        blocks = read_columnar(source, tuple(pl.read_parquet_schema(source.path)), cut_imeis=False)
        next(blocks)
        frame = next(blocks).frame.drop(LINE).head(LINES).with_columns(pl.exclude(pl.Datetime, pl.Date).cast(pl.String))
        return ['kind = "parquet"'], frame, [("kind", "its first bytes", "sure")]
    encoding = "auto"
    start, end, line_count = b"", b"", 0
    # Whether there is a trailer, and what it counts, only the whole file tells.
    for block in read_lines(source, ByteTally(), PIECE_BYTES):
        start, end = start or block, block
        line_count += block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        text = start.decode()
    except UnicodeDecodeError:
        encoding = "cp1251"
        text = start.decode("cp1251", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()][:LINES]
    if not lines:
        raise UnreadableError("it is empty")
    separator, share = _separator(lines)
    width = _usual([line.count(separator) for line in lines])
    closing = end.rstrip(b"\r\n\0").rpartition(b"\n")[2].decode(errors="replace").strip("\r")
    first, last = lines[0].split(separator), closing.split(separator)
    begin = 1 if len(first) - 1 != width and len(lines) > 1 else 0
    header_mark = Mark(0, first[0]) if begin else None
    is_trailer = len(last) - 1 != width and len(lines) > 2 and not last[0].isdigit()
    trailer_mark = Mark(0, last[0]) if is_trailer else None
    names = lines[begin].split(separator)
    has_header = len(set(names)) == len(names) and not any(re.search(r"[0-9]{5}", name) for name in names)
    has_header = has_header and all(name.strip() for name in names)
    given = () if has_header else tuple(f"column_{n}" for n in range(1, width + 2))
    quote = '"' if any(line.startswith('"') or f'{separator}"' in line for line in lines) else ""
    dialect = USUAL._replace(
        separator=separator,
        quote=quote,
        encoding=encoding,
        names=given,
        header_mark=header_mark,
        trailer_mark=trailer_mark,
    )
    layout = [f'separator = "{escaped(separator)}"']
    about = [
        ("separator", f"{share:.0%} of the lines have it {width} times", word_for(share)),
        ("header", "the first line holds no number" if has_header else "the first line holds values", "likely"),
    ]
    if encoding != "auto":
        layout.append(f'encoding = "{encoding}"')
        about.append(("encoding", "it is no UTF-8, and Cyrillic is usual where this is used", "guess"))
    if quote:
        layout.append("quote = '\"'")
    if given:
        layout += ['header = "none"', "names = [" + ", ".join(f'"{name}"' for name in given) + "]"]
    if header_mark:
        layout.append(f'header_record = {{ value = "{escaped(header_mark.value)}" }}')
        about.append(("header_record", "the first line has another number of fields", "likely"))
    if trailer_mark:
        records = line_count - begin - 1 - has_header
        counts = [n for n, field in enumerate(last) if field.strip().isdigit() and int(field) == records]
        count = f", count_field = {counts[0]}" if counts else ""
        layout.append(f'trailer_record = {{ value = "{escaped(trailer_mark.value)}"{count} }}')
        about.append(("trailer_record", "the last line has another number of fields", "sure" if counts else "likely"))
    return layout, _head(source, dialect), about


def _head(source: Source, dialect: Dialect) -> pl.DataFrame:
    frames = []
    rows = 0
    for block in read_delimited(source, PIECE_BYTES, dialect):
        frames.append(block.frame)
        rows += block.frame.height
        if rows >= LINES:
            break
    return pl.concat(frames).drop(LINE).head(LINES)


def _separator(lines: list[str]) -> tuple[str, float]:
    """The separator that most lines have equally often, and what share of lines that is."""
    found = []
    for separator in SEPARATORS:
        counts = [line.count(separator) for line in lines]
        usual = _usual(counts)
        if usual:
            found.append((counts.count(usual) / len(counts), usual, separator))
    if not found:
        raise UnreadableError("no separator stands in its lines equally often; fixed width is not guessed")
    share, _, separator = max(found)
    return separator, share


def _usual(counts: list[int]) -> int:
    return max(set(counts), key=lambda count: (counts.count(count), count))


def name_pattern(name: str) -> str:
    """A pattern for names like this one: digits that look like a date are one, a last run of digits is a number."""
    pattern = re.escape(name).replace("\\-", "-")
    dated = re.sub(r"20[0-9]{2}-?[01][0-9]-?[0-3][0-9]", _date_pattern, pattern, count=1)
    runs = [found for found in re.finditer(r"(?<![\[{0-9])[0-9]{3,}(?![\]}0-9])", dated)]
    if runs:
        dated = dated[: runs[-1].start()] + "(?P<sequence>[0-9]+)" + dated[runs[-1].end() :]
    return f"^{dated}$"


def _date_pattern(found: re.Match[str]) -> str:
    return "(?P<date>" + re.sub(r"[0-9]+", lambda digits: f"[0-9]{{{len(digits[0])}}}", found[0]) + ")"
