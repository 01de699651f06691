"""One file of a batch into the staging: read, translated, normalised, and every line of it accounted for."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.intake.blocks import LINE, USUAL, Block, Dialect, Mark
from simbox.intake.columnar import read_columnar, wrong_types
from simbox.intake.delimited import read_delimited, show_names
from simbox.intake.file_dates import window_of
from simbox.intake.normalise import COLUMNS, ONE_OF, REQUIRED, Normalised, normalise, normalise_translated
from simbox.intake.parties import NumberOwners
from simbox.intake.profile import Feed, ProfiledFeed, RecordMark
from simbox.intake.profile_columns import source_columns
from simbox.intake.sources import PIECE_BYTES, ByteTally, Source, UnreadableError, read_ahead
from simbox.intake.staging import Staging
from simbox.intake.translate import Translator

# Columns of the interchange format that read the same as integers, from these on: below, zeros may be missing.
INTEGERS = (("imsi", 10**13), ("msisdn", 1), ("imei", 10**13), ("duration_s", 0), ("other_party", 1))


class Reader(NamedTuple):
    """How files of one kind are read: a profile's feed, or the interchange format where there is none."""

    translator: Translator | None
    config: Config
    owners: NumberOwners

    @property
    def feed(self) -> ProfiledFeed | None:
        """The feed of the profile, if there is one."""
        return self.translator.feed if self.translator is not None else None


class Named(NamedTuple):
    """What a file's name tells: the switch, its running number, the date, and the dates that it may speak of."""

    node: str | None = None
    sequence: int | None = None
    named_on: date | None = None
    window: tuple[date, date] | None = None


class Accounts(NamedTuple):
    """What a file's lines came to, and its columns; `unknown` are columns without a meaning."""

    lines: int
    header_lines: int
    trailer_lines: int
    blank_lines: int
    trailer_count: int | None
    rows_in: int
    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    warnings: list[str]
    tail_bytes: int | None = None


def read_name(feed: ProfiledFeed | None, name: str) -> Named:
    """What a file's name tells by the pattern of its feed."""
    match = feed.takes(name) if feed is not None else None
    if feed is None or match is None:
        return Named()
    parts = match.groupdict()
    window = window_of(parts.get("date"), feed.feed.late_nights)
    sequence = parts.get("sequence") or ""
    named_on = window_of(parts.get("date"), 0)
    return Named(
        parts.get("node"),
        int(sequence) if sequence.isdecimal() else None,
        named_on[0] if named_on is not None else None,
        window,
    )


def read_file(
    source: Source, number: int, reader: Reader, staging: Staging | None, layouts: Collection[str] = ()
) -> Accounts:
    """Stage one file's rows; without a staging only what is wrong with it as a whole is looked for.

    UnreadableError where it can't be read, or its lines don't add up, or it is not what its trailer says, or its
    columns are none of the `layouts` (SHA-256), where there are any.
    """
    feed = reader.feed
    tally = ByteTally()
    named = read_name(feed, source.name)
    columns: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    counted: Counter[str] = Counter()
    trailers: list[str] = []
    blocks = read_ahead(read_blocks(source, feed, tally))
    # Records are translated in a thread of their own too, while those before go to the store.
    for position, (block, normalised) in enumerate(
        ((block, None) for block in blocks)
        if staging is None
        else read_ahead(_normalise_all(blocks, number, reader, named))
    ):
        counted["headers"] += block.headers
        if position == 0:
            columns = tuple(name for name in block.frame.columns if name != LINE)
            unknown = _check_columns(block, source, feed)
            if layouts and columns_sha256(columns) not in layouts:
                raise UnreadableError(
                    "its columns are not those of the feed's files before: if they mean what the profile says, take it"
                    " with --accept-columns"
                )
        counted["lines"] += block.lines
        counted["bytes"] += len(block.raw)
        counted["blank"] += block.blank
        counted["rows"] += block.frame.height + len(block.misshapen)
        trailers += block.trailers
        if staging is None or position == 0:
            continue
        lines = pl.DataFrame(
            {"line": [line for line, _ in block.misshapen], "rule": [rule for _, rule in block.misshapen]},
            schema={"line": pl.Int64, "rule": pl.String},
        )
        staging.reject(lines.with_columns(field=pl.lit("line")), block, number, source.name)
        if normalised is not None:
            staging.add(normalised, block, number, source.name, feed.key if feed is not None else None)
        if staging.is_hopeless(number, counted["rows"]):
            raise UnreadableError("most of its rows break a rule: is it in the format that it is read by?")
    is_multiline = feed is not None and feed.feed.multiline
    parts = counted["headers"] + len(trailers) + counted["blank"] + counted["rows"]
    # A block is either accounted for byte by byte or line by line; where values hold line ends a row is several lines.
    adds_up = counted["bytes"] + tally.padding == tally.bytes and (is_multiline or parts == counted["lines"])
    if not adds_up:
        raise UnreadableError("its lines don't add up")
    warnings = [f"{tally.padding} NUL characters at its end were cut off"] if tally.padding else []
    if tally.tail:
        warnings.append(f"{tally.tail} bytes behind its compressed data were left out")
    trailer_count = _check_trailers(trailers, counted["rows"], feed, warnings)
    return Accounts(
        counted["lines"],
        counted["headers"],
        len(trailers),
        counted["blank"],
        trailer_count,
        counted["rows"],
        columns,
        unknown,
        warnings,
        tally.tail or None,
    )


def read_blocks(
    source: Source, feed: ProfiledFeed | None, tally: ByteTally | None = None, piece_bytes: int = PIECE_BYTES
) -> Iterator[Block]:
    """A file's rows as raw frames of the columns that are wanted of it."""
    if feed is None:
        if source.is_parquet:
            return read_columnar(source, COLUMNS)
        return read_delimited(source, piece_bytes, USUAL._replace(integers=INTEGERS), tally)
    is_parquet = feed.feed.kind == "parquet"
    if source.is_parquet != is_parquet:
        raise UnreadableError(f"it is {source.format}, and its feed {feed.key} is {feed.feed.kind}")
    if is_parquet:
        return read_columnar(source, source_columns(feed.feed.columns), cut_imeis=False)
    return read_delimited(source, piece_bytes, dialect_of(feed.feed), tally)


def columns_sha256(columns: tuple[str, ...]) -> str:
    """What tells a changed layout: SHA-256 of the column names, one a line."""
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()


def dialect_of(feed: Feed) -> Dialect:
    """How a feed's text is written."""
    is_fixed = feed.kind == "fixed"
    names = [field.name for field in feed.fields] if is_fixed else feed.names if feed.header == "none" else []
    return USUAL._replace(
        separator=feed.separator,
        quote=feed.quote,
        encoding=feed.encoding,
        multiline=feed.multiline,
        names=tuple(names),
        fixed=tuple((field.start - 1, field.width) for field in feed.fields),
        header_mark=_mark(feed.header_record),
        trailer_mark=_mark(feed.trailer_record),
        unpacked_ratio=feed.limits.unpacked_ratio,
    )


def _mark(record: RecordMark | None) -> Mark | None:
    return None if record is None else Mark(record.field, record.value, record.count_field)


def _normalise_all(
    blocks: Iterator[Block], number: int, reader: Reader, named: Named
) -> Iterator[tuple[Block, Normalised | None]]:
    """Each block with its records; the first has none, and says which columns follow."""
    for position, block in enumerate(blocks):
        yield block, _normalise(block, number, reader, named) if position and block.frame.height else None


def _normalise(block: Block, number: int, reader: Reader, named: Named) -> Normalised:
    if reader.translator is None:
        return normalise(block.frame, number, reader.config, reader.owners)
    translated = reader.translator.translate(block.frame, named.window, named.node)
    return normalise_translated(translated, number, reader.config, reader.owners)


def _check_columns(first: Block, source: Source, feed: ProfiledFeed | None) -> tuple[str, ...]:
    """The columns that have no meaning here; UnreadableError where one is missing or of a wrong type."""
    names = [name for name in first.frame.columns if name != LINE]
    if feed is not None:
        wanted = source_columns(feed.feed.columns)
        missing = [name for name in wanted if name not in names]
        problems = [f"column {name} of feed {feed.key} is missing" for name in missing]
        types = first.frame.schema
        problems += [
            f"column {name} is {types[name]}, not text, integer or time"
            for name in wanted
            if name in types and (types[name].is_float() or types[name].is_nested() or types[name].is_decimal())
        ]
        if problems:
            raise UnreadableError("; ".join(problems))
        return ()
    problems = [f"column {name} is missing" for name in REQUIRED if name not in names]
    if not set(ONE_OF) & set(names):
        problems.append("column imsi or msisdn is missing")
    if source.is_parquet:
        problems += wrong_types(first.frame.schema, COLUMNS)
    if problems:
        raise UnreadableError("; ".join(problems))
    return tuple(sorted(set(names) - set(COLUMNS)))


def _check_trailers(trailers: list[str], rows: int, feed: ProfiledFeed | None, warnings: list[str]) -> int | None:
    """How many records the trailers count; a file that lacks its trailer may have been cut short."""
    if feed is None or feed.feed.trailer_record is None:
        return None
    problem = None
    total = None
    if not trailers:
        problem = "it has no trailer: it may have been cut short"
    elif feed.feed.trailer_record.count_field is not None:
        if not all(count.isascii() and count.isdigit() for count in trailers):
            problem = "its trailer holds no count"
        else:
            total = sum(int(count) for count in trailers)
            if total != rows:
                problem = f"its trailer counts {total} records, there are {rows}"
    if problem is not None and feed.feed.trailer == "refuse":
        raise UnreadableError(problem)
    if problem is not None:
        warnings.append(problem)
    return total


def shown_names(names: tuple[str, ...]) -> str:
    """Column names for a message, without those that may be values."""
    return show_names(list(names))
