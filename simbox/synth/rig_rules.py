"""How a rig works by rule: how many calls its cards make, when the next card's turn comes, whom it calls again."""

import numpy as np

from simbox.synth.levels import CODES, LEVELS, NAIVE_QUOTA, SENDS_MORE
from simbox.synth.randomness import Floats, stream
from simbox.synth.scenario import RigPlan


def draw_repeat_share(rng: np.random.Generator, plan: RigPlan) -> float:
    """How many calls go to those who were called before: families of callers abroad, never a scam's victims."""
    if plan.kind == "vishing" or plan.task in ("send", "sms_only"):
        return 0.02
    return float(rng.uniform(0.75, 0.95) if LEVELS[plan.level].history else rng.uniform(0.3, 0.7))


def draw_quota(rng: np.random.Generator, plan: RigPlan, cards: int) -> tuple[Floats, float]:
    """Calls or messages of each card in a night, and the share of a naive rig's that this is by rule."""
    naive = float(np.mean(NAIVE_QUOTA))
    level = LEVELS[plan.level]
    if plan.offered_calls_a_day is not None:
        return _share_of_offered(rng, plan, plan.offered_calls_a_day, cards)
    loud = rng.uniform(*level.quota)
    if plan.task in ("send", "sms_only"):
        loud *= rng.uniform(*SENDS_MORE)
        naive *= float(np.mean(SENDS_MORE))
    if plan.task == "receive":
        # Codes cost a card less than calls do, so that only the quiet save on them.
        loud, naive = rng.uniform(*CODES) * min(1.0, loud / 14.0), float(np.mean(CODES))
    quota = np.maximum(np.rint(loud * rng.gamma(1.3, 1 / 1.3, cards)), 1.0)
    most = np.inf if level.most is None else float(rng.integers(level.most[0], level.most[1] + 1))
    # What is kept is a matter of the rule, not of the luck of a few cards.
    typical = np.clip(np.rint(loud * stream(0, "typical cards").gamma(1.3, 1 / 1.3, 10_000)), 1.0, most)
    return np.minimum(quota, most), 1.0 if plan.level == "E0" else float(typical.mean()) / naive


def _share_of_offered(
    rng: np.random.Generator, plan: RigPlan, offered: tuple[float, float], cards: int
) -> tuple[Floats, float]:
    """What each card gets of the calls offered to the rig, after those it refuses and up to what a card may make."""
    level = LEVELS[plan.level]
    each = rng.uniform(*offered) / cards
    accepted = each * rng.uniform(*level.accepts)
    most = np.inf if level.most is None else float(rng.integers(level.most[0], level.most[1] + 1))
    quota = np.minimum(accepted * rng.gamma(8.0, 1 / 8.0, cards), most)
    return quota, min(accepted, most) / each


def draw_cap(rng: np.random.Generator, plan: RigPlan) -> int:
    """After how many calls the next card's turn comes; 0 for never."""
    if not LEVELS[plan.level].rotates:
        return 0
    if plan.offered_calls_a_day is not None:
        # Each call goes to the next card ("inTurn").
        return 1
    return int(rng.integers(3, 9)) if plan.task == "receive" else int(rng.integers(8, 31))


def draw_checks_share(rng: np.random.Generator, plan: RigPlan) -> float:
    """How often the gateway asks the network for number or balance when it binds a card."""
    if plan.task == "receive":
        # Who sells numbers for codes has to know them.
        return float(rng.uniform(0.6, 1.0))
    return float(rng.uniform(0.3, 0.9)) if rng.random() < 0.5 else 0.0
