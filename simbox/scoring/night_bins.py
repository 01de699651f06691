"""A night's SIMs window by window, each feature of the card cut to bins once."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import binning
from simbox.kernels.points import add_points, add_points_of_pairs
from simbox.scoring.peers import EMPTY, Histograms, peer_bins, peer_edges
from simbox.scoring.reason_rows import START, Points, edges_passed, no_reasons
from simbox.scoring.scorecard import LONGEST, NIGHT, OWN, Expert, Pair, Scorecard, Term, Window

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]
Number = TypeVar("Number", np.int16, np.int64, np.float64)
# Where no expert judges a way of cheating in a window.
NOBODY = -(10**6)


class Asked(NamedTuple):
    """An expert that is asked in a window about some of the SIMs (indices), and for which of them it counts."""

    expert: Expert
    window: int
    sims: Indices
    counted: Flags


class _Said(NamedTuple):
    """Reasons column by column; `besides` are what was measured beside, of pairs; `groups` is -1 without peers."""

    sims: Indices
    windows: npt.NDArray[np.int16]
    values: Values
    besides: Values
    limits: Values
    groups: npt.NDArray[np.int64]
    points: Points
    counted: Flags


def _start_of(expert: Expert, window: int, sims: Indices, counted: Flags) -> _Said:
    nothing = np.full(sims.size, np.nan)
    return _Said(
        sims,
        np.full(sims.size, window, dtype=np.int16),
        nothing,
        nothing,
        nothing,
        np.full(sims.size, -1, dtype=np.int64),
        np.full(sims.size, expert.start, dtype=np.int32),
        counted,
    )


class NightBins:
    """A night's SIMs window by window, in order, each feature of the card cut to bins once.

    Of FEATURES with `peer_group`, where every SIM has a row in every window; ValueError otherwise.
    """

    def __init__(self, features: pl.DataFrame, card: Scorecard) -> None:
        self.windows: list[int] = sorted(features["window_nights"].unique())
        ordered = features.sort("imsi", "window_nights")
        count = len(self.windows)
        if ordered["window_nights"].to_list() != self.windows * (ordered.height // count):
            raise ValueError("a SIM lacks a window")
        self.imsi = ordered["imsi"].gather_every(count)
        groups = ordered["peer_group"]
        self._names = groups.unique().sort()
        number = groups.cast(pl.Enum(self._names)).to_physical().to_numpy().astype(np.int64)
        self._groups = _by_window(number, count)
        self._edges = {name: _cut(name, card) for name in card.features()}
        self._rows = {name: row for row, name in enumerate(self._edges)}
        # (features, windows, SIMs)
        self._values = np.empty((len(self._edges), count, len(self.imsi)))
        self._bins = np.empty(self._values.shape, dtype=np.int16)
        for row, (name, edges) in enumerate(self._edges.items()):
            values = ordered[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            self._values[row] = _by_window(values, count)
            self._bins[row] = _by_window(binning(values, edges), count)

    def expert_points(self, expert: Expert | None, window: int) -> Points:
        """The sum of an expert's points for each SIM."""
        totals = np.full(len(self.imsi), NOBODY, dtype=np.int32)
        if expert is not None:
            rows = [self._rows[term.feature] for term in expert.term]
            back = [self._place_of(term.window, window) for term in expert.term]
            tables = [self._table(term) for term in expert.term]
            longest = max((table.size for table in tables), default=1)
            padded = np.array([np.pad(table, (0, longest - table.size)) for table in tables], dtype=np.int32)
            asked = (np.array(rows, dtype=np.int64), np.array(back, dtype=np.int64))
            add_points(self._bins, *asked, padded.reshape(len(tables), longest), expert.start, totals)
            self._add_pairs(expert.pair, window, totals)
        return totals

    def _add_pairs(self, pairs: Sequence[Pair], window: int, totals: Points) -> None:
        if not pairs:
            return
        asked = [
            [(self._rows[side.feature], self._place_of(side.window, window)) for side in pair.sides] for pair in pairs
        ]
        firsts, first_windows, seconds, second_windows = np.array(asked, dtype=np.int64).reshape(-1, 4).T.copy()
        tables = [self._table_of_pair(pair) for pair in pairs]
        height, width = (max(sizes) for sizes in zip(*(table.shape for table in tables), strict=True))
        padded = np.zeros((len(pairs), height, width), dtype=np.int32)
        for number, table in enumerate(tables):
            padded[number, : table.shape[0], : table.shape[1]] = table
        add_points_of_pairs(self._bins, firsts, first_windows, seconds, second_windows, padded, totals)

    def reasons(self, asked: Sequence[Asked]) -> pl.DataFrame:
        """What experts have to say of some of the SIMs: their own points, and each term that gives points."""
        labels: list[tuple[str, str, str, str]] = []
        said: list[_Said] = []
        for expert, window, sims, counted in asked:
            if expert.start:
                labels.append((START, expert.name, "", ""))
                said.append(_start_of(expert, window, sims, counted))
            for term in expert.term:
                labels.append((term.code, expert.name, term.feature, ""))
                said.append(self._said_of(term, window, sims, counted))
            for pair in expert.pair:
                labels.append((pair.code, expert.name, pair.first, pair.second))
                said.append(self._said_of_pair(pair, window, sims, counted))
        if not said:
            return no_reasons()
        label = np.repeat(np.arange(len(said)), [one.sims.size for one in said])
        every = _Said(*(np.concatenate(column) for column in zip(*said, strict=True)))
        code, name, feature, beside = (pl.Series(column, dtype=pl.String) for column in zip(*labels, strict=True))
        groups = pl.concat([self._names, pl.Series([None], dtype=pl.String)]).rename("peer_group")
        # One frame of them all: to make a frame for each term took longer than everything else in scoring.
        return pl.DataFrame(
            {
                "imsi": self.imsi.gather(every.sims),
                "code": code.gather(label),
                "expert": name.gather(label),
                "window_nights": every.windows,
                "feature": feature.gather(label),
                "beside_feature": beside.gather(label),
                "value": pl.Series(every.values, nan_to_null=True),
                "beside": pl.Series(every.besides, nan_to_null=True),
                "limit": pl.Series(every.limits, nan_to_null=True),
                "peer_group": groups.gather(np.where(every.groups < 0, len(self._names), every.groups)),
                "points": every.points,
                "counted": every.counted,
            }
        )

    def keep(self, expert: Expert, number: int, window: int, sims: Indices) -> pl.DataFrame:
        """What an expert, the card's `number`th, saw of some of the SIMs in a window: rows of `Untold`, no night."""
        place, last = self.windows.index(window), len(self.windows) - 1
        looked_at = [
            *((term.feature, term.window) for term in expert.term),
            *((side.feature, side.window) for pair in expert.pair for side in pair.sides),
        ]
        values = np.empty((sims.size, len(looked_at)))
        for column, (feature, of) in enumerate(looked_at):
            back = self._place_of(of, window)
            values[:, column] = self._values[self._rows[feature], back, sims]
        return pl.DataFrame(
            {
                "imsi": self.imsi.gather(sims),
                "expert_number": pl.repeat(number, sims.size, eager=True),
                "window_nights": pl.repeat(window, sims.size, eager=True),
                "longest_nights": pl.repeat(self.windows[-1], sims.size, eager=True),
                "night_nights": pl.repeat(self.windows[0], sims.size, eager=True),
                "peers": self._names.gather(self._groups[place, sims]),
                "longest_peers": self._names.gather(self._groups[last, sims]),
                "night_peers": self._names.gather(self._groups[0, sims]),
                "values": pl.Series(values).arr.to_list() if looked_at else pl.Series([[]] * sims.size),
            }
        )

    def _said_of(self, term: Term, window: int, sims: Indices, counted: Flags) -> _Said:
        place, row = self._place_of(term.window, window), self._rows[term.feature]
        points = self._table(term)[self._bins[row, place, sims] + 1]
        told = points != 0
        sims = sims[told]
        values = self._values[row, place, sims]
        return self._say(place, sims, values, edges_passed(term.edges, values), points[told], counted[told])

    def _said_of_pair(self, pair: Pair, window: int, sims: Indices, counted: Flags) -> _Said:
        rows = [self._rows[side.feature] for side in pair.sides]
        places = [self._place_of(side.window, window) for side in pair.sides]
        bins, beside = (self._bins[row, place, sims] + 1 for row, place in zip(rows, places, strict=True))
        points = self._table_of_pair(pair)[bins, beside]
        told = points != 0
        sims = sims[told]
        values, besides = (self._values[row, place, sims] for row, place in zip(rows, places, strict=True))
        limits = edges_passed(pair.first_edges, values)
        return self._say(places[0], sims, values, limits, points[told], counted[told], besides)

    def _say(
        self, place: int, sims: Indices, values: Values, limits: Values, points: Points, counted: Flags,
        besides: Values | None = None,
    ) -> _Said:  # fmt: skip
        windows = np.full(sims.size, self.windows[place], dtype=np.int16)
        nothing = np.full(sims.size, np.nan)
        groups = self._groups[place, sims]
        return _Said(sims, windows, values, nothing if besides is None else besides, limits, groups, points, counted)

    def _place_of(self, asked: Window, window: int) -> int:
        return self.windows.index({OWN: window, NIGHT: self.windows[0], LONGEST: self.windows[-1]}[asked])

    def _table(self, term: Term) -> Points:
        """The term's points where its feature is not known, and by bin of it."""
        return np.array([term.without, *np.array(term.points)[self._reached(term.feature, term.edges)]], dtype=np.int32)

    def _table_of_pair(self, pair: Pair) -> Points:
        """The pair's points, first where a feature is not known, then by its bins."""
        rows, columns = (self._reached(side.feature, side.edges) for side in pair.sides)
        table = np.array(pair.points, dtype=np.int32)
        return np.ascontiguousarray(table[np.concatenate([[-1], rows])][:, np.concatenate([[-1], columns])])

    def _reached(self, feature: str, edges: Sequence[float]) -> Indices:
        """For each bin of a feature the bin among some of its edges."""
        return np.searchsorted(np.array(edges), np.concatenate([[-np.inf], self._edges[feature]]), side="right")

    def count_peers(self, among: Flags) -> Histograms:
        """How the features of the card are spread over some of the SIMs, kind by kind."""
        groups = len(self._names)
        of_window = np.arange(len(self.windows))[:, None] * groups + self._groups
        parts: list[tuple[npt.NDArray[np.int64], ...]] = []
        for row, (name, edges) in enumerate(self._edges.items()):
            own = np.concatenate([[0], peer_bins(name, edges)])
            size = edges.size + 1
            known = (self._bins[row] >= 0) & among
            counts = np.bincount(of_window[known] * size + self._bins[row][known])
            filled = np.flatnonzero(counts)
            parts.append((np.full(filled.size, row), filled // size, own[filled % size], counts[filled]))
        if not parts:
            return EMPTY
        feature, window_group, bins, sims = (np.concatenate(column) for column in zip(*parts, strict=True))
        counted = pl.DataFrame(
            {
                "feature": pl.Series(list(self._edges), dtype=pl.String).gather(feature),
                "window_nights": np.array(self.windows, dtype=np.int16)[window_group // groups],
                "peer_group": self._names.gather(window_group % groups),
                "bin": bins.astype(np.int32),
                "sims": sims.astype(np.int64),
            }
        )
        return EMPTY.add(Histograms(counted))


def _by_window(values: npt.NDArray[Number], windows: int) -> npt.NDArray[Number]:
    """Rows by SIM and window as a row for each window."""
    return np.ascontiguousarray(values.reshape(-1, windows).T)


def _cut(feature: str, card: Scorecard) -> npt.NDArray[np.float64]:
    """Every edge of a feature that the card or its peers' histograms have."""
    of_card = {edge for expert in card.expert for name, edges in expert.cuts() if name == feature for edge in edges}
    return np.array(sorted(of_card | set(peer_edges(feature))))
