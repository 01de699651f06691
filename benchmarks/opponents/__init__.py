"""What a user would pick instead of simbox, each as somebody who knows the tool would write it.

Every opponent has `of_files` (unsorted night files as they arrive) and `of_store` (one file sorted by SIM and time).
Both give one row for each SIM with the columns of FEATURES, null where the catalogue says so. Service is 0 voice,
1 SMS, 2 data, 3 signalling, direction 0 made, 1 received, 2 forwarded: integers are quicker than strings in all tools.
"""

COLUMNS = (
    "imsi", "started_at", "duration_s", "service", "direction", "other_party", "place", "imei", "night", "local_minute",
)  # fmt: skip

FEATURES = (
    "mo_calls", "mt_calls", "mo_share", "sms_mo", "sms_mt", "mo_events", "mo_share_all", "data_legs",
    "duration_total_s", "duration_mean_s", "duration_median_s", "duration_max_s", "duration_cv", "short_call_share",
    "callees", "fan_out", "top5_callee_share", "repeat_callee_share", "callers", "sms_senders", "sms_recipients",
    "active_hours", "night_share", "office_share", "active_nights", "gap_mean_s", "gap_median_s", "gap_cv",
    "redial_share", "places", "top_place_share", "place_entropy", "stints", "imeis", "imei_changes",
)  # fmt: skip
