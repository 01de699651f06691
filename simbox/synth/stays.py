"""Stays: who is where from when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Bools, Ints

AnyInts = npt.NDArray[np.integer]
OFF = -1
SLOT = 1 << 17


@dataclass(frozen=True)
class Stays:
    """Who is where from when, in runs of one holder each, by time.

    `origin` differs from `spot` on the way; OFF is a SIM in no live handset; `imei` above zero stands in for the
    SIM's own handset.
    """

    holder: AnyInts
    start_s: AnyInts
    origin: AnyInts
    spot: AnyInts
    imei: Ints

    def select(self, rows: Bools | Ints) -> "Stays":
        """Some of them."""
        return Stays(self.holder[rows], self.start_s[rows], self.origin[rows], self.spot[rows], self.imei[rows])


def sort_stays(parts: list[Stays]) -> Stays:
    """All stays of several small lots, by holder and start."""
    joined = join_stays(parts)
    order = np.argsort(joined.holder * SLOT + joined.start_s, kind="stable")
    return Stays(
        joined.holder[order], joined.start_s[order], joined.origin[order], joined.spot[order], joined.imei[order]
    )


def join_stays(parts: list[Stays]) -> Stays:
    """All stays of several lots, one lot after the other."""
    return Stays(*(np.concatenate([getattr(part, name) for part in parts]) for name in Stays.__dataclass_fields__))
