"""FEATURES to evidence: BASE, the strongest expert in its best window, later the rig's; and each reason's points."""

from math import log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import binning
from simbox.scoring.peers import EMPTY, Histograms, add_percentiles, peer_bins, peer_edges, peer_group
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
    night = _Night(features.join(operators, on="imsi", how="left", maintain_order="left"), card)
    ways = card.ways()
    experts = {(way, window): card.expert_for(way, window) for way in ways for window in night.windows}
    totals = np.stack(
        [np.stack([night.expert_points(experts[way, window], window) for window in night.windows]) for way in ways]
    )  # (ways, windows, sims)
    best_window = totals.argmax(axis=1)
    by_way = totals.max(axis=1)
    strongest = by_way.argmax(axis=0)
    base = base_points(prevalence)
    evidence = (base + by_way.max(axis=0)).astype(np.int32)
    watched = evidence >= card.bands.watch
    reasons = []
    for number, way in enumerate(ways):
        for place, window in enumerate(night.windows):
            expert = experts[way, window]
            if expert is not None:
                sims = np.flatnonzero((best_window[number] == place) & ((strongest == number) | watched))
                counted = strongest[sims] == number
                reasons += [night.start_reasons(expert, window, sims, counted)]
                reasons += [night.term_reasons(expert, term, window, sims, counted) for term in expert.term]
    return Scored(
        pl.DataFrame({"imsi": night.imsi, "evidence_alone": evidence}),
        pl.concat([base_reasons(night.imsi, base), *reasons]),
        night.histograms,
    )


class _Night:
    """A night's SIMs window by window, in order, each feature of the card cut to bins once."""

    def __init__(self, features: pl.DataFrame, card: Scorecard) -> None:
        self.windows = sorted(features["window_nights"].unique())
        grouped = features.with_columns(peer_group=peer_group(pl.col("operator"), pl.col("mo_events")))
        by_window = {window: grouped.filter(pl.col("window_nights") == window).sort("imsi") for window in self.windows}
        self.imsi = by_window[self.windows[-1]]["imsi"]
        self._groups = {window: rows["peer_group"] for window, rows in by_window.items()}
        self._values: dict[tuple[str, int], npt.NDArray[np.float64]] = {}
        self._bins: dict[tuple[str, int], npt.NDArray[np.int16]] = {}
        self._edges = {name: _cut(name, card) for name in card.features()}
        for window, rows in by_window.items():
            for name in self._edges:
                values = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
                self._values[name, window] = values
                self._bins[name, window] = binning(values, self._edges[name])
        self.histograms = self._count_peers()

    def expert_points(self, expert: Expert | None, window: int) -> Points:
        """The sum of an expert's points for each SIM."""
        if expert is None:
            return np.full(len(self.imsi), NOBODY, dtype=np.int32)
        total = np.full(len(self.imsi), expert.start, dtype=np.int32)
        for term in expert.term:
            total += self._table(term)[self._bins[term.feature, self._window_of(term, window)]]
        return total

    def start_reasons(
        self, expert: Expert, window: int, sims: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_]
    ) -> pl.DataFrame:
        """The expert's own points of some of the SIMs."""
        rows = pl.DataFrame({"imsi": self.imsi[sims], "counted": counted}).with_columns(
            window_nights=pl.lit(window, dtype=pl.Int16)
        )
        return _start_reasons(expert, rows)

    def term_reasons(
        self, expert: Expert, term: Term, window: int, sims: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_]
    ) -> pl.DataFrame:
        """The reasons that a term gives to some of the SIMs, where it gives points."""
        back = self._window_of(term, window)
        points = self._table(term)[self._bins[term.feature, back][sims]]
        told = points != 0
        sims = sims[told]
        return _reason_rows(
            expert, term, self.imsi[sims], self._values[term.feature, back][sims], points[told], back,
            self._groups[back][sims], counted[told],
        )  # fmt: skip

    def _window_of(self, term: Term, window: int) -> int:
        return self.windows[-1] if term.longest else window

    def _table(self, term: Term) -> Points:
        """The term's points by bin of its feature, the last where that is not known."""
        edges = self._edges[term.feature]
        reached = np.searchsorted(np.array(term.edges), np.concatenate([[-np.inf], edges]), side="right")
        return np.array([*np.array(term.points)[reached], term.without], dtype=np.int32)

    def _count_peers(self) -> Histograms:
        parts = []
        for window, groups in self._groups.items():
            names = groups.unique().sort()
            number = groups.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
            for feature, edges in self._edges.items():
                own = np.concatenate([[0], peer_bins(feature, edges)])
                bins = self._bins[feature, window]
                known = bins >= 0
                size = edges.size + 1
                counts = np.bincount(number[known] * size + bins[known], minlength=len(names) * size)
                filled = np.flatnonzero(counts)
                parts.append(
                    pl.DataFrame(
                        {
                            "feature": pl.repeat(feature, filled.size, eager=True),
                            "window_nights": pl.repeat(window, filled.size, eager=True, dtype=pl.Int16),
                            "peer_group": names[filled // size],
                            "bin": own[filled % size].astype(np.int32),
                            "sims": counts[filled].astype(np.int64),
                        }
                    )
                )
        return EMPTY.add(Histograms(pl.concat(parts))) if parts else EMPTY


def _cut(feature: str, card: Scorecard) -> npt.NDArray[np.float64]:
    """Every edge of a feature that the card or its peers' histograms have."""
    of_terms = {
        edge for expert in card.expert for term in expert.term if term.feature == feature for edge in term.edges
    }
    return np.array(sorted(of_terms | set(peer_edges(feature))))


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
        return points, REASONS.conform(_no_reasons().with_columns(percentile=pl.lit(None)).select(REASONS.names))
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
    """REASONS rows for what a rig adds to its members, from (imsi, points, value, counted)."""
    return REASONS.conform(
        points.with_columns(code=pl.lit("MEMBER_OF_RIG"), expert=pl.lit("rig"), window_nights=pl.lit(0))
    )


def _expert_points(expert: Expert, rows: pl.DataFrame) -> Points:
    total = np.full(rows.height, expert.start, dtype=np.int32)
    for term in expert.term:
        total += _term_points(term, rows)
    return total


def _term_points(term: Term, rows: pl.DataFrame) -> Points:
    table = np.array([*term.points, term.without], dtype=np.int32)
    values = rows[term.feature].to_numpy()
    bin_number = np.searchsorted(np.array(term.edges), values, side="right")
    return table[np.where(np.isnan(values), len(term.points), bin_number)]


def _term_reasons(expert: Expert, term: Term, rows: pl.DataFrame) -> pl.DataFrame:
    points = _term_points(term, rows)
    told = np.flatnonzero(points)
    some = rows[told]
    values = some[term.feature].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return _reason_rows(
        expert, term, some["imsi"], values, points[told], 0, some["peer_group"], some["counted"].to_numpy()
    )


def _reason_rows(
    expert: Expert, term: Term, imsi: pl.Series, values: npt.NDArray[np.float64], points: Points, window: int,
    groups: pl.Series, counted: npt.NDArray[np.bool_],
) -> pl.DataFrame:  # fmt: skip
    edges = np.array(term.edges)
    passed = np.maximum(np.searchsorted(edges, values, side="right") - 1, 0)
    limit = np.where(np.isnan(values), np.nan, edges[np.minimum(passed, edges.size - 1)])
    return pl.DataFrame(
        {
            "imsi": imsi,
            "code": pl.repeat(term.code, values.size, eager=True),
            "expert": pl.repeat(expert.name, values.size, eager=True),
            "window_nights": pl.repeat(window, values.size, eager=True, dtype=pl.Int16),
            "feature": pl.repeat(term.feature, values.size, eager=True),
            "value": pl.Series(values, nan_to_null=True),
            "limit": pl.Series(limit, nan_to_null=True),
            "peer_group": groups,
            "points": points,
            "counted": counted,
        },
        schema_overrides={"code": pl.String, "expert": pl.String, "feature": pl.String},
    )


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
