"""What a rig does beside its level of care, drawn independently of it: where it hides, what it shows, when it rests.

A modifier that a world has no room for (nobody's white-listed gateway to copy, no second rig to live with) is neither
done nor named in the truth.
"""

from collections.abc import Callable

import numpy as np

from simbox.synth.handsets import Models
from simbox.synth.levels import EXCLUSIVE, MODIFIERS, Modifier, impossible_modifiers
from simbox.synth.network import Land
from simbox.synth.parties import FOREIGN_NETWORKS
from simbox.synth.people import any_building
from simbox.synth.population import REGISTRATION, SEGMENT, Sims
from simbox.synth.randomness import Bools, Ints
from simbox.synth.scenario import RigPlan, Scenario

CLONES_AT_LEAST = 20
POPULAR_IMEIS = (1, 4)
STAYS_NIGHTS = (2, 4)
ASLEEP_SHARE = (0.25, 0.5)
FOREIGN_SHARE = (0.4, 1.0)
FILLER_CALLS = (1.0, 4.0)
LTE_SPARES, TRIES = 3, 12
PURCHASE = ("operator", "dealer", "bought_day", "group")


def draw_modifiers(rng: np.random.Generator, plan: RigPlan, share: float) -> set[Modifier]:
    """Each modifier by chance, those of the plan for certain; without what the level or another of them excludes."""
    drawn = {name for name in MODIFIERS if rng.random() < share} - impossible_modifiers(plan.level)
    wanted = set(plan.modifiers)
    drawn |= wanted
    for first, second in EXCLUSIVE:
        if {first, second} <= drawn:
            drawn.discard(first if second in wanted and first not in wanted else second)
    return drawn


def popular_imeis(rng: np.random.Generator, sims: Sims) -> Ints:
    """A few of the IMEIs that hundreds of counterfeit phones show; none where there are no such phones."""
    imei, phones = np.unique(sims.imei[sims.segment == SEGMENT["cloned_imei"]], return_counts=True)
    cloned = imei[phones >= CLONES_AT_LEAST]
    return rng.permutation(cloned)[: int(rng.integers(POPULAR_IMEIS[0], POPULAR_IMEIS[1] + 1))]


def white_imeis(rng: np.random.Generator, sims: Sims) -> Ints:
    """The IMEIs of one company's licensed gateways; none where nobody has a licence."""
    licensed = np.flatnonzero(sims.segment == SEGMENT["licensed_gateway"])
    if licensed.size == 0:
        return licensed
    company = sims.group[rng.choice(licensed)]
    imeis: Ints = sims.imei[licensed[sims.group[licensed] == company]]
    return imeis


def crowded_spot(rng: np.random.Generator, sims: Sims) -> tuple[str, int] | None:
    """A dormitory or a market hall of the world, and what it is."""
    homes = sims.home[sims.segment == SEGMENT["dormitory"]]
    halls = sims.work[sims.segment == SEGMENT["market"]]
    spots = [(name, spot) for name, found in (("dormitory", homes), ("market", halls)) for spot in np.unique(found)]
    if not spots:
        return None
    name, spot = spots[int(rng.integers(len(spots)))]
    return name, int(spot)


def volte_operator(rng: np.random.Generator, scenario: Scenario) -> int | None:
    """An operator that writes most of its calls over 4G without a cell."""
    habits = list(scenario.operators.values())
    without = [number for number, habit in enumerate(habits) if habit.volte_without_cell_share >= 0.5]
    return int(rng.choice(without)) if without else None


def only_lte(models: Models, draw: Callable[[int], Ints], count: int) -> Ints | None:
    """As many IMEIs as are wanted, drawn until all are of handsets that speak 4G; none where that never happens."""
    for _ in range(TRIES):
        imeis = draw(LTE_SPARES * count)
        lte: Ints = imeis[models.is_lte(imeis)]
        if lte.size >= count:
            return lte[:count]
    return None


def go_abroad(rng: np.random.Generator, sims: Sims, members: Ints) -> int:
    """Make most of the cards foreign ones that roam in, and say of which foreign network."""
    foreign = members[rng.random(members.size) < rng.uniform(*FOREIGN_SHARE)]
    foreign = foreign if foreign.size else members[:1]
    sims.registration[foreign] = REGISTRATION["roamer"]
    return int(rng.integers(len(FOREIGN_NETWORKS)))


def house_moves(rng: np.random.Generator, land: Land, city: int, premises: Ints, nights: int) -> list[tuple[int, Ints]]:
    """From which night on all gateways stand in which other buildings of the city."""
    moves: list[tuple[int, Ints]] = []
    night = int(rng.integers(1, STAYS_NIGHTS[1] + 1))
    houses, house_of = np.unique(premises, return_inverse=True)
    while night < nights:
        moves.append((night, any_building(rng, land, np.full(houses.size, city))[house_of]))
        night += int(rng.integers(STAYS_NIGHTS[0], STAYS_NIGHTS[1] + 1))
    return moves


def nights_asleep(rng: np.random.Generator, nights: int) -> Bools:
    """The nights a rig rests, some but never all of them; none in a world of one night."""
    asleep: Bools = rng.random(nights) < rng.uniform(*ASLEEP_SHARE)
    if nights > 1 and (asleep.all() or not asleep.any()):
        asleep[:] = False
        asleep[rng.integers(nights)] = True
    return asleep & (nights > 1)


def share_batch(rng: np.random.Generator, sims: Sims, first: Ints, second: Ints) -> None:
    """Put the cards of two rigs on one heap and deal them out again."""
    heap = np.concatenate([first, second])
    dealt = rng.permutation(heap)
    for name in PURCHASE:
        column = getattr(sims, name)
        column[heap] = column[dealt]
