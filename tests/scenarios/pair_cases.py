"""Reasons for two things together: who gets each and a look-alike that does not, of those drawn for single ones."""

from reason_cases import CASES, LAST, Case, calls, new, read, services

from simbox.reasons import together

REDIALS = Case(lambda sim: calls(sim, new(sim, 1) * 12, every_min=0.1, s=[0]), lambda sim: calls(sim, new(sim, 12)))

OF_TWO = {
    together("CALLS_IN_AN_HOUR", "SHARED_HANDSET"): Case(CASES["BUSY_HOURS"].gets, CASES["BUSY_HOURS"].spared),
    together("NEW_CALLEES", "SHARED_HANDSET"): Case(CASES["CALLEES_SPREAD"].gets, CASES["CALLEES_SPREAD"].spared),
    together("EVEN_GAPS", "SHARED_HANDSET"): Case(CASES["EVEN_GAPS"].spared, CASES["EVENTS_MADE"].spared),
    together("NEW_SIM", "SHARED_HANDSET"): Case(CASES["SHARED_HANDSET"].gets, CASES["NEW_PLACES"].gets),
    together("SMS_RECEIVED", "SHARED_HANDSET"): Case(CASES["SHARED_HANDSET"].gets, CASES["SMS_RECEIVED"].spared),
    together("CALLS_A_NIGHT", "NOBODY_RINGS_BACK"): Case(CASES["SAME_HOURS"].spared, CASES["SMS_RECEIVED"].spared),
    together("EVEN_GAPS", "NOBODY_RINGS_BACK"): Case(CASES["SAME_HOURS"].spared, CASES["NOBODY_RINGS_BACK"].spared),
    together("EVEN_CALLS", "NOBODY_RINGS_BACK"): Case(CASES["EVEN_CALLS"].spared, CASES["SMS_TO_MANY"].spared),
    together("MOSTLY_NEW_CALLEES", "NOBODY_RINGS_BACK"): Case(
        CASES["CALLS_RECEIVED"].gets, CASES["CALLS_RECEIVED"].spared
    ),
    together("CALLS_RECEIVED", "FEW_CALLERS"): Case(CASES["CALLED_FROM_ABROAD"].gets, CASES["FEW_CALLERS"].spared),
    together("MOSTLY_OUTGOING", "CALLS_RECEIVED"): Case(CASES["TALK_TIME"].gets, CASES["MOSTLY_OUTGOING"].spared),
    together("TALK_TIME", "OFFICE_HOURS"): Case(CASES["EVENINGS"].gets, CASES["OFFICE_HOURS"].gets),
    together("EVEN_GAPS", "OFFICE_HOURS"): Case(CASES["EVENINGS"].gets, CASES["EVENINGS"].spared),
    together("MOSTLY_OUTGOING", "HOURS_USED"): Case(CASES["WRITTEN_TO_BY_SERVICES"].gets, CASES["SMS_ONLY"].spared),
    together("MOSTLY_SMS", "HOURS_USED"): Case(CASES["CALLS_IN_AN_HOUR"].gets, CASES["CALLS_IN_AN_HOUR"].spared),
    together("SMS_RECEIVED", "HOURS_USED"): Case(CASES["SMS_RECEIVED"].gets, CASES["SMS_RECEIVED"].spared),
    together("CODES_A_NIGHT", "NEW_SIM"): Case(
        CASES["CODES_A_NIGHT"].gets, lambda sim: read(sim, services(8), days=(1, LAST))
    ),
    together("HANDSET_CHANGES", "NEW_SIM"): Case(CASES["CALLEES_CHANGE"].gets, CASES["NEW_CALLEES"].spared),
    together("CALLS_A_NIGHT", "CALLEES_CALLED_AGAIN"): Case(
        CASES["CALLEES_SPREAD"].gets, CASES["CALLEES_SPREAD"].spared
    ),
}
