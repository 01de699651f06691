"""What a profile makes of the first lines of a file, column by column."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.errors import InputError
from simbox.intake.blocks import Block
from simbox.intake.normalise import normalise_translated
from simbox.intake.numbers import KINDS
from simbox.intake.parties import know_owners
from simbox.intake.profile import ProfiledFeed
from simbox.intake.profile_columns import source_columns
from simbox.intake.profile_files import load_profile
from simbox.intake.reading import read_blocks, read_name
from simbox.intake.sources import ByteTally, UnreadableError, identify
from simbox.intake.translate import Translator
from simbox.tables.reference import PORTED, SUBSCRIBERS

LINES = 10_000
# Small blocks, so that little more than the lines wanted is read.
PIECE_BYTES = 1 << 20
TOP = 5
# Fields whose values are identifiers: of these only the shape is shown.
SECRET = ("imsi", "msisdn", "imei", "other_party")


class FieldCheck(NamedTuple):
    """How one field of CDRS came out: the share of rows that say something, of these the share that could be used, and
    the values met most often (of identifiers their shapes)."""

    field: str
    given_share: float
    parsed_share: float | None
    top: list[tuple[str, int]]


class ProfileCheck(NamedTuple):
    """How a file's first lines came out: by field, what was rejected, kinds of number, and cells found in the table."""

    feed: str
    lines: int
    rows: int
    skipped: int
    fields: list[FieldCheck]
    rejects: list[tuple[str, str, int]]
    numbers: dict[str, int]
    cell_hits: float | None


def check_profile(profile: Path, file: Path, config: Config, cells: pl.DataFrame) -> ProfileCheck:
    """What a profile makes of the first 10,000 lines of a file; `cells` are CELLS, or empty.

    InputError where the file can't be read at all, ConfigError where the profile can't be used.
    """
    feeds = load_profile(profile, config)
    feed = _feed_of(feeds, file)
    try:
        raw, misshapen = read_head(file, feed)
    except UnreadableError as error:
        raise InputError(f"{file.name}: {error}") from error
    translator = Translator(feed, config)
    named = read_name(feed, file.name)
    translated = translator.translate(raw, named.window, named.node)
    owners = know_owners(SUBSCRIBERS.empty(), PORTED.empty(), config)
    judged = normalise_translated(translated, 1, config, owners)
    faults = Counter((rule, field) for _, rule, field in judged.rejects.select("line", "rule", "field").iter_rows())
    faults.update((rule, "line") for rule in misshapen)
    numbers = translator.number_kinds(raw)
    packed = translated.rows["cell"].drop_nulls()
    hits = packed.is_in(cells["cell"].implode()).mean() if cells.height and packed.len() else None
    return ProfileCheck(
        feed.key,
        raw.height + len(misshapen),
        translated.rows.height,
        translated.skipped,
        _check_fields(translated.rows),
        [(rule, field, count) for (rule, field), count in faults.most_common()],
        {KINDS[code]: count for code, count in sorted(numbers.items())},
        float(str(hits)) if hits is not None else None,
    )


def read_head(file: Path, feed: ProfiledFeed, lines: int = LINES) -> tuple[pl.DataFrame, list[str]]:
    """The first rows of a file, and the rules that lines among them break."""
    source = identify(file, file.name)
    blocks: Iterator[Block] = read_blocks(source, feed, ByteTally(), PIECE_BYTES)
    first = next(blocks, None)
    if first is None:
        raise UnreadableError("it is empty")
    missing = [name for name in source_columns(feed.feed.columns) if name not in first.frame.columns]
    if missing:
        raise UnreadableError("; ".join(f"column {name} of feed {feed.key} is missing" for name in missing))
    frames: list[pl.DataFrame] = [first.frame.head(0)] if not source.is_parquet else []
    misshapen: list[str] = []
    rows = 0
    for block in islice(blocks, 64):
        frames.append(block.frame)
        misshapen += [rule for _, rule in block.misshapen]
        rows += block.frame.height
        if rows >= lines:
            break
    return pl.concat(frames).head(lines) if frames else first.frame, misshapen


def _feed_of(feeds: list[ProfiledFeed], file: Path) -> ProfiledFeed:
    """The feed that a file is named for; folders don't count here, and of one feed names neither."""
    named = [feed for feed in feeds if re.search(feed.feed.file_name, file.name)]
    candidates = named or (feeds if len(feeds) == 1 else [])
    if len(candidates) != 1:
        raise InputError(f"{file.name} is not named like a file of one feed of the profile")
    return candidates[0]


def _check_fields(rows: pl.DataFrame) -> list[FieldCheck]:
    checks = []
    always = pl.Series([True]).new_from_index(0, rows.height)
    local = pl.col("started_at") + pl.duration(minutes=pl.col("own_offset_min").fill_null(0), time_unit="us")
    rows = rows.with_columns(started_at=local)
    for name in ("service", "direction", "started_at", "imsi", "msisdn", "imei", "duration_s", "answered", "cell"):
        given = rows[f"has_{name}"] if f"has_{name}" in rows.columns else always
        checks.append(_check(name, rows[name], given))
    is_given = ~rows["is_withheld"]
    checks.append(_check("other_party", rows["other_party"], is_given))
    return checks


def _check(name: str, values: pl.Series, given: pl.Series) -> FieldCheck:
    rows = values.len()
    count = int(given.sum())
    used = int((given & values.is_not_null()).sum())
    shown = values.drop_nulls().cast(pl.String)
    if name in SECRET:
        shown = shown.str.slice(0, 4) + "+" + (shown.str.len_bytes() - 4).cast(pl.String)
    elif name == "started_at":
        shown = values.drop_nulls().dt.date().cast(pl.String)
    elif name == "cell":
        shown = shown.head(0)
    top = shown.rename("value").value_counts(sort=True).sort("count", "value", descending=[True, False]).head(TOP)
    return FieldCheck(name, count / rows if rows else 0.0, used / count if count else None, list(top.iter_rows()))
