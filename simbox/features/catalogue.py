"""Every value column of FEATURES, declared here and nowhere else.

Scope: own = the SIM's records alone; shared = needs counts over other SIMs; graph = belongs to several SIMs at once,
so the rigs stage finds it and FEATURES has no column for it (see beyond.py).
Sources: T1-T26, S1-S12, M1-M14, D1-D11, L1-L9 and G1-G13 number the patterns that literature and operators name;
FZ = FraudZen's table 3 (Kouam, Viana, Tchana, AsiaCCS 2024) with the feature's origin there; S = medians of the public
Sichuan scam-caller table, lawful v. fraud; Jiang 2013 and Saramaki 2014 are in PNAS; BC = bandicoot's definition;
new = in no publication we know.
"""

from dataclasses import dataclass
from typing import Literal, cast

import polars as pl

from simbox.tables.declare import Column, Table
from simbox.tables.scores import FEATURES_KEY

Scope = Literal["own", "shared", "graph"]
DECIMALS = {
    "share": 4,
    "ratio": 4,
    "nat": 4,
    "nat a gap": 4,
    "shape": 4,
    "exponent": 4,
    "km": 4,
    "s": 3,
    "SIMs a night": 2,
    "calls a night": 4,
    "SMS a night": 4,
}


@dataclass(frozen=True)
class Feature:
    """One pattern of a SIM in one window; `null` says when it is not known, `source` where it comes from.

    `kernel` is the file of simbox/kernels that computes it, population what is counted without one, rigs the stage.
    """

    name: str
    kernel: str
    scope: Scope
    unit: str
    meaning: str
    null: str
    source: str

    @property
    def decimals(self) -> int:
        """How far its values are kept; counts are whole."""
        return DECIMALS.get(self.unit, 0)


def _of(kernel: str, *lines: tuple[str, ...]) -> tuple[Feature, ...]:
    """Features of a kernel: name, unit, meaning, null, source, and scope where it is not the SIM's own."""
    return tuple(Feature(line[0], kernel, cast(Scope, (*line, "own")[5]), *line[1:5]) for line in lines)


CATALOGUE = (
    *_of(
        "volume",
        ("mo_calls", "calls", "calls it made", "never", "T1; FZ: Hagos, Murynets"),
        ("mt_calls", "calls", "calls it received", "never", "T2; FZ: Hagos, Murynets"),
        ("mo_share", "share", "calls made / calls", "no calls", "T3; FZ: Marah; S .52 v .97"),
        ("answered_share", "share", "answered / calls made", "feed can't tell", "T17; vendors' ASR"),
        ("duration_mean_s", "s", "mean talk time of calls made", "none answered", "T5; FZ: Tesfaye"),
        ("duration_median_s", "s", "median talk time of calls made", "none answered", "T5; S"),
        ("duration_cv", "ratio", "spread / mean of talk time", "under 2 answered", "T25"),
        ("duration_total_s", "s", "talk time of calls made", "never", "T4; FZ: Sallehuddin"),
        ("duration_max_s", "s", "longest call made", "none answered", "T6; FZ: Kehelwala"),
        ("short_call_share", "share", "calls under 10 s / calls made that were answered", "none answered", "T19"),
        ("unanswered_run", "calls", "most calls in a row without answer", "feed can't tell", "T20; boxes"),
        ("sms_mo", "SMS", "SMS it sent", "never", "T13; FZ: Hagos"),
        ("sms_mt", "SMS", "SMS it received", "never", "T13; HAUD"),
        ("mo_sms_share", "share", "SMS sent / calls made and SMS sent", "no events made", "T14; HAUD"),
        ("mo_events", "events", "calls made and SMS sent", "never", "active SIMs"),
        ("mo_share_all", "share", "calls made and SMS sent / calls and SMS", "no events", "T3; FZ: Marah"),
        ("mo_calls_alone", "calls", "calls made where it does nothing else at all, else 0", "never", "T11; FZ: Marah"),
        ("off_net_share", "share", "off-net / calls made to mobiles", "none", "T26; FZ F2"),
        ("international_share", "share", "abroad / calls made", "no calls made", "T12; FZ: Murynets"),
        ("mt_international_share", "share", "from abroad / calls received", "no calls received", "T12; FZ: Murynets"),
        ("received_codes", "SMS", "SMS from services and short codes", "never", "L9"),
        ("sms_only", "0 or 1", "SMS and no calls at all", "no events", "L9"),
        ("data_legs", "legs", "data sessions", "never", "L8; T11"),
    ),
    *_of(
        "callees",
        ("callees", "numbers", "different numbers called", "never", "S1; FZ: Hagos"),
        ("fan_out", "share", "callees / calls made", "no calls made", "S3; FZ: Sallehuddin; S .15 v .81"),
        ("top5_callee_share", "share", "calls to its five most called", "no calls made", "S4; GoAntiFraud"),
        ("repeat_callee_share", "share", "callees called twice or more", "no callees", "S3"),
        ("callee_entropy", "nat", "entropy of calls over callees", "no calls made", "BC"),
        ("new_callees", "numbers", "callees never heard of before", "never", "S7"),
        (
            "new_callee_share",
            "share",
            "callees never heard of before, share",
            "no callees",
            "S7; callee novelty",
        ),
        ("repetition_share", "share", "calls made to the number called before", "under 2 calls made", "T15; Veloso"),
        ("sequential_share", "share", "calls made within 10 numbers of the one before", "under 2 calls made", "S10"),
        (
            "signature_shift",
            "nat",
            "change of its top callees' shares, in halves",
            "under 2 calls made",
            "S4; Saramaki 2014",
        ),
        (
            "callee_turnover_share",
            "share",
            "later callees not called in the first half",
            "under 2 calls made",
            "S4, S7",
        ),
        ("night_callees", "numbers", "different numbers called at 0-5 h", "no zone", "T9; FZ: Marah"),
        ("callees_visible", "numbers", "callees that a feed serves", "never", "new", "shared"),
        (
            "callee_international_share",
            "share",
            "visible callees called from abroad",
            "no visible callees",
            "kind of fraud",
            "shared",
        ),
        (
            "callee_international_drop",
            "ratio",
            "fall of their calls from abroad a night",
            "none before",
            "kind of fraud",
            "shared",
        ),
    ),
    *_of(
        "contacts",
        ("callers", "numbers", "different numbers that called it", "never", "S2; FZ: Kehelwala"),
        ("top5_caller_share", "share", "calls from the five that call most", "no calls received", "S12; VoltDB"),
        ("reciprocity", "share", "callees heard from as well", "no callees", "S5"),
        ("callbacks_share", "share", "callees that rang back", "no callees", "S5"),
        ("mirror_share", "share", "calls made that were returned within 10 minutes", "no calls made", "T15; Veloso"),
        ("sms_senders", "numbers", "different senders of its SMS", "never", "L9, new"),
        ("otp_sender_share", "share", "services / senders of its SMS", "no senders", "L9; HAUD"),
        ("sms_recipients", "numbers", "different numbers it wrote to", "never", "S1"),
        ("sms_fan_out", "share", "recipients / SMS sent", "no SMS sent", "S3"),
    ),
    *_of(
        "rhythm",
        ("hour_entropy", "nat", "entropy of local hours used", "no zone", "T21"),
        ("night_share", "share", "events made at 0-5 h", "no zone", "T7; FZ: Marah"),
        ("office_share", "share", "events made at 9-18 h", "no zone", "T7; S"),
        ("evening_share", "share", "events made at 18-24 h", "no zone", "T7"),
        ("active_hours", "hours", "hours of the day used", "no zone", "T21; S 18 v 11"),
        ("night_calls", "calls", "calls made at 0-5 h", "no zone", "T7; FZ: Marah"),
        ("night_duration_s", "s", "talk time of calls made at 0-5 h", "no zone", "T8; FZ: Marah"),
        ("active_nights", "nights", "nights with an event made", "never", "T22, L3; S"),
        ("weekend_share", "share", "events made on Saturdays and Sundays", "no events made", "T21; BC"),
        (
            "calls_per_night_cv",
            "ratio",
            "spread / mean of calls made a night",
            "under 3 nights",
            "T25 cap signature",
        ),
        (
            "calls_per_night_mode_share",
            "share",
            "nights with the commonest number of calls",
            "under 3 nights",
            "T25 cap signature",
        ),
        ("hour_repeat_share", "share", "hours worked as in the night before", "no such night", "T21 working periods"),
        ("mo_calls_a_night", "calls a night", "calls made / nights it is active", "no such night", "T1; FZ: Hagos"),
        ("sms_mo_a_night", "SMS a night", "SMS sent / nights it is active", "no such night", "T13; FZ: Hagos"),
        (
            "received_codes_a_night",
            "SMS a night",
            "SMS from services / nights it is active",
            "no such night",
            "L9",
        ),
    ),
    *_of(
        "gaps",
        ("gap_mean_s", "s", "mean time between starts of calls made", "under 2 calls made", "T10; FZ: Hagos"),
        ("gap_median_s", "s", "median time between starts of calls made", "under 2 calls made", "T10; FZ: Hagos"),
        ("gap_cv", "ratio", "spread / mean of that time", "under 3 calls made", "T10"),
        ("gap_weibull_shape", "shape", "Weibull shape of gaps", "under 6 calls made", "T16; Jiang 2013"),
        (
            "gap_power_law_exponent",
            "exponent",
            "power-law exponent of gaps",
            "under 6 calls, or equal gaps",
            "T16; Jiang 2013",
        ),
        (
            "gap_law",
            "nat a gap",
            "log-likelihood, Weibull less power law",
            "under 6 calls, or equal gaps",
            "T16 inter-event law",
        ),
        ("redial_share", "share", "calls made within 10 s of the end of the last", "under 2 calls made", "T24"),
        (
            "pause_mode_share",
            "share",
            "short pauses of the commonest second",
            "under 3 pauses",
            "T24 machine redial gaps",
        ),
        ("busy_share", "share", "time in calls / time at work", "under 2 calls", "T23"),
        ("duty_cycle_share", "share", "time in calls / clock hours with a call", "no calls", "T23, new"),
        ("busiest_hour_calls", "calls", "most calls made within an hour", "never", "T15 burst; Veloso"),
        ("simultaneous_calls", "calls", "most calls at one instant", "never", "T23"),
    ),
    *_of(
        "movement",
        ("legs_with_cell", "legs", "legs that carry a cell", "never", "beside every share of places"),
        ("places", "places", "different places", "no cell", "M1; FZ: Hagos, Kehelwala"),
        ("places_per_call", "ratio", "places / calls and SMS", "no cell", "M2; FZ: Hagos"),
        ("top_place_share", "share", "legs at its main place", "no cell", "M3; FZ: Kehelwala"),
        ("place_entropy", "nat", "entropy of places", "no cell", "M7; BC"),
        (
            "place_evenness",
            "ratio",
            "that entropy / the largest possible",
            "under 2 places",
            "M12 small alphabet",
        ),
        ("gyration_km", "km", "radius of gyration", "not located", "M6; FZ 6"),
        ("impossible_jumps", "jumps", "moves over 5 km faster than 200 km/h", "never", "M11"),
        ("teleports", "moves", "moves over 5 km with no cell between", "never", "M11, new"),
        ("teleport_share", "share", "teleports / moves", "no located move", "M11, new"),
        ("neighbour_move_share", "share", "moves of at most 2 km / moves", "no located move", "M13"),
        ("sims_at_place", "SIMs a night", "SIMs at its places, mean", "no cell", "M5; FZ: Marah", "shared"),
        ("home_share", "share", "legs at its main place of 19-7 h", "no leg at 19-7 h", "M9; BC"),
        ("home_work_km", "km", "from there to its main place of 9-18 h", "either unknown or not located", "M9"),
    ),
    *_of(
        "routine",
        ("stints", "stints", "unbroken stays at a place", "never", "M4"),
        ("calls_without_move", "calls", "most calls made in one stint", "never", "M4; FZ: Marah"),
        (
            "stint_calls_cv",
            "ratio",
            "spread / mean of calls in a whole stint",
            "under 3 stints",
            "T25 cap signature",
        ),
        (
            "stint_calls_mode_share",
            "share",
            "stints with the commonest number of calls",
            "under 3 stints",
            "T25 cap signature",
        ),
        (
            "stint_minutes_cv",
            "ratio",
            "spread / mean of minutes in a whole stint",
            "under 3 stints",
            "T25 cap signature",
        ),
        (
            "stint_minutes_mode_share",
            "share",
            "stints with the commonest minutes",
            "under 3 stints",
            "T25 cap signature",
        ),
        ("exploration_share", "share", "moves to a place not seen before", "no move", "M8; Song 2010"),
        ("places_in_last6_stints", "places", "different places of the last six stints", "never", "M12; VoltDB"),
        ("route_repeat_share", "share", "moves first made on another night", "no move", "M10"),
        (
            "hour_regularity_share",
            "share",
            "legs at the usual place of their hour",
            "no zone, or no cell",
            "M7; Song 2010",
        ),
    ),
    *_of(
        "handset",
        ("legs_with_imei", "legs", "legs that carry an IMEI", "never", "beside every share of IMEIs"),
        ("imeis", "IMEIs", "different IMEIs", "no IMEI", "D2; S"),
        ("top_imei_share", "share", "legs on its main IMEI", "no IMEI", "D2"),
        ("tacs", "models", "different handset models", "no IMEI", "D2, D7"),
        ("imei_changes", "changes", "changes of IMEI", "no IMEI", "D8"),
        ("imei_neighbour_share", "share", "changes to an IMEI of the model within 10 serials", "no changes", "D6, D7"),
        ("imei_changes_per_night", "ratio", "changes of IMEI / nights with an IMEI", "no IMEI", "D8"),
        ("imei_changes_at_move", "share", "IMEI changes at a change of place", "no changes", "D8 at the place, new"),
        ("sims_on_imei", "SIMs", "most SIMs on one of its IMEIs", "no IMEI", "D1; FZ: Murynets", "shared"),
    ),
    *_of(
        "lifecycle",
        ("active_span_nights", "nights", "nights from first event made to last", "never", "L4"),
        ("longest_silence_nights", "nights", "most nights between events made", "no events made", "L4"),
        (
            "first_event_age_days",
            "days",
            "from first record to first event made",
            "first record unknown",
            "L2",
            "shared",
        ),
        (
            "burst_age_days",
            "days",
            "from first record to ten events in a night",
            "first record unknown, or none",
            "L1",
            "shared",
        ),
    ),
    *_of(
        "population",
        ("age_days", "days", "nights since its first record", "store begins later", "L1", "shared"),
    ),
)

FEATURES = Table(
    name="FEATURES",
    one_row_for="SIM active in the last night, and window",
    key=("imsi", "window_nights"),
    file="features.parquet",
    columns=(
        *FEATURES_KEY,
        *(
            Column(
                feature.name,
                pl.Float64,
                f"{feature.meaning} [{feature.unit}; {feature.scope}; null: {feature.null}; {feature.source}]",
                nullable=True,
                decimals=feature.decimals,
            )
            for feature in CATALOGUE
        ),
    ),
)
