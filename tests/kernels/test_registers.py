"""Registers of what SIMs have shown against the plain twin."""

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import registers as oracle

from simbox.kernels import registers
from simbox.kernels.registers import NOTHING_SHOWN, enter, is_among

Nights = list[set[oracle.Pair]]

_pair = st.tuples(st.integers(1, 4), st.integers(-1, 6))
_nights = st.lists(st.sets(_pair, max_size=12), min_size=1, max_size=5)
_rising = st.lists(st.integers(0, 9), max_size=12).map(sorted)


def is_as_the_twin_keeps(nights: Nights) -> bool:
    return keeps_what_the_twin_keeps(nights, 1) and keeps_what_the_twin_keeps(nights, None)


def keeps_what_the_twin_keeps(nights: Nights, memory: int | None) -> bool:
    """Whether it does with the last nights, so many before the newest, or with the first ones."""
    register, known = NOTHING_SHOWN, {}
    for night, shown in enumerate(nights):
        since = None if memory is None else night - memory
        # By SIM, whatever the order of a SIM's values.
        pairs = sorted(shown, key=lambda pair: (pair[0], pair[1] * 7 % 5))
        sims, values = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in range(2))
        register = enter(register, sims, values, night, since)
        known = oracle.merge_shown(known, shown, night, since)
        if list(zip(*(column.tolist() for column in register), strict=True)) != [
            (*pair, found) for pair, found in known.items()
        ]:
            return False
    return True


def is_told(lists: tuple[list[int], list[int]]) -> bool:
    sims, some = (np.array(values, dtype=np.int64) for values in lists)
    return is_among(sims, np.unique(some)).tolist() == [sim in lists[1] for sim in lists[0]]


@given(_nights)
def test_pairs_and_their_nights_are_as_the_twin_keeps_them(nights: Nights) -> None:
    assert is_as_the_twin_keeps(nights)


@given(st.tuples(_rising, _rising))
def test_sims_are_told_from_others(lists: tuple[list[int], list[int]]) -> None:
    assert is_told(lists)


def test_what_was_handed_over_stays_as_it_was() -> None:
    sims, values = np.array([1, 1]), np.array([5, 3])
    assert enter(NOTHING_SHOWN, sims, values, 0, 0).values.tolist() == [3, 5]
    assert values.tolist() == [5, 3]


@as_plain_python
@each_mutant(registers.merge_shown, registers.sort_within)
def test_a_register_with_a_fault_fails_the_comparison(mutant: Callable[..., int], monkeypatch) -> None:
    monkeypatch.setattr(registers, mutant.__name__, mutant)
    find_difference(_nights, is_as_the_twin_keeps)


@as_plain_python
@each_mutant(registers._mark_among)
def test_telling_with_a_fault_fails_the_comparison(mutant: Callable[..., None], monkeypatch) -> None:
    monkeypatch.setattr(registers, "_mark_among", mutant)
    find_difference(st.tuples(_rising, _rising), is_told)
