"""The additive model: a logistic regression on the steps from bin to bin, held to the directions of the domain.

Each step is pulled towards none, so that a table is as smooth as its examples are few.
"""

from collections.abc import Sequence
from math import log

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array

from simbox.scoring.train.examples import Bins, Bools
from simbox.scoring.ways import Sign

POINTS = 10 / log(2)
# What is not known may speak against a SIM, but hardly for its guilt, whatever it makes up for elsewhere.
MOST_WITHOUT = 12
# Share of rig SIMs at which models are fitted: that among SIMs which deserve a second look.
FIT_PREVALENCE = 0.002
FIT_PRIOR = log(FIT_PREVALENCE / (1 - FIT_PREVALENCE))
# Pull of each step towards none, in examples: those of one rig are alike, so they say less than as many strangers.
PULL = 4.0
LEAST_LENGTH, LEAST_GAIN = 0.01, 1e-4

Floats = npt.NDArray[np.float64]


def fit_additive(
    bins: Bins,
    is_rig: Bools,
    weights: Floats,
    signs: Sequence[Sign],
    steps: int,
    known_log_odds: Floats | float = FIT_PRIOR,
    cells: Sequence[int] = (),
) -> tuple[list[Floats], float]:
    """For each sign its log-odds by bin, the last where it is missing, and the log-odds of a SIM in all first bins.

    `cells` are the sizes of pairs, whose columns follow those of the signs: their tables have a value for each cell.

    Likelihood of the weighted rows, given log-odds that are known without the signs, less PULL / 2 for each squared
    step.
    """
    sizes = np.array([*(len(sign.edges) + 2 for sign in signs), *cells])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    places = np.minimum(bins, (sizes - 1)[None, :]).astype(np.int32) + offsets[None, :-1].astype(np.int32)
    rows = csr_array(
        (np.ones(places.size), places.ravel(), np.arange(0, places.size + 1, sizes.size)),
        shape=(places.shape[0], int(offsets[-1])),
    )
    columns = np.minimum(bins, (sizes - 1)[None, :]).T.astype(np.int64, order="C")
    known = [slice(int(offsets[place]), int(offsets[place + 1]) - 1) for place in range(len(signs))]
    free: list[tuple[float | None, float | None]] = [(None, None)]
    for sign in signs:
        step = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}[sign.direction]
        free += [(0.0, 0.0), *[step] * len(sign.edges), (None, None)]
    free += [(None, None)] * sum(cells)
    # A step of a sign counts in its own bin and in all above it, a cell of a pair in itself.
    spread = np.zeros((int(offsets[-1]) + 1, int(offsets[-1]) + 1))
    spread[0, 0] = 1.0
    spread[1:, 1:] = np.eye(int(offsets[-1]))
    for part in known:
        spread[part.start + 1 : part.stop + 1, part.start + 1 : part.stop + 1] = np.tril(
            np.ones((part.stop - part.start, part.stop - part.start))
        )
    pull = np.concatenate([[0.0], np.full(int(offsets[-1]), PULL)])

    def loss(made: Floats, log_odds: Floats) -> float:
        likelihood = np.where(is_rig, np.logaddexp(0, -log_odds), np.logaddexp(0, log_odds)) @ weights
        return float(likelihood + pull @ made**2 / 2)

    def told(made: Floats) -> Floats:
        tables = spread @ made
        found: Floats = rows @ tables[1:] + (tables[0] + known_log_odds)
        return found

    made = np.zeros(pull.size)
    log_odds = told(made)
    worth = loss(made, log_odds)
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-log_odds))
        wrong = weights * (chance - is_rig)
        slope = spread.T @ np.concatenate([[wrong.sum()], rows.T @ wrong]) + pull * made
        doubt = weights * np.maximum(chance * (1 - chance), 1e-9)
        by_bin = rows.T @ doubt
        bent = np.empty_like(spread)
        bent[1:, 1:] = _met(columns, offsets, doubt)
        bent[0, 0], bent[0, 1:], bent[1:, 0] = doubt.sum(), by_bin, by_bin
        bent = spread.T @ bent @ spread + np.diag(pull)
        bounds = [
            tuple(None if edge is None else edge - at for edge in two) for two, at in zip(free, made, strict=True)
        ]
        change = _within(slope, bent, bounds)
        length = 1.0
        while True:
            log_there = told(made + length * change)
            there = loss(made + length * change, log_there)
            if there <= worth or length < LEAST_LENGTH:
                break
            length /= 2
        gained = worth - there
        made, log_odds, worth = made + length * change, log_there, there
        if gained < LEAST_GAIN * abs(worth):
            break
    tables = (spread @ made)[1:]
    return [tables[first:last] for first, last in zip(offsets[:-1], offsets[1:], strict=True)], float(made[0])


def _met(columns: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], weights: Floats) -> Floats:
    """How much weight lies where a bin of one column meets a bin of another, for all bins of all columns.

    Counts for each two columns took a fifth of the time of a product of sparse matrices (0.5 against 2.6 s for a
    hundred columns of 24,000 rows).
    """
    met = np.empty((int(offsets[-1]), int(offsets[-1])))
    parts = [slice(int(first), int(last)) for first, last in zip(offsets[:-1], offsets[1:], strict=True)]
    for one, (column, part) in enumerate(zip(columns, parts, strict=True)):
        for other, beside in zip(columns[: one + 1], parts[: one + 1], strict=True):
            rows, width = part.stop - part.start, beside.stop - beside.start
            counted = np.bincount(column * width + other, weights, rows * width).reshape(rows, width)
            met[part, beside] = counted
            met[beside, part] = counted.T
    return met


def _within(slope: Floats, bent: Floats, bounds: Sequence[tuple[float | None, ...]]) -> Floats:
    """The change that lowers slope @ change + change @ bent @ change / 2 most and stays within bounds."""
    scale = 1 / np.sqrt(np.diag(bent))
    bent = bent * scale[:, None] * scale[None, :]
    limits = [tuple(None if b is None else b / s for b in two) for two, s in zip(bounds, scale, strict=True)]
    found = minimize(
        lambda c: ((slope * scale) @ c + c @ (bend := bent @ c) / 2, slope * scale + bend),
        np.zeros(slope.size), jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 500, "maxcor": 30},
    ).x  # fmt: skip
    return found * scale


def limit(sign: Sign, table: Floats) -> Floats:
    """A sign's log-odds by bin within what it may take away and give."""
    kept = np.clip(table, sign.least / POINTS, sign.most / POINTS)
    kept[-1] = min(kept[-1], MOST_WITHOUT / POINTS)
    for value, points in sign.ceilings:
        above = 1 + sign.edges.index(value)
        kept[above:-1] = np.minimum(kept[above:-1], points / POINTS)
    return kept
