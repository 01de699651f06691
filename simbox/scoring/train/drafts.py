"""Experts in the making: for each way of cheating and class of windows the signs that tell most, and their tables."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from threadpoolctl import threadpool_limits

from simbox.scoring.scorecard import FIRST_NIGHT, NIGHT
from simbox.scoring.train.additive import FIT_PREVALENCE, FIT_PRIOR, Floats, fit_additive, limit
from simbox.scoring.train.examples import Bins, Bools, Examples, blind, is_way
from simbox.scoring.train.pairs import PairDraft, cells_of, choose_pairs, hold_to_directions, limit_cells
from simbox.scoring.ways import SIGNS, WAYS, Way

# Windows that share their tables: a longer one than the worlds have nights is judged by their longest.
NIGHT_ALONE = ((FIRST_NIGHT,), (1,))
WINDOWS = (*NIGHT_ALONE, (3,), (7, 14, 30))
# How many signs an expert keeps at least and at most, a sign for each rig between: SIMs of one rig are much alike.
FEW_TERMS, TERMS = 8, 24
CHOOSING_ROWS, FIT_ROWS = 24_000, 60_000
# Steps of the optimiser for the choice among all signs, and for the weights of those chosen.
CHOOSING_STEPS, STEPS = 5, 10


class Draft(NamedTuple):
    """An expert in the making: for each sign (its column) the log-odds by bin, the last where it is missing, and for
    each pair of signs those of its cells."""

    name: str
    windows: tuple[int, ...]
    columns: list[int]
    tables: list[Floats]
    start: float
    pairs: list[PairDraft]
    cells: list[Floats]


def fit_drafts(examples: Examples) -> list[Draft]:
    """A draft for each way of cheating and class of windows of which there are examples."""
    seen = blind(examples)
    # Sums by several threads differ in their last digits, and a fit of so few columns is no faster for them.
    with threadpool_limits(1):
        drafts = [_fit(way, windows, seen) for way in WAYS for windows in WINDOWS]
    return [draft for draft in drafts if draft]


def _fit(way: Way, windows: tuple[int, ...], examples: Examples) -> Draft | None:
    facts = examples.facts
    inside = facts["window_nights"].is_in(windows).to_numpy()
    lawful = facts["rig"].is_null().to_numpy()
    cheats = inside & is_way(facts, way)
    rigs = facts.filter(pl.Series(cheats)).select("world", "rig").n_unique()
    if rigs < 2:
        return None
    rows = np.flatnonzero(inside & (lawful | cheats))
    is_rig = cheats[rows]
    weights = _weights(facts[rows], is_rig)
    columns = [
        number
        for number, sign in enumerate(SIGNS)
        if sign.code in way.signs and (sign.window != NIGHT or windows not in NIGHT_ALONE)
    ]
    few = _some(is_rig, np.zeros(rows.size), CHOOSING_ROWS)
    columns = [c for c in columns if np.unique(examples.bins[rows[few.rows], c]).size > 1]
    bins = examples.bins[rows[few.rows]][:, columns]
    tables, _ = fit_additive(
        bins, is_rig[few.rows], weights[few.rows] * few.times, [SIGNS[c] for c in columns], CHOOSING_STEPS
    )
    chosen = _most_telling(columns, tables, bins, is_rig[few.rows], weights[few.rows])
    chosen = chosen[: min(max(rigs, FEW_TERMS), TERMS)]
    total = np.zeros(rows.size)
    for column, table in zip(columns, tables, strict=True):
        if column in chosen:
            total += table[np.minimum(examples.bins[rows, column], table.size - 1)]
    few = _some(is_rig, total, FIT_ROWS)
    times = weights[few.rows] * few.times
    bins = examples.bins[rows[few.rows]]
    signs = [SIGNS[c] for c in chosen]
    tables, constant = fit_additive(bins[:, chosen], is_rig[few.rows], times, signs, STEPS)
    wrong, doubt = _errors(bins[:, chosen], tables, constant, is_rig[few.rows], times)
    pairs = choose_pairs(columns, bins, wrong, doubt, rigs)
    if pairs:
        cells = [cells_of(pair, bins) for pair in pairs]
        both = np.column_stack([bins[:, chosen], *cells])
        free, _ = fit_additive(both, is_rig[few.rows], times, signs, STEPS, cells=[pair.cells for pair in pairs])
        held = [
            hold_to_directions(pair, table, np.bincount(cell, doubt, pair.cells).astype(np.float64))
            for pair, table, cell in zip(pairs, free[len(chosen) :], cells, strict=True)
        ]
        known = FIT_PRIOR + sum(table[cell] for table, cell in zip(held, cells, strict=True))
        # Single signs once more, beside what is left of the pairs.
        tables, constant = fit_additive(bins[:, chosen], is_rig[few.rows], times, signs, STEPS, known)
        tables += held
    everyone = examples.bins[rows[~is_rig]]
    draft = _centre(way, windows, chosen, tables[: len(chosen)], constant, everyone[:, chosen], weights[~is_rig])
    return _centre_pairs(draft, pairs, tables[len(chosen) :], everyone, weights[~is_rig])


def _errors(bins: Bins, tables: list[Floats], constant: float, is_rig: Bools, weights: Floats) -> tuple[Floats, Floats]:
    """The slope and the bend of each row's likelihood where single signs leave it."""
    total = FIT_PRIOR + constant + sum(_rows_of(bins, place, table) for place, table in enumerate(tables))
    chance = 1 / (1 + np.exp(-total))
    return weights * (chance - is_rig), weights * chance * (1 - chance)


class _Few(NamedTuple):
    """Rows to fit on, and for how many each counts."""

    rows: npt.NDArray[np.intp]
    times: Floats


def _some(is_rig: Bools, log_odds: Floats, most: int) -> _Few:
    """At most so many rows, a third of rigs at most; of the lawful the likest to rigs' all, of the others some."""
    rigs, lawful = np.flatnonzero(is_rig), np.flatnonzero(~is_rig)
    every = -(-rigs.size * 3 // most)
    kept = rigs[::every]
    lawful = lawful[np.argsort(-log_odds[lawful], kind="stable")]
    room = (most - kept.size) // 2
    like, unlike = lawful[:room], np.sort(lawful[room:])
    step = max(-(-unlike.size // room), 1)
    return _Few(
        np.concatenate([kept, like, unlike[::step]]),
        np.concatenate([
            np.full(kept.size, rigs.size / kept.size), np.ones(like.size),
            np.full(unlike[::step].size, unlike.size / max(unlike[::step].size, 1)),
        ]),
    )  # fmt: skip


def _weights(facts: pl.DataFrame, is_rig: Bools) -> Floats:
    """A rig counts by the root of its rows, all rigs together as many as FIT_PREVALENCE says."""
    sizes = facts.select(pl.len().over("world", "rig")).to_series().to_numpy()
    own = facts["weight"].to_numpy()
    weights = np.where(is_rig, own / np.sqrt(sizes), own)
    weights[is_rig] *= is_rig.sum() / weights[is_rig].sum()
    weights[~is_rig] *= is_rig.sum() * (1 - FIT_PREVALENCE) / FIT_PREVALENCE / weights[~is_rig].sum()
    return weights


def _most_telling(columns: list[int], tables: list[Floats], bins: Bins, is_rig: Bools, weights: Floats) -> list[int]:
    """The signs in the order of how far they move the log-odds of rigs' SIMs and of the lawful ones like them."""
    parts = np.stack([_rows_of(bins, place, table) for place, table in enumerate(tables)], axis=1)
    total = parts.sum(axis=1)
    hard = np.exp(np.clip(total - np.quantile(total[is_rig], 0.2), -20, 0)) * weights
    hard[is_rig] *= hard[~is_rig].sum() / hard[is_rig].sum()
    mean = np.average(parts, axis=0, weights=hard)
    # What speaks apart, not what is merely different from the crowd, is worth a place.
    spread = np.sqrt(np.average((parts - mean) ** 2, axis=0, weights=hard))
    return [columns[place] for place in np.argsort(-spread, kind="stable") if spread[place] > 0.02]


def _rows_of(bins: Bins, place: int, table: Floats) -> Floats:
    found: Floats = table[np.minimum(bins[:, place], table.size - 1)]
    return found


def _centre(
    way: Way, windows: tuple[int, ...], columns: list[int], tables: list[Floats], constant: float,
    lawful: Bins, weights: Floats,
) -> Draft:  # fmt: skip
    """Everyday habits, the lawful SIMs' weighted median of each sign, have no points but the expert's own."""
    centred = []
    for place, (column, table) in enumerate(zip(columns, tables, strict=True)):
        share = np.bincount(np.minimum(lawful[:, place], table.size - 1), weights=weights, minlength=table.size)
        known = np.cumsum(share[:-1])
        usual = int(np.searchsorted(known, known[-1] / 2)) if known[-1] else table.size - 1
        constant += float(table[usual])
        sign = SIGNS[column]
        centred.append(limit(sign, table - table[usual]))
    return Draft(way.name, windows, columns, centred, constant, [], [])


def _centre_pairs(draft: Draft, pairs: list[PairDraft], tables: list[Floats], lawful: Bins, weights: Floats) -> Draft:
    """The draft with its pairs, of whose cells the likeliest among the lawful has no points."""
    start, cells = draft.start, []
    for pair, table in zip(pairs, tables, strict=True):
        share = np.bincount(cells_of(pair, lawful), weights=weights, minlength=pair.cells)
        usual = float(table[int(share.argmax())])
        start += usual
        cells.append(limit_cells(pair, table - usual))
    return draft._replace(start=start, pairs=pairs, cells=cells)


def evidence_of(drafts: Sequence[Draft], examples: Examples) -> pl.DataFrame:
    """(world, night, imsi, rig, level, kind, segment, weight, log_odds) of each SIM and night, the strongest
    draft's."""
    windows = examples.facts["window_nights"].to_numpy()
    best = np.full(windows.size, -np.inf)
    for draft in drafts:
        rows = np.flatnonzero(np.isin(windows, draft.windows))
        best[rows] = np.maximum(best[rows], total_of(draft, examples.bins[rows]))
    return (
        examples.facts.with_columns(log_odds=pl.Series(best))
        .group_by("world", "night", "imsi", maintain_order=True)
        .agg(
            pl.col("rig", "level", "kind", "segment", "weight").first(),
            pl.col("log_odds").max(),
        )
    )


def total_of(draft: Draft, bins: Bins) -> Floats:
    total = np.full(bins.shape[0], draft.start)
    for column, table in zip(draft.columns, draft.tables, strict=True):
        total += table[np.minimum(bins[:, column], table.size - 1)]
    for pair, table in zip(draft.pairs, draft.cells, strict=True):
        total += table[cells_of(pair, bins)]
    return total
