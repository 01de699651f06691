"""Every reason the program may give against or for a SIM, in a sentence an analyst reads.

`{value}` is what was measured, `{limit}` the edge it passed, `{percentile}` the share of its peers with less.
`witness` names the records that show the reason: those from which its value can be computed again.
"""

from typing import Literal, NamedTuple

Witness = Literal[
    "calls_made", "calls", "sms_sent", "sms_received", "events_made", "legs_with_cell", "legs_with_imei", "legs"
]


class Reason(NamedTuple):
    """A reason's sentence and which of the SIM's records bear witness to it.

    `beside` is the sentence of what was measured beside it, of a reason for two things at once.
    """

    sentence: str
    witness: Witness
    beside: str | None = None


NOT_KNOWN = "not known"

REASONS: dict[str, Reason] = {
    "BASE": Reason("before anything is known of it: the share of active SIMs that work in rigs", "legs"),
    "CALLS_MADE": Reason("made {value:.0f} calls", "calls_made"),
    "EVENTS_MADE": Reason("made {value:.0f} calls and SMS", "events_made"),
    "MOSTLY_OUTGOING": Reason("{value:.0%} of its calls and SMS were its own", "legs"),
    "MANY_DIFFERENT_CALLEES": Reason("{value:.0%} of its calls went to a number of their own", "calls_made"),
    "NOBODY_RINGS_BACK": Reason("{value:.0%} of those it called were heard from too", "calls"),
    "FEW_CALLERS": Reason("{value:.0f} numbers called it", "calls"),
    "STAYS_PUT": Reason("{value:.0%} of its legs were at one place", "legs_with_cell"),
    "FEW_PLACES": Reason("was seen at {value:.0f} places", "legs_with_cell"),
    "SHARED_HANDSET": Reason("its handset was used by {value:.0f} SIMs", "legs_with_imei"),
    "MANY_HANDSETS": Reason("it showed {value:.0f} IMEIs", "legs_with_imei"),
    "SMS_SENT": Reason("sent {value:.0f} SMS", "sms_sent"),
    "SMS_TO_MANY": Reason("{value:.0%} of its SMS went to a number of their own", "sms_sent"),
    "SMS_TO_FEW": Reason("wrote to {value:.0f} numbers", "sms_sent"),
    "CODES_RECEIVED": Reason("received {value:.0f} SMS from services", "sms_received"),
    "MANY_SERVICES": Reason("{value:.0f} different senders wrote to it", "sms_received"),
    "SMS_ONLY": Reason("SMS and no call at all", "legs"),
    "EVERYDAY_HABITS": Reason("with nothing but everyday habits a SIM hardly cheats in this way", "legs"),
    "ORDINARY": Reason("all in all nothing that it does speaks of this way of cheating", "legs"),
    "CALLS_A_NIGHT": Reason("made {value:.0f} calls on a night it is active", "calls_made"),
    "MOSTLY_CALLING": Reason("{value:.0%} of its calls were its own", "calls"),
    "CALLS_RECEIVED": Reason("was called {value:.0f} times", "calls"),
    "CALLS_ANSWERED": Reason("{value:.0%} of its calls were answered", "calls_made"),
    "CALLS_UNANSWERED_IN_A_ROW": Reason("{value:.0f} calls in a row were not answered", "calls_made"),
    "TALK_TIME": Reason("talked {value:.0f} s in calls it made", "calls_made"),
    "EVEN_CALLS": Reason("talk times spread by {value:.2f} of their mean", "calls_made"),
    "SHORT_CALLS": Reason("{value:.0%} of its answered calls lasted under 10 s", "calls_made"),
    "CALLS_ABROAD": Reason("{value:.0%} of its calls went abroad", "calls_made"),
    "CALLED_FROM_ABROAD": Reason("{value:.0%} of the calls it received came from abroad", "calls"),
    "SMS_A_NIGHT": Reason("sent {value:.0f} SMS on a night it is active", "sms_sent"),
    "SMS_RECEIVED": Reason("received {value:.0f} SMS", "sms_received"),
    "MOSTLY_SMS": Reason("{value:.0%} of what it sent out was SMS", "events_made"),
    "CODES_A_NIGHT": Reason("received {value:.0f} SMS from services on a night it is active", "sms_received"),
    "DATA_USED": Reason("used data {value:.0f} times", "legs"),
    "FEW_FAVOURITES": Reason("{value:.0%} of its calls went to the five numbers it calls most", "calls_made"),
    "CALLEES_SPREAD": Reason("its calls spread over callees with an entropy of {value:.1f}", "calls_made"),
    "CALLEES_CALLED_AGAIN": Reason("called {value:.0%} of its callees again", "calls_made"),
    "NEW_CALLEES": Reason("called {value:.0f} numbers never heard of before", "calls_made"),
    "MOSTLY_NEW_CALLEES": Reason("{value:.0%} of its callees were never heard of before", "calls_made"),
    "CALLEES_CHANGE": Reason("{value:.0%} of its later callees were none of the earlier ones", "calls_made"),
    "CALLEES_KNOWN_ABROAD": Reason("{value:.0%} of its callees are called from abroad too", "calls_made"),
    "WRITTEN_TO_BY_SERVICES": Reason("{value:.0%} of those who wrote to it are services", "sms_received"),
    "OFFICE_HOURS": Reason("{value:.0%} of its calls and SMS fell between 9 and 18 h", "events_made"),
    "EVENINGS": Reason("{value:.0%} of its calls and SMS fell between 18 and 24 h", "events_made"),
    "SMALL_HOURS": Reason("{value:.0%} of its calls and SMS fell between 0 and 5 h", "events_made"),
    "HOURS_USED": Reason("was at work in {value:.0f} hours of the day", "events_made"),
    "SHORT_GAPS": Reason("half of its calls began within {value:.0f} s of the one before", "calls_made"),
    "EVEN_GAPS": Reason("times between its calls spread by {value:.2f} of their mean", "calls_made"),
    "ALWAYS_TALKING": Reason("was in calls for {value:.0%} of its time at work", "calls"),
    "BUSY_HOURS": Reason("was in calls for {value:.0%} of the hours in which it called", "calls"),
    "CALLS_IN_AN_HOUR": Reason("made {value:.0f} calls within an hour", "calls_made"),
    "REDIALS_AT_ONCE": Reason("{value:.0%} of its calls began within 10 s of the end of the last", "calls_made"),
    "EVEN_NIGHTS": Reason("its calls a night spread by {value:.2f} of their mean", "calls_made"),
    "SAME_HOURS": Reason("worked {value:.0%} of its hours as on the night before", "events_made"),
    "MOVES_LITTLE": Reason("stays within {value:.1f} km", "legs_with_cell"),
    "PLACES_A_CALL": Reason("was seen at {value:.2f} places for each call or SMS", "legs_with_cell"),
    "TELEPORTS": Reason("{value:.0%} of its moves went over 5 km with no cell between", "legs_with_cell"),
    "STAYS": Reason("stayed somewhere {value:.0f} times", "legs_with_cell"),
    "CALLS_WITHOUT_MOVE": Reason("made {value:.0f} calls without leaving the place", "legs_with_cell"),
    "CALLS_CAPPED": Reason("{value:.0%} of its stays have the same number of calls", "legs_with_cell"),
    "TWO_PLACES_A_DAY": Reason("works {value:.1f} km from where it is in the evening", "legs_with_cell"),
    "NEW_PLACES": Reason("{value:.0%} of its moves went to a place not seen before", "legs_with_cell"),
    "WHERE_ITS_HOURS_ARE": Reason("{value:.0%} of its legs are at the usual place of their hour", "legs_with_cell"),
    "HANDSET_CHANGES": Reason("changed its IMEI {value:.1f} times a night", "legs_with_imei"),
    "HANDSET_CHANGES_AT_MOVE": Reason("{value:.0%} of its changes of IMEI came with a move", "legs_with_imei"),
    "NEW_SIM": Reason("first seen {value:.0f} nights ago", "legs"),
    "LONG_CALLS": Reason("its calls last {value:.0f} s on average", "calls_made"),
    "EVERYDAY_SURROUNDINGS": Reason("nothing is suspect about the SIMs around it", "legs"),
    "SURROUNDINGS_CAPPED": Reason("the SIMs around it may not count for more, or against more", "legs"),
    "SUSPECTS_AT_ITS_PLACES": Reason("{value:.1f} other suspects are at home where it is", "legs_with_cell"),
    "SUSPECTS_AMONG_ITS_NEIGHBOURS": Reason("{value:.1%} of its neighbours are suspect", "legs_with_cell"),
    "SUSPECTS_ON_ITS_HANDSETS": Reason("{value:.1f} other suspects used a handset of its own", "legs_with_imei"),
    "SUSPECTS_IN_ITS_BATCH": Reason("{value:.1f} of the ten cards next to its own in number are suspect", "legs"),
    "SUSPECTS_AMONG_ITS_CALLEES": Reason(
        "{value:.1%} of the numbers it called, and of three for what is not seen, are suspects'", "events_made"
    ),
    "NEWCOMERS_AT_ITS_PLACES": Reason(
        "{value:.1f} times as many SIMs as usual were first heard at its places when it was", "legs_with_cell"
    ),
    "COMPLAINED_OF": Reason("{value:.0f} complaints name it", "calls_made"),
    "CAUGHT_BY_TEST_CALLS": Reason("{value:.0f} test calls from abroad came out of it", "calls_made"),
    "REPORTED_BY_CENTRE": Reason("an antifraud centre reported it {value:.0f} times", "legs"),
    "WHITE_IMEI_MISUSED": Reason("its IMEI is white-listed, for other SIMs and another place", "legs_with_imei"),
    "MEMBER_OF_RIG": Reason("works with the SIMs of a rig: their links weigh {value:.0f} points", "legs"),
    "NO_RIG_FOUND": Reason("no rig was found that it works with: who cheats as it seems to is seldom alone", "legs"),
    "REPLACES": Reason("began {value:.0f} s after a SIM of its rig had fallen silent at the same place", "legs"),
}  # fmt: skip

# Two things that tell together what neither tells alone, by their codes: a handset on which many SIMs made one call
# each is a dealer's, one on which each made forty is a gateway's port.
TOGETHER = (
    ("CALLS_IN_AN_HOUR", "SHARED_HANDSET"),
    ("NEW_CALLEES", "SHARED_HANDSET"),
    ("EVEN_GAPS", "SHARED_HANDSET"),
    ("NEW_SIM", "SHARED_HANDSET"),
    ("SMS_RECEIVED", "SHARED_HANDSET"),
    ("CALLS_A_NIGHT", "NOBODY_RINGS_BACK"),
    ("EVEN_GAPS", "NOBODY_RINGS_BACK"),
    ("EVEN_CALLS", "NOBODY_RINGS_BACK"),
    ("MOSTLY_NEW_CALLEES", "NOBODY_RINGS_BACK"),
    ("CALLS_RECEIVED", "FEW_CALLERS"),
    ("MOSTLY_OUTGOING", "CALLS_RECEIVED"),
    ("TALK_TIME", "OFFICE_HOURS"),
    ("EVEN_GAPS", "OFFICE_HOURS"),
    ("MOSTLY_OUTGOING", "HOURS_USED"),
    ("MOSTLY_SMS", "HOURS_USED"),
    ("SMS_RECEIVED", "HOURS_USED"),
    ("CODES_A_NIGHT", "NEW_SIM"),
    ("HANDSET_CHANGES", "NEW_SIM"),
    ("CALLS_A_NIGHT", "CALLEES_CALLED_AGAIN"),
)


def together(first: str, second: str) -> str:
    """The code of a reason for two things together."""
    return f"{first}_WITH_{second}"


def _of_both(first: Reason, second: Reason) -> Reason:
    witness = first.witness if first.witness == second.witness else "legs"
    return Reason(first.sentence, witness, second.sentence)


REASONS |= {together(*codes): _of_both(*(REASONS[code] for code in codes)) for codes in TOGETHER}


def say_reason(code: str, value: float | None, beside: float | None = None, window_nights: int = 0) -> str:
    """A reason in words; "not known" where its sentence needs a value and there is none.

    A value of the night alone is told as such: the same may be said of many nights beside it.
    """
    reason = REASONS.get(code)
    if reason is None:
        return code
    said = _fill(reason.sentence, value)
    if reason.beside is not None:
        said = f"together: {said}; {_fill(reason.beside, beside)}"
    return said + (" (that night)" if window_nights == 1 and said != NOT_KNOWN and "{" in reason.sentence else "")


def _fill(sentence: str, value: float | None) -> str:
    if value is None:
        return NOT_KNOWN if "{" in sentence else sentence
    return sentence.format(value=value)
