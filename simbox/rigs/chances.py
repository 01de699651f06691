"""How often two SIMs of one rig agree in a comparison: a readable file that ships with the package."""

import tomllib
from functools import cache
from importlib import resources

import msgspec


class Chances(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What suspects of one rig have in common, each a share from 0 to 1; `origin` says what it was estimated on.

    near_imsi: of pairs, whose cards are of one run; same_batch: whose cards one dealer activated on one day; near_imei:
    whose handsets are of one run; same_model: who mostly show one model; calls_inside: of whom one calls or writes to
    the other; same_cap: of pairs that keep to a number at all, those with one number; shared_callees: of the numbers
    that the one of shorter reach calls, those that the other calls beyond chance; contacts_kept: of the contacts of a
    card that fell silent, those that its successor speaks with.
    """

    origin: str
    near_imsi: float
    same_batch: float
    near_imei: float
    same_model: float
    calls_inside: float
    same_cap: float
    shared_callees: float
    contacts_kept: float


@cache
def load_chances() -> Chances:
    """The chances that ship with the package."""
    text = resources.files("simbox.rigs").joinpath("chances.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Chances)
