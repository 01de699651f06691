"""Every value column of FEATURES, declared here and nowhere else.

Scope: own = the SIM's records alone; shared = needs counts over other SIMs. What belongs to several SIMs at once
(hand-overs, staged calls, common places) is a comparison of the rigs stage, not a feature.
Sources: FZ = FraudZen's table 3 (Kouam, Viana, Tchana, AsiaCCS 2024) with the feature's origin there; S = medians of
the public Sichuan scam-caller table; BC = bandicoot's definition.

Absent, because the canonical columns can't carry it: ring time and release cause (optional columns no interchange
file must have), top-ups and tariff, authentication latency, terminal capabilities, timing advance.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from simbox.tables.declare import Column, Table
from simbox.tables.scores import FEATURES_KEY

Kernel = Literal["volume", "contacts", "rhythm", "movement", "handset", "presence"]


@dataclass(frozen=True)
class Feature:
    """One pattern of a SIM in one window; `null` says when it is not known, `source` where it comes from."""

    name: str
    kernel: Kernel
    scope: Literal["own", "shared"]
    unit: str
    meaning: str
    null: str
    source: str
    decimals: int = 4


CATALOGUE = (
    Feature("mo_calls", "volume", "own", "calls", "calls it made", "never", "FZ: Hagos, Murynets", 0),
    Feature("mt_calls", "volume", "own", "calls", "calls it received", "never", "FZ: Hagos, Murynets", 0),
    Feature("mo_share", "volume", "own", "share", "calls made / calls", "no calls", "FZ: Marah; S .52 v .97"),
    Feature("answered_share", "volume", "own", "share", "answered / calls made", "feed can't tell", "vendors' ASR"),
    Feature("duration_mean_s", "volume", "own", "s", "mean talk time of calls made", "none answered", "FZ: Tesfaye", 3),
    Feature("duration_median_s", "volume", "own", "s", "median talk time of calls made", "none answered", "S", 3),
    Feature("duration_cv", "volume", "own", "ratio", "spread / mean of talk time", "under 2 answered", "detection T25"),
    Feature("sms_mo", "volume", "own", "SMS", "SMS it sent", "never", "FZ: Hagos", 0),
    Feature("sms_mt", "volume", "own", "SMS", "SMS it received", "never", "HAUD", 0),
    Feature("mo_events", "volume", "own", "events", "calls made and SMS sent", "never", "design.md, active", 0),
    Feature(
        "mo_share_all", "volume", "own", "share", "calls made and SMS sent / calls and SMS", "no events", "FZ: Marah"
    ),
    Feature("off_net_share", "volume", "own", "share", "off-net / calls made to mobiles", "none", "FZ F2"),
    Feature("international_share", "volume", "own", "share", "abroad / calls made", "no calls", "FZ: Murynets"),
    Feature("received_codes", "volume", "own", "SMS", "SMS from services and short codes", "never", "detection L9", 0),
    Feature("sms_only", "volume", "own", "0 or 1", "SMS and no calls at all", "no events", "detection L9", 0),
    Feature("data_legs", "volume", "own", "legs", "data sessions", "never", "detection L8", 0),
    Feature("callees", "contacts", "own", "numbers", "different numbers called", "never", "FZ: Hagos", 0),
    Feature("fan_out", "contacts", "own", "share", "callees / calls made", "no calls", "FZ: Sallehuddin; S .15 v .81"),
    Feature(
        "top5_callee_share", "contacts", "own", "share", "calls to its five most called", "no calls", "GoAntiFraud"
    ),
    Feature("callers", "contacts", "own", "numbers", "different numbers that called it", "never", "FZ: Kehelwala", 0),
    Feature("reciprocity", "contacts", "own", "share", "callees heard from as well", "no callees", "detection S5"),
    Feature(
        "new_callee_share", "contacts", "own", "share", "callees never heard of before", "no callees", "detection S7"
    ),
    Feature("sms_senders", "contacts", "own", "numbers", "different senders of its SMS", "never", "issue catalogue", 0),
    Feature("otp_sender_share", "contacts", "own", "share", "services / senders of its SMS", "no senders", "HAUD"),
    Feature(
        "sms_recipients", "contacts", "own", "numbers", "different numbers it wrote to", "never", "detection S1", 0
    ),
    Feature("sms_fan_out", "contacts", "own", "share", "recipients / SMS sent", "no SMS sent", "detection S3"),
    Feature("callbacks_share", "contacts", "own", "share", "callees that rang back", "no callees", "detection S5"),
    Feature(
        "repeat_callee_share", "contacts", "own", "share", "callees called twice or more", "no callees", "detection S3"
    ),
    Feature("hour_entropy", "rhythm", "own", "nat", "entropy of local hours used", "no zone", "detection T21"),
    Feature("night_share", "rhythm", "own", "share", "events made at 0-5 h", "no zone", "FZ: Marah"),
    Feature("office_share", "rhythm", "own", "share", "events made at 9-18 h", "no zone", "S"),
    Feature("evening_share", "rhythm", "own", "share", "events made at 18-24 h", "no zone", "detection 4.2"),
    Feature("active_hours", "rhythm", "own", "hours", "hours of the day used", "no zone", "S 18 v 11", 0),
    Feature("active_nights", "rhythm", "own", "nights", "nights with an event made", "never", "S", 0),
    Feature(
        "gap_median_s", "rhythm", "own", "s", "median time between starts of calls made", "under 2", "FZ: Hagos", 3
    ),
    Feature("gap_cv", "rhythm", "own", "ratio", "spread / mean of that time", "under 3", "detection T10"),
    Feature("redial_share", "rhythm", "own", "share", "calls made within 10 s of the last", "under 2", "detection T24"),
    Feature("busy_share", "rhythm", "own", "share", "time in calls / time at work", "under 2", "detection T23"),
    Feature("simultaneous_calls", "rhythm", "own", "calls", "most calls at one instant", "never", "detection T23", 0),
    Feature("gap_weibull_shape", "rhythm", "own", "shape", "Weibull shape of gaps", "under 5", "Jiang, PNAS 2013"),
    Feature("legs_with_cell", "movement", "own", "legs", "legs that carry a cell", "never", "design.md 3", 0),
    Feature("places", "movement", "own", "places", "different places", "no cell", "FZ: Hagos, Kehelwala", 0),
    Feature("places_per_call", "movement", "own", "ratio", "places / calls and SMS", "no cell", "FZ: Hagos"),
    Feature("top_place_share", "movement", "own", "share", "legs at its main place", "no cell", "FZ: Kehelwala"),
    Feature("place_entropy", "movement", "own", "nat", "entropy of places", "no cell", "BC; detection M7"),
    Feature("gyration_km", "movement", "own", "km", "radius of gyration", "not located", "FZ 6; detection M6"),
    Feature("impossible_jumps", "movement", "own", "jumps", "moves over 5 km faster than 200 km/h", "never", "M11", 0),
    Feature(
        "sims_at_place", "movement", "shared", "SIMs", "SIMs a night at its places, mean", "no cell", "FZ: Marah", 2
    ),
    Feature("stints", "movement", "own", "stints", "unbroken stays at a place", "never", "design.md 2", 0),
    Feature("legs_with_imei", "handset", "own", "legs", "legs that carry an IMEI", "never", "design.md 3", 0),
    Feature("imeis", "handset", "own", "IMEIs", "different IMEIs", "no IMEI", "detection D2", 0),
    Feature("imei_changes", "handset", "own", "changes", "changes of IMEI", "no IMEI", "detection D8", 0),
    Feature("sims_on_imei", "handset", "shared", "SIMs", "most SIMs on one of its IMEIs", "no IMEI", "FZ: Murynets", 0),
    Feature("imei_changes_at_move", "handset", "own", "share", "IMEI changes at a move", "no changes", "detection D8"),
    Feature("tacs", "handset", "own", "models", "different handset models", "no IMEI", "detection D4", 0),
    Feature("age_days", "presence", "shared", "days", "nights since its first record", "store begins later", "L1", 0),
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
