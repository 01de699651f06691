"""For each reason of a SIM's own habits two tables of calls: one that gets it, and a look-alike that does not."""

from collections.abc import Callable, Iterable
from itertools import cycle
from typing import NamedTuple

# Day 1 is before all windows of up to a week that end with the last day.
LAST = 9
THREE, WEEK = (7, 8, 9), (3, 4, 5, 6, 7, 8, 9)
# SIMs of a case, and those that it has for company.
STEP, SECOND, COMPANY = 200, 100, 10

Row = dict[str, object]


def new(sim: int, count: int, first: int = 0) -> list[str]:
    """Numbers that nobody else calls."""
    return [f"x{sim * 1000 + first + number}" for number in range(count)]


def calls(
    sim: int,
    others: Iterable[str],
    at: str = "9:00",
    every_min: float = 20,
    days: Iterable[int] = (LAST,),
    **drawn: object,
) -> list[Row]:
    """A call or SMS with each of these far ends, at even times on each of the days; lists are gone through in turn."""
    hour, minute = map(int, at.split(":"))
    rows = []
    for day in days:
        turning = {name: cycle(value) for name, value in drawn.items() if isinstance(value, list | str)}
        for number, other in enumerate(others):
            second = round((hour * 60 + minute + number * every_min) * 60)
            clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            turn = {name: next(values) for name, values in turning.items()}
            rows.append({"imsi": sim, "at": f"{day}T{clock}", "other": other, **drawn, **turn})
    return rows


def called(sim: int, others: Iterable[str], **drawn: object) -> list[Row]:
    """Calls that it received."""
    return calls(sim, others, direction=["mt"], **drawn)


def wrote(sim: int, others: Iterable[str], **drawn: object) -> list[Row]:
    """SMS that it sent."""
    return calls(sim, others, service=["sms"], **drawn)


def read(sim: int, others: Iterable[str], **drawn: object) -> list[Row]:
    """SMS that it received."""
    return calls(sim, others, service=["sms"], direction=["mt"], **drawn)


def services(count: int) -> list[str]:
    """Senders' names."""
    return [f"Bank{chr(65 + number)}" for number in range(count)]


Draw = Callable[[int], list[Row]]


class Case(NamedTuple):
    """What gets a reason and what looks like it; `against` is +1 where the reason speaks against a SIM, -1 for it."""

    gets: Draw
    spared: Draw
    against: int = 1


def _family(sim: int, days: Iterable[int] = WEEK) -> list[Row]:
    return calls(sim, new(sim, 4), days=days, every_min=170)


def _abroad(sim: int, *, from_abroad: bool) -> list[Row]:
    """Calls to subscribers of a feed, called from abroad before or from the next town."""
    known = [sim + COMPANY + number for number in range(6)]
    callers = ["+4915112345678"] if from_abroad else ["x5"]
    return [
        *calls(sim, [str(one) for one in known]),
        *(row for one in known for row in called(one, callers, days=(LAST - 1,))),
    ]


CASES = {
    "ALWAYS_TALKING": Case(
        lambda sim: calls(sim, new(sim, 20), every_min=11, s=[300]),
        lambda sim: calls(sim, new(sim, 3), every_min=300, s=[10]),
    ),
    "BUSY_HOURS": Case(
        lambda sim: calls(sim, new(sim, 20), every_min=3, s=[170]),
        lambda sim: calls(sim, new(sim, 3), every_min=300, s=[60]),
    ),
    "CALLED_FROM_ABROAD": Case(
        lambda sim: calls(sim, new(sim, 8), days=WEEK) + called(sim, ["+4930123", "+4930124"], at="14:00", days=WEEK),
        lambda sim: calls(sim, new(sim, 8), days=WEEK) + called(sim, new(sim, 2, 50), at="14:00", days=WEEK),
        against=-1,
    ),
    "CALLEES_CALLED_AGAIN": Case(
        lambda sim: [row for day in THREE for row in calls(sim, new(sim, 12, day * 20), days=(day,))],
        lambda sim: [
            row for day in THREE for row in calls(sim, new(sim, 4, day * 20) + new(sim, 2), days=(day,), every_min=60)
        ],
    ),
    "CALLEES_CHANGE": Case(
        lambda sim: calls(sim, new(sim, 3) * 4),
        lambda sim: calls(sim, new(sim, 12)),
        against=-1,
    ),
    "CALLEES_KNOWN_ABROAD": Case(
        lambda sim: _abroad(sim, from_abroad=True), lambda sim: _abroad(sim, from_abroad=False)
    ),
    "CALLEES_SPREAD": Case(lambda sim: calls(sim, new(sim, 20)), lambda sim: calls(sim, new(sim, 1) * 20)),
    "CALLS_ANSWERED": Case(
        lambda sim: calls(sim, new(sim, 10), s=[60, 0, 0, 0, 60], days=WEEK),
        lambda sim: calls(sim, new(sim, 10), s=[60, 60, 0, 60, 60], days=WEEK),
    ),
    "CALLS_A_NIGHT": Case(
        lambda sim: calls(sim, new(sim, 40), every_min=10, days=THREE), lambda sim: calls(sim, new(sim, 1), days=THREE)
    ),
    "CALLS_CAPPED": Case(
        lambda sim: calls(sim, new(sim, 24), cell="AAABBBCCCDDD"),
        lambda sim: calls(sim, new(sim, 24), cell="ABBBBCCDDDDDEFFF"),
    ),
    "CALLS_IN_AN_HOUR": Case(
        lambda sim: calls(sim, new(sim, 12), every_min=4), lambda sim: calls(sim, new(sim, 12), every_min=61)
    ),
    "CALLS_RECEIVED": Case(
        lambda sim: calls(sim, new(sim, 20), days=WEEK),
        lambda sim: calls(sim, new(sim, 20), days=WEEK) + called(sim, new(sim, 5), at="9:05", days=WEEK),
    ),
    "CALLS_UNANSWERED_IN_A_ROW": Case(
        lambda sim: calls(sim, new(sim, 12), s=[0] * 10 + [60, 60]), lambda sim: calls(sim, new(sim, 12), s=[0, 60])
    ),
    "CALLS_WITHOUT_MOVE": Case(
        lambda sim: calls(sim, new(sim, 12)), lambda sim: calls(sim, new(sim, 12), cell="ABCDEF")
    ),
    "CODES_A_NIGHT": Case(lambda sim: read(sim, services(8)), lambda sim: read(sim, services(1)) + _family(sim)),
    "EVENINGS": Case(
        lambda sim: calls(sim, new(sim, 10), at="18:30", days=THREE),
        lambda sim: calls(sim, new(sim, 10), at="11:00", every_min=50, days=THREE),
    ),
    "EVENTS_MADE": Case(
        lambda sim: calls(sim, new(sim, 6), every_min=60, days=WEEK), lambda sim: wrote(sim, new(sim, 8))
    ),
    "EVEN_CALLS": Case(
        lambda sim: calls(sim, new(sim, 10), s=[60], days=WEEK),
        lambda sim: calls(sim, new(sim, 10), s=[20, 20, 20, 30, 300], days=WEEK),
    ),
    "EVEN_GAPS": Case(
        lambda sim: calls(sim, new(sim, 24)),
        lambda sim: [
            row for hour in ("7:00", "8:10", "13:00", "22:00") for row in calls(sim, new(sim, 6), at=hour, every_min=1)
        ],
    ),
    "EVEN_NIGHTS": Case(
        lambda sim: calls(sim, new(sim, 10), days=THREE),
        lambda sim: calls(sim, new(sim, 1), days=(7, 8)) + calls(sim, new(sim, 30)),
    ),
    "FEW_CALLERS": Case(
        lambda sim: calls(sim, new(sim, 20)),
        lambda sim: calls(sim, new(sim, 20)) + called(sim, new(sim, 15, 500), at="9:05"),
    ),
    "FEW_FAVOURITES": Case(
        lambda sim: [row for day in WEEK for row in calls(sim, new(sim, 12, day * 20), days=(day,))], _family
    ),
    "FEW_PLACES": Case(
        lambda sim: wrote(sim, new(sim, 20), days=WEEK), lambda sim: wrote(sim, new(sim, 20), cell="ABCDEFG", days=WEEK)
    ),
    "HANDSET_CHANGES": Case(
        lambda sim: calls(sim, new(sim, 12), imei=[f"H{sim}", f"H{sim + COMPANY}"], days=WEEK), _family
    ),
    "HANDSET_CHANGES_AT_MOVE": Case(
        lambda sim: calls(sim, new(sim, 12), imei=[f"H{sim}", f"H{sim + COMPANY}"], days=THREE),
        lambda sim: (
            calls(sim, new(sim, 6), cell="A", days=THREE, imei=[f"H{sim}"])
            + calls(sim, new(sim, 6), at="14:00", cell="B", days=THREE, imei=[f"H{sim + COMPANY}"])
        ),
    ),
    "HOURS_USED": Case(
        lambda sim: calls(sim, new(sim, 12), every_min=8, days=WEEK),
        lambda sim: calls(sim, new(sim, 9), every_min=60, days=WEEK),
    ),
    "LONG_CALLS": Case(
        lambda sim: calls(sim, new(sim, 10), s=[25], days=THREE),
        lambda sim: calls(sim, new(sim, 10), s=[100], days=THREE),
    ),
    "MANY_DIFFERENT_CALLEES": Case(
        lambda sim: [row for day in WEEK for row in calls(sim, new(sim, 12, day * 20), days=(day,))], _family
    ),
    "MANY_HANDSETS": Case(
        lambda sim: calls(sim, new(sim, 12), imei=[f"H{sim + number}" for number in range(10, 14)], days=THREE),
        lambda sim: _family(sim, THREE),
    ),
    "MANY_SERVICES": Case(
        lambda sim: read(sim, services(2), days=WEEK), lambda sim: read(sim, services(16), days=WEEK)
    ),
    "MOSTLY_CALLING": Case(
        lambda sim: calls(sim, new(sim, 20), days=WEEK),
        lambda sim: calls(sim, new(sim, 6), days=WEEK) + called(sim, new(sim, 18), at="9:05", days=WEEK),
    ),
    "MOSTLY_NEW_CALLEES": Case(
        lambda sim: [row for day in WEEK for row in calls(sim, new(sim, 12, day * 20), days=(day,))],
        lambda sim: _family(sim, (1, *WEEK)),
    ),
    "MOSTLY_OUTGOING": Case(
        lambda sim: calls(sim, new(sim, 20), days=WEEK),
        lambda sim: calls(sim, new(sim, 6), days=WEEK) + called(sim, new(sim, 18), at="9:05", days=WEEK),
    ),
    "MOSTLY_SMS": Case(
        lambda sim: wrote(sim, new(sim, 12)),
        lambda sim: calls(sim, new(sim, 30)) + wrote(sim, new(sim, 1, 50), at="9:05"),
    ),
    "MOVES_LITTLE": Case(
        lambda sim: calls(sim, new(sim, 20), cell="ABCDEFG", days=WEEK),
        lambda sim: (
            calls(sim, new(sim, 6), cell="B", days=WEEK) + calls(sim, new(sim, 4), at="20:00", cell="A", days=WEEK)
        ),
        against=-1,
    ),
    "NEW_CALLEES": Case(
        lambda sim: [row for day in WEEK for row in calls(sim, new(sim, 12, day * 20), days=(day,))],
        lambda sim: _family(sim, (1, *WEEK)),
    ),
    "NEW_PLACES": Case(
        lambda sim: calls(sim, new(sim, 7), cell="AB", days=(1, *WEEK)),
        lambda sim: calls(sim, new(sim, 7), cell="ABCDEFG"),
    ),
    "NEW_SIM": Case(
        lambda sim: calls(sim, new(sim, 10)),
        lambda sim: calls(sim, new(sim, 10), days=(2, LAST)),
    ),
    "NOBODY_RINGS_BACK": Case(
        lambda sim: calls(sim, new(sim, 20), days=WEEK),
        lambda sim: calls(sim, new(sim, 20), days=WEEK) + called(sim, new(sim, 12), at="9:05", days=WEEK),
    ),
    "OFFICE_HOURS": Case(
        lambda sim: calls(sim, new(sim, 20), at="10:00", days=WEEK),
        lambda sim: calls(sim, new(sim, 20), at="4:00", every_min=57, days=WEEK),
    ),
    "PLACES_A_CALL": Case(
        lambda sim: calls(sim, new(sim, 20), days=WEEK), lambda sim: calls(sim, new(sim, 7), cell="ABCDEFG")
    ),
    "SAME_HOURS": Case(
        lambda sim: calls(sim, new(sim, 6), every_min=60, days=WEEK),
        lambda sim: [row for day in WEEK for row in calls(sim, new(sim, 2), at=f"{day * 2 + 1}:00", days=(day,))],
    ),
    "SHARED_HANDSET": Case(
        lambda sim: [
            row
            for other in range(6)
            for row in calls(sim + other * COMPANY, new(sim + other, 6), at=f"{9 + other}:00", imei=[f"H{sim}"])
        ],
        lambda sim: calls(sim, new(sim, 6)),
    ),
    "SHORT_CALLS": Case(
        lambda sim: calls(sim, new(sim, 20), s=[60], days=WEEK),
        lambda sim: calls(sim, new(sim, 20), s=[5, 60, 60, 60], days=WEEK),
    ),
    "WRITTEN_TO_BY_SERVICES": Case(
        lambda sim: read(sim, services(6), days=WEEK), lambda sim: read(sim, services(3) + new(sim, 3), days=WEEK)
    ),
    "DATA_USED": Case(
        lambda sim: calls(sim, new(sim, 8), service=["data"]) + wrote(sim, new(sim, 8)),
        lambda sim: wrote(sim, new(sim, 8)),
        against=-1,
    ),
    "SHORT_GAPS": Case(
        lambda sim: calls(sim, new(sim, 20), every_min=0.3, s=[5]),
        lambda sim: calls(sim, new(sim, 4), every_min=200),
    ),
    "SMALL_HOURS": Case(
        lambda sim: calls(sim, new(sim, 10), at="1:00", days=THREE), lambda sim: calls(sim, new(sim, 10), days=THREE)
    ),
    "SMS_A_NIGHT": Case(lambda sim: wrote(sim, new(sim, 20)), lambda sim: calls(sim, new(sim, 20))),
    "SMS_ONLY": Case(
        lambda sim: read(sim, services(3), days=WEEK),
        lambda sim: read(sim, services(3), days=WEEK) + calls(sim, new(sim, 1)),
    ),
    "SMS_RECEIVED": Case(
        lambda sim: read(sim, services(1)), lambda sim: read(sim, new(sim, 6), days=THREE) + calls(sim, new(sim, 1))
    ),
    "SMS_TO_FEW": Case(lambda sim: wrote(sim, new(sim, 8)), lambda sim: wrote(sim, new(sim, 1) * 8)),
    "SMS_TO_MANY": Case(lambda sim: wrote(sim, new(sim, 1) * 20), lambda sim: wrote(sim, new(sim, 20)), against=-1),
    "STAYS": Case(lambda sim: calls(sim, new(sim, 9)), lambda sim: calls(sim, new(sim, 10), cell="AABBCCDDEE")),
    "STAYS_PUT": Case(lambda sim: calls(sim, new(sim, 10)), lambda sim: calls(sim, new(sim, 10), cell="ABABC")),
    "TELEPORTS": Case(lambda sim: calls(sim, new(sim, 20), cell="AB"), lambda sim: calls(sim, new(sim, 20), cell="Aa")),
    "TALK_TIME": Case(lambda sim: calls(sim, new(sim, 20), s=[600]), lambda sim: calls(sim, new(sim, 2), s=[20])),
    "TWO_PLACES_A_DAY": Case(
        lambda sim: (
            calls(sim, new(sim, 6), cell="E", days=WEEK) + calls(sim, new(sim, 4), at="20:00", cell="A", days=WEEK)
        ),
        lambda sim: (
            calls(sim, new(sim, 6), cell="B", days=WEEK) + calls(sim, new(sim, 4), at="20:00", cell="A", days=WEEK)
        ),
    ),
    "WHERE_ITS_HOURS_ARE": Case(
        lambda sim: calls(sim, new(sim, 10), cell="AABBCCDDEE"),
        lambda sim: calls(sim, new(sim, 9)) + calls(sim, new(sim, 9), at="14:00", cell="B"),
    ),
}
