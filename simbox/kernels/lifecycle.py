"""The life of a SIM: how old it was when it began to work, how long it has worked, how long it was silent.

Events are calls made and SMS sent.
"""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, INTS, LONG, LONGS, NOTHING, driver, kernel
from simbox.kernels.chunks import fill_chunks
from simbox.kernels.codes import MO, SMS

FIELDS = ("active_span_nights", "longest_silence_nights", "first_event_age_days", "burst_age_days")

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_BURST_EVENTS = 10


@kernel
def _spans(service: Bytes, direction: Bytes, night: Ints) -> tuple[int, float]:
    """Nights from the first with an event to the last, both counted; the most between two events without any.

    The latter is null without events.
    """
    first = 0
    last = 0
    silence = -1
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO:
            if silence < 0:
                first = night[i]
                silence = 0
            else:
                silence = max(silence, night[i] - last - 1)
            last = night[i]
    if silence < 0:
        return 0, math.nan
    return last - first + 1, float(silence)


@kernel
def _ages(service: Bytes, direction: Bytes, night: Ints, first_night: int) -> tuple[float, float]:
    """Nights from the SIM's first record to its first event, and to its first night with ten of them.

    A card from stock is silent first; a new one that works at once is the sort that rigs use. Null where there is no
    such night, or where the first record is unknown (-1) or older than these.
    """
    if first_night < 0 or night.size == 0 or night[0] > first_night:
        return math.nan, math.nan
    first_event_age = math.nan
    events = 0
    latest = 0
    for i in range(service.size):
        if service[i] <= SMS and direction[i] == MO:
            if events == 0:
                first_event_age = float(night[i] - first_night)
            events = events + 1 if events > 0 and night[i] == latest else 1
            latest = night[i]
            if events == _BURST_EVENTS:
                return first_event_age, float(night[i] - first_night)
    return first_event_age, math.nan


@driver(NOTHING(LONG, LONG, BYTES, BYTES, INTS, INTS, LONGS, LONGS, LONGS, FEATURES))
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
) -> None:
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        remembered = slice(histories[sim], ends[sim])
        row = features[sim]
        row[0], row[1] = _spans(service[records], direction[records], night[records])
        row[2], row[3] = _ages(service[remembered], direction[remembered], night[remembered], first_nights[sim])


def lifecycle(
    service: Bytes,
    direction: Bytes,
    night: Ints,
    first_nights: Ints,
    histories: Longs,
    starts: Longs,
    ends: Longs,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i], in order of started_at.

    Records from histories[i] on tell of its beginnings; `first_nights` holds the night of each SIM's first record, -1
    where that is not known.
    """
    features = np.empty((starts.size, len(FIELDS)))
    fill_chunks(_fill_chunk, service, direction, night, first_nights, histories, starts, ends, features)
    return features
