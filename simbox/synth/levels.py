"""How careful a rig is: what each level of evasion gives up to be like people."""

from dataclasses import dataclass

# Calls that a naive rig makes with a card in a night, and by how much more messages than calls it sends.
NAIVE_QUOTA = (50.0, 72.0)
SENDS_MORE = (1.6, 2.6)
CODES = (5.0, 11.0)


@dataclass(frozen=True)
class Level:
    """The rules of one level; ranges are drawn for each rig.

    `quota` is calls or messages of a card in a night, `most` a cap on it, `staged` how many more among the rig's own
    cards. A rig that `rotates` gives the port to the next card after a fixed number of calls. One that `commutes` binds
    each card to one gateway in the morning and evening and to another by day; one that is `carried` keeps two cards in
    each of its gateways, in cars on people's ways; one of `phones` has no gateway at all. `life_dates` says how long
    cards live where it is not as published: such rigs have large banks, and replace what is blocked.
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


LEVELS = {
    "E0": Level(NAIVE_QUOTA, gap_s=(4.0, 12.0), keeps_hours=False),
    "E1": Level((44.0, 66.0), rotates=True),
    "E2": Level((14.0, 26.0), most=(18, 30), staged=(1.5, 5.0), own_imei=True),
    "E3": Level((14.0, 26.0), most=(18, 30), staged=(1.5, 5.0), own_imei=True, commutes=True),
    "E4": Level((3.0, 9.0), most=(8, 14), staged=(0.5, 2.0), own_imei=True, life_dates=(1, 4)),
    "E5": Level((5.0, 12.0), most=(10, 16), staged=(1.0, 3.0), own_imei=True, carried=True),
    "E6": Level((15.0, 35.0), gap_s=(20.0, 120.0), most=(40, 60), staged=(0.3, 1.0), phones=True),
}
