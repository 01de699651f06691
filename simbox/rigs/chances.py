"""How often two SIMs of one rig agree in a comparison: a readable file that ships with the package."""

import tomllib
from functools import cache
from importlib import resources

import msgspec


class Chances(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Shares of the pairs of suspects of one rig: `near_imsi` whose cards are of one run, `calls_inside` of which one
    calls or writes to the other; `origin` says what they were estimated on."""

    origin: str
    near_imsi: float
    calls_inside: float


@cache
def load_chances() -> Chances:
    """The chances that ship with the package."""
    text = resources.files("simbox.rigs").joinpath("chances.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Chances)
