"""How much a SIM calls, writes and receives, and how its calls go; cf legs are in none of these numbers.

`made` holds the indices of calls made, `one_way` those of calls made or those of calls received, and `legs` has how
many legs of each service and direction there are.
"""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import BYTES, FEATURES, FLAGS, LONG, LONGS, NOTHING, SCRATCH, driver, kernel
from simbox.kernels.chunks import fill_chunks, new_features
from simbox.kernels.codes import (
    ALPHANUMERIC,
    ANSWERED,
    DATA,
    INTERNATIONAL,
    MO,
    MT,
    NOT_ANSWERED,
    OFF_NET,
    ON_NET,
    SHORT_CODE,
    SIGNALLING,
    SMS,
    UNKNOWN_KIND,
    VOICE,
    WITHHELD,
)
from simbox.kernels.legs import DIRECTIONS, choose_calls, tally_legs
from simbox.kernels.summaries import mean, share, sort_to_median, variation

# What each function finds, in its order.
PARTS = (
    ("mo_calls", "mt_calls", "mo_share"),
    ("answered_share",),
    (
        "duration_mean_s",
        "duration_median_s",
        "duration_cv",
        "duration_total_s",
        "duration_max_s",
        "short_call_share",
    ),
    ("sms_mo", "sms_mt"),
    ("mo_events", "mo_share_all", "mo_sms_share"),
    ("off_net_share",),
    ("international_share",),
    ("mt_international_share",),
    ("received_codes",),
    ("sms_only",),
    ("data_legs",),
    ("unanswered_run",),
    ("mo_calls_alone",),
)
FIELDS = tuple(field for part in PARTS for field in part)

Bytes = npt.NDArray[np.int8]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SHORT_S = 10
_MADE = VOICE * DIRECTIONS + MO
_RECEIVED = VOICE * DIRECTIONS + MT
_SENT_SMS = SMS * DIRECTIONS + MO
_RECEIVED_SMS = SMS * DIRECTIONS + MT
_DATA = DATA * DIRECTIONS
_SIGNALLING = SIGNALLING * DIRECTIONS


@kernel
def _calls(legs: Longs) -> tuple[int, int, float]:
    """mo_calls; mt_calls; mo_share = calls made / calls made and received, null without calls."""
    return legs[_MADE], legs[_RECEIVED], share(legs[_MADE], legs[_MADE] + legs[_RECEIVED])


@kernel
def _answered_share(made: Longs, answered: Bytes) -> float:
    """Answered calls made / calls made of which the feed tells whether they were; null without the latter."""
    answered_calls = 0
    told = 0
    for call in made:
        answered_calls += answered[call] == ANSWERED
        told += (answered[call] == ANSWERED) | (answered[call] == NOT_ANSWERED)
    return share(answered_calls, told)


@kernel
def _durations(made: Longs, duration_s: Longs, scratch: Longs) -> tuple[float, float, float, int, float, float]:
    """Mean, median, coefficient of variation, total, longest and share under 10 s of duration_s.

    Over calls made that lasted; null without such calls, but for the total, and the third under two of them.
    `scratch` is as long as the slice. bandicoot's call_duration takes calls of both directions, and those that did
    not last.
    """
    lasted = 0
    short = 0
    total_s = 0
    for call in made:
        scratch[lasted] = duration_s[call]
        lasted += duration_s[call] > 0
        short += (duration_s[call] > 0) & (duration_s[call] < _SHORT_S)
        total_s += duration_s[call]
    durations_s = scratch[:lasted]
    average = mean(durations_s)
    spread = variation(durations_s)
    middle = sort_to_median(durations_s)
    longest_s = math.nan if lasted == 0 else float(durations_s[lasted - 1])
    return average, middle, spread, total_s, longest_s, share(short, lasted)


@kernel
def _unanswered_run(made: Longs, answered: Bytes) -> float:
    """Most calls made in a row that were not answered, those passed over of which the feed can't tell.

    Null where it tells of none.
    """
    longest = 0
    run = 0
    told = 0
    for call in made:
        if answered[call] >= 0:
            told += 1
            run = run + 1 if answered[call] == NOT_ANSWERED else 0
            longest = max(longest, run)
    return math.nan if told == 0 else float(longest)


@kernel
def _messages(legs: Longs) -> tuple[int, int]:
    """SMS sent; SMS received."""
    return legs[_SENT_SMS], legs[_RECEIVED_SMS]


@kernel
def _events(legs: Longs) -> tuple[int, float, float]:
    """mo_events = calls made and SMS sent; they / all calls and SMS; SMS sent / mo_events; null without any."""
    mo_events = legs[_MADE] + legs[_SENT_SMS]
    events = mo_events + legs[_RECEIVED] + legs[_RECEIVED_SMS]
    return mo_events, share(mo_events, events), share(legs[_SENT_SMS], mo_events)


@kernel
def _off_net_share(made: Longs, other_kind: Bytes) -> float:
    """Calls made to other networks' mobiles / those to mobiles of a known network; null without the latter."""
    off_net = 0
    on_net = 0
    for call in made:
        off_net += other_kind[call] == OFF_NET
        on_net += other_kind[call] == ON_NET
    return share(off_net, off_net + on_net)


@kernel
def _international_share(one_way: Longs, other_kind: Bytes) -> float:
    """Calls to or from abroad / those with a known kind of number; null without the latter.

    Neither unknown nor withheld is a known kind.
    """
    international = 0
    known = 0
    for call in one_way:
        international += other_kind[call] == INTERNATIONAL
        known += (other_kind[call] != UNKNOWN_KIND) & (other_kind[call] != WITHHELD)
    return share(international, known)


@kernel
def _received_codes(service: Bytes, direction: Bytes, other_kind: Bytes) -> int:
    """SMS received from alphanumeric senders and short codes, as services send their one-time codes."""
    received = 0
    for i in range(service.size):
        message = (service[i] == SMS) & (direction[i] == MT)
        received += message & ((other_kind[i] == ALPHANUMERIC) | (other_kind[i] == SHORT_CODE))
    return received


@kernel
def _sms_only(legs: Longs) -> float:
    """1 where the SIM sends or receives SMS and has no calls at all, else 0; null where it has neither."""
    calls = legs[_MADE] + legs[_RECEIVED]
    if calls + legs[_SENT_SMS] + legs[_RECEIVED_SMS] == 0:
        return math.nan
    return 1.0 if calls == 0 else 0.0


@kernel
def _mo_calls_alone(legs: Longs) -> int:
    """Calls made by a SIM that shows nothing else (no SMS, data or signalling, no calls received), else 0."""
    others = legs[_RECEIVED] + legs[_SENT_SMS] + legs[_RECEIVED_SMS]
    others += legs[_DATA + MO] + legs[_DATA + MT] + legs[_SIGNALLING + MO] + legs[_SIGNALLING + MT]
    return 0 if others > 0 else legs[_MADE]


@kernel
def _data_legs(legs: Longs) -> int:
    """Data sessions."""
    return legs[_DATA + MO] + legs[_DATA + MT]


@driver(NOTHING(LONG, LONG, BYTES, BYTES, BYTES, LONGS, BYTES, LONGS, LONGS, FEATURES, FLAGS, SCRATCH))
def _fill_chunk(
    first: int,
    last: int,
    service: Bytes,
    direction: Bytes,
    answered: Bytes,
    duration_s: Longs,
    other_kind: Bytes,
    starts: Longs,
    ends: Longs,
    features: Floats,
    wanted: Flags,
    scratch: Longs,
) -> None:
    legs = scratch[0]
    for sim in range(first, last):
        records = slice(starts[sim], ends[sim])
        services = service[records]
        directions = direction[records]
        kinds = other_kind[records]
        row = features[:, sim]
        tally_legs(services, directions, legs)
        made = scratch[1, : choose_calls(services, directions, MO, scratch[1])]
        if wanted[0]:
            row[0], row[1], row[2] = _calls(legs)
        if wanted[1]:
            row[3] = _answered_share(made, answered[records])
        if wanted[2]:
            row[4], row[5], row[6], row[7], row[8], row[9] = _durations(made, duration_s[records], scratch[2])
        if wanted[3]:
            row[10], row[11] = _messages(legs)
        if wanted[4]:
            row[12], row[13], row[14] = _events(legs)
        if wanted[5]:
            row[15] = _off_net_share(made, kinds)
        if wanted[6]:
            row[16] = _international_share(made, kinds)
        if wanted[7]:
            received = scratch[2, : choose_calls(services, directions, MT, scratch[2])]
            row[17] = _international_share(received, kinds)
        if wanted[8]:
            row[18] = _received_codes(services, directions, kinds)
        if wanted[9]:
            row[19] = _sms_only(legs)
        if wanted[10]:
            row[20] = _data_legs(legs)
        if wanted[11]:
            row[21] = _unanswered_run(made, answered[records])
        if wanted[12]:
            row[22] = _mo_calls_alone(legs)


def _allot(largest: int) -> tuple[Longs]:
    return (np.empty((3, largest), dtype=np.int64),)


def volume(
    service: Bytes,
    direction: Bytes,
    answered: Bytes,
    duration_s: Longs,
    other_kind: Bytes,
    starts: Longs,
    ends: Longs,
    *,
    fields: Collection[str] | None = None,
) -> Floats:
    """FIELDS of each SIM, whose records run from starts[i] to before ends[i]; with `fields` only what these need."""
    columns = (service, direction, answered, duration_s, other_kind)
    features = new_features(starts.size, PARTS, fields)
    return fill_chunks(_fill_chunk, _allot, columns, (starts, ends), features)
