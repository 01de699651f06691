"""FEATURES to evidence: BASE, the strongest expert in its best window, later the rig's; and each reason's points."""

from math import log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.scoring.peers import EMPTY, Histograms, add_percentiles, count_peers, peer_group
from simbox.scoring.scorecard import Expert, Scorecard, Term
from simbox.tables.scores import BAND, REASONS

Points = npt.NDArray[np.int32]
# Where no expert judges a way of cheating in a window.
NOBODY = -(10**6)


class Scored(NamedTuple):
    """SIMs scored alone (imsi, evidence_alone), their reasons, and what their peers look like."""

    evidence: pl.DataFrame
    reasons: pl.DataFrame
    histograms: Histograms


def base_points(prevalence: float) -> int:
    """The prior odds of a SIM to work in a rig, in points: ten times their binary logarithm, rounded."""
    return round(10 * log2(prevalence / (1 - prevalence)))


def score_alone(features: pl.DataFrame, operators: pl.DataFrame, card: Scorecard, prevalence: float) -> Scored:
    """Each SIM's evidence without its rig, from FEATURES of all windows and the operator (imsi, operator) of each.

    The strongest expert in its best window counts; ties go to the expert that stands first and the shorter window.
    The other experts are shown uncounted for SIMs that are worth watching.
    """
    if features.is_empty():
        return Scored(pl.DataFrame(schema={"imsi": pl.Int64, "evidence_alone": pl.Int32}), _no_reasons(), EMPTY)
    grouped = features.join(operators, on="imsi", how="left", maintain_order="left").with_columns(
        peer_group=peer_group(pl.col("operator"), pl.col("mo_events"))
    )
    windows = sorted(grouped["window_nights"].unique())
    by_window = {window: grouped.filter(pl.col("window_nights") == window).sort("imsi") for window in windows}
    longest = by_window[windows[-1]]
    imsi = longest["imsi"]
    ways = card.ways()
    experts = {(way, window): card.expert_for(way, window) for way in ways for window in windows}
    totals = np.stack(
        [
            np.stack([_expert_points(experts[way, window], by_window[window], longest) for window in windows])
            for way in ways
        ]
    )  # (ways, windows, sims)
    best_window = totals.argmax(axis=1)
    by_way = totals.max(axis=1)
    strongest = by_way.argmax(axis=0)
    base = base_points(prevalence)
    evidence = (base + by_way.max(axis=0)).astype(np.int32)
    watched = evidence >= card.bands.watch
    reasons = [base_reasons(imsi, base)]
    for number, way in enumerate(ways):
        for place, window in enumerate(windows):
            expert = experts[way, window]
            if expert is None:
                continue
            in_window = best_window[number] == place
            shown = pl.Series(in_window & ((strongest == number) | watched))
            counted = pl.Series(strongest == number)
            rows = by_window[window].with_columns(counted=counted).filter(shown)
            far = longest.with_columns(counted=counted).filter(shown)
            reasons.append(_start_reasons(expert, rows))
            reasons += [_term_reasons(expert, term, far if term.longest else rows) for term in expert.term]
    return Scored(
        pl.DataFrame({"imsi": imsi, "evidence_alone": evidence}),
        pl.concat(reasons),
        count_peers(grouped, card.features()),
    )


def context_points(context: pl.DataFrame, card: Scorecard) -> Points:
    """The points that the SIMs around add to each row of CONTEXT, capped."""
    if card.context is None:
        return np.zeros(context.height, dtype=np.int32)
    total = _expert_points(Expert("context", card.context.term, start=card.context.start), context, context)
    return np.clip(total, card.context.least, card.context.most)


def score_context(context: pl.DataFrame, card: Scorecard) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(imsi, context) points that the SIMs around add to each of (imsi, *CONTEXT), and their REASONS, all counted."""
    around = card.context
    if around is None or context.is_empty():
        points = context.select("imsi", context=pl.lit(0, dtype=pl.Int32))
        return points, REASONS.conform(_no_reasons().with_columns(percentile=pl.lit(None)).select(REASONS.names))
    rows = context.with_columns(
        window_nights=pl.lit(0, dtype=pl.Int16), peer_group=pl.lit(None, dtype=pl.String), counted=pl.lit(value=True)
    )
    expert = Expert("context", around.term, start=around.start)
    total = _expert_points(expert, rows, rows)
    kept = context_points(context, card)
    # Where nothing is near a SIM all that counts is that: no reason of its own for each thing that is not there.
    quiet = rows.filter(pl.Series(kept == around.least))
    told, over = rows.filter(pl.Series(kept != around.least)), (kept - total)[kept != around.least]
    capped = told.with_columns(over=pl.Series(over)).filter(pl.col("over") != 0)
    reasons = [
        _start_reasons(expert, quiet, "EVERYDAY_SURROUNDINGS", pl.lit(around.least)),
        _start_reasons(expert, told, "EVERYDAY_SURROUNDINGS"),
        *(_term_reasons(expert, term, told) for term in around.term),
        _start_reasons(expert, capped, "SURROUNDINGS_CAPPED", pl.col("over")),
    ]
    found = pl.concat(reasons).with_columns(percentile=pl.lit(None, dtype=pl.Float64))
    return rows.select("imsi", context=pl.Series(kept)), REASONS.conform(found.select(REASONS.names))


def finish_reasons(reasons: pl.DataFrame, histograms: Histograms) -> pl.DataFrame:
    """REASONS with percentiles among the night's peers, once all buckets have been counted."""
    return REASONS.conform(add_percentiles(reasons, histograms).select(REASONS.names))


def judge(evidence: pl.Expr, card: Scorecard) -> dict[str, pl.Expr]:
    """Score, probability and band that go with an evidence."""
    odds_log2 = (evidence * card.calibration.slope + card.calibration.offset) / 10
    bands = card.bands
    return {
        "score": ((evidence.cast(pl.Int64) + 100) // 2).clip(0, 100).cast(pl.Int16),
        "probability": (1 / (1 + pl.lit(2.0).pow(-odds_log2))).round(6),
        "band": pl.when(evidence >= bands.strong)
        .then(pl.lit("strong"))
        .when(evidence >= bands.suspect)
        .then(pl.lit("suspect"))
        .when(evidence >= bands.watch)
        .then(pl.lit("watch"))
        .otherwise(pl.lit("clear"))
        .cast(BAND),
    }


def rig_reasons(points: pl.DataFrame) -> pl.DataFrame:
    """REASONS rows for what a rig adds to its members, from (imsi, points, value)."""
    return REASONS.conform(
        points.with_columns(
            code=pl.lit("MEMBER_OF_RIG"), expert=pl.lit("rig"), window_nights=pl.lit(0), counted=pl.lit(value=True)
        )
    )


def _expert_points(expert: Expert | None, rows: pl.DataFrame, longest: pl.DataFrame) -> Points:
    if expert is None:
        return np.full(rows.height, NOBODY, dtype=np.int32)
    total = np.full(rows.height, expert.start, dtype=np.int32)
    for term in expert.term:
        total += _term_points(term, longest if term.longest else rows)
    return total


def _term_points(term: Term, rows: pl.DataFrame) -> Points:
    table = np.array([*term.points, term.without], dtype=np.int32)
    values = rows[term.feature].to_numpy()
    bin_number = np.searchsorted(np.array(term.edges), values, side="right")
    return table[np.where(np.isnan(values), len(term.points), bin_number)]


def _term_reasons(expert: Expert, term: Term, rows: pl.DataFrame) -> pl.DataFrame:
    points = _term_points(term, rows)
    edges = np.array(term.edges)
    values = rows[term.feature]
    passed = np.maximum(np.searchsorted(edges, values.to_numpy(), side="right") - 1, 0)
    return rows.select(
        "imsi",
        code=pl.lit(term.code),
        expert=pl.lit(expert.name),
        window_nights=pl.col("window_nights"),
        feature=pl.lit(term.feature),
        value=values,
        limit=pl.when(values.is_not_null()).then(pl.Series(edges[np.minimum(passed, edges.size - 1)])),
        peer_group=pl.col("peer_group"),
        points=pl.Series(points),
        counted=pl.col("counted"),
    ).filter(pl.col("points") != 0)


def _start_reasons(
    expert: Expert, rows: pl.DataFrame, code: str = "EVERYDAY_HABITS", points: pl.Expr | None = None
) -> pl.DataFrame:
    """The expert's own points, from which its terms count on, or others that it gives for no feature."""
    given = pl.lit(expert.start) if points is None else points
    return rows.select(
        "imsi",
        code=pl.lit(code),
        expert=pl.lit(expert.name),
        window_nights=pl.col("window_nights"),
        feature=pl.lit(""),
        value=pl.lit(None, dtype=pl.Float64),
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
        value=pl.lit(None, dtype=pl.Float64),
        limit=pl.lit(None, dtype=pl.Float64),
        peer_group=pl.lit(None, dtype=pl.String),
        points=pl.lit(base, dtype=pl.Int32),
        counted=pl.lit(True),
    )


def _no_reasons() -> pl.DataFrame:
    return base_reasons(pl.Series("imsi", [], dtype=pl.Int64), 0)
