"""What the card is estimated from: ways of cheating, the features that may speak of each, and which way they point.

Declared here and not learned: a feature whose direction the domain gives may only count that way, what reciprocity,
age and callers take away is capped, for staged calls would buy immunity otherwise. Registration, dealers, dates of
activation and identifiers are no features and can't be named.
"""

from typing import NamedTuple, TypedDict, Unpack

from simbox.scoring.scorecard import LONGEST, NIGHT, OWN, Window

RISES, FALLS, FREE = 1, -1, 0
SHARE_EDGES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
COUNT_EDGES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0, 12.0, 16.0, 22.0, 30.0, 40.0, 55.0, 75.0, 100.0)
SECOND_EDGES = (
    10.0,
    20.0,
    30.0,
    45.0,
    60.0,
    90.0,
    120.0,
    180.0,
    300.0,
    600.0,
    1200.0,
    2400.0,
    4800.0,
    10_000.0,
    20_000.0,
)
RATIO_EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 2.0, 3.0)
NAT_EDGES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5)
KM_EDGES = (0.01, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class Sign(NamedTuple):
    """One feature that may speak for or against a way of cheating, and the code of the reason it gives.

    `window` is the expert's own, or whatever that is the longest, or the night alone. `least` is the most that it may
    take away, `most` the most that it may give; `ceilings` are (value, points): from that edge on it gives at most so
    many points, whatever the examples say.
    """

    feature: str
    code: str
    direction: int
    edges: tuple[float, ...]
    window: Window = OWN
    least: int = -70
    most: int = 60
    ceilings: tuple[tuple[float, int], ...] = ()

    @property
    def needs(self) -> str:
        """What a feed must have for it: place, handset, or nothing beside the calls."""
        if self.code in _PLACES:
            return "place"
        return "handset" if self.code in _HANDSET else ""


class Way(NamedTuple):
    """A way of cheating: the rigs whose SIMs show it, by kind, level and task, and signs that may speak of it."""

    name: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    tasks: tuple[str, ...]
    signs: tuple[str, ...]


class _Kept(TypedDict, total=False):
    window: Window
    least: int
    most: int
    ceilings: tuple[tuple[float, int], ...]


def _sign(feature: str, code: str, direction: int, *edges: float, **kept: Unpack[_Kept]) -> Sign:
    return Sign(feature, code, direction, edges or _usual_edges(feature), **kept)


def _usual_edges(feature: str) -> tuple[float, ...]:
    if feature.endswith(("_share", "_share_all", "fan_out", "reciprocity")):
        return SHARE_EDGES
    if feature.endswith("_s"):
        return SECOND_EDGES
    if feature.endswith("_km"):
        return KM_EDGES
    if feature.endswith("entropy"):
        return NAT_EDGES
    if feature.endswith(("_cv", "_shape", "_exponent", "per_call")):
        return RATIO_EDGES
    return COUNT_EDGES


# More SIMs than a gateway's port sees in a month: a series of counterfeits, or a dealer's phone.
_POPULAR = ((120, 30), (500, 0))

_SIGNS = (
    _sign("mo_calls_a_night", "CALLS_A_NIGHT", RISES),
    _sign("mo_events", "EVENTS_MADE", FREE),
    _sign("mo_share", "MOSTLY_CALLING", RISES,
          0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1.0, least=-60),
    _sign("mo_share_all", "MOSTLY_OUTGOING", RISES, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1.0),
    _sign("mt_calls", "CALLS_RECEIVED", FALLS, least=-40),
    _sign("answered_share", "CALLS_ANSWERED", FREE, least=-20, most=20),
    _sign("unanswered_run", "CALLS_UNANSWERED_IN_A_ROW", RISES, 1, 2, 3, 4, 5, 7, 9),
    _sign("duration_mean_s", "LONG_CALLS", FREE, least=-30, most=30),
    _sign("duration_total_s", "TALK_TIME", RISES, 60, 200, 500, 1000, 1500, 2000, 3000, 4500, 6000, 9000),
    _sign("duration_cv", "EVEN_CALLS", FREE, least=-20, most=20),
    _sign("short_call_share", "SHORT_CALLS", FREE, least=-20, most=20),
    _sign("international_share", "CALLS_ABROAD", FALLS, 0.01, 0.05, 0.1, 0.3, least=-30),
    _sign("mt_international_share", "CALLED_FROM_ABROAD", FALLS, 0.01, 0.05, 0.1, 0.3, least=-30),
    _sign("sms_mo_a_night", "SMS_A_NIGHT", RISES),
    _sign("sms_mt", "SMS_RECEIVED", FALLS, least=-30),
    _sign("mo_sms_share", "MOSTLY_SMS", FREE, least=-40, most=40),
    _sign("received_codes_a_night", "CODES_A_NIGHT", RISES, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30),
    _sign("sms_only", "SMS_ONLY", RISES, 0.5),
    _sign("data_legs", "DATA_USED", FALLS, 1, 2, 4, 8, least=-40),
    _sign("fan_out", "MANY_DIFFERENT_CALLEES", RISES, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
    _sign("top5_callee_share", "FEW_FAVOURITES", FALLS),
    _sign("callee_entropy", "CALLEES_SPREAD", RISES),
    _sign("repeat_callee_share", "CALLEES_CALLED_AGAIN", FREE, least=-30, most=30),
    _sign("new_callees", "NEW_CALLEES", RISES),
    _sign("new_callee_share", "MOSTLY_NEW_CALLEES", RISES, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
    _sign("callee_turnover_share", "CALLEES_CHANGE", RISES, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0),
    _sign("callee_international_share", "CALLEES_KNOWN_ABROAD", RISES, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
    _sign("callers", "FEW_CALLERS", FALLS, 1, 2, 3, 4, 5, 7, 9, 12, 16, 25, window=LONGEST, least=-45),
    _sign("reciprocity", "NOBODY_RINGS_BACK", FALLS,
          0.01, 0.03, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, window=LONGEST, least=-35),
    _sign("sms_senders", "MANY_SERVICES", FREE, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20, least=-30),
    _sign("otp_sender_share", "WRITTEN_TO_BY_SERVICES", RISES, least=-25),
    _sign("sms_recipients", "SMS_TO_FEW", FREE, 1, 2, 3, 4, 6, 9, 14, 20, 30, 50),
    _sign("sms_fan_out", "SMS_TO_MANY", RISES, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
    _sign("office_share", "OFFICE_HOURS", FREE, least=-25, most=25),
    _sign("evening_share", "EVENINGS", FREE, least=-25, most=25),
    _sign("night_share", "SMALL_HOURS", FREE, 0.01, 0.05, 0.1, 0.2, 0.3, least=-25, most=25),
    _sign("active_hours", "HOURS_USED", FREE, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, least=-30, most=30),
    _sign("gap_median_s", "SHORT_GAPS", FALLS, least=-40),
    _sign("gap_cv", "EVEN_GAPS", FREE, least=-30, most=30),
    _sign("busy_share", "ALWAYS_TALKING", RISES, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6),
    _sign("duty_cycle_share", "BUSY_HOURS", RISES, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6),
    _sign("busiest_hour_calls", "CALLS_IN_AN_HOUR", RISES, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30),
    _sign("redial_share", "REDIALS_AT_ONCE", RISES, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
    _sign("calls_per_night_cv", "EVEN_NIGHTS", FALLS, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0),
    _sign("hour_repeat_share", "SAME_HOURS", RISES),
    _sign("places", "FEW_PLACES", FALLS, 2, 3, 4, 5, 6, 7, 8, 10, 13, window=LONGEST),
    _sign("gyration_km", "MOVES_LITTLE", FREE, window=LONGEST),
    _sign("top_place_share", "STAYS_PUT", RISES, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0),
    _sign("places_per_call", "PLACES_A_CALL", FALLS, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0),
    _sign("teleport_share", "TELEPORTS", FREE, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0),
    _sign("stints", "STAYS", FREE, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30),
    _sign("calls_without_move", "CALLS_WITHOUT_MOVE", RISES),
    _sign("stint_calls_mode_share", "CALLS_CAPPED", RISES, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, least=-15, most=30),
    _sign("home_work_km", "TWO_PLACES_A_DAY", FREE, 0.01, 1, 3, 10, 30, least=-40, most=30),
    _sign("exploration_share", "NEW_PLACES", FREE, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, least=-30, most=30),
    _sign("hour_regularity_share", "WHERE_ITS_HOURS_ARE", FREE, least=-25, most=25),
    _sign("sims_on_imei", "SHARED_HANDSET", FREE, 2, 3, 4, 6, 10, 16, 30, 60, 120, 500, ceilings=_POPULAR),
    _sign("imeis", "MANY_HANDSETS", FREE, 2, 3, 4, 5, 7, 10),
    _sign("imei_changes_per_night", "HANDSET_CHANGES", RISES, 0.1, 0.3, 0.6, 1, 2, 3, 5, 8),
    _sign("imei_changes_at_move", "HANDSET_CHANGES_AT_MOVE", FALLS, 0.2, 0.5, 0.8, 1.0),
    _sign("age_days", "NEW_SIM", FALLS, 1, 2, 3, 4, 5, 7, 10, 14, 21, least=-20, most=30),
)  # fmt: skip
# What tells nothing of a single night, or the same as of many.
_OF_MANY_NIGHTS = ("calls_per_night_cv", "hour_repeat_share", "callee_turnover_share", "age_days", "sims_on_imei")
# How a SIM spent the night, beside how it spends its nights: a habit that breaks says more than either.
SIGNS = (
    *_SIGNS,
    *(sign._replace(window=NIGHT) for sign in _SIGNS if sign.window == OWN and sign.feature not in _OF_MANY_NIGHTS),
)

_CALLING = (
    "CALLS_A_NIGHT", "MOSTLY_CALLING", "MOSTLY_OUTGOING", "CALLS_RECEIVED", "CALLS_ANSWERED", "LONG_CALLS", "TALK_TIME",
    "CALLS_UNANSWERED_IN_A_ROW", "SHORT_CALLS", "EVEN_CALLS", "CALLS_ABROAD", "CALLED_FROM_ABROAD", "DATA_USED",
    "MANY_DIFFERENT_CALLEES", "FEW_FAVOURITES", "CALLEES_SPREAD", "NEW_CALLEES", "MOSTLY_NEW_CALLEES", "CALLEES_CHANGE",
    "CALLEES_CALLED_AGAIN", "CALLEES_KNOWN_ABROAD", "FEW_CALLERS", "NOBODY_RINGS_BACK", "SMS_RECEIVED", "MANY_SERVICES",
    "MOSTLY_SMS", "OFFICE_HOURS", "EVENINGS", "SMALL_HOURS", "HOURS_USED", "SHORT_GAPS", "EVEN_GAPS", "ALWAYS_TALKING",
    "BUSY_HOURS", "CALLS_IN_AN_HOUR", "REDIALS_AT_ONCE", "EVEN_NIGHTS", "SAME_HOURS",
)  # fmt: skip
_PLACES = (
    "FEW_PLACES", "MOVES_LITTLE", "STAYS_PUT", "PLACES_A_CALL", "TELEPORTS", "STAYS", "CALLS_WITHOUT_MOVE",
    "CALLS_CAPPED", "TWO_PLACES_A_DAY", "NEW_PLACES", "WHERE_ITS_HOURS_ARE",
)  # fmt: skip
_HANDSET = ("SHARED_HANDSET", "MANY_HANDSETS", "HANDSET_CHANGES", "HANDSET_CHANGES_AT_MOVE")
_WRITING = (
    "EVENTS_MADE", "MOSTLY_OUTGOING", "SMS_A_NIGHT", "SMS_RECEIVED", "MOSTLY_SMS", "CODES_A_NIGHT", "SMS_ONLY",
    "MANY_SERVICES", "WRITTEN_TO_BY_SERVICES", "SMS_TO_FEW", "SMS_TO_MANY", "FEW_CALLERS", "CALLS_RECEIVED",
    "DATA_USED", "OFFICE_HOURS", "EVENINGS", "SMALL_HOURS", "HOURS_USED",
)  # fmt: skip
_EVERYWHERE = (*_PLACES, *_HANDSET, "NEW_SIM")

WAYS = (
    Way("cold_caller", ("vishing",), ("E0", "E1"), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("terminator", ("bypass",), ("E0", "E1"), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("staged", ("vishing", "bypass"), ("E2",), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("commuting", ("vishing", "bypass"), ("E3",), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("sms_sender", ("sms_farm",), ("E0", "E1", "E2", "E3", "E4"), ("send",), (*_WRITING, *_EVERYWHERE)),
    Way("code_receiver", ("sms_farm",), ("E0", "E1"), ("receive", "sms_only"), (*_WRITING, *_EVERYWHERE)),
    Way("quiet_receiver", ("sms_farm",), ("E2", "E3", "E4"), ("receive", "sms_only"), (*_WRITING, *_EVERYWHERE)),
    Way("quiet", ("vishing", "bypass"), ("E4",), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("carried", ("vishing", "bypass"), ("E5",), ("call",), (*_CALLING, *_EVERYWHERE)),
    Way("two_phones", ("vishing", "bypass"), ("E6",), ("call",), (*_CALLING, *_EVERYWHERE)),
)  # fmt: skip

# Cards that were sold together and handsets that were passed on are lawful more often than a place full of suspects.
CONTEXT_SIGNS = (
    _sign("suspects_at_place", "SUSPECTS_AT_ITS_PLACES", RISES, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 4, 7, 12, 20),
    _sign("suspect_share_at_place", "SUSPECTS_AMONG_ITS_NEIGHBOURS", RISES,
          0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3),
    _sign("suspects_on_imei", "SUSPECTS_ON_ITS_HANDSETS", RISES, 0.05, 0.2, 0.5, 1, 2, 4, 8, most=30),
    _sign("suspects_in_batch", "SUSPECTS_IN_ITS_BATCH", RISES, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 4, most=45),
    _sign("suspect_share_of_callees", "SUSPECTS_AMONG_ITS_CALLEES", RISES,
          0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, most=45),
    _sign("newcomers_ratio_at_place", "NEWCOMERS_AT_ITS_PLACES", RISES, 1, 1.5, 2, 3, 4, 6, 8, 12, 20),
)  # fmt: skip
