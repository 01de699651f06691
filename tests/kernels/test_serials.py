"""Rows of pairs of SIMs near each other against the plain twin."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import serials as oracle

from simbox.kernels import serials
from simbox.kernels.serials import near_rows, order_shown

Shown = tuple[list[int], list[int], list[int]]


@st.composite
def _shown(draw) -> Shown:
    """Rows of up to four SIMs with ranges that begin and end the later, the later the row is."""
    sims = draw(st.lists(st.integers(0, 3), max_size=12))
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(sims), max_size=len(sims)))
    widths = draw(st.lists(st.integers(0, 4), min_size=len(sims), max_size=len(sims)))
    first = np.maximum.accumulate([row + gap for row, gap in enumerate(gaps)]) if sims else []
    last = np.maximum.accumulate([begin + width for begin, width in zip(first, widths, strict=True)]) if sims else []
    return sims, [int(row) for row in first], [int(row) for row in last]


def near_in(shown: Shown) -> dict[tuple[int, int], list[tuple[int, int]]]:
    sims, first, last = (np.array(column, dtype=np.int64) for column in shown)
    a, b = np.triu_indices(4, 1)
    borders, one, other = near_rows(a, b, order_shown(sims, 4, first, last))
    assert (borders[-1], borders[0]) == (one.size, 0)
    return {
        (int(a[pair]), int(b[pair])): sorted(
            zip(
                one[borders[pair] : borders[pair + 1]].tolist(),
                other[borders[pair] : borders[pair + 1]].tolist(),
                strict=True,
            )
        )
        for pair in range(a.size)
    }


def is_as_the_twin_finds(shown: Shown) -> bool:
    return all(rows == oracle.near_rows(*shown, *pair) for pair, rows in near_in(shown).items())


def are_parts_as_the_twins_find(shown: Shown) -> bool:
    """What a pair's one SIM has in the ranges of the other's rows."""
    sims, first, last = shown
    for a, b in ((0, 1), (1, 0)):
        own, others = ([row for row, sim in enumerate(sims) if sim == end] for end in (a, b))
        given_rows = [np.array(column, dtype=np.int64) for column in (own, others, first, last)]
        expected = oracle.list_near(own, others, first, last)
        one, other = np.full((2, len(expected) + 1), -1, dtype=np.int32)
        if serials.count_near(*given_rows) != oracle.count_near(own, others, first, last):
            return False
        if serials.list_near(*given_rows, one, other, 1) != len(expected) + 1:
            return False
        if list(zip(one[1:].tolist(), other[1:].tolist(), strict=True)) != expected or one[0] != -1 or other[0] != -1:
            return False
    return True


@given(_shown())
def test_rows_are_near_as_the_twin_finds_them(shown: Shown) -> None:
    assert is_as_the_twin_finds(shown)


@given(_shown())
def test_what_lies_in_the_ranges_of_one_sim_is_as_the_twin_finds_it(shown: Shown) -> None:
    assert are_parts_as_the_twins_find(shown)


@as_plain_python
@each_mutant(serials.count_near)
def test_a_count_with_a_fault_fails_the_comparison(mutant: Callable[..., int], monkeypatch) -> None:
    monkeypatch.setattr(serials, "count_near", mutant)
    find_difference(_shown(), are_parts_as_the_twins_find)


@as_plain_python
@each_mutant(serials.list_near)
def test_a_list_with_a_fault_fails_the_comparison(mutant: Callable[..., int], monkeypatch) -> None:
    monkeypatch.setattr(serials, "list_near", mutant)
    find_difference(_shown(), are_parts_as_the_twins_find)


@as_plain_python
@each_mutant(serials._list_chunk)
def test_pairs_with_a_fault_fail_the_comparison(mutant: Callable[..., None], monkeypatch) -> None:
    monkeypatch.setattr(serials, "_list_chunk", mutant)
    find_difference(_shown(), is_as_the_twin_finds)


@pytest.mark.parametrize("pairs", [0, 1, 3 * serials.CHUNK_PAIRS + 5])
def test_many_pairs_are_worked_on_in_chunks(pairs: int) -> None:
    shown = order_shown(np.array([0, 1, 0]), 2, np.array([1, 2, 3]), np.array([2, 3, 3]))
    a = np.zeros(pairs, dtype=np.int64)
    borders, one, other = near_rows(a, a + 1, shown)
    assert (borders == 2 * np.arange(pairs + 1)).all()
    assert (one.reshape(-1, 2) == [0, 1]).all()
    assert (other.reshape(-1, 2) == [1, 2]).all()
