"""How careful a rig is: what each level of evasion gives up to be like people."""

from dataclasses import dataclass
from typing import Literal, get_args

Modifier = Literal[
    "imei_popular", "imei_white", "volte_without_cells", "foreign", "moves_house", "two_owners", "shared_batch",
    "asleep", "crowded", "fillers",
]  # fmt: skip
MODIFIERS: tuple[Modifier, ...] = get_args(Modifier)
# Neither is possible beside the other; the first of a pair holds.
EXCLUSIVE: tuple[tuple[Modifier, Modifier], ...] = (
    ("imei_white", "imei_popular"),
    ("two_owners", "crowded"),
    ("two_owners", "moves_house"),
    ("volte_without_cells", "shared_batch"),
    ("foreign", "shared_batch"),
)

# Calls that a naive rig makes with a card in a night, and by how much more messages than calls it sends.
NAIVE_QUOTA = (50.0, 72.0)
SENDS_MORE = (1.6, 2.6)
CODES = (5.0, 11.0)
# Levels whose load a plan says in calls of the whole rig.
OFFERED = (0.0, 0.0)


@dataclass(frozen=True)
class Level:
    """The rules of one level; ranges are drawn for each rig.

    `quota` is calls or messages of a card in a night, `most` a cap on it, `staged` how many more among the rig's own
    cards. A rig that `rotates` gives the port to the next card after a fixed number of calls. One that `commutes` binds
    each card to one gateway in the morning and evening and to another by day; one that is `carried` keeps two cards in
    each of its gateways, in cars on people's ways; one of `phones` has no gateway at all. `life_dates` says how long
    cards live where it is not as published: such rigs have large banks, and replace what is blocked. One of
    `people_hours` calls when people do, in bursts; one of `history` gives callers abroad the card they had before, so
    that it rings the same families; of the calls offered to it a rig `accepts` a share.
    """

    quota: tuple[float, float]
    gap_s: tuple[float, float] = (8.0, 45.0)
    most: tuple[int, int] | None = None
    staged: tuple[float, float] | None = None
    own_imei: bool = False
    keeps_hours: bool = True
    rotates: bool = False
    commutes: bool = False
    carried: bool = False
    phones: bool = False
    life_dates: tuple[int, int] | None = None
    people_hours: bool = False
    history: bool = False
    accepts: tuple[float, float] = (1.0, 1.0)


LEVELS = {
    "E0": Level(NAIVE_QUOTA, gap_s=(4.0, 12.0), keeps_hours=False),
    "E1": Level((44.0, 66.0), rotates=True),
    "E2": Level((14.0, 26.0), most=(18, 30), staged=(1.5, 5.0), own_imei=True),
    "E3": Level((14.0, 26.0), most=(18, 30), staged=(1.5, 5.0), own_imei=True, commutes=True),
    "E4": Level((3.0, 9.0), most=(8, 14), staged=(0.5, 2.0), own_imei=True, life_dates=(1, 4)),
    "E5": Level(
        (5.0, 12.0), most=(10, 16), staged=(1.0, 3.0), own_imei=True, carried=True, people_hours=True, history=True
    ),
    "E6": Level((15.0, 35.0), gap_s=(20.0, 120.0), most=(40, 60), staged=(0.3, 1.0), phones=True),
    # FraudZen's variants (Kouam et al., 2024, section 5.1): what is offered to the box is shared by all cards.
    "fd_naive": Level(OFFERED, rotates=True, keeps_hours=False),
    "fd_social": Level(OFFERED, rotates=True, keeps_hours=False, history=True),
    "fd_traffic": Level(OFFERED, rotates=True, most=(4, 8), staged=(1.5, 4.0), people_hours=True),
    "fd_mobility": Level(OFFERED, carried=True, keeps_hours=False),
    "fd_all": Level(
        OFFERED, most=(4, 8), staged=(1.5, 4.0), people_hours=True, history=True, carried=True, accepts=(0.03, 0.2)
    ),
}


def impossible_modifiers(level: str) -> set[Modifier]:
    """A car has no building to share or to leave; a person's phone is on no list of gateways."""
    if LEVELS[level].carried:
        return {"two_owners", "crowded", "moves_house"}
    return {"imei_white"} if LEVELS[level].phones else set()
