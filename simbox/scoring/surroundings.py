"""CONTEXT to points and reasons: what the SIMs around one add to its own evidence, capped."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.scoring.reason_rows import Points, no_reasons, reason_rows, start_reasons
from simbox.scoring.scorecard import Expert, Scorecard, Term
from simbox.tables.scores import REASONS


def context_points(context: pl.DataFrame, card: Scorecard) -> Points:
    """The points that the SIMs around add to each row of CONTEXT, capped."""
    if card.context is None:
        return np.zeros(context.height, dtype=np.int32)
    total = _expert_points(Expert("context", card.context.term, start=card.context.start), context)
    return np.clip(total, card.context.least, card.context.most)


def score_context(context: pl.DataFrame, card: Scorecard) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(imsi, context) points that the SIMs around add to each of (imsi, *CONTEXT), and their REASONS, all counted."""
    around = card.context
    if around is None or context.is_empty():
        points = context.select("imsi", context=pl.lit(0, dtype=pl.Int32))
        return points, REASONS.conform(no_reasons().with_columns(percentile=pl.lit(None)).select(REASONS.names))
    rows = context.with_columns(
        window_nights=pl.lit(0, dtype=pl.Int16), peer_group=pl.lit(None, dtype=pl.String), counted=pl.lit(value=True)
    )
    expert = Expert("context", around.term, start=around.start)
    total = _expert_points(expert, rows)
    kept = context_points(context, card)
    # Where nothing is near a SIM all that counts is that: no reason of its own for each thing that is not there.
    quiet = rows.filter(pl.Series(kept == around.least))
    told, over = rows.filter(pl.Series(kept != around.least)), (kept - total)[kept != around.least]
    capped = told.with_columns(over=pl.Series(over)).filter(pl.col("over") != 0)
    reasons = [
        start_reasons(expert, quiet, "EVERYDAY_SURROUNDINGS", pl.lit(around.least)),
        start_reasons(expert, told, "EVERYDAY_SURROUNDINGS"),
        *(_term_reasons(expert, term, told) for term in around.term),
        start_reasons(expert, capped, "SURROUNDINGS_CAPPED", pl.col("over")),
    ]
    found = pl.concat(reasons).with_columns(percentile=pl.lit(None, dtype=pl.Float64))
    return rows.select("imsi", context=pl.Series(kept)), REASONS.conform(found.select(REASONS.names))


def _expert_points(expert: Expert, rows: pl.DataFrame) -> Points:
    total = np.full(rows.height, expert.start, dtype=np.int32)
    for term in expert.term:
        total += term.points_of(_values_of(term, rows))
    return total


def _values_of(term: Term, rows: pl.DataFrame) -> npt.NDArray[np.float64]:
    return rows[term.feature].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _term_reasons(expert: Expert, term: Term, rows: pl.DataFrame) -> pl.DataFrame:
    values = _values_of(term, rows)
    points = term.points_of(values)
    told = np.flatnonzero(points)
    some = rows[told]
    return reason_rows(
        expert, term, some["imsi"], values[told], points[told], 0, some["peer_group"], some["counted"].to_numpy()
    )
