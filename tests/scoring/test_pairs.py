"""Pairs of signs: those are kept that tell together what neither tells alone."""

import numpy as np
import pytest

from simbox.scoring.scorecard import load_scorecard
from simbox.scoring.train.additive import MOST_WITHOUT, POINTS
from simbox.scoring.train.pairs import (
    DECLARED,
    MOST_OF_PAIR,
    PAIRS,
    PairDraft,
    cells_of,
    choose_pairs,
    hold_to_directions,
    limit_cells,
)
from simbox.scoring.ways import SIGNS

ROWS = 4000


def column_of(code: str) -> int:
    return next(column for column, sign in enumerate(SIGNS) if sign.code == code)


CALLS, RUNG_BACK = column_of("CALLS_A_NIGHT"), column_of("NOBODY_RINGS_BACK")


@pytest.fixture
def bins():
    """Every sign known, and none with anything to do with another."""
    rng = np.random.default_rng(7)
    return np.stack([rng.integers(0, len(sign.edges) + 1, ROWS) for sign in SIGNS], axis=1).astype(np.uint8)


def errors(bins, is_rig) -> tuple[np.ndarray, np.ndarray]:
    """Slope and bend where nothing is known of a row but how many are rigs'."""
    share = is_rig.mean()
    return share - is_rig, np.full(ROWS, share * (1 - share))


def test_what_two_signs_tell_only_together_is_found(bins):
    many, few = bins[:, CALLS] >= 8, bins[:, RUNG_BACK] < 4
    kept = choose_pairs(range(len(SIGNS)), bins, *errors(bins, many == few), rigs=100)
    assert kept[0].code == "CALLS_A_NIGHT_WITH_NOBODY_RINGS_BACK"
    assert (kept[0].first, kept[0].second) == (CALLS, RUNG_BACK)
    assert choose_pairs([CALLS, 0], bins, *errors(bins, many == few), rigs=100) == []


def test_what_one_sign_tells_alone_is_no_pair(bins):
    one = choose_pairs(range(len(SIGNS)), bins, *errors(bins, bins[:, CALLS] >= 8), rigs=100)
    both = choose_pairs(range(len(SIGNS)), bins, *errors(bins, (bins[:, CALLS] >= 8) == (bins[:, RUNG_BACK] < 4)), 100)
    assert "CALLS_A_NIGHT_WITH_NOBODY_RINGS_BACK" in [pair.code for pair in both]
    assert "CALLS_A_NIGHT_WITH_NOBODY_RINGS_BACK" not in [pair.code for pair in one]


@pytest.mark.parametrize(("rigs", "most"), [(3, 0), (4, 1), (11, 2), (1000, PAIRS)])
def test_few_rigs_teach_few_pairs(bins, rigs, most):
    is_rig = (bins[:, CALLS] >= 8) == (bins[:, RUNG_BACK] < 4)
    assert len(choose_pairs(range(len(SIGNS)), bins, *errors(bins, is_rig), rigs)) == most


def test_a_cell_is_the_groups_of_both_and_what_is_not_known_has_its_own():
    pair = PairDraft("", CALLS, RUNG_BACK, (2, 5), (3,))
    rows = np.zeros((6, len(SIGNS)), dtype=np.uint8)
    rows[:, CALLS] = [0, 2, 4, 5, 255, 1]
    rows[:, RUNG_BACK] = [0, 3, 2, 255, 255, 2]
    assert pair.cells == 12
    assert cells_of(pair, rows).tolist() == [0, 4, 3, 8, 11, 0]


def test_what_is_not_known_hardly_speaks_against_anybody():
    pair = PairDraft("", CALLS, RUNG_BACK, (2,), (3,))
    told = limit_cells(pair, np.array([9.0, -9.0, 9.0, 1.0, 2.0, 9.0, 9.0, -9.0, 0.5]))
    most, known_not = MOST_OF_PAIR / POINTS, MOST_WITHOUT / POINTS
    expected = [most, -most, known_not, 1.0, 2.0, known_not, known_not, -most, 0.5]
    assert told.tolist() == pytest.approx(expected)


def test_declared_pairs_are_of_signs_over_the_experts_window_or_the_longest():
    assert len(DECLARED) == len(set(DECLARED))
    assert "night" not in {SIGNS[column].window for pair in DECLARED for column in pair[1:]}


HANDSET, CALLEES = column_of("SHARED_HANDSET"), column_of("NEW_CALLEES")
# Calls rise and answers fall; new callees rise, and a shared handset may count either way.
BOTH = PairDraft("both", CALLS, RUNG_BACK, (2, 5, 9), (1, 3))
ONE = PairDraft("one", CALLEES, HANDSET, (2, 5), (1, 3, 6))


def steps_against(pair: PairDraft, table: np.ndarray) -> float:
    """The longest step that a pair's table takes against the directions of its signs."""
    cells = table.reshape(len(pair.first_cuts) + 2, len(pair.second_cuts) + 2)
    along = np.diff(cells[:-1], axis=0), np.diff(cells[:, :-1], axis=1)
    signs = SIGNS[pair.first], SIGNS[pair.second]
    against = [-sign.direction * step for sign, step in zip(signs, along, strict=True) if sign.direction]
    return max(float(steps.max()) for steps in against)


@pytest.mark.parametrize("pair", [BOTH, ONE])
def test_a_pair_keeps_to_the_directions_of_its_signs_and_is_the_nearest_that_does(pair):
    rng = np.random.default_rng(11)
    table, doubt = rng.normal(size=pair.cells), rng.uniform(0.1, 3, pair.cells)
    held = hold_to_directions(pair, table, doubt)
    assert steps_against(pair, table) > 0.5
    assert steps_against(pair, held) < 1e-4
    loss = doubt @ (held - table) ** 2
    for _ in range(300):
        other = hold_to_directions(pair, held + rng.normal(scale=0.2, size=pair.cells), np.ones(pair.cells))
        assert doubt @ (other - table) ** 2 > loss - 1e-3


def test_a_pair_that_keeps_to_them_stays_as_it_is():
    rows, columns = np.arange(5)[:, None], np.arange(4)[None, :]
    table = (rows * 0.3 - columns * 0.2).astype(float).ravel()
    assert hold_to_directions(BOTH, table, np.ones(BOTH.cells)) == pytest.approx(table)


def test_no_pair_of_the_shipped_card_goes_against_its_signs():
    directions = {sign.feature: sign.direction for sign in SIGNS}
    pairs = [pair for expert in load_scorecard().expert for pair in expert.pair]
    assert pairs
    for pair in pairs:
        known = np.array(pair.points)
        for name, steps in (
            (pair.first, np.diff(known[:-1], axis=0)),
            (pair.second, np.diff(known[:, :-1], axis=1)),
        ):
            assert (steps * directions[name] >= 0).all(), pair.code
