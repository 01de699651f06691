"""Pairs of SIMs that have things in common against the plain twin."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import meetings as oracle

from simbox.kernels.meetings import CHUNK_SIMS, Rows, meet, meetings

SIMS = 4
THINGS = 3
MODULE = sys.modules[meetings.__module__]

_share = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
_row = st.tuples(
    st.integers(0, THINGS - 1), st.integers(0, SIMS - 1), _share, st.sampled_from([0.0, 0.5, 10.25, 93.1]),
    st.integers(0, 50), st.integers(0, 50), st.booleans(), st.integers(0, 2), st.integers(0, 3),
)  # fmt: skip
_flags = st.lists(st.booleans(), min_size=SIMS, max_size=SIMS)
_cases = st.tuples(
    st.lists(_row, max_size=14, unique_by=lambda row: row[:2]).map(sorted), _flags, _flags, st.sampled_from([0, 1, 60])
)  # fmt: skip


def met_in(case: tuple[Any, ...]) -> tuple[dict[int, dict[int, tuple[int, ...]]], int, Any]:
    """What the kernel finds, what it compared, and what the twin has to say to that."""
    drawn, once, wanted, least_overlap = case
    held = [number for number, row in enumerate(drawn) if row[6]]
    rows = []
    for thing, sim, share, worth, first_at, last_at, _, before, after in drawn:
        # A range of the held rows that are of the same thing, cut off at either end.
        of_thing = [place for place, number in enumerate(held) if drawn[number][0] == thing]
        first, last = (of_thing[0] + before, max(of_thing[-1] + 1 - after, 0)) if of_thing else (0, 0)
        rows.append((sim, share, worth, first_at, last_at, first, last))
    columns = [np.array([row[place] for row in rows]) for place in range(7)]
    types = (np.int64, np.float64, np.float64, np.int64, np.int64, np.int64, np.int64)
    arrays = Rows(*(column.astype(dtype) for column, dtype in zip(columns, types, strict=True)))
    found = meetings(arrays, np.array(held, dtype=np.int64), np.array(once), np.array(wanted), least_overlap)
    seen: dict[int, dict[int, tuple[int, ...]]] = {sim: {} for sim in range(SIMS)}
    for sim, partner, *sums in zip(*(column.tolist() for column in found[:7]), strict=True):
        assert partner not in seen[sim]
        seen[sim][partner] = tuple(sums)
    owned = [[number for number, row in enumerate(rows) if row[0] == sim] for sim in range(SIMS)]
    return seen, found.compared, [oracle.meet(own, rows, held, once, wanted, least_overlap) for own in owned]


def are_those_of_the_twin(case: tuple[Any, ...]) -> bool:
    seen, compared, expected = met_in(case)
    return compared == sum(count for _, count in expected) and list(seen.values()) == [met for met, _ in expected]


@given(_cases)
def test_pairs_are_those_of_the_twin(case: tuple[Any, ...]) -> None:
    assert are_those_of_the_twin(case)


@as_plain_python
@each_mutant(meet)
def test_a_kernel_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_cases, are_those_of_the_twin)


def test_sims_in_chunks_keep_their_order() -> None:
    sims = 3 * CHUNK_SIMS + 1
    ones, every = np.ones(sims), np.ones(sims, dtype=bool)
    numbers, zeros = np.arange(sims), np.zeros(sims, dtype=np.int64)
    # Each SIM is compared with the two after it.
    rows = Rows(numbers, ones, ones, numbers, numbers, numbers, np.minimum(numbers + 3, sims))
    met = meetings(rows, numbers, every, every)
    pairs = [(a, b) for a in range(sims) for b in (a + 1, a + 2) if b < sims]
    assert list(zip(met.sim.tolist(), met.partner.tolist(), strict=True)) == pairs
    assert met.compared == len(pairs)
    nobody = meetings(rows._replace(last=zeros), numbers, every, every)
    assert nobody.sim.size == nobody.compared == 0
