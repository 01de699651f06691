"""Scenarios: what a world is like, in TOML; ranges are priors that the seed draws from."""

import datetime
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simbox.config import find_problems
from simbox.errors import ConfigError

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Range = tuple[float, float]
Format = Literal["csv.gz", "parquet", "parquet_int"]


class RigPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One rig to be planted; ranges are drawn, `burnt` cards follow one another and are thrown away."""

    kind: Literal["bypass", "vishing", "sms_farm"]
    level: Literal["E0", "E1", "E2"]
    ports: Range = (8, 16)
    sims_per_port: Range = (1, 3)
    premises: Positive = 1
    burnt: bool = False
    task: Literal["call", "send", "receive"] = "call"
    straw_share: Range = (0.0, 0.4)


class Habit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What one operator's records lack; a share is drawn for each leg it may concern."""

    format: Format = "parquet"
    mcc_mnc: Annotated[str, msgspec.Meta(pattern="^[0-9]{3}-[0-9]{2}$")] = "401-71"
    msisdn_prefixes: list[Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]] = msgspec.field(
        default_factory=lambda: ["7790"]
    )
    market_share: Share = 0.34
    imei_digits: Literal[14, 15, 16] = 15
    mt_sms_radio: bool = True
    unanswered: Literal["all", "none", "unknown"] = "all"
    volte_mt_without_imsi_share: Share = 0.0
    lost_legs_share: Share = 0.002
    bad_rows_a_night: Count = 0


class Scenario(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A family of worlds; one seed picks one of them."""

    name: str = "unnamed"
    description: str = ""
    subscribers: Positive = 6000
    nights: Positive = 3
    first_night: datetime.date = datetime.date(2026, 5, 12)
    timezone: str = "Asia/Almaty"
    operators: dict[str, Habit] = {}
    rigs: list[RigPlan] = []
    segments: dict[str, Share] = {}
    cities: Range = (3, 5)
    sims_per_site: Range = (45, 70)
    calls_a_day: Range = (1.5, 1.9)
    activity_sigma: Range = (1.0, 1.15)
    sms_share: Range = (0.12, 0.22)
    service_sms_a_day: Range = (1.0, 1.5)
    unregistered_share: Range = (0.02, 0.05)
    answered_share: Range = (0.66, 0.76)
    hour_tilt: Range = (-0.7, 0.7)
    truth_beside_source: bool = False


def list_scenarios() -> dict[str, str]:
    """The scenarios that come with the package, each with its description."""
    return {name: load_scenario(name).description for name in _shipped()}


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A scenario that comes with the package, by name, or one in a TOML file; ConfigError names every problem."""
    path = Path(name_or_path)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ConfigError(f"there is no scenario file {path.name}")
        return _read(path.read_text(encoding="utf-8"), path.name)
    if str(name_or_path) not in _shipped():
        raise ConfigError(f"there is no scenario {name_or_path}; there are {', '.join(_shipped())}")
    resource = resources.files("simbox.synth") / "scenarios" / f"{name_or_path}.toml"
    return _read(resource.read_text(encoding="utf-8"), f"{name_or_path}.toml")


def _shipped() -> list[str]:
    folder = resources.files("simbox.synth") / "scenarios"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _read(text: str, name: str) -> Scenario:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from error
    problems = find_problems(content, Scenario)
    if not problems:
        try:
            return msgspec.convert(content, Scenario)
        except msgspec.ValidationError as error:
            problems = [str(error)]
    raise ConfigError(f"{name} can't be used:", problems)
