"""Operators' profiles: how one operator's files are written, feed by feed, in TOML; names on the left are CDRS'."""

import codecs
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from simbox.config import Config, Prefix, Share, find_problems
from simbox.errors import ConfigError

Service = Literal["voice", "sms", "data", "signalling"]
Direction = Literal["mo", "mt", "cf"]
Cause = Literal["normal", "partial", "failed"]
Network = Annotated[str, msgspec.Meta(pattern="^[0-9]{3}-[0-9]{2,3}$")]
Positive = Annotated[int, msgspec.Meta(ge=1)]
FOLDER = "operators"
_RENAMED = {"from_": "from", "else_": "else", "is_": "is"}


class _Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename=lambda name: _RENAMED.get(name, name)):
    """A table of a profile: no key but the declared ones."""


class LegColumn(_Strict, frozen=True):
    """What kind of record it is: each code's service and direction; codes to `skip` are no legs of anybody."""

    from_: str
    map: dict[str, tuple[Service, Direction]]
    skip: list[str] = []


class ServiceColumn(_Strict, frozen=True):
    """The service by code, where one column says it and another the direction."""

    from_: str
    map: dict[str, Service] = {}
    skip: list[str] = []


class DirectionColumn(_Strict, frozen=True):
    """The direction by code."""

    from_: str
    map: dict[str, Direction] = {}
    skip: list[str] = []


class ImeiColumn(_Strict, frozen=True):
    """The IMEI: a `form` of 14, 15 or 16 digits fills lost leading zeros up, auto takes it as it stands."""

    from_: str
    form: Literal["auto", "14", "15", "16"] = "auto"


class TypeColumn(_Strict, frozen=True):
    """The type of number (TS 24.008 10.5.4.7) by code; codes that are not there leave it to the number's digits."""

    from_: str
    map: dict[str, Literal["international", "national", "short_code", "alphanumeric", "unknown"]] = {}


class PartyColumns(_Strict, frozen=True):
    """The far end by direction, or in one column for all."""

    from_: str | None = None
    mo: str | None = None
    mt: str | None = None
    cf: str | None = None
    type_of_number: str | TypeColumn | None = None


class TimeColumn(_Strict, frozen=True):
    """When the leg began: one column or several joined by a blank, `else` the ones to use where these are empty.

    `format` is of strptime, or epoch_s, epoch_ms; `offset` a column with the local time's offset from UTC, `zone` an
    IANA zone; without either the operator's in simbox.toml.
    """

    from_: str | list[str]
    else_: str | list[str] | None = None
    format: str = "%Y-%m-%d %H:%M:%S"
    offset: str | None = None
    zone: str | None = None


class DurationColumn(_Strict, frozen=True):
    """How long it was; `ended_at` is a column written like started_at, for durations that are absent or negative."""

    from_: str
    unit: Literal["s", "ms", "ds", "min", "hms"] = "s"
    ended_at: str | None = None


class AnsweredColumn(_Strict, frozen=True):
    """Whether it was answered: by a map of codes, or by the column being not empty or positive."""

    from_: str
    map: dict[str, bool] = {}
    when: Literal["not empty", "positive"] | None = None


class Condition(_Strict, frozen=True):
    """Rows where a column has one of these values."""

    from_: str
    is_: list[str]


class CellColumns(_Strict, frozen=True):
    """The serving cell: whole as text, or composed of `lac` and `ci`, of `eci` (or `enb` and `sector`), or of `nci`.

    `plmn` is its network, or a column with it; by default the operator's first. `from` takes a whole cell, as design
    writes it (401-77-1000-10441) or as digits of MCC, MNC, LAC and CI in hexadecimal (radix hex).
    """

    from_: str | None = None
    lac: str | None = None
    ci: str | None = None
    eci: str | None = None
    enb: str | None = None
    sector: str | None = None
    nci: str | None = None
    kind: Literal["cgi", "ecgi", "ncgi"] = "cgi"
    radix: Literal["dec", "hex"] = "dec"
    plmn: str | None = None
    when: Condition | None = None


class CauseColumn(_Strict, frozen=True):
    """Why the leg ended, by code."""

    from_: str
    map: dict[str, Cause] = {}


class Columns(_Strict, frozen=True):
    """Where each field of a CDR stands in the operator's record."""

    started_at: str | TimeColumn
    other_party: str | PartyColumns
    leg: LegColumn | None = None
    service: Service | ServiceColumn | None = None
    direction: Direction | DirectionColumn | None = None
    imsi: str | None = None
    msisdn: str | None = None
    imei: str | ImeiColumn | None = None
    duration_s: str | DurationColumn | None = None
    answered: str | AnsweredColumn | None = None
    cell: CellColumns | list[CellColumns] | None = None
    cause_class: CauseColumn | None = None
    call_ref: str | None = None
    part_no: str | None = None
    node: str | None = None


class RecordMark(_Strict, frozen=True):
    """A line that is no record: the field that tells (the first is 0) and what it holds; where it counts records."""

    value: str
    field: Annotated[int, msgspec.Meta(ge=0)] = 0
    count_field: Annotated[int, msgspec.Meta(ge=0)] | None = None


class FixedField(_Strict, frozen=True):
    """A field of fixed width: its first character (the line's first is 1) and how many there are."""

    name: str
    start: Positive
    width: Positive


class Limits(_Strict, frozen=True):
    """What makes a feed refused tonight: shares of its rows, or `times_median` of what was usual in 14 nights.

    The usual counts from the fifth night on, and never below a tenth of the fixed limit; 0 turns it off.
    """

    rejects_share: Share = 0.005
    unknown_cells_share: Share = 0.05
    junk_imeis_share: Share = 0.20
    times_median: Annotated[float, msgspec.Meta(ge=0.0)] = 10.0
    unpacked_ratio: Annotated[int, msgspec.Meta(ge=1)] = 200


class Feed(_Strict, frozen=True):
    """One kind of file: how it is named, how it is written, what its columns mean."""

    columns: Columns
    file_name: str
    folder: str | None = None
    kind: Literal["delimited", "fixed", "parquet"] = "delimited"
    encoding: str = "auto"
    separator: str = ","
    quote: Literal["", '"', "'"] = ""
    multiline: bool = False
    header: Literal["names", "none"] = "names"
    names: list[str] = []
    fields: list[FixedField] = []
    header_record: RecordMark | None = None
    trailer_record: RecordMark | None = None
    trailer: Literal["warn", "refuse"] = "refuse"
    late_nights: Annotated[int, msgspec.Meta(ge=0)] = 7
    sequence_last: Positive | None = None
    limits: Limits = Limits()


class NumberRules(_Strict, frozen=True):
    """How this operator writes numbers; what is not given here follows from the country's numbering plan."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] | None = None
    trunk_prefix: Prefix | None = None
    international_prefixes: list[Prefix] | None = None
    national_digits: list[Positive] | None = None
    short_codes: list[Prefix] = []
    strip: list[Annotated[str, msgspec.Meta(pattern="^[A-Fa-f]$")]] = msgspec.field(default_factory=lambda: ["F"])


class OperatorKey(_Strict, frozen=True):
    """Whose files these are: the operator's key in simbox.toml."""

    key: str


class Profile(_Strict, frozen=True):
    """All of a profile."""

    operator: OperatorKey
    feed: dict[str, Feed]
    numbers: NumberRules = NumberRules()


class ProfiledFeed(NamedTuple):
    """A feed with what it takes from elsewhere: its operator, zone, networks, number rules, the profile's SHA-256."""

    operator: str
    name: str
    feed: Feed
    numbers: NumberRules
    zone: str | None
    networks: tuple[str, ...]
    profile: str

    @property
    def key(self) -> str:
        """The feed's name in tables and messages."""
        return f"{self.operator}/{self.name}"

    def takes(self, file: str) -> re.Match[str] | None:
        """The parts of a file's name (path below the source) if this feed is written so."""
        folder, _, name = file.removeprefix("cdr/").rpartition("/")
        wanted = self.feed.folder
        if wanted is not None and folder != wanted.strip("/") and not folder.startswith(wanted.strip("/") + "/"):
            return None
        return re.search(self.feed.file_name, name)


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


def cell_columns(columns: Columns) -> list[CellColumns]:
    """The ways to find the cell, the first that gives one counts."""
    if columns.cell is None:
        return []
    return columns.cell if isinstance(columns.cell, list) else [columns.cell]


def source_columns(columns: Columns) -> tuple[str, ...]:
    """Every column of the operator's record that the profile names, once each, in the order of the profile."""
    names: list[str] = []

    def add(*given: str | list[str] | None) -> None:
        for one in given:
            names.extend([] if one is None else [one] if isinstance(one, str) else one)

    for part in (columns.leg, columns.service, columns.direction, columns.cause_class, columns.answered, columns.imei):
        if part is not None:
            add(part.from_ if isinstance(part, msgspec.Struct) else None)
    add(*(part for part in (columns.answered, columns.imei) if isinstance(part, str)))
    if isinstance(columns.started_at, TimeColumn):
        add(columns.started_at.from_, columns.started_at.else_, columns.started_at.offset)
    else:
        add(columns.started_at)
    if isinstance(columns.other_party, PartyColumns):
        party = columns.other_party
        kind = party.type_of_number
        add(party.from_, party.mo, party.mt, party.cf, kind.from_ if isinstance(kind, TypeColumn) else kind)
    else:
        add(columns.other_party)
    if isinstance(columns.duration_s, DurationColumn):
        add(columns.duration_s.from_, columns.duration_s.ended_at)
    else:
        add(columns.duration_s)
    for cell in cell_columns(columns):
        is_network = cell.plmn is None or re.fullmatch(r"[0-9]{3}-[0-9]{2,3}", cell.plmn)
        add(cell.from_, cell.lac, cell.ci, cell.eci, cell.enb, cell.sector, cell.nci, None if is_network else cell.plmn)
        add(cell.when.from_ if cell.when else None)
    add(columns.imsi, columns.msisdn, columns.call_ref, columns.part_no, columns.node)
    return tuple(dict.fromkeys(names))
