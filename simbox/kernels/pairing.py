"""Whether two SIMs were in calls far apart at one time, for many pairs of SIMs."""

import numpy as np
import numpy.typing as npt
from numba import types

from simbox.kernels._jit import FLOATS, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import in_threads
from simbox.kernels.distance import distance_km

CHUNK_PAIRS = 1 << 14

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@kernel
def are_apart(
    first_a: int, last_a: int, first_b: int, last_b: int,
    started_at: Longs, ended_at: Longs, lat: Floats, lon: Floats, far_km: float,
) -> bool:  # fmt: skip
    """Whether a call in [first_a, last_a) and one in [first_b, last_b) overlap in time and lie farther apart.

    Calls of a SIM are in order of their begin.
    """
    earliest = first_b
    for call in range(first_a, last_a):
        # What has ended by now has ended for all later calls too.
        while earliest < last_b and ended_at[earliest] <= started_at[call]:
            earliest += 1
        other = earliest
        while other < last_b and started_at[other] < ended_at[call]:
            if (
                started_at[call] < ended_at[other]
                and distance_km(lat[call], lon[call], lat[other], lon[other]) > far_km
            ):
                return True
            other += 1
    return False


@driver(
    NOTHING(
        LONG, LONG, LONGS, LONGS, LONGS, LONGS, LONGS, FLOATS, FLOATS, types.float64,
        types.Array(types.boolean, 1, "C"),
    )
)  # fmt: skip
def _fill_chunk(
    first: int, last: int, a: Longs, b: Longs, borders: Longs, started_at: Longs, ended_at: Longs, lat: Floats,
    lon: Floats, far_km: float, apart: Flags,
) -> None:  # fmt: skip
    for pair in range(first, last):
        apart[pair] = are_apart(
            borders[a[pair]], borders[a[pair] + 1], borders[b[pair]], borders[b[pair] + 1],
            started_at, ended_at, lat, lon, far_km,
        )  # fmt: skip


def apart_at_once(
    a: Longs, b: Longs, borders: Longs, started_at: Longs, ended_at: Longs, lat: Floats, lon: Floats, far_km: float
) -> Flags:
    """Whether SIMs a[i] and b[i] were in calls at one time more than `far_km` apart.

    SIM n's calls lie from borders[n] to before borders[n + 1], in order of `started_at`, which like `ended_at` is in
    any unit of time; `lat` and `lon` in degrees.
    """
    apart = np.zeros(a.size, dtype=np.bool_)

    def fill(first: int, last: int) -> None:
        _fill_chunk(first, last, a, b, borders, started_at, ended_at, lat, lon, far_km, apart)

    in_threads(fill, a.size, CHUNK_PAIRS)
    return apart
