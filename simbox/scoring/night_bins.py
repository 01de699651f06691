"""A night's SIMs window by window, each feature of the card cut to bins once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import binning, count_bins
from simbox.kernels.points import add_points, add_points_of_pairs
from simbox.scoring.card_tables import Indices, Values, tables_of
from simbox.scoring.peers import EMPTY, Histograms
from simbox.scoring.reason_rows import Points, no_reasons
from simbox.scoring.scorecard import LONGEST, NIGHT, OWN, Expert, Scorecard
from simbox.scoring.untold import NOBODY_UNTOLD, untold_sims

Flags = npt.NDArray[np.bool_]
# Where no expert judges a way of cheating in a window.
NOBODY = -(10**6)


class Asked(NamedTuple):
    """An expert that is asked in a window about some of the SIMs (indices), and for which of them it counts."""

    expert: Expert
    window: int
    sims: Indices
    counted: Flags


class _Said(NamedTuple):
    """Reasons column by column, `labels` are places among the card's; `groups` is -1 without peers."""

    labels: Indices
    sims: Indices
    windows: npt.NDArray[np.int16]
    values: Values
    besides: Values
    limits: Values
    groups: Indices
    points: Points
    counted: Flags


class NightBins:
    """A night's SIMs window by window, in order, each feature of the card cut to bins once.

    Of FEATURES with `peer_group`, where every SIM has a row in every window; ValueError otherwise.
    """

    def __init__(self, features: pl.DataFrame, card: Scorecard) -> None:
        self.windows: list[int] = sorted(features["window_nights"].unique())
        self._tables = tables_of(card)
        names, count = self._tables.names, len(self.windows)
        # Nulls are filled in all columns at once: one after the other took a tenth of scoring.
        known = pl.col(names).cast(pl.Float64).fill_null(float("nan"))
        ordered = _in_order(features.select("imsi", "window_nights", "peer_group", known))
        if ordered["window_nights"].to_list() != self.windows * (ordered.height // count):
            raise ValueError("a SIM lacks a window")
        self.imsi = ordered["imsi"].gather_every(count)
        self._names = ordered["peer_group"].unique().sort()
        number = ordered["peer_group"].cast(pl.Enum(self._names)).to_physical().to_numpy().astype(np.int64)
        self._groups = np.ascontiguousarray(number.reshape(-1, count).T)
        # (features, windows, SIMs)
        self._values = np.empty((len(names), count, len(self.imsi)))
        self._bins = np.empty(self._values.shape, dtype=np.int16)
        for row, (column, edges, starts) in enumerate(
            zip(ordered.select(names), self._tables.edges, self._tables.starts, strict=True)
        ):
            values = column.to_numpy()
            binning(values.view(np.int64), values, edges, starts, self._values[row], self._bins[row])

    def expert_points(self, expert: Expert | None, window: int) -> Points:
        """The sum of an expert's points for each SIM."""
        totals = np.full(len(self.imsi), NOBODY, dtype=np.int32)
        if expert is not None:
            its, places = self._tables.of(expert), self._places(expert, window)
            add_points(self._bins, its.rows[: its.terms], places[: its.terms], its.points, its.start, totals)
            features, windows = (
                np.ascontiguousarray(column[its.terms :].reshape(-1, 2).T) for column in (its.rows, places)
            )
            add_points_of_pairs(
                self._bins, features[0], windows[0], features[1], windows[1], its.points_of_pairs, totals
            )
        return totals

    def reasons(self, asked: Sequence[Asked]) -> pl.DataFrame:
        """What experts have to say of some of the SIMs: their own points, and each term that gives points."""
        said = [rows for one in asked for rows in self._say(one)]
        if not said:
            return no_reasons()
        every = _Said(*(np.concatenate(column) for column in zip(*said, strict=True)))
        labels = self._tables.labels
        groups = pl.concat([self._names, pl.Series([None], dtype=pl.String)])
        # One frame of them all: to make a frame for each term took longer than everything else in scoring.
        return pl.DataFrame(
            {
                "imsi": self.imsi.gather(every.sims),
                "code": labels.code.gather(every.labels),
                "expert": labels.expert.gather(every.labels),
                "window_nights": every.windows,
                "feature": labels.feature.gather(every.labels),
                "beside_feature": labels.beside_feature.gather(every.labels),
                "value": pl.Series(every.values, nan_to_null=True),
                "beside": pl.Series(every.besides, nan_to_null=True),
                "limit": pl.Series(every.limits, nan_to_null=True),
                "peer_group": groups.gather(np.where(every.groups < 0, len(self._names), every.groups)),
                "points": every.points,
                "counted": every.counted,
            }
        )

    def keep(self, asked: Sequence[Asked]) -> pl.DataFrame:
        """What experts saw of some of the SIMs: rows of `Untold`, no night."""
        if not asked:
            return NOBODY_UNTOLD
        sims = np.concatenate([one.sims for one in asked])
        sizes = [one.sims.size for one in asked]
        place = np.repeat([self.windows.index(one.window) for one in asked], sizes)
        last = len(self.windows) - 1
        windows = np.array(self.windows, dtype=np.int16)
        values = []
        for one in asked:
            rows, places = self._tables.of(one.expert).rows, self._places(one.expert, one.window)
            seen = self._values[rows, places, one.sims[:, None]]
            values.append(pl.Series(seen).arr.to_list() if rows.size else pl.Series([[]] * one.sims.size))
        return untold_sims(
            pl.DataFrame(
                {
                    "imsi": self.imsi.gather(sims),
                    "expert_number": np.repeat([self._tables.of(one.expert).number for one in asked], sizes),
                    "window_nights": windows[place],
                    "longest_nights": pl.repeat(self.windows[-1], sims.size, eager=True),
                    "night_nights": pl.repeat(self.windows[0], sims.size, eager=True),
                    "peers": self._names.gather(self._groups[place, sims]),
                    "longest_peers": self._names.gather(self._groups[last, sims]),
                    "night_peers": self._names.gather(self._groups[0, sims]),
                    "values": pl.concat([one.cast(pl.List(pl.Float64)) for one in values]),
                }
            )
        )

    def count_peers(self, among: Flags) -> Histograms:
        """How the features of the card are spread over some of the SIMs, kind by kind."""
        parts: list[tuple[Indices, ...]] = []
        for row, wider in enumerate(self._tables.peer_bins):
            counts = np.zeros((len(self.windows), len(self._names), int(wider[-1]) + 1), dtype=np.int64)
            count_bins(self._bins[row], self._groups, among, wider, counts)
            window, group, held = np.nonzero(counts)
            parts.append((np.full(window.size, row), window, group, held, counts[window, group, held]))
        if not parts:
            return EMPTY
        feature, window, group, held, sims = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Histograms(
            pl.DataFrame(
                {
                    "feature": pl.Series(self._tables.names, dtype=pl.String).gather(feature),
                    "window_nights": np.array(self.windows, dtype=np.int16)[window],
                    "peer_group": self._names.gather(group),
                    "bin": held.astype(np.int32),
                    "sims": sims,
                }
            )
        )

    def _say(self, asked: Asked) -> list[_Said]:
        """What an expert has to say: its own points, those of its terms and those of its pairs."""
        its, places, sims = self._tables.of(asked.expert), self._places(asked.expert, asked.window), asked.sims
        bins = self._bins[its.rows[:, None], places[:, None], sims] + 1
        said = [self._start(asked)] if its.start else []
        of_terms, firsts, seconds = bins[: its.terms], bins[its.terms :: 2], bins[its.terms + 1 :: 2]
        pair = np.arange(len(firsts))[:, None]
        points = np.take_along_axis(its.points, of_terms, axis=1)
        limits = np.take_along_axis(its.limits, of_terms, axis=1)
        own = slice(its.terms)
        said.append(self._told(asked, points, limits, its.label + 1, its.rows[own], places[own]))
        points = its.points_of_pairs[pair, firsts, seconds]
        limits = its.limits_of_pairs[pair, firsts]
        own, beside = slice(its.terms, None, 2), slice(its.terms + 1, None, 2)
        of_pairs = self._told(asked, points, limits, its.label + 1 + its.terms, its.rows[own], places[own])
        term, number = np.nonzero(points)
        besides = self._values[its.rows[beside][term], places[beside][term], sims[number]]
        said.append(of_pairs._replace(besides=besides))
        return said

    def _start(self, asked: Asked) -> _Said:
        its, size = self._tables.of(asked.expert), asked.sims.size
        nothing = np.full(size, np.nan)
        return _Said(
            np.full(size, its.label),
            asked.sims,
            np.full(size, asked.window, dtype=np.int16),
            nothing,
            nothing,
            nothing,
            np.full(size, -1),
            np.full(size, its.start, dtype=np.int32),
            asked.counted,
        )

    def _told(self, asked: Asked, points: Points, limits: Values, label: int, rows: Indices, places: Indices) -> _Said:
        """All that gives points, from (term, SIM), where the first is labelled `label`; `rows` and `places` are the
        feature and window that each looks at. Nothing beside."""
        term, number = np.nonzero(points)
        sims, place = asked.sims[number], places[term]
        return _Said(
            label + term,
            sims,
            np.array(self.windows, dtype=np.int16)[place],
            self._values[rows[term], place, sims],
            np.full(term.size, np.nan),
            limits[term, number],
            self._groups[place, sims],
            points[term, number],
            asked.counted[number],
        )

    def _places(self, expert: Expert, window: int) -> Indices:
        """The place of each window that an expert looks at when it is asked in one."""
        of = {OWN: window, NIGHT: self.windows[0], LONGEST: self.windows[-1]}
        place = {asked: self.windows.index(nights) for asked, nights in of.items()}
        return np.array([place[asked] for asked in self._tables.of(expert).windows], dtype=np.int64)


def _in_order(features: pl.DataFrame) -> pl.DataFrame:
    """By SIM and window; nothing is moved where that is how they stand."""
    imsi, window = features["imsi"].to_numpy(), features["window_nights"].to_numpy()
    later = (imsi[1:] > imsi[:-1]) | (imsi[1:] == imsi[:-1]) & (window[1:] >= window[:-1])
    return features if later.all() else features[np.lexsort((window, imsi))]
