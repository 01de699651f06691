"""The far ends of calls that are no SIM of the world: landlines, other networks, abroad, short codes, text senders.

One Int64 names a far end: zero or more is a SIM of the world, anything else is below zero, see `PARTY_*`.
"""

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Ints
from simbox.synth.scenario import Scenario

WITHHELD = -1
SENDER_BASE = -(10**17)
COUNTRY_CODE = "7"
LANDLINE_PREFIXES = (7727, 7725, 7721, 7712)
OTHER_NETWORK_PREFIXES = (7798, 7799)
SHORT_CODES = (101, 102, 103, 112, 120, 611, 1414, 1439, 2424, 3040, 7111, 7707, 9595)
# MCC-MNC and country code of networks whose subscribers roam in.
FOREIGN_NETWORKS = ((25001, 7916), (25002, 7926), (43701, 996), (43404, 998), (28601, 90))
ABROAD = (998, 996, 7495, 7916, 90, 86, 49, 971, 82, 1718)
SENDERS = (
    "WhatsApp", "Telegram", "Google", "Kaspi.kz", "HalykBank", "eGov", "InstaCode", "Wildberries", "OZON",
    "inDrive", "Yandex", "Facebook", "TikTok", "Apple", "Steam", "OLX", "Kolesa", "Jusan", "ForteBank", "AirAstana",
    "KazPost", "Magnum", "Glovo", "BI-Group", "EPAY", "Avito", "Viber", "Discord", "Amazon", "PayPal",
)  # fmt: skip


def sender(number: Ints) -> Ints:
    """The party that stands for a text sender, by its place in SENDERS."""
    party: Ints = SENDER_BASE - number
    return party


def draw_senders(rng: np.random.Generator, count: int) -> Ints:
    """Text senders, the first ones far more often than the last."""
    rank = np.floor((len(SENDERS) + 1.0) ** rng.random(count)).astype(np.int64) - 1
    return sender(np.minimum(rank, len(SENDERS) - 1))


def landlines(rng: np.random.Generator, count: int) -> Ints:
    """Landlines of the country."""
    return -(rng.choice(np.array(LANDLINE_PREFIXES), count) * 10**7 + rng.integers(2_000_000, 4_000_000, count))


def other_networks(rng: np.random.Generator, count: int) -> Ints:
    """Mobile numbers of networks whose records the world does not hold."""
    return -(rng.choice(np.array(OTHER_NETWORK_PREFIXES), count) * 10**7 + rng.integers(0, 10**7, count))


def abroad(rng: np.random.Generator, count: int) -> Ints:
    """Numbers abroad, in E.164."""
    country = rng.choice(np.array(ABROAD), count, p=_unequal(len(ABROAD)))
    digits = 12 - np.floor(np.log10(country)).astype(np.int64) - 1
    return -(country * 10**digits + rng.integers(10**8, 10**9, count) % 10**digits)


def short_codes(rng: np.random.Generator, count: int) -> Ints:
    """Service numbers."""
    return -rng.choice(np.array(SHORT_CODES), count, p=_unequal(len(SHORT_CODES)))


def is_landline(party: Ints) -> npt.NDArray[np.bool_]:
    """Whether a party is a landline of the country, which takes no messages."""
    prefix = -party // 10**7
    return np.isin(prefix, np.array(LANDLINE_PREFIXES))


def strangers_outside(rng: np.random.Generator, count: int) -> Ints:
    """Numbers outside the world as people dial them: mostly other networks, then services and landlines."""
    kind = rng.choice(4, count, p=[0.45, 0.25, 0.27, 0.03])
    party = np.zeros(count, dtype=np.int64)
    for number, draw in enumerate((other_networks, landlines, short_codes, abroad)):
        rows = np.flatnonzero(kind == number)
        party[rows] = draw(rng, rows.size)
    return party


def landline_prefixes() -> list[str]:
    """Prefixes of landlines as simbox.toml lists them."""
    return [str(prefix) for prefix in LANDLINE_PREFIXES]


def number_prefixes(scenario: Scenario) -> list[list[str]]:
    """Prefixes of each operator's numbers, in the scenario's order."""
    return [habit.msisdn_prefixes for habit in scenario.operators.values()]


def _unequal(count: int) -> npt.NDArray[np.float64]:
    share = 1.0 / np.arange(1, count + 1)
    return share / share.sum()
