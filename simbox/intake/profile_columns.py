"""The columns of a profile: where each field of CDRS stands in an operator's record, and how it is written there."""

import re
from typing import Literal

import msgspec

Service = Literal["voice", "sms", "data", "signalling"]
Direction = Literal["mo", "mt", "cf"]
Cause = Literal["normal", "partial", "failed"]
_RENAMED = {"from_": "from", "else_": "else", "is_": "is"}


class Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename=lambda name: _RENAMED.get(name, name)):
    """A table of a profile: no key but the declared ones."""


class LegColumn(Strict, frozen=True):
    """What kind of record it is: each code's service and direction; codes to `skip` are no legs of anybody."""

    from_: str
    map: dict[str, tuple[Service, Direction]]
    skip: list[str] = []


class ServiceColumn(Strict, frozen=True):
    """The service by code, where one column says it and another the direction."""

    from_: str
    map: dict[str, Service] = {}
    skip: list[str] = []


class DirectionColumn(Strict, frozen=True):
    """The direction by code."""

    from_: str
    map: dict[str, Direction] = {}
    skip: list[str] = []


class ImeiColumn(Strict, frozen=True):
    """The IMEI: a `form` of 14, 15 or 16 digits fills lost leading zeros up, auto takes it as it stands."""

    from_: str
    form: Literal["auto", "14", "15", "16"] = "auto"


class TypeColumn(Strict, frozen=True):
    """The type of number (TS 24.008 10.5.4.7) by code; codes that are not there leave it to the number's digits."""

    from_: str
    map: dict[str, Literal["international", "national", "short_code", "alphanumeric", "unknown"]] = {}


class PartyColumns(Strict, frozen=True):
    """The far end by direction, or in one column for all."""

    from_: str | None = None
    mo: str | None = None
    mt: str | None = None
    cf: str | None = None
    type_of_number: str | TypeColumn | None = None


class TimeColumn(Strict, frozen=True):
    """When the leg began: one column or several joined by a blank, `else` the ones to use where these are empty.

    `format` is of strptime, or epoch_s, epoch_ms; `offset` a column with the local time's offset from UTC, `zone` an
    IANA zone; without either the operator's in simbox.toml.
    """

    from_: str | list[str]
    else_: str | list[str] | None = None
    format: str = "%Y-%m-%d %H:%M:%S"
    offset: str | None = None
    zone: str | None = None


class DurationColumn(Strict, frozen=True):
    """How long it was; `ended_at` is a column written like started_at, for durations that are absent or negative."""

    from_: str
    unit: Literal["s", "ms", "ds", "min", "hms"] = "s"
    ended_at: str | None = None


class AnsweredColumn(Strict, frozen=True):
    """Whether it was answered: by a map of codes, or by the column being not empty or positive."""

    from_: str
    map: dict[str, bool] = {}
    when: Literal["not empty", "positive"] | None = None


class Condition(Strict, frozen=True):
    """Rows where a column has one of these values."""

    from_: str
    is_: list[str]


class CellColumns(Strict, frozen=True):
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


class CauseColumn(Strict, frozen=True):
    """Why the leg ended, by code."""

    from_: str
    map: dict[str, Cause] = {}


class Columns(Strict, frozen=True):
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
