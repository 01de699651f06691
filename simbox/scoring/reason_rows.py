"""Rows of REASONS in the making: those of a term, of an expert itself, of the prior and of a rig."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.scoring.scorecard import Expert, Pair, Term
from simbox.tables.scores import REASONS

Points = npt.NDArray[np.int32]
# The code of an expert's own points.
START = "EVERYDAY_HABITS"


def reason_rows(
    expert: Expert, said: Term | Pair, imsi: pl.Series, values: npt.NDArray[np.float64], points: Points, window: int,
    groups: pl.Series, counted: npt.NDArray[np.bool_], besides: npt.NDArray[np.float64] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The reasons that a term or a pair gives, a row for each SIM, with the edge that its value passed."""
    feature, edges = said.cuts[0]
    nothing = np.full(values.size, np.nan)
    return pl.DataFrame(
        {
            "imsi": imsi,
            "code": pl.repeat(said.code, values.size, eager=True),
            "expert": pl.repeat(expert.name, values.size, eager=True),
            "window_nights": pl.repeat(window, values.size, eager=True, dtype=pl.Int16),
            "feature": pl.repeat(feature, values.size, eager=True),
            "beside_feature": pl.repeat(said.cuts[-1][0] if besides is not None else "", values.size, eager=True),
            "value": pl.Series(values, nan_to_null=True),
            "beside": pl.Series(nothing if besides is None else besides, nan_to_null=True),
            "limit": pl.Series(edges_passed(edges, values), nan_to_null=True),
            "peer_group": groups,
            "points": points,
            "counted": counted,
        },
        schema_overrides=dict.fromkeys(("code", "expert", "feature", "beside_feature"), pl.String),
    )


def edges_passed(edges: Sequence[float], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The edge that each value passed last, the first where it passed none; NaN where it is not known."""
    cuts = np.array(edges)
    passed = np.maximum(np.searchsorted(cuts, values, side="right") - 1, 0)
    limits: npt.NDArray[np.float64] = np.where(np.isnan(values), np.nan, cuts[np.minimum(passed, cuts.size - 1)])
    return limits


def start_reasons(expert: Expert, rows: pl.DataFrame, code: str = START, points: pl.Expr | None = None) -> pl.DataFrame:
    """The expert's own points, from which its terms count on, or others that it gives for no feature."""
    given = pl.lit(expert.start) if points is None else points
    return rows.select(
        "imsi",
        code=pl.lit(code),
        expert=pl.lit(expert.name),
        window_nights=pl.col("window_nights"),
        feature=pl.lit(""),
        beside_feature=pl.lit(""),
        value=pl.lit(None, dtype=pl.Float64),
        beside=pl.lit(None, dtype=pl.Float64),
        limit=pl.lit(None, dtype=pl.Float64),
        peer_group=pl.lit(None, dtype=pl.String),
        points=given.cast(pl.Int32),
        counted=pl.col("counted"),
    ).filter(pl.col("points") != 0)


def base_reasons(imsi: pl.Series, base: int) -> pl.DataFrame:
    """The prior's row for each SIM."""
    return pl.DataFrame({"imsi": imsi}).select(
        "imsi",
        code=pl.lit("BASE"),
        expert=pl.lit("base"),
        window_nights=pl.lit(0, dtype=pl.Int16),
        feature=pl.lit(""),
        beside_feature=pl.lit(""),
        value=pl.lit(None, dtype=pl.Float64),
        beside=pl.lit(None, dtype=pl.Float64),
        limit=pl.lit(None, dtype=pl.Float64),
        peer_group=pl.lit(None, dtype=pl.String),
        points=pl.lit(base, dtype=pl.Int32),
        counted=pl.lit(True),
    )


def sum_reasons(sims: pl.DataFrame) -> pl.DataFrame:
    """REASONS rows with all that the strongest expert says of a SIM in one, from (imsi, expert, window_nights, points):
    who is far from being watched is not told term by term."""
    rows = sims.filter(pl.col("points") != 0).with_columns(code=pl.lit("ORDINARY"), counted=pl.lit(True))
    return REASONS.conform(rows)


def rig_reasons(points: pl.DataFrame) -> pl.DataFrame:
    """REASONS rows for what a rig adds to its members, from (imsi, points, value, counted)."""
    return REASONS.conform(
        points.with_columns(code=pl.lit("MEMBER_OF_RIG"), expert=pl.lit("rig"), window_nights=pl.lit(0))
    )


def lone_reasons(points: pl.DataFrame) -> pl.DataFrame:
    """REASONS rows for what SIMs lose for which no rig was found, from (imsi, points)."""
    lost = points.filter(pl.col("points") != 0)
    return REASONS.conform(
        lost.with_columns(
            code=pl.lit("NO_RIG_FOUND"), expert=pl.lit("rig"), window_nights=pl.lit(0), counted=pl.lit(value=True)
        )
    )


def replacing_reasons(replaced: pl.DataFrame) -> pl.DataFrame:
    """REASONS rows for members that took a silent one's port over, from (imsi, relay_points, relay_gap_s): said beside
    what the rig adds and not counted, for their ties to the rig are."""
    return REASONS.conform(
        replaced.select(
            "imsi",
            code=pl.lit("REPLACES"),
            expert=pl.lit("rig"),
            window_nights=pl.lit(0),
            value="relay_gap_s",
            points="relay_points",
            counted=pl.lit(value=False),
        )
    )


def no_reasons() -> pl.DataFrame:
    """No row, with the columns that reasons have."""
    return base_reasons(pl.Series("imsi", [], dtype=pl.Int64), 0)
