"""Complaints, test calls and notices about a SIM, as reasons of a weight that is capped.

The weights are set by reasoning, not estimated: who complains of whom is no fair sample, and may be bought.
"""

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from simbox.tables.scores import REASONS

CODES = {"complaint": "COMPLAINED_OF", "test_call": "CAUGHT_BY_TEST_CALLS", "antifraud_centre": "REPORTED_BY_CENTRE"}
# Points of one report, and of all of a kind: pollsters and telesales are complained of as much as rigs, a test call
# that arrived is seldom wrong.
POINTS = {"complaint": (6, 12), "test_call": (30, 30), "antifraud_centre": (10, 15)}
MOST_POINTS = 35


def score_reports(reports: pl.DataFrame, numbers: pl.DataFrame, night: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(imsi, reported) points of REPORTS known by the end of a night in UTC, and their REASONS.

    `numbers` are the SIMs' own (imsi, msisdn). A report names a SIM, or a number and so whichever SIMs had it.
    """
    by = datetime.combine(night + timedelta(days=1), time(), tzinfo=UTC)
    known = reports.filter(pl.col("reported_at") < by).with_columns(pl.col("kind").cast(pl.String))
    by_number = known.filter(pl.col("imsi").is_null()).drop("imsi").join(numbers.unique(), on="msisdn")
    named = pl.concat(
        [known.filter(pl.col("imsi").is_not_null()).select("imsi", "kind"), by_number.select("imsi", "kind")]
    )
    one, most = ({kind: pair[place] for kind, pair in POINTS.items()} for place in (0, 1))
    counted = (
        named.group_by("imsi", "kind")
        .agg(count=pl.len().cast(pl.Int32))
        .with_columns(
            points=pl.min_horizontal(
                pl.col("count") * pl.col("kind").replace_strict(one, return_dtype=pl.Int32),
                pl.col("kind").replace_strict(most, return_dtype=pl.Int32),
            )
        )
        # The kind that weighs most first; what goes over the cap is taken from the last.
        .sort("imsi", "points", "kind", descending=[False, True, False])
        .with_columns(before=pl.col("points").cum_sum().over("imsi") - pl.col("points"))
        .with_columns(points=pl.min_horizontal("points", (MOST_POINTS - pl.col("before")).clip(lower_bound=0)))
    )
    reasons = counted.filter(pl.col("points") > 0).select(
        "imsi",
        code=pl.col("kind").replace_strict(CODES, return_dtype=pl.String),
        expert=pl.lit("reports"),
        window_nights=pl.lit(0, dtype=pl.Int16),
        value=pl.col("count").cast(pl.Float64),
        limit=pl.lit(None, dtype=pl.Float64),
        percentile=pl.lit(None, dtype=pl.Float64),
        peer_group=pl.lit(None, dtype=pl.String),
        points=pl.col("points").cast(pl.Int32),
        counted=pl.lit(value=True),
    )
    points = reasons.group_by("imsi").agg(reported=pl.col("points").sum().cast(pl.Int32)).sort("imsi")
    return points, REASONS.conform(reasons)
