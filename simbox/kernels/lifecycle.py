"""The life of a SIM: how old it was when it began to work, how long it has worked, how long it was silent.

Events are calls made and SMS sent; `events` holds their indices.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, INTS, LONG, LONGS, NOTHING, SCRATCH, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.legs import choose_events

# What each function finds, in its order.
PARTS = (("active_span_nights", "longest_silence_nights"), ("first_event_age_days", "burst_age_days"))
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_BURST_EVENTS = 10


@kernel
def _spans(events: Longs, night: Ints) -> tuple[int, float]:
    """Nights from the first with an event to the last, both counted; the most between two events without any.

    The latter is null without events.
    """
    if events.size == 0:
        return 0, math.nan
    silence = 0
    for i in range(1, events.size):
        silence = max(silence, night[events[i]] - night[events[i - 1]] - 1)
    return night[events[-1]] - night[events[0]] + 1, float(silence)


@kernel
def _ages(events: Longs, night: Ints, first_night: int) -> tuple[float, float]:
    """Nights from the SIM's first record to its first event, and to its first night with ten of them.

    A card from stock is silent first; a new one that works at once is the sort that rigs use. Null where there is no
    such night, or where the first record is unknown (-1) or older than these.
    """
    if first_night < 0 or night.size == 0 or night[0] > first_night or events.size == 0:
        return math.nan, math.nan
    first_event_age = float(night[events[0]] - first_night)
    of_night = 0
    latest = night[events[0]]
    for event in events:
        of_night = of_night + 1 if night[event] == latest else 1
        latest = night[event]
        if of_night == _BURST_EVENTS:
            return first_event_age, float(latest - first_night)
    return first_event_age, math.nan


@driver(NOTHING(LONG, LONG, BYTES, BYTES, INTS, INTS, LONGS, LONGS, LONGS, FEATURES, FLAGS, SCRATCH))
def _fill_chunk(
    first: int,
    last: int,
    service: Bytes,
    direction: Bytes,
    night: Ints,
    first_nights: Ints,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        remembered = slice(histories[sim], ends[sim])
        row = features[:, sim]
        if wanted[0]:
            events = scratch[0, : choose_events(service[records], direction[records], scratch[0])]
            row[0], row[1] = _spans(events, night[records])
        if wanted[1]:
            events = scratch[0, : choose_events(service[remembered], direction[remembered], scratch[0])]
            row[2], row[3] = _ages(events, night[remembered], first_nights[sim])


def _allot(largest: int) -> tuple[Longs]:
    return (np.empty((1, largest), dtype=np.int64),)


def lifecycle(
    service: Bytes,
    direction: Bytes,
    night: Ints,
    first_nights: Ints,
    histories: Longs,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    Records from histories[i] on tell of its beginnings; `first_nights` holds the night of each SIM's first record, -1
    where that is not known. With `fields` only what these need is filled in.
    """
    columns = (service, direction, night, first_nights)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (histories, starts, ends), features)
