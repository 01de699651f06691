"""Pairs of signs that tell together what neither tells alone: which an expert keeps, and the cells they are cut to."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.isotonic import isotonic_regression

from simbox.reasons import TOGETHER, together
from simbox.scoring.train.additive import MOST_WITHOUT, POINTS, PULL, Floats
from simbox.scoring.train.examples import Bins
from simbox.scoring.ways import SIGNS

# Groups of bins on each side of a pair, one more where the sign is not known.
GROUPS = 4
# How many pairs an expert keeps, one for so many rigs at most, and how many of them one sign may stand in.
PAIRS, RIGS_A_PAIR, TIMES = 5, 4, 2
# Turns of the projections at most, and the least move of a log-odds that is worth another.
TURNS, LEAST_MOVE = 200, 1e-6
# The most points that a pair may give or take away.
MOST_OF_PAIR = 45


class PairDraft(NamedTuple):
    """Two signs by their columns; `first_cuts` and `second_cuts` are the bins at which each group after the first
    begins."""

    code: str
    first: int
    second: int
    first_cuts: tuple[int, ...]
    second_cuts: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many cells there are, those where a sign is not known among them."""
        return (len(self.first_cuts) + 2) * (len(self.second_cuts) + 2)


def cells_of(pair: PairDraft, bins: Bins) -> Bins:
    """The cell of each row of bins, first by the first sign's group."""
    first, second = _group(bins, pair.first, pair.first_cuts), _group(bins, pair.second, pair.second_cuts)
    return first * np.uint8(len(pair.second_cuts) + 2) + second


def choose_pairs(columns: Sequence[int], bins: Bins, wrong: Floats, doubt: Floats, rigs: int) -> list[PairDraft]:
    """The declared pairs of columns whose cells the sums of single signs get wrong most, the worst first.

    `wrong` and `doubt` are the slope and the bend of each row's likelihood. The gain of a pair is that of one step of
    the fit, in log-likelihood, beyond what its two signs would gain alone.
    """
    asked = [pair for pair in DECLARED if pair[1] in columns and pair[2] in columns]
    cuts = {column: _cuts(bins[:, column], column, doubt) for pair in asked for column in pair[1:]}
    alone = {column: _gain(_group(bins, column, found), len(found) + 2, wrong, doubt) for column, found in cuts.items()}
    gains = []
    for code, first, second in asked:
        pair = PairDraft(code, first, second, cuts[first], cuts[second])
        gain = _gain(cells_of(pair, bins), pair.cells, wrong, doubt) - alone[first] - alone[second]
        gains.append((-gain, pair))
    kept: list[PairDraft] = []
    for loss, pair in sorted(gains):
        used = [column for one in kept for column in (one.first, one.second)]
        if loss < 0 and used.count(pair.first) < TIMES and used.count(pair.second) < TIMES:
            kept.append(pair)
    return kept[: min(PAIRS, rigs // RIGS_A_PAIR)]


def hold_to_directions(pair: PairDraft, table: Floats, doubt: Floats) -> Floats:
    """The table nearest to a pair's log-odds by cell that keeps to the directions of its signs, by the doubt in each.

    Along a sign with a direction no step goes the other way, whatever the other sign says, so that a sum of single
    signs and pairs does not either. Projections onto both directions in turn (Dykstra 1983).
    """
    rows, columns = len(pair.first_cuts) + 2, len(pair.second_cuts) + 2
    weights = doubt.reshape(rows, columns) + 1e-9
    found = table.reshape(rows, columns).copy()
    directions = SIGNS[pair.first].direction, SIGNS[pair.second].direction
    owed = np.zeros_like(found), np.zeros_like(found)
    for _ in range(TURNS):
        before = found
        for axis, direction in enumerate(directions):
            if direction:
                wanted = found + owed[axis]
                found = _along(wanted, weights, direction, axis)
                owed[axis][:] = wanted - found
        if np.abs(found - before).max() < LEAST_MOVE:
            break
    return _along(found, weights, directions[1], 1).ravel() if directions[1] else found.ravel()


def _along(table: Floats, weights: Floats, direction: int, axis: int) -> Floats:
    """The nearest table that along an axis goes one way only, its last entries, of what is not known, left alone."""
    moved = np.moveaxis(table, axis, 1).copy()
    of_cells = np.moveaxis(weights, axis, 1)
    for row, of_row in zip(moved, of_cells, strict=True):
        row[:-1] = isotonic_regression(row[:-1], sample_weight=of_row[:-1], increasing=direction > 0)
    return np.moveaxis(moved, 1, axis)


def limit_cells(pair: PairDraft, table: Floats) -> Floats:
    """A pair's log-odds by cell within what it may take away and give; hardly any where a sign is not known."""
    kept = np.clip(table, -MOST_OF_PAIR / POINTS, MOST_OF_PAIR / POINTS)
    by_groups = kept.reshape(-1, len(pair.second_cuts) + 2)
    by_groups[-1] = np.minimum(by_groups[-1], MOST_WITHOUT / POINTS)
    by_groups[:, -1] = np.minimum(by_groups[:, -1], MOST_WITHOUT / POINTS)
    return kept


def _group(bins: Bins, column: int, cuts: tuple[int, ...]) -> Bins:
    found = np.searchsorted(np.array(cuts, dtype=np.int64), bins[:, column], side="right")
    return np.where(bins[:, column] > len(SIGNS[column].edges), len(cuts) + 1, found).astype(np.uint8)


def _cuts(bins: Bins, column: int, doubt: Floats) -> tuple[int, ...]:
    """Where a sign is cut so that its groups hold as much doubt each as its bins allow."""
    size = len(SIGNS[column].edges) + 1
    inside = bins < size
    held = np.cumsum(np.bincount(bins[inside], weights=doubt[inside], minlength=size))
    if held[-1] == 0:
        return ()
    at = np.searchsorted(held, held[-1] * np.arange(1, GROUPS) / GROUPS) + 1
    return tuple(int(cut) for cut in np.unique(at) if cut < size)


def _gain(cells: Bins, count: int, wrong: Floats, doubt: Floats) -> float:
    slope = np.bincount(cells, weights=wrong, minlength=count)
    bend = np.bincount(cells, weights=doubt, minlength=count)
    return float((slope**2 / (bend + PULL)).sum() / 2)


def _declared() -> list[tuple[str, int, int]]:
    columns: dict[str, int] = {}
    for column, sign in enumerate(SIGNS):
        columns.setdefault(sign.code, column)
    return [(together(*codes), columns[codes[0]], columns[codes[1]]) for codes in TOGETHER]


# Each declared pair and the columns of its signs, over the expert's window or the longest.
DECLARED = _declared()
