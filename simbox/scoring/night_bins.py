"""A night's SIMs window by window, each feature of the card cut to bins once."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import binning
from simbox.kernels.points import add_points
from simbox.scoring.peers import EMPTY, PEERS_BY, Histograms, peer_bins, peer_edges, peer_group
from simbox.scoring.reason_rows import START, Points, edges_passed, no_reasons
from simbox.scoring.scorecard import Expert, Scorecard, Term

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
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
    """Reasons column by column; `groups` is -1 where there are no peers."""

    sims: Indices
    windows: npt.NDArray[np.int16]
    values: npt.NDArray[np.float64]
    limits: npt.NDArray[np.float64]
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
        np.full(sims.size, -1, dtype=np.int64),
        np.full(sims.size, expert.start, dtype=np.int32),
        counted,
    )


class NightBins:
    """A night's SIMs window by window, in order, each feature of the card cut to bins once.

    Of FEATURES with the operator, where every SIM has a row in every window; ValueError otherwise.
    """

    def __init__(self, features: pl.DataFrame, card: Scorecard) -> None:
        self.windows: list[int] = sorted(features["window_nights"].unique())
        ordered = features.sort("imsi", "window_nights")
        count = len(self.windows)
        if ordered["window_nights"].to_list() != self.windows * (ordered.height // count):
            raise ValueError("a SIM lacks a window")
        self.imsi = ordered["imsi"].gather_every(count)
        groups = ordered.select(peer_group(pl.col("operator"), pl.col(PEERS_BY))).to_series()
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
        self.histograms = self._count_peers()

    def expert_points(self, expert: Expert | None, window: int) -> Points:
        """The sum of an expert's points for each SIM."""
        totals = np.full(len(self.imsi), NOBODY, dtype=np.int32)
        if expert is not None:
            rows = [self._rows[term.feature] for term in expert.term]
            back = [self.windows.index(self._window_of(term, window)) for term in expert.term]
            tables = [self._table(term) for term in expert.term]
            longest = max((table.size for table in tables), default=1)
            padded = np.array([np.pad(table, (0, longest - table.size)) for table in tables], dtype=np.int32)
            asked = (np.array(rows, dtype=np.int64), np.array(back, dtype=np.int64))
            add_points(self._bins, *asked, padded.reshape(len(tables), longest), expert.start, totals)
        return totals

    def reasons(self, asked: Sequence[Asked]) -> pl.DataFrame:
        """What experts have to say of some of the SIMs: their own points, and each term that gives points."""
        labels: list[tuple[str, str, str]] = []
        said: list[_Said] = []
        for expert, window, sims, counted in asked:
            if expert.start:
                labels.append((START, expert.name, ""))
                said.append(_start_of(expert, window, sims, counted))
            for term in expert.term:
                labels.append((term.code, expert.name, term.feature))
                said.append(self._said_of(term, window, sims, counted))
        if not said:
            return no_reasons()
        label = np.repeat(np.arange(len(said)), [one.sims.size for one in said])
        every = _Said(*(np.concatenate(column) for column in zip(*said, strict=True)))
        code, name, feature = (pl.Series(column, dtype=pl.String) for column in zip(*labels, strict=True))
        groups = pl.concat([self._names, pl.Series([None], dtype=pl.String)]).rename("peer_group")
        # One frame of them all: to make a frame for each term took longer than everything else in scoring.
        return pl.DataFrame(
            {
                "imsi": self.imsi.gather(every.sims),
                "code": code.gather(label),
                "expert": name.gather(label),
                "window_nights": every.windows,
                "feature": feature.gather(label),
                "value": pl.Series(every.values, nan_to_null=True),
                "limit": pl.Series(every.limits, nan_to_null=True),
                "peer_group": groups.gather(np.where(every.groups < 0, len(self._names), every.groups)),
                "points": every.points,
                "counted": every.counted,
            }
        )

    def keep(self, expert: Expert, number: int, window: int, sims: Indices) -> pl.DataFrame:
        """What an expert, the card's `number`th, saw of some of the SIMs in a window: rows of `Untold`, no night."""
        place, last = self.windows.index(window), len(self.windows) - 1
        values = np.empty((sims.size, len(expert.term)))
        for column, term in enumerate(expert.term):
            values[:, column] = self._values[self._rows[term.feature], last if term.longest else place, sims]
        return pl.DataFrame(
            {
                "imsi": self.imsi.gather(sims),
                "expert_number": pl.repeat(number, sims.size, eager=True),
                "window_nights": pl.repeat(window, sims.size, eager=True),
                "longest_nights": pl.repeat(self.windows[-1], sims.size, eager=True),
                "peers": self._names.gather(self._groups[place, sims]),
                "longest_peers": self._names.gather(self._groups[last, sims]),
                "values": pl.Series(values).arr.to_list() if expert.term else pl.Series([[]] * sims.size),
            }
        )

    def _said_of(self, term: Term, window: int, sims: Indices, counted: Flags) -> _Said:
        back = self._window_of(term, window)
        place, row = self.windows.index(back), self._rows[term.feature]
        points = self._table(term)[self._bins[row, place, sims] + 1]
        told = points != 0
        sims = sims[told]
        values = self._values[row, place, sims]
        windows = np.full(sims.size, back, dtype=np.int16)
        groups = self._groups[place, sims]
        return _Said(sims, windows, values, edges_passed(term, values), groups, points[told], counted[told])

    def _window_of(self, term: Term, window: int) -> int:
        return self.windows[-1] if term.longest else window

    def _table(self, term: Term) -> Points:
        """The term's points where its feature is not known, and by bin of it."""
        edges = self._edges[term.feature]
        reached = np.searchsorted(np.array(term.edges), np.concatenate([[-np.inf], edges]), side="right")
        return np.array([term.without, *np.array(term.points)[reached]], dtype=np.int32)

    def _count_peers(self) -> Histograms:
        groups = len(self._names)
        of_window = np.arange(len(self.windows))[:, None] * groups + self._groups
        parts: list[tuple[npt.NDArray[np.int64], ...]] = []
        for row, (name, edges) in enumerate(self._edges.items()):
            own = np.concatenate([[0], peer_bins(name, edges)])
            size = edges.size + 1
            known = self._bins[row] >= 0
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
    of_terms = {
        edge for expert in card.expert for term in expert.term if term.feature == feature for edge in term.edges
    }
    return np.array(sorted(of_terms | set(peer_edges(feature))))
