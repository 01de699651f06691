"""Every reason the program may give against or for a SIM, in a sentence an analyst reads.

`{value}` is what was measured, `{limit}` the edge it passed, `{percentile}` the share of its peers with less.
`witness` names the records that show the reason: those from which its value can be computed again.
"""

from typing import Literal, NamedTuple

Witness = Literal[
    "calls_made", "calls", "sms_sent", "sms_received", "events_made", "legs_with_cell", "legs_with_imei", "legs"
]


class Reason(NamedTuple):
    """A reason's sentence and which of the SIM's records bear witness to it."""

    sentence: str
    witness: Witness


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
    "NEW_SIM": Reason("first seen {value:.0f} nights ago", "legs"),
    "LONG_CALLS": Reason("its calls last {value:.0f} s on average", "calls_made"),
    "WHITE_IMEI_MISUSED": Reason("its IMEI is white-listed, for other SIMs and another place", "legs_with_imei"),
    "MEMBER_OF_RIG": Reason("works with the SIMs of a rig: their links weigh {value:.0f} points", "legs"),
}  # fmt: skip


def say_reason(code: str, value: float | None) -> str:
    """A reason in words; "not known" where its sentence needs a value and there is none."""
    reason = REASONS.get(code)
    if reason is None:
        return code
    if value is None:
        return "not known" if "{" in reason.sentence else reason.sentence
    return reason.sentence.format(value=value)
