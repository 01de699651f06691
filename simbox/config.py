"""simbox.toml: everything that changes the answer, each key with its default."""

import difflib
import tomllib
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import msgspec

from simbox.errors import ConfigError

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Latitude = Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
Prefix = Annotated[str, msgspec.Meta(pattern="^[0-9]+$")]


class Operator(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A recording network: its MCC-MNCs as `401-77`, its IANA zone, the prefixes of its numbers."""

    mcc_mncs: list[Annotated[str, msgspec.Meta(pattern="^[0-9]{3}-[0-9]{2,3}$")]] = []
    timezone: str | None = None
    msisdn_prefixes: list[Prefix] = []


class Numbers(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the country numbers its lines."""

    country_code: Prefix = "7"
    short_code_digits: Annotated[int, msgspec.Meta(ge=1, le=8)] = 6
    landline_prefixes: list[Prefix] = []


class Country(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the operators' cells may stand: the south, west, north and east end in degrees.

    West may be more than east, for a country across the 180th meridian.
    """

    bounds: tuple[Latitude, Longitude, Latitude, Longitude] | None = None


class Windows(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How many nights back each judgement looks, itself among them.

    Windows that reach back before the store's first night say the same, so only the shortest of them is computed:
    FEATURES of the third night hold windows of 1 and 3.
    """

    nights: list[Annotated[int, msgspec.Meta(ge=1, le=30)]] = msgspec.field(default_factory=lambda: [1, 3, 7, 14, 30])


class Scoring(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What share of active SIMs is taken to work in rigs before anything is known."""

    prevalence: Annotated[float, msgspec.Meta(gt=0.0, lt=0.5)] = 0.001


PairFamily = Literal["handset", "place", "batch", "contacts", "rhythm", "habits"]


class Rigs(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How sure a pair and a rig must be; points as in the scorecard, ten double the odds.

    A group that was no rig the night before is told as one from `new_rig_probability` on, one that was while it is
    likelier a rig than not.
    Families of comparisons that are left out say nothing of any pair, nor tie a SIM to a rig: for those who can't trust
    a field, and to measure what each is worth.
    """

    strong_link_points: Count = 45
    new_rig_probability: Share = 0.9
    candidates_per_sim: Count = 200
    largest_rig: Count = 5000
    leave_out: list[PairFamily] = []


class Listing(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How sure a SIM must be to be listed, and how many innocents the list may be expected to hold: a share of it, and
    so many in a million SIMs seen, but one in any case.

    What comes first is worth most: a SIM's probability times what it did, each call made, SMS sent and code received
    with its weight. An SMS in bulk earns a ring a fraction of what a passed call or an opened account does. The list is
    that of the nights looked back on, thirty at most.
    """

    seize_probability: Share = 0.98
    watch_probability: Share = 0.5
    innocent_share: Share = 0.01
    innocents_a_million: Annotated[float, msgspec.Meta(ge=0.0)] = 5.0
    call_weight: Annotated[float, msgspec.Meta(ge=0.0)] = 1.0
    sms_weight: Annotated[float, msgspec.Meta(ge=0.0)] = 0.2
    code_weight: Annotated[float, msgspec.Meta(ge=0.0)] = 1.0


class Damage(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a rig's traffic costs the operators; without a rate no loss is stated.

    A bypassed minute costs what a foreign operator would have paid for it, less what the rig's own call brought in; an
    SMS likewise.
    """

    currency: str = "USD"
    loss_per_minute: Annotated[float, msgspec.Meta(ge=0.0)] | None = None
    loss_per_sms: Annotated[float, msgspec.Meta(ge=0.0)] | None = None


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All of simbox.toml."""

    operators: dict[str, Operator] = {}
    numbers: Numbers = Numbers()
    country: Country = Country()
    windows: Windows = Windows()
    scoring: Scoring = Scoring()
    rigs: Rigs = Rigs()
    listing: Listing = Listing()
    damage: Damage = Damage()


def load_config(path: Path | None) -> Config:
    """The configuration in a TOML file, or the defaults where there is none; ConfigError names every problem."""
    if path is None or not path.exists():
        return Config()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not TOML: {error}") from error
    return config_from(content, path.name)


def config_from(content: dict[str, Any], name: str) -> Config:
    """The configuration a parsed TOML document describes; ConfigError names every problem at once."""
    problems = find_problems(content, Config)
    if not problems:
        config = msgspec.convert(content, Config)
        problems = _wrong_zones(config) + _wrong_windows(config) + _wrong_bounds(config)
        if not problems:
            return config
    raise ConfigError(f"{name} can't be used:", problems)


def show_config(config: Config) -> str:
    """The configuration in force, defaults included, as TOML that `load_config` takes."""
    lines: list[str] = []
    for section in msgspec.structs.fields(config):
        value = getattr(config, section.name)
        entries = {section.name: value} if section.name != "operators" else {}
        if section.name == "operators":
            entries = {f"operators.{_key(key)}": operator for key, operator in value.items()}
        for title, struct in entries.items():
            lines.append(f"[{title}]")
            for field in msgspec.structs.fields(struct):
                setting = getattr(struct, field.name)
                if setting is not None:
                    lines.append(f"{field.name} = {msgspec.json.encode(setting).decode()}")
            lines.append("")
    return "\n".join(lines)


def find_problems(content: dict[str, Any], struct: type[msgspec.Struct], where: str = "") -> list[str]:
    """Every unknown key, with the nearest valid one, and every wrong value of a TOML table meant for a struct."""
    problems: list[str] = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key, value in content.items():
        path = f"{where}.{key}" if where else key
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.0)
            problems.append(f"unknown key {path}" + (f"; did you mean {near[0]}?" if near else ""))
        else:
            problems += _problems_of(value, fields[key].type, path)
    problems += [
        f"{where}.{name} is missing" if where else f"{name} is missing"
        for name, field in fields.items()
        if field.required and name not in content
    ]
    return problems


def _problems_of(value: Any, declared: Any, path: str) -> list[str]:
    """What is wrong with one value; tables and lists of tables are looked into."""
    tables = [kind for kind in _alternatives(declared) if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    if tables and isinstance(value, dict):
        return find_problems(value, tables[0], path)
    for kind in _alternatives(declared):
        inner = [part for part in get_args(kind) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
        if not inner:
            continue
        if get_origin(kind) is dict and isinstance(value, dict):
            problems = [
                f"{path}.{name} must be a table" for name, entry in value.items() if not isinstance(entry, dict)
            ]
            tables_of = {name: entry for name, entry in value.items() if isinstance(entry, dict)}
            return problems + [
                p for name, entry in tables_of.items() for p in find_problems(entry, inner[0], f"{path}.{name}")
            ]
        if get_origin(kind) is list and isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            return [p for n, entry in enumerate(value) for p in find_problems(entry, inner[0], f"{path}[{n}]")]
    try:
        msgspec.convert(value, declared)
    except msgspec.ValidationError as error:
        return [f"{path}: {error}"]
    return []


def _alternatives(declared: Any) -> tuple[Any, ...]:
    return get_args(declared) if isinstance(declared, UnionType) or get_origin(declared) is Union else (declared,)


def _wrong_zones(config: Config) -> list[str]:
    problems = []
    for key, operator in config.operators.items():
        if operator.timezone is None:
            continue
        try:
            ZoneInfo(operator.timezone)
        except (KeyError, ValueError, OSError):
            problems.append(f"operators.{key}.timezone: there is no zone {operator.timezone!r}")
    return problems


def _wrong_windows(config: Config) -> list[str]:
    nights = config.windows.nights
    if not nights or sorted(set(nights)) != nights:
        return ["windows.nights: must be one or more numbers of nights, each larger than the one before"]
    return []


def _wrong_bounds(config: Config) -> list[str]:
    bounds = config.country.bounds
    if bounds is not None and bounds[0] >= bounds[2]:
        return ["country.bounds: must be south, west, north, east, with south below north"]
    return []


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if is_bare else msgspec.json.encode(name).decode()
