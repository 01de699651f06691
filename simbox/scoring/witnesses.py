"""Which of a SIM's records show a reason, so that its value can be read off the source rows again."""

from datetime import date, timedelta

import polars as pl

from simbox.reasons import REASONS


def find_witnesses(records: pl.DataFrame, code: str, night: date, window_nights: int) -> pl.DataFrame:
    """The CDRS of one SIM that bear witness to a reason given for a window that ended with `night`.

    A window of 0 nights, that of BASE and of a rig's reason, means all records up to the night.
    """
    voice, sms = pl.col("service") == "voice", pl.col("service") == "sms"
    made = pl.col("direction") == "mo"
    rules = {
        "calls_made": voice & made,
        "calls": voice,
        "sms_sent": sms & made,
        "sms_received": sms & (pl.col("direction") == "mt"),
        "events_made": (voice | sms) & made,
        "legs_with_cell": pl.col("cell").is_not_null(),
        "legs_with_imei": pl.col("imei").is_not_null(),
        "legs": pl.lit(value=True),
    }
    reason = REASONS.get(code)
    rule = rules[reason.witness] if reason else rules["legs"]
    inside = pl.col("night") <= night
    if window_nights:
        inside &= pl.col("night") > night - timedelta(days=window_nights)
    return records.filter(inside & rule).sort("started_at", "record_id")
