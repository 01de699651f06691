"""FEATURES to evidence: BASE and the strongest expert in its best window, with the points of each reason."""

from math import log2
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.scoring.night_bins import Asked, NightBins
from simbox.scoring.peers import EMPTY, Histograms, Peers, peer_group
from simbox.scoring.reason_rows import base_reasons, no_reasons
from simbox.scoring.scorecard import FIRST_NIGHT, Scorecard
from simbox.scoring.untold import NOBODY_UNTOLD
from simbox.scoring.usual import from_scale, to_scale
from simbox.tables.scores import BAND, REASONS, USUAL


class Scored(NamedTuple):
    """SIMs scored alone (imsi, evidence_alone), the reasons of those that are told in full, what is kept of the others
    (rows of `Untold`, no night), and what their peers look like."""

    evidence: pl.DataFrame
    reasons: pl.DataFrame
    untold: pl.DataFrame
    histograms: Histograms


# A SIM with as much evidence or more is nobody's peer: where rigs are many they would be each other's.
NO_PEER_FROM = 0
NOTHING_MOVED = USUAL.empty()

_NOBODY = pl.DataFrame(schema={"imsi": pl.Int64, "evidence_alone": pl.Int32})


def base_points(prevalence: float) -> int:
    """The prior odds of a SIM to work in a rig, in points: ten times their binary logarithm, rounded."""
    return round(10 * log2(prevalence / (1 - prevalence)))


def score_alone(
    features: pl.DataFrame,
    operators: pl.DataFrame,
    card: Scorecard,
    prevalence: float,
    told_from: int | None = None,
    scales: pl.DataFrame = NOTHING_MOVED,
) -> Scored:
    """Each SIM's evidence without its rig, from FEATURES of all windows and the operator (imsi, operator) of each, put
    to the card's scale by USUAL.

    The strongest expert in its best window counts; ties go to the expert that stands first and the shorter window.
    The other experts are shown uncounted for SIMs that are worth watching. The reasons are BASE, and all that the
    strongest expert has to say of a SIM; with `told_from` only of those with so much evidence, the others are `untold`.
    """
    if features.is_empty():
        return Scored(_NOBODY, no_reasons(), NOBODY_UNTOLD, EMPTY)
    # To put the columns in order that no term asks for, half of all, was 7 % of scoring.
    asked = features.select("imsi", "window_nights", *sorted(card.needs()))
    known = asked.join(operators, on="imsi", how="left", maintain_order="left")
    night = NightBins(to_scale(known.with_columns(peer_group=peer_group(pl.col("operator"))), scales), card)
    ways = card.ways()
    # Where the night alone is the only window that is configured, USUAL says whether others are held.
    is_first = night.windows == [1] and (scales.is_empty() or scales["nights"].max() == 1)
    experts = {
        (way, window): card.expert_for(way, FIRST_NIGHT if is_first else window)
        for way in ways
        for window in night.windows
    }
    totals = np.stack(
        [np.stack([night.expert_points(experts[way, window], window) for window in night.windows]) for way in ways]
    )  # (ways, windows, sims)
    best_window = totals.argmax(axis=1)
    by_way = totals.max(axis=1)
    strongest = by_way.argmax(axis=0)
    base = base_points(prevalence)
    evidence = (base + by_way.max(axis=0)).astype(np.int32)
    watched = evidence >= card.bands.watch
    told = np.ones(evidence.size, dtype=bool) if told_from is None else evidence >= told_from
    experts_asked, untold = [], []
    for number, way in enumerate(ways):
        for place, window in enumerate(night.windows):
            expert = experts[way, window]
            if expert is not None:
                sims = np.flatnonzero(told & (best_window[number] == place) & ((strongest == number) | watched))
                if sims.size:
                    experts_asked.append(Asked(expert, window, sims, strongest[sims] == number))
                others = np.flatnonzero(~told & (best_window[number] == place) & (strongest == number))
                if others.size:
                    untold.append(Asked(expert, window, others, told[others]))
    reasons = pl.concat([base_reasons(night.imsi.filter(pl.Series(told)), base), night.reasons(experts_asked)])
    scored = pl.DataFrame({"imsi": night.imsi, "evidence_alone": evidence})
    return Scored(scored, reasons, night.keep(untold), night.count_peers(evidence < NO_PEER_FROM))


def finish_reasons(
    reasons: pl.DataFrame, histograms: Histograms, scales: pl.DataFrame = NOTHING_MOVED,
    operators: pl.DataFrame | None = None,
) -> pl.DataFrame:  # fmt: skip
    """REASONS with percentiles among the night's peers, once all buckets have been counted, their values as they were
    measured: from the scale that USUAL put them to, by the operator (imsi, operator) of each SIM."""
    told = Peers(histograms).add_percentiles(reasons)
    return REASONS.conform((told if operators is None else from_scale(told, scales, operators)).select(REASONS.names))


def judge(evidence: pl.Expr, card: Scorecard, base: int) -> dict[str, pl.Expr]:
    """Score, probability and band that go with an evidence, of which `base` is the prior."""
    made = card.calibration
    # The slope is that of what was seen: of the prior one point more is one point more.
    prior = (1 - made.slope) * (base - base_points(made.prevalence))
    odds_log2 = (evidence * made.slope + made.offset + prior) / 10
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
