"""Which card is on which port of a rig, and for how many calls."""

from dataclasses import dataclass, field

import numpy as np

from simbox.synth.laws import Laws
from simbox.synth.randomness import Ints, runs_of
from simbox.synth.rigs import Rig

AWAKE_SHARE = 0.93
COMMUTING_SHARES = (0.15, 0.55, 0.3)


@dataclass
class RigState:
    """What a burning rig remembers from night to night: the next fresh card, and cards not yet worn out."""

    rig: Rig
    next_card: int = 0
    left_over: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cards used up before the first night are gone."""
        self.next_card = self.rig.bank.fresh


def tasks_of_night(
    rng: np.random.Generator, state: RigState, laws: Laws, weekend: bool, night: int
) -> tuple[Ints, Ints, Ints]:
    """Sessions of the night in order for each port: card, calls to make, port."""
    rig = state.rig
    pace = rig.weekend_share if weekend else 1.0
    if rig.bank.is_burning:
        return _burn(rng, state, pace)
    bank = rig.bank
    cards = bank.at_work(night)
    begin, end = bank.from_share(cards, night), bank.to_share(cards, night)
    # A card is blocked while it works, not on a night off.
    awake = (rng.random(cards.size) < AWAKE_SHARE) | (bank.last_night[cards] == night)
    cards, begin, end = cards[awake], begin[awake], end[awake]
    # One card of a slot after the other.
    order = np.lexsort((begin, bank.slot[cards]))
    cards, begin, end = cards[order], begin[order], end[order]
    slot = bank.slot[cards]
    made = rng.poisson(rig.quota[cards] * pace * (end - begin) * rng.gamma(8.0, 1 / 8.0, cards.size))
    if rig.plan.offered_calls_a_day is None:
        made = np.maximum(made, 1)
    else:
        called = made > 0
        cards, slot, made, begin = cards[called], slot[called], made[called], begin[called]
    if rig.commutes:
        return _commuting(rng, rig, cards, made)
    if rig.cap == 0:
        port = slot % rig.ports if rig.wanders_share == 0 else _wandering(rng, rig, cards, night)
        order = np.lexsort((begin, rng.random(bank.slots)[slot], port))
        return rig.sims[cards[order]], made[order], port[order]
    # Each card works until its cap, then the next one's turn comes, until all have made their calls.
    owner, calls = laws.family.turns(rng, made, rig.cap)
    rounds = np.bincount(owner, minlength=made.size)
    _, turn_of_slot = runs_of(np.bincount(slot, weights=rounds, minlength=bank.slots).astype(np.int64))
    order = np.lexsort((rng.permutation(bank.slots)[slot[owner]], turn_of_slot))
    if not laws.family.in_turn:
        order = rng.permutation(order.size)
    port = np.arange(order.size) % rig.ports
    by_port = np.argsort(port, kind="stable")
    return rig.sims[cards[owner[order][by_port]]], calls[order][by_port], port[by_port]


def _burn(rng: np.random.Generator, state: RigState, pace: float) -> tuple[Ints, Ints, Ints]:
    """Fresh cards one after another on each port; one that outlives the night goes on first thing next day."""
    rig = state.rig
    tasks: list[tuple[int, int, int]] = []
    for port in range(rig.ports):
        # A port works off about two cards' calls a night, the last one perhaps with calls left.
        budget = max(4, round(rig.quota.mean() * 1.8 * pace * float(rng.gamma(6.0, 1 / 6.0))))
        while budget > 0:
            if port in state.left_over:
                card, left = state.left_over.pop(port)
            elif state.next_card < rig.sims.size:
                card, left = int(rig.sims[state.next_card]), int(rig.quota[state.next_card])
                state.next_card += 1
            else:
                break
            done = min(left, budget)
            tasks.append((card, done, port))
            budget -= done
            if left - done > 2:
                state.left_over[port] = (card, left - done)
    columns = np.array(tasks, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _commuting(rng: np.random.Generator, rig: Rig, cards: Ints, made: Ints) -> tuple[Ints, Ints, Ints]:
    """Each slot has a gateway for mornings and evenings and the next one, at other premises, for the day."""
    parts = rng.multinomial(made, COMMUTING_SHARES)
    slot = rig.bank.slot[cards]
    at_home = slot % rig.ports
    at_work = _port_of_next_gateway(rig)[at_home]
    card, part = (index.ravel() for index in np.indices(parts.shape))
    port = np.where(part == 1, at_work[card], at_home[card])
    calls = parts.ravel()
    order = np.lexsort((card, rng.random(rig.bank.slots)[slot[card]], part, port))
    order = order[calls[order] > 0]
    return rig.sims[cards[card[order]]], calls[order], port[order]


def _port_of_next_gateway(rig: Rig) -> Ints:
    """For each port one of the next gateway, its neighbours going to neighbours."""
    ports_of = [np.flatnonzero(rig.gateway == number) for number in range(rig.premises.size)]
    following = [ports_of[(number + 1) % len(ports_of)] for number in rig.gateway]
    place = [int(port - ports_of[number][0]) for port, number in enumerate(rig.gateway)]
    return np.array([there[own % there.size] for there, own in zip(following, place, strict=True)])


def _wandering(rng: np.random.Generator, rig: Rig, cards: Ints, night: int) -> Ints:
    """Cards moved to another gateway from one night to the next; the next one of a slot goes where it was."""
    bank = rig.bank
    moved = rng.random(bank.slots) < rig.wanders_share * min(night, 1)
    port = np.where(moved, rng.integers(0, rig.ports, bank.slots), np.arange(bank.slots) % rig.ports)
    return port[bank.slot[cards]]
