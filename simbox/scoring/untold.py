"""SIMs whose reasons are not written one by one when they are scored: nearly all, for they are far from being watched.

What their strongest expert saw of them is kept in one row each, so that they can be told in full once they matter: who
is tied to a rig may be as ordinary as anybody on its own.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.scoring.peers import EMPTY, Histograms, Peers
from simbox.scoring.reason_rows import Points, no_reasons, reason_rows, start_reasons, sum_reasons
from simbox.scoring.scorecard import LONGEST, NIGHT, OWN, Expert, Pair, Scorecard, Term
from simbox.scoring.usual import from_scale
from simbox.tables.scores import REASONS, USUAL

Values = npt.NDArray[np.float64]

# `expert_number` is the expert's place in the card; `values`, on the card's scale, are of its terms in order and then
# two of each pair, NaN where not known. `peers` are those of `window_nights`, and likewise for the longest window and
# the night's own.
_SIMS: dict[str, pl.DataType | type[pl.DataType]] = {
    "imsi": pl.Int64,
    "expert_number": pl.UInt16,
    "window_nights": pl.Int16,
    "longest_nights": pl.Int16,
    "night_nights": pl.Int16,
    "peers": pl.String,
    "longest_peers": pl.String,
    "night_peers": pl.String,
    "values": pl.List(pl.Float64),
}

# What a term looks at, by its window.
_LOOKED_AT = {
    OWN: ("window_nights", "peers"),
    LONGEST: ("longest_nights", "longest_peers"),
    NIGHT: ("night_nights", "night_peers"),
}


class Untold(NamedTuple):
    """`sims` has a row for each SIM not told in full, `histograms` the peers of each `night` of these rows, and
    `scales` (USUAL) what their values were put to scale by."""

    sims: pl.DataFrame
    histograms: pl.DataFrame
    scales: pl.DataFrame

    def among(self, sims: pl.DataFrame) -> "Untold":
        """Only what is known of some SIMs (imsi)."""
        return self._replace(sims=self.sims.join(sims.select("imsi"), on="imsi", how="semi"))

    def carry(self, scored: pl.DataFrame, tonight: "Untold") -> "Untold":
        """With `tonight` in place of what was known of the SIMs scored in it (imsi)."""
        kept = self.sims.join(scored.select("imsi"), on="imsi", how="anti")
        sims = pl.concat([kept, tonight.sims])
        nights = sims.select("night").unique()
        of_nights = [
            pl.concat(both).join(nights, on="night", how="semi") for both in zip(self[1:], tonight[1:], strict=True)
        ]
        return Untold(sims, *of_nights)


def _on(night: date | None, *frames: pl.DataFrame) -> Untold:
    return Untold(*(frame.with_columns(night=pl.lit(night, dtype=pl.Date)) for frame in frames))


NOBODY_UNTOLD = pl.DataFrame(schema=_SIMS)
NOTHING_UNTOLD = _on(None, NOBODY_UNTOLD, EMPTY.counts, USUAL.empty())


def untold_sims(kept: pl.DataFrame) -> pl.DataFrame:
    """What was kept of a night's SIMs as rows of Untold, without their night."""
    return kept.select(pl.col(name).cast(dtype) for name, dtype in _SIMS.items())


def finish_untold(sims: pl.DataFrame, histograms: Histograms, scales: pl.DataFrame, night: date) -> Untold:
    """What is known of a night's SIMs, once all buckets have been counted, with the USUAL that they were put to scale
    by."""
    return _on(night, sims, histograms.counts, scales)


def tell_in_full(untold: Untold, card: Scorecard, operators: pl.DataFrame) -> pl.DataFrame:
    """REASONS of the strongest expert, one by one, as `score_alone` and `finish_reasons` would have given them to SIMs
    of these operators (imsi, operator)."""
    told = []
    for (night,), of_night in untold.sims.group_by("night", maintain_order=True):
        histograms, scales = (frame.filter(pl.col("night") == night).drop("night") for frame in untold[1:])
        peers = Peers(Histograms(histograms))
        windows = [nights for nights, _ in _LOOKED_AT.values()]
        by_expert = of_night.group_by("expert_number", *windows, maintain_order=True)
        rows = [_say(part, card) for _, part in by_expert]
        told.append(from_scale(peers.add_percentiles(pl.concat(rows)), scales, operators).select(REASONS.names))
    return REASONS.conform(pl.concat([REASONS.empty(), *(REASONS.conform(rows) for rows in told)]))


def _say(sims: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """The reasons of SIMs that one expert judged in one window."""
    expert = card.expert[sims["expert_number"][0]]
    values = np.array(sims["values"].to_list(), dtype=np.float64).reshape(sims.height, -1)
    rows = [start_reasons(expert, sims.with_columns(counted=pl.lit(value=True)))]
    for number, term in enumerate(expert.term):
        rows.append(_said(expert, term, sims, term.points_of(values[:, number]), values[:, number], None))
    of_pairs = values[:, len(expert.term) :].T
    for number, pair in enumerate(expert.pair):
        first, second = of_pairs[2 * number : 2 * number + 2]
        rows.append(_said(expert, pair, sims, pair.points_of(first, second), first, second))
    return pl.concat([no_reasons(), *rows])


def _said(
    expert: Expert, term: Term | Pair, sims: pl.DataFrame, points: Points, values: Values, besides: Values | None
) -> pl.DataFrame:
    told = points != 0
    window, peers = _LOOKED_AT[term.window]
    some = sims.filter(pl.Series(told))
    return reason_rows(
        expert, term, some["imsi"], values[told], points[told], sims[window][0], some[peers].rename("peer_group"),
        np.ones(some.height, dtype=bool), None if besides is None else besides[told],
    )  # fmt: skip


def tell_in_short(untold: Untold, card: Scorecard, evidence: pl.DataFrame, base: int) -> pl.DataFrame:
    """REASONS with all that the strongest expert adds to the prior in one, from (imsi, evidence_own)."""
    names = pl.Series([expert.name for expert in card.expert], dtype=pl.String)
    sims = untold.sims.join(evidence, on="imsi", maintain_order="left")
    return sum_reasons(
        sims.select(
            "imsi",
            "window_nights",
            expert=names.gather(sims["expert_number"]),
            points=(pl.col("evidence_own") - base).cast(pl.Int32),
        )
    )
