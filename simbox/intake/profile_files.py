"""Profiles read from their files, and what in one is well formed and can't be meant."""

import codecs
import hashlib
import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from simbox.config import Config, find_problems
from simbox.errors import ConfigError
from simbox.intake.profile import Feed, Profile, ProfiledFeed
from simbox.intake.profile_columns import AnsweredColumn, PartyColumns, TimeColumn, cell_columns, source_columns

FOLDER = "operators"


def load_profiles(source: Path, config: Config) -> list[ProfiledFeed]:
    """The feeds of every profile below SOURCE/operators, in order of their names; ConfigError names every problem."""
    feeds: list[ProfiledFeed] = []
    problems: list[str] = []
    for path in sorted((source / FOLDER).glob("*.toml")):
        try:
            feeds += load_profile(path, config)
        except ConfigError as error:
            problems += error.problems or [error.summary]
    keys = [feed.key for feed in feeds]
    problems += [f"feed {key} is there twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    if problems:
        raise ConfigError("the operators' profiles can't be used:", problems)
    return sorted(feeds, key=lambda feed: feed.key)


def load_profile(path: Path, config: Config) -> list[ProfiledFeed]:
    """The feeds of one profile; ConfigError names every problem at once."""
    try:
        text = path.read_bytes()
        content = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path.name} can't be opened ({error.strerror})") from error
    problems = find_problems(content, Profile)
    profile = None
    if not problems:
        profile = msgspec.convert(content, Profile)
        problems = _contradictions(profile, config)
    if profile is None or problems:
        raise ConfigError(f"{path.name} can't be used:", [f"{path.name}: {problem}" for problem in problems])
    operator = config.operators.get(profile.operator.key)
    networks = tuple(operator.mcc_mncs) if operator else ()
    zone = operator.timezone if operator else None
    return [
        ProfiledFeed(
            profile.operator.key,
            name,
            feed,
            profile.numbers,
            (feed.columns.started_at.zone if isinstance(feed.columns.started_at, TimeColumn) else None) or zone,
            networks,
            hashlib.sha256(text).hexdigest(),
        )
        for name, feed in profile.feed.items()
    ]


def _contradictions(profile: Profile, config: Config) -> list[str]:
    """What is well formed and can't be meant."""
    problems = []
    key = profile.operator.key
    if config.operators and key not in config.operators:
        problems.append(f"operator.key: simbox.toml has no operator {key}")
    if not profile.feed:
        problems.append("feed: there must be at least one")
    for name, feed in profile.feed.items():
        problems += [f"feed.{name}.{problem}" for problem in _feed_contradictions(feed, key, config)]
    return problems


def _feed_contradictions(feed: Feed, key: str, config: Config) -> list[str]:
    problems = []
    try:
        groups = re.compile(feed.file_name).groupindex
        problems += [
            f"file_name: there is no use for a part {group}; there are node, date and sequence"
            for group in groups
            if group not in ("node", "date", "sequence")
        ]
    except re.error as error:
        problems.append(f"file_name is no regular expression: {error}")
    if len(feed.separator.encode()) != 1 or feed.separator in "\r\n\0":
        problems.append("separator: must be one single-byte character")
    if feed.quote and feed.quote == feed.separator:
        problems.append("quote: is the separator")
    if feed.multiline and not feed.quote:
        problems.append("multiline: needs a quote")
    if feed.encoding != "auto":
        try:
            codecs.lookup(feed.encoding)
        except LookupError:
            problems.append(f"encoding: there is no {feed.encoding!r}")
    if feed.kind == "fixed":
        ends = [(field.start, field.start + field.width) for field in feed.fields]
        if not ends:
            problems.append("fields: a feed of fixed width needs them")
        if any(start < end for (_, end), (start, _) in zip(sorted(ends), sorted(ends)[1:], strict=False)):
            problems.append("fields: they overlap")
    elif feed.fields:
        problems.append("fields: only a feed of fixed width has them")
    if feed.kind == "delimited" and feed.header == "none" and not feed.names:
        problems.append("names: without a header the columns need names")
    return problems + _column_contradictions(feed, key, config)


def _column_contradictions(feed: Feed, key: str, config: Config) -> list[str]:
    columns = feed.columns
    problems = []
    if columns.leg is None and (columns.service is None or columns.direction is None):
        problems.append("columns: needs leg, or service and direction")
    if columns.leg is not None and (columns.service is not None or columns.direction is not None):
        problems.append("columns: leg goes without service and direction")
    if columns.imsi is None and columns.msisdn is None:
        problems.append("columns: needs imsi or msisdn")
    party = columns.other_party
    if isinstance(party, PartyColumns) and not any((party.from_, party.mo, party.mt, party.cf)):
        problems.append("columns.other_party: needs from, mo, mt or cf")
    if isinstance(columns.started_at, TimeColumn) and columns.started_at.zone is not None:
        try:
            ZoneInfo(columns.started_at.zone)
        except (KeyError, ValueError, OSError):
            problems.append(f"columns.started_at.zone: there is no zone {columns.started_at.zone!r}")
    answered = columns.answered
    if isinstance(answered, AnsweredColumn) and bool(answered.map) == (answered.when is not None):
        problems.append("columns.answered: needs map or when")
    operator = config.operators.get(key)
    for number, cell in enumerate(cell_columns(columns)):
        where = f"columns.cell[{number}]" if isinstance(columns.cell, list) else "columns.cell"
        whole = cell.from_ is not None
        by_kind = {
            "cgi": cell.lac is not None and cell.ci is not None,
            "ecgi": cell.eci is not None or (cell.enb is not None and cell.sector is not None),
            "ncgi": cell.nci is not None,
        }
        if whole == by_kind[cell.kind]:
            needed = {"cgi": "lac and ci", "ecgi": "eci, or enb and sector", "ncgi": "nci"}[cell.kind]
            problems.append(f"{where}: needs either from or {needed}")
        elif not whole and cell.plmn is None and not (operator and operator.mcc_mncs):
            problems.append(f"{where}.plmn: is needed, as simbox.toml has no mcc_mncs of {key}")
    given = feed.names or [field.name for field in feed.fields]
    if given and feed.header == "none" or feed.kind == "fixed":
        problems += [f"columns: there is no column {name}" for name in source_columns(columns) if name not in given]
    return problems
