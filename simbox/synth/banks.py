"""How a rig's bank of cards is used up: which card is on which slot from when, until it is blocked or thrown away.

A small rig has one to three cards a port, all of them at work, each until the operator blocks it; a spare card takes
its slot in the same hour or the next morning. A burning rig wears its cards out one after another; a large bank keeps
tens of cards for each port, part of which was thrown away before the first night and part of which waits.
"""

from dataclasses import dataclass, replace

import numpy as np

from simbox.synth.levels import LEVELS
from simbox.synth.randomness import Floats, Ints
from simbox.synth.scenario import LEAST_CARDS, RigPlan

LEAST_PORTS = 2
BURNT_A_PORT_NIGHT = (1.6, 2.6)
# Seized banks of 1,170 to 4,080 cards a box on average, beside boxes of 33.
SIZE_SIGMA = 0.6
# Dates on which a fraudster's card is seen (Sichuan, 1,962 cards): 28 % up to 3, 52 % up to 7, 64 % up to 14 and 75 %
# up to 27; of the rest it is only known that they last longer.
LIFE_SHARE = (0.28, 0.24, 0.12, 0.11, 0.25)
LIFE_DATES = ((1, 3), (4, 7), (8, 14), (15, 27), (28, 120))
NEXT_MORNING_SHARE = 0.25


@dataclass(frozen=True)
class Bank:
    """A rig's cards in the order they are used.

    A card of a slot works from `first_share` of its `first_night` to `last_share` of its `last_night`, shares being of
    the night's work and nights counted from the world's first. In a burning rig cards are their own slots, used from
    `fresh` on whenever a port needs one, for as long as they last.
    """

    ports: int
    slots: int
    is_burning: bool
    is_large: bool
    fresh: int
    slot: Ints
    first_night: Ints
    first_share: Floats
    last_night: Ints
    last_share: Floats

    @property
    def cards(self) -> int:
        """How many cards there are."""
        return self.slot.size

    def with_first(self, cards: int) -> "Bank":
        """The same bank without the cards that would be used last."""
        names = ("slot", "first_night", "first_share", "last_night", "last_share")
        return replace(self, **{name: getattr(self, name)[:cards] for name in names})

    def at_work(self, night: int) -> Ints:
        """The cards on a slot at some time of a night."""
        return np.flatnonzero((self.first_night <= night) & (night <= self.last_night))

    def from_share(self, cards: Ints, night: int) -> Floats:
        """From what share of the night's work on each card has its slot."""
        return np.where(self.first_night[cards] == night, self.first_share[cards], 0.0)

    def to_share(self, cards: Ints, night: int) -> Floats:
        """Up to what share of the night's work each card has its slot."""
        return np.where(self.last_night[cards] == night, self.last_share[cards], 1.0)


def deal_cards(rng: np.random.Generator, cards: int | None, rigs: int) -> list[int | None]:
    """How many cards each rig has where they are counted for all together: few rigs have many times the usual."""
    if cards is None or rigs == 0:
        return [None] * rigs
    weight = np.exp(SIZE_SIGMA * rng.standard_normal(rigs))
    spare = max(cards - LEAST_CARDS * rigs, 0)
    borders = np.rint(np.cumsum(weight) / weight.sum() * spare).astype(np.int64)
    return [LEAST_CARDS + int(own) for own in np.diff(borders, prepend=0)]


def stock_bank(rng: np.random.Generator, plan: RigPlan, nights: int, cards: int | None = None) -> Bank:
    """Draw the size of a rig, unless it is given, and the life of each of its cards, unless it burns them."""
    least = max(LEAST_PORTS, plan.premises)
    ports = max(least, int(rng.integers(int(plan.ports[0]), int(plan.ports[1]) + 1)))
    is_large = plan.bank_share > 0 and rng.random() < plan.bank_share
    level = LEVELS[plan.level]
    if cards is not None:
        is_large = plan.bank_share > 0
        ports = _ports_for(rng, plan, ports, cards, is_large or level.life_dates is not None)
    if plan.burnt or (is_large and level.life_dates is None and not level.commutes):
        wanted = int(np.ceil(ports * nights * rng.uniform(*BURNT_A_PORT_NIGHT)))
        held, fresh = wanted, 0
        if is_large:
            # The rig has worked for a while when the first night begins, and is seldom seized with its last card.
            drawn = max(LEAST_CARDS, round(ports * rng.uniform(*plan.bank_sims_per_port)))
            held = drawn if cards is None else cards
            fresh = int(rng.integers(0, max(held - wanted, 0) + 1))
        never, ones = np.full(held, -1), np.ones(held)
        return Bank(ports, held, True, is_large, fresh, np.arange(held), never, ones, never, ones)
    if level.life_dates is None and not is_large:
        slots = max(LEAST_CARDS, round(ports * (2.0 if level.carried else rng.uniform(*plan.sims_per_port))))
        slots = slots if cards is None else cards
        return _with_spares(rng, ports, slots, nights, plan.blocked, None)
    slots = max(LEAST_CARDS, round(ports * rng.uniform(*plan.sims_per_port)))
    bank = _with_spares(rng, ports, slots, nights, plan.blocked, level.life_dates)
    while cards is not None and bank.cards > cards and slots > LEAST_CARDS:
        # A small bank feeds few ports for so many nights.
        slots, ports = max(LEAST_CARDS, slots // 2), max(least, ports // 2)
        bank = _with_spares(rng, ports, slots, nights, plan.blocked, level.life_dates)
    if cards is not None:
        # Where even so few ports want more of them, the rig runs out of cards.
        bank = bank.with_first(cards)
    return _among_idle_ones(rng, bank, round(ports * rng.uniform(*plan.bank_sims_per_port)) if cards is None else cards)


def _ports_for(rng: np.random.Generator, plan: RigPlan, ports: int, cards: int, is_large: bool) -> int:
    """Ports that so many cards go with: as planned, but two cards a port in cars and as seized in large banks."""
    if LEVELS[plan.level].carried:
        return max(LEAST_PORTS, cards // 2)
    least = max(LEAST_PORTS, plan.premises)
    return max(least, round(cards / rng.uniform(*plan.bank_sims_per_port))) if is_large else ports


def draw_lives(rng: np.random.Generator, count: int, dates: tuple[int, int] | None = None) -> Ints:
    """On how many dates each card works before it is blocked: as published, or between two numbers."""
    if dates is not None:
        return rng.integers(dates[0], dates[1] + 1, count)
    bounds = np.array(LIFE_DATES)[rng.choice(len(LIFE_SHARE), count, p=LIFE_SHARE)]
    return rng.integers(bounds[:, 0], bounds[:, 1] + 1)


def _with_spares(
    rng: np.random.Generator, ports: int, slots: int, nights: int, blocked: bool, dates: tuple[int, int] | None
) -> Bank:
    cards: list[tuple[int, int, float, int, float]] = []
    for slot in range(slots):
        if not blocked:
            cards.append((slot, 0, 0.0, nights, 1.0))
            continue
        # The card that is there on the first night is met somewhere in its life, and the longer it is the likelier.
        lives = draw_lives(rng, 64, dates)
        life = int(rng.choice(lives, p=lives / lives.sum()))
        night, share = -int(rng.integers(0, life)), 0.0
        while night < nights:
            last = night + life - 1
            end = share + (1.0 - share) * float(rng.random()) if last == night else float(rng.random())
            cards.append((slot, night, share, last, end))
            night, share = (last + 1, 0.0) if rng.random() < NEXT_MORNING_SHARE else (last, end)
            life = int(draw_lives(rng, 1, dates)[0])
    # Spares lie behind the first cards of all slots, in the order in which they are needed.
    cards.sort(key=lambda card: (max(card[1], 0), card[2], card[0]))
    columns = np.array(cards, dtype=np.float64).reshape(-1, 5)
    slot_of, first_night, last_night = columns[:, [0, 1, 3]].T.astype(np.int64)
    return Bank(
        ports, slots, False, False, 0, slot_of, first_night, columns[:, 2].copy(), last_night, columns[:, 4].copy()
    )


def _among_idle_ones(rng: np.random.Generator, bank: Bank, cards: int) -> Bank:
    """A large bank some of whose cards are at work; the others were used up before, or wait."""
    idle = max(cards - bank.cards, 0)
    gone = int(rng.integers(0, idle + 1))
    # On no slot on any night.
    nowhere, never, ones = np.zeros(idle, dtype=np.int64), np.full(idle, -1), np.ones(idle)
    columns = [
        np.concatenate([unused[:gone], used, unused[gone:]])
        for unused, used in (
            (nowhere, bank.slot),
            (never, bank.first_night),
            (ones, bank.first_share),
            (never, bank.last_night),
            (ones, bank.last_share),
        )
    ]
    return Bank(bank.ports, bank.slots, False, True, 0, *columns)
