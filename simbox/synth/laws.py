"""The laws of human habit that worlds draw from: talk time, hours of the day, how unequal contacts are.

Figures are those of published measurements on real records: talk time of Zen (Kouam et al., real operator, June 2018),
hours and volumes of the Sichuan scam-caller table (4,144 lawful SIMs).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Bools, Floats, Ints, stream
from simbox.synth.scenario import Scenario

if TYPE_CHECKING:
    from simbox.synth.family import Family

DURATION_MU, DURATION_SIGMA, DURATION_SHIFT_S = 3.78, 1.29, -0.47
LONGEST_CALL_S = 4 * 3600
BURST_GAP_MU, BURST_GAP_SIGMA, BURST_GAP_S = 4.04, 1.798, 1800.0
DAY_S = 86_400

# Weight of each local hour; peaks at 9-11 and 17-18 h for people, office hours for staff, evenings for families abroad.
HOUR_PROFILES: dict[str, list[float]] = {
    "people": [6, 3, 2, 1, 1, 3, 10, 28, 52, 68, 70, 64, 58, 56, 55, 56, 60, 70, 72, 64, 56, 44, 28, 14],
    "office": [0, 0, 0, 0, 0, 0, 0, 3, 25, 80, 100, 90, 60, 65, 95, 100, 85, 60, 20, 6, 2, 1, 0, 0],
    "delivery": [0, 0, 0, 0, 0, 0, 1, 5, 25, 55, 75, 85, 90, 80, 70, 70, 80, 95, 100, 85, 60, 30, 10, 2],
    "steady": [10] * 24,
    "shop": [0, 0, 0, 0, 0, 0, 0, 0, 5, 40, 70, 80, 75, 70, 75, 80, 85, 90, 70, 40, 5, 0, 0, 0],
    "evening": [12, 5, 2, 1, 1, 1, 3, 8, 14, 20, 24, 28, 30, 30, 32, 36, 44, 60, 80, 100, 100, 84, 56, 28],
    "eve": [*[0.0] * 21, 4, 10, 100],
    "new year": [100, 45, 15, 5, 2, *[0.0] * 19],
}
PROFILE_NAMES = tuple(HOUR_PROFILES)


@dataclass(frozen=True)
class Laws:
    """The laws of one world: hours of each profile, talk time, how much of people's activity comes in bursts."""

    hours: Floats
    talk_mu: float
    talk_sigma: float
    burst_share: float
    family: "Family"


def draw_laws(scenario: Scenario, seed: int, family: "Family") -> Laws:
    """Draw a world's laws from the scenario's priors."""
    rng = stream(seed, "laws")
    return Laws(
        hours=hour_table(float(stream(seed, "hours").uniform(*scenario.hour_tilt))),
        talk_mu=float(rng.uniform(*scenario.talk_mu)),
        talk_sigma=float(rng.uniform(*scenario.talk_sigma)),
        burst_share=float(rng.uniform(*scenario.burst_share)),
        family=family,
    )


def hour_table(tilt: float) -> Floats:
    """Cumulative weights of hours, one row for each profile; `tilt` turns days earlier or later by some hours."""
    hours = np.arange(24)
    rows = []
    for weights in HOUR_PROFILES.values():
        shifted = np.interp((hours - tilt) % 24, np.arange(25), [*weights, weights[0]])
        rows.append(np.cumsum(shifted) / shifted.sum())
    return np.array(rows)


def times_of_day(rng: np.random.Generator, table: Floats, profile: npt.NDArray[np.integer]) -> Floats:
    """Seconds since local midnight, drawn from the profile of each."""
    flat = (table + np.arange(table.shape[0])[:, None]).ravel()
    uniform = rng.random(profile.size)
    slot = np.searchsorted(flat, profile + uniform, side="right")
    hour = np.minimum(slot - profile * 24, 23)
    seconds: Floats = (hour + rng.random(profile.size)) * 3600.0
    return seconds


def talk_time_s(
    rng: np.random.Generator, count: int, mu: float | Floats = DURATION_MU, sigma: float | Floats = DURATION_SIGMA
) -> Floats:
    """Talk times of answered calls: shifted lognormal, whole seconds, at least one."""
    seconds = np.exp(mu + sigma * rng.standard_normal(count)) + DURATION_SHIFT_S
    return np.clip(np.ceil(seconds), 1, LONGEST_CALL_S)


def burst_gaps_s(rng: np.random.Generator, count: int) -> Floats:
    """Pauses inside a burst of activity: lognormal, under half an hour."""
    gaps = np.exp(BURST_GAP_MU + BURST_GAP_SIGMA * rng.standard_normal(count)) + 0.99
    return np.minimum(gaps, BURST_GAP_S * rng.random(count) ** 0.1)


def contact_rank(rng: np.random.Generator, contacts: Ints) -> Ints:
    """Which of its contacts a person calls: log-uniform, so the first of twenty gets 23 % and the first three 46 %."""
    rank: Ints = np.floor((contacts + 1.0) ** rng.random(contacts.size)).astype(np.int64) - 1
    return np.minimum(rank, contacts - 1)


def follow_previous(fresh: Bools) -> Ints:
    """For each item the index of the last fresh item at or before it."""
    return np.maximum.accumulate(np.where(fresh, np.arange(fresh.size), 0))
