"""Which SIMs have things in common, such as places or numbers called, thing by thing: a row says that a SIM has one.

The rows of a thing lie together, and each row is compared with a range of held ones, so that nobody is compared with
all. Sums for each partner stand in an array by SIM: half a million pairs took a sixth of the time of a join and a
grouping of the rows met.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLAGS, FLOATS, LONG, LONGS, SCRATCH, driver, kernel
from simbox.kernels.chunks import in_threads
from simbox.kernels.partition import partition

# Of some hundred candidates each, which take a few tens of megabytes.
CHUNK_SIMS = 256
CENTI = 100

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_OWN_LONGS = types.Array(types.int64, 1, "C")
_COUNTED = types.UniTuple(types.int64, 2)
_COLUMNS = 7


class Rows(NamedTuple):
    """Rows of a thing and a SIM, one for each two: the SIM, the share of its events that are of the thing, what the
    thing is worth, when the SIM's came and went, and the range of held rows that it is compared with."""

    sim: Longs
    share: Floats
    worth: Floats
    first_at: Longs
    last_at: Longs
    first: Longs
    last: Longs


class Met(NamedTuple):
    """Pairs of a SIM and a partner: how many things they have in common, the sum of the smaller shares times what each
    thing is worth and the sum of the smaller shares, both in hundredths, and the earliest and the latest time; and how
    many rows were compared, whatever they came to."""

    sim: Longs
    partner: Longs
    things: Longs
    centiworth: Longs
    overlap: Longs
    first_at: Longs
    last_at: Longs
    compared: int


@kernel
def meet(
    own: Longs, rows: Rows, held: Longs, once: Flags, wanted: Flags, least_overlap: int, slots: Longs, met: Longs,
    begin: int,
) -> tuple[int, int]:  # fmt: skip
    """Write the partners of one SIM, whose rows are `own`, to columns of `met` from `begin` on: where they end, and how
    many rows were compared.

    Of two SIMs of `once` only the smaller one meets the other; one of the two must be `wanted`. `slots` holds -1 for
    each SIM, before and after.
    """
    end = begin
    compared = 0
    for row in own:
        sim = rows.sim[row]
        for place in range(rows.first[row], rows.last[row]):
            other = held[place]
            partner = rows.sim[other]
            if once[sim] and once[partner] and partner <= sim:
                continue
            compared += 1
            if not wanted[sim] and not wanted[partner]:
                continue
            slot = slots[partner]
            if slot < 0:
                slot = end
                slots[partner] = slot
                met[0, slot], met[1, slot], met[2, slot], met[3, slot], met[4, slot] = sim, partner, 0, 0, 0
                met[5, slot], met[6, slot] = rows.first_at[row], rows.last_at[row]
                end += 1
            smaller = min(rows.share[row], rows.share[other])
            met[2, slot] += 1
            met[3, slot] += int(np.rint(smaller * rows.worth[row] * CENTI))
            met[4, slot] += int(np.rint(smaller * CENTI))
            met[5, slot] = min(met[5, slot], rows.first_at[row], rows.first_at[other])
            met[6, slot] = max(met[6, slot], rows.last_at[row], rows.last_at[other])
    kept = begin
    for slot in range(begin, end):
        slots[met[1, slot]] = -1
        if met[4, slot] >= least_overlap:
            for column in range(met.shape[0]):
                met[column, kept] = met[column, slot]
            kept += 1
    return kept, compared


@driver(
    _COUNTED(
        LONG, LONG, LONGS, LONGS, LONGS, FLOATS, FLOATS, LONGS, LONGS, LONGS, LONGS, LONGS, FLAGS, FLAGS, LONG,
        _OWN_LONGS, SCRATCH,
    )
)  # fmt: skip
def _meet_chunk(
    begin: int, until: int, order: Longs, borders: Longs, sim: Longs, share: Floats, worth: Floats, first_at: Longs,
    last_at: Longs, first: Longs, last: Longs, held: Longs, once: Flags, wanted: Flags, least_overlap: int,
    slots: Longs, met: Longs,
) -> tuple[int, int]:  # fmt: skip
    rows = Rows(sim, share, worth, first_at, last_at, first, last)
    end = 0
    compared = 0
    for one in range(begin, until):
        own = order[borders[one] : borders[one + 1]]
        end, looked_at = meet(own, rows, held, once, wanted, least_overlap, slots, met, end)
        compared += looked_at
    return end, compared


def meetings(rows: Rows, held: Longs, once: Flags, wanted: Flags, least_overlap: int = 0) -> Met:
    """All pairs of SIMs whose overlap reaches the least one, those of a SIM together and SIMs in order.

    SIMs are numbered from 0, `once` and `wanted` have one flag for each; `held` are numbers of rows.
    """
    order, borders = partition(rows.sim, once.size)
    before = np.concatenate([[0], np.cumsum(np.maximum(rows.last - rows.first, 0)[order])])
    parts: dict[int, tuple[Longs, int]] = {}

    def find(first: int, last: int) -> None:
        most = int(before[borders[last]] - before[borders[first]])
        met = np.empty((_COLUMNS, most), dtype=np.int64)
        slots = np.full(once.size, -1, dtype=np.int64)
        end, compared = _meet_chunk(first, last, order, borders, *rows, held, once, wanted, least_overlap, slots, met)
        parts[first] = met[:, :end].copy(), compared

    in_threads(find, once.size, CHUNK_SIMS)
    inorder = [parts[first] for first in sorted(parts)]
    columns = np.concatenate([np.empty((_COLUMNS, 0), dtype=np.int64), *(met for met, _ in inorder)], axis=1)
    return Met._make((*columns, sum(compared for _, compared in inorder)))
