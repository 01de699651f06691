"""Operators' profiles: how one operator's files are written, feed by feed, in TOML; names on the left are CDRS'."""

import re
from typing import Annotated, Literal, NamedTuple

import msgspec

from simbox.config import Prefix, Share
from simbox.intake.profile_columns import Columns, Strict

Positive = Annotated[int, msgspec.Meta(ge=1)]


class RecordMark(Strict, frozen=True):
    """A line that is no record: the field that tells (the first is 0) and what it holds; where it counts records."""

    value: str
    field: Annotated[int, msgspec.Meta(ge=0)] = 0
    count_field: Annotated[int, msgspec.Meta(ge=0)] | None = None


class FixedField(Strict, frozen=True):
    """A field of fixed width: its first character (the line's first is 1) and how many there are."""

    name: str
    start: Positive
    width: Positive


class Limits(Strict, frozen=True):
    """What makes a feed refused tonight: shares of its rows, or `times_median` of what was usual in 14 nights.

    The usual counts from the fifth night on, and never below a tenth of the fixed limit; 0 turns it off.
    """

    rejects_share: Share = 0.005
    unknown_cells_share: Share = 0.05
    junk_imeis_share: Share = 0.20
    times_median: Annotated[float, msgspec.Meta(ge=0.0)] = 10.0
    unpacked_ratio: Annotated[int, msgspec.Meta(ge=1)] = 200


class Feed(Strict, frozen=True):
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


class NumberRules(Strict, frozen=True):
    """How this operator writes numbers; what is not given here follows from the country's numbering plan."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] | None = None
    trunk_prefix: Prefix | None = None
    international_prefixes: list[Prefix] | None = None
    national_digits: list[Positive] | None = None
    short_codes: list[Prefix] = []
    strip: list[Annotated[str, msgspec.Meta(pattern="^[A-Fa-f]$")]] = msgspec.field(default_factory=lambda: ["F"])


class OperatorKey(Strict, frozen=True):
    """Whose files these are: the operator's key in simbox.toml."""

    key: str


class Profile(Strict, frozen=True):
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
