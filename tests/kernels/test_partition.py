"""The counting sorts against Python's, and what they refuse."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.mutants import as_plain_python, each_mutant, find_difference
from oracles import partition as oracle

from simbox.kernels import partition as kernels

MODULE = sys.modules[kernels.partition.__module__]
PARTS = 3
WIDTHS = (np.int8, np.int16, np.int32, np.int64)

_codes = st.lists(st.integers(0, 6), max_size=50)
# Of so many records a SIM's are sorted at more distances than one.
_records = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=60)
_sims = st.lists(st.integers(0, 2**49), max_size=30)


def is_partitioned_as_by_the_twin(codes: list[int]) -> bool:
    order, starts = MODULE.partition(np.array(codes, dtype=np.int64), 8)
    return (order.tolist(), starts.tolist()) == oracle.partition(codes, 8)


def is_ordered_as_by_the_twin(records: list[tuple[int, int]]) -> bool:
    imsi, started_at = ([record[place] for record in records] for place in range(2))
    order, borders = kernels.order_by_sim(np.array(imsi, dtype=np.int64), np.array(started_at, dtype=np.int64))
    return (order.tolist(), borders.tolist()) == oracle.order_by_sim(imsi, started_at)


def is_parted_as_by_the_twin(sims: list[int]) -> bool:
    imsi = np.array(sims, dtype=np.int64)
    counts = np.zeros(PARTS, dtype=np.int64)
    kernels.count_parts(imsi, counts)
    free = np.cumsum(counts) - counts
    places = np.empty(imsi.size, dtype=np.int32)
    kernels.place_in_parts(imsi, free, places)
    own = [kernels._part(sim, PARTS) for sim in sims]
    for width in WIDTHS:
        values = np.arange(imsi.size, dtype=width)
        into = np.full(imsi.size, -1, dtype=width)
        kernels.scatter(values, places, into)
        expected, lengths = oracle.into_parts(own, values.tolist(), PARTS)
        if (into.tolist(), counts.tolist()) != (expected, lengths):
            return False
        # And back again, to where each came from.
        kernels.gather(into, places, values)
        if values.tolist() != list(range(imsi.size)):
            return False
    return all(0 <= part < PARTS for part in own)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@given(codes=_codes)
def test_records_come_by_sim_and_keep_their_order(dtype: type, codes: list[int]) -> None:
    array = np.array(codes, dtype=dtype)
    array.setflags(write=False)
    order, starts = kernels.partition(array, 8)
    assert (order.tolist(), starts.tolist()) == oracle.partition(codes, 8)
    assert order.dtype == starts.dtype == np.int64


@pytest.mark.parametrize("code", [-1, 3])
def test_a_code_out_of_range_is_an_error(code: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        kernels.partition(np.array([0, code]), 3)


@given(_records)
def test_each_sims_records_come_in_order_of_time_and_then_of_number(records: list[tuple[int, int]]) -> None:
    assert is_ordered_as_by_the_twin(records)


@given(_sims)
def test_each_record_goes_to_the_part_of_its_sim_and_keeps_its_turn(sims: list[int]) -> None:
    assert is_parted_as_by_the_twin(sims)


def test_parts_are_about_as_large() -> None:
    own = [kernels._part(401_710_000_000_000 + sim, 16) for sim in range(16_000)]
    assert all(800 < own.count(part) < 1200 for part in range(16))


@as_plain_python
@each_mutant(kernels.partition)
def test_a_partition_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_codes, is_partitioned_as_by_the_twin)


@as_plain_python
@each_mutant(kernels._order_part, kernels._sort_by_time)
def test_an_order_with_a_fault_fails_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_records, is_ordered_as_by_the_twin)


@as_plain_python
@each_mutant(kernels.count_parts, kernels.place_in_parts, kernels.scatter, kernels.gather)
def test_parts_with_a_fault_fail_the_comparison(mutant: Callable[..., Any], monkeypatch) -> None:
    monkeypatch.setitem(vars(MODULE), mutant.__name__, mutant)
    find_difference(_sims, is_parted_as_by_the_twin)
