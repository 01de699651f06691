"""Reasons that count against listed SIMs as claims, each with the records that bear witness to it."""

import polars as pl

from simbox.cases import Claims
from simbox.reasons import REASONS, say_reason
from simbox.scoring import find_witnesses

# These stand on no row of their own: the prior is nobody's record, the rig's share is shown by its pairs, and that no
# rig was found by none.
WITHOUT_ROWS = {
    "BASE": "no row: the share of SIMs that work in rigs",
    "MEMBER_OF_RIG": "the claims about its pairs",
    "NO_RIG_FOUND": "no row: what was sought and not found",
}


def sim_claims(reasons: pl.DataFrame, records: pl.DataFrame, scored: pl.DataFrame) -> Claims:
    """Claims of counted REASONS; `scored` (imsi, night) tells which night each SIM's reasons are of."""
    counted = (
        reasons.filter("counted")
        .join(scored, on="imsi", how="inner")
        .sort("imsi", "points", "code", "expert", "window_nights", descending=[False, True, False, False, False])
        .with_columns(draft=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    rows = [pl.DataFrame(schema={"draft": pl.Int64, "record_id": pl.Int64})]
    showable = counted.filter(~pl.col("code").is_in(list(WITHOUT_ROWS)))
    # SIMs with the same reason for the same nights have the same rule, so that one look finds the rows of all.
    for (code, night, window), sims in showable.group_by("code", "night", "window_nights", maintain_order=True):
        own = records.join(sims.select("imsi", "draft"), on="imsi", how="inner")
        found = find_witnesses(own, str(code), night, int(str(window)))
        rows.append(found.select("draft", "record_id"))
    said = [say_reason(*row) for row in counted.select("code", "value", "beside", "window_nights").iter_rows()]
    shown_by = [_shown_by(code) for code in counted["code"]]
    claims = counted.select(
        "draft",
        "code",
        "night",
        "window_nights",
        "value",
        "limit",
        "percentile",
        "peer_group",
        about=pl.lit("sim"),
        imsi_a=pl.col("imsi"),
        sentence=pl.Series(said, dtype=pl.String),
        points=pl.col("points").cast(pl.Float64),
        shown_by=pl.Series(shown_by, dtype=pl.String),
    )
    return Claims(claims, pl.concat(rows))


def _shown_by(code: str) -> str:
    if code in WITHOUT_ROWS:
        return WITHOUT_ROWS[code]
    witness = REASONS[code].witness if code in REASONS else "legs"
    return f"{witness.replace('_', ' ')} of these nights"
