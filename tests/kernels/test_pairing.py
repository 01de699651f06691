"""Pairs of SIMs in calls far apart at one time against the plain twin."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import pairing as oracle

from simbox.kernels import pairing
from simbox.kernels.pairing import apart_at_once

FAR_KM = 5.0
# Two points a kilometre apart, and one far from both.
POINTS = [(51.10, 71.40), (51.109, 71.40), (51.30, 71.40)]

_call = st.builds(
    lambda begun, lasting, point: (begun, begun + lasting, *point),
    st.integers(0, 40), st.integers(1, 12), st.sampled_from(POINTS),
)  # fmt: skip
_sims = st.lists(st.lists(_call, max_size=6).map(sorted), min_size=1, max_size=4)


def apart_in(sims: list[oracle.Calls]) -> list[list[bool]]:
    calls = [call for sim in sims for call in sim]
    columns = [np.array([call[place] for call in calls]) for place in range(4)]
    started_at, ended_at = (column.astype(np.int64) for column in columns[:2])
    lat, lon = (column.astype(np.float64) for column in columns[2:])
    borders = np.cumsum([0, *(len(sim) for sim in sims)])
    a, b = (ends.ravel() for ends in np.indices((len(sims), len(sims))))
    return apart_at_once(a, b, borders, started_at, ended_at, lat, lon, FAR_KM).reshape(len(sims), -1).tolist()


def is_as_the_twin_finds(sims: list[oracle.Calls]) -> bool:
    return apart_in(sims) == [[oracle.are_apart(one, other, FAR_KM) for other in sims] for one in sims]


@given(_sims)
def test_pairs_are_apart_as_the_twin_finds_them(sims: list[oracle.Calls]) -> None:
    assert is_as_the_twin_finds(sims)


@as_plain_python
@each_mutant(pairing.are_apart)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., bool], monkeypatch) -> None:
    monkeypatch.setattr(pairing, "are_apart", mutant)
    find_difference(_sims, is_as_the_twin_finds)


@pytest.mark.parametrize(
    ("begun", "far", "expected"),
    [(0, True, True), (9, True, True), (10, True, False), (20, True, False), (5, False, False)],
    ids=["at once", "in the last second", "right after", "later", "at once next door"],
)
def test_only_calls_at_one_time_and_far_apart_count(begun: int, far: bool, expected: bool) -> None:
    here, there = (0, 10, *POINTS[0]), (begun, begun + 10, *POINTS[2 if far else 1])
    # An hour-long call at the side of a short one must not hide it.
    assert apart_in([[here], [there, (begun, begun + 3600, *POINTS[1])]])[0][1] is expected


def test_a_call_that_began_long_before_still_counts() -> None:
    long, short = (0, 100, *POINTS[0]), [(1, 2, *POINTS[1]), (3, 99, *POINTS[2])]
    assert apart_in([[long], short])[0][1]
    assert apart_in([short, [long]])[0][1]


def test_many_pairs_are_worked_on_in_chunks() -> None:
    sims = [[(0, 10, *POINTS[number % 3])] for number in range(200)]
    found = np.array(apart_in(sims))
    expected = np.array([[(one % 3 == 2) != (other % 3 == 2) for other in range(200)] for one in range(200)])
    assert (found == expected).all()
