"""What operators run today: rules over FEATURES.

The volume-and-ratio rule reports a SIM that, in one window, for calls or for SMS,

| does | limit | from |
|---|---|---|
| enough on each active night | 10 made | a published cohort rule: "outgoing-only", ten calls or more (voltdb-simbox) |
| hardly anything else | 10 made for each received | the same rule's ratio; seizures showed a hundredfold |
| to ever new people | 0.5 different / made | medians .81 of scam SIMs, .15 of lawful ones (Sichuan) |
| without moving | 6 cells | calls without mobility (Marah); a SIM at rest is served by two to six cells in turn |

and the shared-handset rule one whose handset was used by many SIMs: fifty numbers on one IMEI, as such rules have it.
SIMs are ranked by how many limits they pass in their best window, then by how much they do.
"""

import polars as pl

RULE_FEATURES = (
    "mo_calls", "mt_calls", "callees", "sms_mo", "sms_mt", "sms_recipients", "active_nights", "places", "sims_on_imei",
)  # fmt: skip
MADE_A_NIGHT = 10
MADE_FOR_EACH_RECEIVED = 10
DIFFERENT_SHARE = 0.5
CELLS = 6
LIMITS = 4
SIMS_ON_HANDSET = 50
# The score's second key stays below one limit: made / (made + this).
HALF_WAY_MADE = 50


def volume_and_ratio(features: pl.DataFrame) -> pl.DataFrame:
    """(imsi, score, flagged) of the volume-and-ratio rule: limits passed, and a fraction that grows with volume."""
    calls = _score("mo_calls", "mt_calls", "callees")
    messages = _score("sms_mo", "sms_mt", "sms_recipients")
    return (
        features.group_by("imsi")
        .agg(score=pl.max_horizontal(calls, messages).max())
        .with_columns(flagged=pl.col("score") >= LIMITS)
        .sort("imsi")
    )


def shared_handset(features: pl.DataFrame) -> pl.DataFrame:
    """(imsi, score, flagged) of the shared-handset rule: most SIMs on one of its IMEIs."""
    return (
        features.group_by("imsi")
        .agg(score=pl.col("sims_on_imei").max().fill_null(0.0))
        .with_columns(flagged=pl.col("score") >= SIMS_ON_HANDSET)
        .sort("imsi")
    )


def _score(made_column: str, received_column: str, different_column: str) -> pl.Expr:
    made, received = pl.col(made_column), pl.col(received_column)
    passed = [
        made >= MADE_A_NIGHT * pl.col("active_nights").clip(1),
        made >= MADE_FOR_EACH_RECEIVED * received,
        pl.col(different_column) >= DIFFERENT_SHARE * made,
        pl.col("places") <= CELLS,
    ]
    limits = pl.sum_horizontal(limit.fill_null(value=False).cast(pl.Float64) for limit in passed)
    return pl.when(made > 0).then(limits + made / (made + HALF_WAY_MADE)).otherwise(0.0)
