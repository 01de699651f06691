"""A scorecard laid out for columns of SIMs: each feature's edges in one, and what each of its bins is worth."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import find_starts
from simbox.scoring.peers import peer_bins, peer_edges
from simbox.scoring.reason_rows import START, Points
from simbox.scoring.scorecard import Expert, Pair, Scorecard, Side, Term, Window

Indices = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Number = TypeVar("Number", np.int32, np.float64)


class ExpertTables(NamedTuple):
    """An expert's `terms`, then its pairs, each with a table by bin of what it looks at, first where that is not known.

    `rows` and `windows` are the features that are looked at and when: of each term, then two of each pair. `points`
    (term, bin) and `limits`, the edge that was passed; `points_of_pairs` (pair, bin, bin) and `limits_of_pairs`, by the
    bin of the first. `label` is the place of the expert's own points among the card's labels; those of its terms come
    after it, then those of its pairs.
    """

    number: int
    start: int
    label: int
    terms: int
    rows: Indices
    windows: list[Window]
    points: Points
    limits: Values
    points_of_pairs: Points
    limits_of_pairs: Values


class Labels(NamedTuple):
    """What a reason is of, by its place among all that a card has to say."""

    code: pl.Series
    expert: pl.Series
    feature: pl.Series
    beside_feature: pl.Series


class CardTables:
    """All tables of a card. `names` are the features that it asks for, in order, `edges` every edge of each that the
    card or its peers' histograms have, `starts` where these are sought from, `peer_bins` the bin of these histograms
    that each bin lies in."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        cut: dict[str, set[float]] = {name: set(peer_edges(name)) for name in card.features()}
        for expert in card.expert:
            for name, edges in expert.cuts():
                cut[name].update(edges)
        self.names = list(cut)
        self._row = {name: row for row, name in enumerate(self.names)}
        self.edges = [np.array(sorted(edges)) for edges in cut.values()]
        self.starts = [find_starts(edges) for edges in self.edges]
        self.peer_bins = [
            np.concatenate([[0], peer_bins(name, edges)]).astype(np.int64)
            for name, edges in zip(self.names, self.edges, strict=True)
        ]
        said: list[tuple[str, str, str, str]] = []
        self._experts = {}
        for number, expert in enumerate(card.expert):
            self._experts[id(expert)] = self._lay_out(expert, number, len(said))
            said.append((START, expert.name, "", ""))
            said += [(term.code, expert.name, term.feature, "") for term in expert.term]
            said += [(pair.code, expert.name, pair.first, pair.second) for pair in expert.pair]
        columns = zip(*said, strict=True) if said else [()] * len(Labels._fields)
        self.labels = Labels(*(pl.Series(column, dtype=pl.String) for column in columns))

    def of(self, expert: Expert) -> ExpertTables:
        """The tables of one of the card's experts."""
        return self._experts[id(expert)]

    def _lay_out(self, expert: Expert, number: int, label: int) -> ExpertTables:
        looked_at = [Side(term.feature, term.edges, term.window) for term in expert.term]
        looked_at += [side for pair in expert.pair for side in pair.sides]
        return ExpertTables(
            number,
            expert.start,
            label,
            len(expert.term),
            np.array([self._row[side.feature] for side in looked_at], dtype=np.int64),
            [side.window for side in looked_at],
            _stack([self._points(term) for term in expert.term], np.zeros((0, 1), dtype=np.int32)),
            _stack([self._limits(term.feature, term.edges) for term in expert.term], np.zeros((0, 1))),
            _stack([self._points_of_pair(pair) for pair in expert.pair], np.zeros((0, 1, 1), dtype=np.int32)),
            _stack([self._limits(pair.first, pair.first_edges) for pair in expert.pair], np.zeros((0, 1))),
        )

    def _points(self, term: Term) -> Points:
        return np.array([term.without, *np.array(term.points)[self._reached(term.feature, term.edges)]], dtype=np.int32)

    def _points_of_pair(self, pair: Pair) -> Points:
        rows, columns = (np.concatenate([[-1], self._reached(side.feature, side.edges)]) for side in pair.sides)
        points: Points = np.array(pair.points, dtype=np.int32)[rows][:, columns]
        return points

    def _limits(self, feature: str, edges: Sequence[float]) -> Values:
        """The edge that was passed last by bin of a feature, the first where none was."""
        passed = np.array(edges)[np.maximum(self._reached(feature, edges) - 1, 0)]
        return np.concatenate([[np.nan], passed])

    def _reached(self, feature: str, edges: Sequence[float]) -> Indices:
        """For each bin of a feature the bin among some of its edges."""
        return np.searchsorted(
            np.array(edges), np.concatenate([[-np.inf], self.edges[self._row[feature]]]), side="right"
        )


def _stack(tables: Sequence[npt.NDArray[Number]], nothing: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Tables in one array, filled up to the size of the largest; `nothing` where there are none."""
    if not tables:
        return nothing
    sizes: list[int] = [max(table.shape[axis] for table in tables) for axis in range(nothing.ndim - 1)]
    stacked: npt.NDArray[Number] = np.zeros((len(tables), *sizes), dtype=nothing.dtype)
    for number, table in enumerate(tables):
        stacked[number][tuple(slice(size) for size in table.shape)] = table
    return stacked


_made: list[CardTables] = []


def tables_of(card: Scorecard) -> CardTables:
    """The tables of a card; those of the last one are kept, for all buckets of a night are scored by one."""
    for tables in tuple(_made):
        if tables.card is card:
            return tables
    made = CardTables(card)
    _made[:] = [made]
    return made
