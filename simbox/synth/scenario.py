"""Scenarios: what a world is like, in TOML; ranges are priors that the seed draws from."""

import datetime
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from simbox.config import find_problems
from simbox.errors import ConfigError
from simbox.synth.levels import EXCLUSIVE, Modifier, impossible_modifiers

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
ShareRange = tuple[Share, Share]
Between = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
BetweenRange = tuple[Between, Between]
Rate = Annotated[float, msgspec.Meta(ge=0.0, le=1000.0)]
RateRange = tuple[Rate, Rate]
AtLeastOne = Annotated[float, msgspec.Meta(ge=1.0, le=10_000.0)]
CountRange = tuple[AtLeastOne, AtLeastOne]
Hour = Annotated[float, msgspec.Meta(ge=-24.0, le=24.0)]
HourRange = tuple[Hour, Hour]
LEAST_SUBSCRIBERS = 500
LEAST_CARDS = 3
# Zones that worlds lie in, some with summer time.
ZONES = (
    "Asia/Almaty", "Asia/Tashkent", "Asia/Kolkata", "Asia/Dhaka", "Africa/Lagos", "Africa/Nairobi", "Africa/Cairo",
    "Europe/Kyiv", "Europe/Bucharest", "America/Bogota", "America/Santiago",
)  # fmt: skip
Format = Literal["csv.gz", "parquet", "parquet_int", "msc", "tas"]


class Segments(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What share of the lawful SIMs each look-alike has; everybody else is ordinary."""

    call_centre: Share = 0.0
    courier: Share = 0.0
    m2m: Share = 0.0
    licensed_gateway: Share = 0.0
    dealer_phone: Share = 0.0
    cloned_imei: Share = 0.0
    dual_sim: Share = 0.0
    dormitory: Share = 0.0
    newcomer: Share = 0.0
    corporate_batch: Share = 0.0
    roamer: Share = 0.0
    telesales: Share = 0.0
    home_seller: Share = 0.0
    topup_agent: Share = 0.0
    market: Share = 0.0
    family_phone: Share = 0.0
    barracks: Share = 0.0
    second_hand: Share = 0.0
    tourist: Share = 0.0
    train: Share = 0.0
    repeater: Share = 0.0
    network_probe: Share = 0.0
    pbx_gateway: Share = 0.0
    pollster: Share = 0.0
    debt_collector: Share = 0.0
    prison: Share = 0.0
    bus: Share = 0.0
    metro: Share = 0.0
    repaired: Share = 0.0
    test_sim: Share = 0.0


class RigPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One rig to be planted; ranges are drawn.

    `burnt` cards follow one another and are thrown away; `bank_share` is the chance that they come from a large bank,
    which burns them too. Cards that are not burnt work until they are `blocked`. The task `sms_only` is that of a box
    without voice, which sends and receives; `bank_apart_share` is the chance that its cards are kept somewhere else
    and reach the gateways over the internet. Where `offered_calls_a_day` is given the rig gets so many calls to land,
    however many cards it has. `modifiers` are certain for this rig; others are drawn.
    """

    kind: Literal["bypass", "vishing", "sms_farm"]
    level: Literal[
        "E0", "E1", "E2", "E3", "E4", "E5", "E6", "fd_naive", "fd_social", "fd_traffic", "fd_mobility", "fd_all"
    ]
    ports: CountRange = (8, 16)
    sims_per_port: CountRange = (1, 3)
    premises: Positive = 1
    burnt: bool = False
    bank_share: Share = 0.0
    bank_sims_per_port: CountRange = (30, 130)
    blocked: bool = True
    bank_apart_share: Share = 0.3
    task: Literal["call", "send", "receive", "sms_only"] = "call"
    offered_calls_a_day: CountRange | None = None
    modifiers: list[Modifier] = []
    straw_share: ShareRange = (0.0, 0.4)
    shell_company_share: Share = 0.0


class Habit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What one operator's records lack; a share is drawn for each leg it may concern."""

    format: Format = "parquet"
    mcc_mnc: Annotated[str, msgspec.Meta(pattern="^[0-9]{3}-[0-9]{2}$")] = "401-71"
    msisdn_prefixes: list[Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]] = msgspec.field(
        default_factory=lambda: ["7790"]
    )
    market_share: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.34
    imei_digits: Literal[14, 15, 16] = 15
    mt_sms_radio: bool = True
    mo_sms_radio: bool = True
    mt_voice_radio: bool = True
    mt_sms: bool = True
    unanswered: Literal["all", "none", "unknown"] = "all"
    volte_mt_without_imsi_share: Share = 0.0
    volte_without_imei_share: Share = 0.0
    volte_without_cell_share: Share = 0.0
    data_records: Literal["none", "sparse"] = "none"
    lost_legs_share: Share = 0.002
    bad_rows_a_night: Count = 0


class Scenario(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A family of worlds; one seed picks one of them. Without a `timezone` that is drawn too.

    `rig_cards` is how many cards all rigs have together, where that is not left to each; `modifier_share` the chance of
    each modifier in each rig; `family` the laws by which people, networks and rigs live, B being for evaluation only.
    """

    name: str = "unnamed"
    description: str = ""
    subscribers: Annotated[int, msgspec.Meta(ge=LEAST_SUBSCRIBERS, le=100_000_000)] = 6000
    nights: Annotated[int, msgspec.Meta(ge=1, le=3660)] = 3
    first_night: datetime.date = datetime.date(2026, 5, 12)
    timezone: str | None = None
    operators: dict[str, Habit] = {}
    rigs: list[RigPlan] = []
    segments: Segments = Segments()
    cities: CountRange = (3, 5)
    sims_per_site: CountRange = (45, 70)
    calls_a_day: RateRange = (1.5, 1.9)
    activity_sigma: RateRange = (1.0, 1.15)
    sms_share: BetweenRange = (0.12, 0.22)
    service_sms_a_day: RateRange = (1.0, 1.5)
    unregistered_share: ShareRange = (0.02, 0.05)
    answered_share: ShareRange = (0.66, 0.76)
    hour_tilt: HourRange = (-0.7, 0.7)
    talk_mu: RateRange = (3.78, 3.78)
    talk_sigma: RateRange = (1.29, 1.29)
    burst_share: ShareRange = (0.42, 0.42)
    commuters_share: ShareRange = (0.68, 0.68)
    churn_a_year: RateRange = (0.2, 0.6)
    trips_a_year: RateRange = (0.3, 1.5)
    ported_share: ShareRange = (0.02, 0.1)
    rig_count: Count | None = None
    rig_cards: Count | None = None
    modifier_share: Share = 0.0
    family: Literal["A", "B"] = "A"
    draws_gaps: bool = False
    feeds: list[str] = []
    without: list[Literal["subscribers", "cells", "gateways", "exemptions", "ported", "reports"]] = []
    site_failures_a_night: Count = 0
    lost_hours_a_night: Count = 0
    switch_restarts_a_night: Count = 0
    truth_beside_source: bool = False

    def rig_plans(self) -> list[RigPlan]:
        """The plan of each rig: those of the scenario, again from the first where more are wanted."""
        if self.rig_count is None:
            return self.rigs
        return [self.rigs[number % len(self.rigs)] for number in range(self.rig_count)]


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
    problems = _problems(content)
    if not problems:
        scenario = msgspec.convert(content, Scenario)
        problems = contradictions(scenario)
        if not problems:
            return scenario
    raise ConfigError(f"{name} can't be used:", problems)


def _problems(content: dict[str, Any]) -> list[str]:
    """Unknown keys and wrong values, those of each rig and operator included."""
    parts = {key: value for key, value in content.items() if key not in ("rigs", "operators")}
    problems = find_problems(parts, Scenario)
    rigs, operators = content.get("rigs", []), content.get("operators", {})
    if not isinstance(rigs, list) or not all(isinstance(rig, dict) for rig in rigs):
        problems.append("rigs must be a list of tables")
    else:
        for number, rig in enumerate(rigs):
            problems += find_problems(rig, RigPlan, f"rigs[{number}]")
    if not isinstance(operators, dict) or not all(isinstance(habit, dict) for habit in operators.values()):
        problems.append("operators must be a table of tables")
    else:
        for key, habit in operators.items():
            problems += find_problems(habit, Habit, f"operators.{key}")
    return problems


def contradictions(scenario: Scenario) -> list[str]:
    """What is well formed and can't be: empty ranges, no operator, look-alikes for more than everybody."""
    problems = []
    for where, struct in [("", scenario), *((f"rigs[{n}].", rig) for n, rig in enumerate(scenario.rigs))]:
        for field in msgspec.structs.fields(struct):
            value = getattr(struct, field.name)
            if isinstance(value, tuple) and value[0] > value[1]:
                problems.append(f"{where}{field.name}: the range ends below its beginning")
    for number, rig in enumerate(scenario.rigs):
        if rig.level == "E3" and rig.premises < 2:
            problems.append(f"rigs[{number}].premises: cards of level E3 commute between two or more")
        if rig.level in ("E4", "E5", "E6") and rig.burnt:
            problems.append(f"rigs[{number}].burnt: cards of level {rig.level} are not worn out in a night")
        cannot = sorted(impossible_modifiers(rig.level) & set(rig.modifiers))
        problems += [f"rigs[{number}].modifiers: a rig of level {rig.level} can't have {name}" for name in cannot]
        problems += [
            f"rigs[{number}].modifiers: {first} and {second} exclude each other"
            for first, second in EXCLUSIVE
            if {first, second} <= set(rig.modifiers)
        ]
        if (rig.level.startswith("fd_")) != (rig.offered_calls_a_day is not None):
            problems.append(f"rigs[{number}].offered_calls_a_day: rigs of FraudZen's levels have it, and no others")
        if scenario.rig_cards and rig.burnt:
            problems.append(f"rigs[{number}].burnt: of cards that are counted together none can be burnt but by a bank")
        if scenario.rig_cards and not rig.bank_share and rig.blocked:
            problems.append(f"rigs[{number}].bank_share: cards counted together are a bank's, or never blocked")
    if scenario.rig_cards is not None and scenario.rig_cards < LEAST_CARDS * len(scenario.rig_plans()):
        problems.append(f"rig_cards: each rig has at least {LEAST_CARDS}")
    if scenario.rig_count and not scenario.rigs:
        problems.append("rig_count: there is no rig to choose from")
    problems += [f"feeds: there is no operator {key}" for key in scenario.feeds if key not in scenario.operators]
    if not scenario.operators:
        problems.append("operators: there must be at least one")
    for key, habit in scenario.operators.items():
        if not habit.msisdn_prefixes:
            problems.append(f"operators.{key}.msisdn_prefixes: there must be at least one")
    networks = [habit.mcc_mnc for habit in scenario.operators.values()]
    ranges = [prefix for habit in scenario.operators.values() for prefix in habit.msisdn_prefixes]
    for what, given in (("mcc_mnc", networks), ("msisdn_prefixes", ranges)):
        twice = sorted({value for value in given if given.count(value) > 1})
        problems += [f"operators: {what} {value} is there twice" for value in twice]
    if sum(msgspec.structs.astuple(scenario.segments)) > 1.0:
        problems.append("segments: the shares add up to more than everybody")
    try:
        ZoneInfo(scenario.timezone or ZONES[0])
    except (KeyError, ValueError, OSError):
        problems.append(f"timezone: there is no zone {scenario.timezone!r}")
    return problems
