"""A night's SIMs window by window, each feature of the card cut to bins once."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.binning import binning
from simbox.scoring.peers import EMPTY, PEERS_BY, Histograms, peer_bins, peer_edges, peer_group
from simbox.scoring.reason_rows import Points, reason_rows, start_reasons
from simbox.scoring.scorecard import Expert, Scorecard, Term

# Where no expert judges a way of cheating in a window.
NOBODY = -(10**6)


class NightBins:
    """A night's SIMs window by window, in order, each feature of the card cut to bins once."""

    def __init__(self, features: pl.DataFrame, card: Scorecard) -> None:
        self.windows = sorted(features["window_nights"].unique())
        grouped = features.with_columns(peer_group=peer_group(pl.col("operator"), pl.col(PEERS_BY)))
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
        return start_reasons(expert, rows)

    def term_reasons(
        self, expert: Expert, term: Term, window: int, sims: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_]
    ) -> pl.DataFrame:
        """The reasons that a term gives to some of the SIMs, where it gives points."""
        back = self._window_of(term, window)
        points = self._table(term)[self._bins[term.feature, back][sims]]
        told = points != 0
        sims = sims[told]
        return reason_rows(
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
