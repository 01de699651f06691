"""In which handsets a SIM sits; only legs that carry an IMEI count, whatever their service.

`nights` are those of all records in order of their first, and `night_number` has which of them each record is of.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.distinct import DISTINCT, Distinct, add, allot, empty, size
from simbox.kernels.nights import number_nights
from simbox.kernels.summaries import share

# What each function finds, in its order.
PARTS = (
    ("legs_with_imei", "imeis", "top_imei_share"),
    ("tacs",),
    ("imei_changes", "imei_neighbour_share"),
    ("imei_changes_per_night",),
    ("imei_changes_at_move",),
    ("sims_on_imei",),
)
FIELDS = tuple(field for part in PARTS for field in part)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SERIALS_OF_A_TAC = 1_000_000
_STEP = 10


@kernel
def _imeis(imei: Longs, table: Distinct) -> tuple[int, float, float]:
    """legs_with_imei; distinct IMEIs; legs on the commonest / legs_with_imei; the latter two null without any."""
    empty(table, imei.size)
    legs = 0
    most = 0
    former = -1
    index = 0
    for i in range(imei.size):
        if imei[i] >= 0:
            # Handsets change seldom, so most legs need no look-up.
            if imei[i] != former:
                index = add(table, imei[i])
                former = imei[i]
            table.tallies[index] += 1
            most = max(most, table.tallies[index])
            legs += 1
    return legs, math.nan if legs == 0 else float(size(table)), share(most, legs)


@kernel
def _tacs(imei: Longs, table: Distinct) -> float:
    """Distinct TACs (handset models), an IMEI's 14 digits without the six of its serial; null without an IMEI."""
    empty(table, imei.size)
    former = -1
    for i in range(imei.size):
        if imei[i] >= 0 and imei[i] != former:
            add(table, imei[i] // _SERIALS_OF_A_TAC)
            former = imei[i]
    return math.nan if size(table) == 0 else float(size(table))


@kernel
def _imei_changes(imei: Longs) -> tuple[float, float]:
    """Consecutive legs with an IMEI where it differs; share of these that go to a neighbour.

    A neighbour is of the same model and within 10 serials, as boxes make up IMEIs from a prefix. The former is null
    without an IMEI, the latter without a change.
    """
    changes = 0
    near = 0
    former = -1
    for i in range(imei.size):
        if imei[i] >= 0:
            if imei[i] != former and former >= 0:
                changes += 1
                same_model = imei[i] // _SERIALS_OF_A_TAC == former // _SERIALS_OF_A_TAC
                near += same_model and -_STEP <= imei[i] - former <= _STEP
            former = imei[i]
    return math.nan if former < 0 else float(changes), share(near, changes)


@kernel
def _imei_changes_per_night(imei: Longs, night_number: Longs, nights: Longs, scratch: Longs) -> float:
    """Changes of IMEI / nights with an IMEI; null without an IMEI."""
    is_told = scratch[: nights.size]
    is_told[:] = 0
    for i in range(imei.size):
        is_told[night_number[i]] |= imei[i] >= 0
    told = 0
    for is_one in is_told:
        told += is_one
    changes, _ = _imei_changes(imei)
    return changes / told if told > 0 else math.nan


@kernel
def _sims_on_imei(imei: Longs, imei_sims: Ints) -> float:
    """Most SIMs seen in the window on one of its IMEIs; null where no IMEI's count is known."""
    most = -1
    for i in range(imei.size):
        if imei[i] >= 0:
            most = max(most, imei_sims[i])
    return math.nan if most < 0 else float(most)


@kernel
def _imei_changes_at_move(imei: Longs, place: Ints) -> float:
    """Changes of IMEI between legs at two places / changes of IMEI between legs that both carry a cell.

    Null without the latter.
    """
    changes = 0
    moves = 0
    former = -1
    for i in range(imei.size):
        if imei[i] < 0:
            continue
        if former >= 0 and imei[i] != imei[former] and place[i] >= 0 and place[former] >= 0:
            changes += 1
            moves += place[i] != place[former]
        former = i
    return share(moves, changes)


@driver(NOTHING(LONG, LONG, LONGS, INTS, INTS, INTS, LONGS, LONGS, FEATURES, FLAGS, SCRATCH, DISTINCT))
def _fill_chunk(
    first: int,
    last: int,
    imei: Longs,
    imei_sims: Ints,
    place: Ints,
    night: Ints,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
    table: Distinct,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        imeis = imei[records]
        row = features[:, sim]
        if wanted[0]:
            row[0], row[1], row[2] = _imeis(imeis, table)
        if wanted[1]:
            row[3] = _tacs(imeis, table)
        if wanted[2]:
            row[4], row[5] = _imei_changes(imeis)
        if wanted[3]:
            night_number = scratch[0, : imeis.size]
            nights = table.members[: number_nights(night[records], table, night_number)]
            row[6] = _imei_changes_per_night(imeis, night_number, nights, scratch[1])
        if wanted[4]:
            row[7] = _imei_changes_at_move(imeis, place[records])
        if wanted[5]:
            row[8] = _sims_on_imei(imeis, imei_sims[records])


def _allot(largest: int) -> tuple[Longs, Distinct]:
    return np.empty((2, largest), dtype=np.int64), allot(largest)


def handset(
    imei: Longs,
    imei_sims: Ints,
    place: Ints,
    night: Ints,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    With `fields` only what these need is filled in.
    """
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, (imei, imei_sims, place, night), (starts, ends), features)
