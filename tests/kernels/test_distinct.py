"""The table of distinct values behaves as a dict that keeps the order of insertion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.kernels.distinct import SLOTS_AT_FIRST, add, allot, empty, find, mark_firsts, number, number_few, size

# Values that share a slot of small tables, or of all: their halves cancel out.
_keys = st.one_of(st.integers(0, 12), st.integers(0, 2**62 - 1), st.integers(0, 9).map(lambda i: i * (2**31 + 1)))


@given(st.lists(st.lists(_keys, max_size=40), max_size=6))
def test_a_table_reused_for_several_slices_equals_a_new_dict_for_each(parts: list[list[int]]) -> None:
    table = allot(max((len(part) for part in parts), default=0))
    for part in parts:
        empty(table, len(part))
        counts: dict[int, int] = {}
        for key in part:
            index = add(table, key)
            table.tallies[index] += 1
            counts[key] = counts.get(key, 0) + 1
            assert index == list(counts).index(key)
        assert size(table) == len(counts)
        assert table.members[: len(counts)].tolist() == list(counts)
        assert table.tallies[: len(counts)].tolist() == list(counts.values())
        assert [find(table, key) for key in counts] == list(range(len(counts)))
        assert find(table, 2**62 - 2) == list(counts).index(2**62 - 2) if 2**62 - 2 in counts else -1


@given(st.lists(st.lists(st.integers(0, 39), max_size=40), max_size=6), st.data())
def test_values_are_numbered_in_order_of_their_first_with_a_slot_each_or_hashed(
    parts: list[list[int]], data: st.DataObject
) -> None:
    table = allot(40)
    for part in parts:
        values = np.array(part, dtype=np.int32)
        kept = data.draw(st.lists(st.booleans(), min_size=values.size, max_size=values.size))
        chosen = np.flatnonzero(np.array(kept, dtype=bool))
        members = list(dict.fromkeys(values[chosen].tolist()))
        for function in (number_few, number):
            numbers = np.full(chosen.size, -7, dtype=np.int64)
            assert function(chosen, values, table, numbers) == len(members)
            assert [members[each] for each in numbers] == values[chosen].tolist()
        first = np.full(values.size, -7, dtype=np.int32)
        mark_firsts(chosen, values.astype(np.int64), table, first)
        assert all(first[each] == next(i for i in chosen if values[i] == values[each]) for each in chosen)
        assert (np.delete(first, chosen) == -7).all()


def test_a_full_table_is_an_error() -> None:
    table = allot(4)
    empty(table, 4)
    for key in range(4):
        add(table, key)
    add(table, 3)
    with pytest.raises(RuntimeError, match="full"):
        add(table, 4)


def test_a_slice_beyond_the_allotment_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="smaller"):
        empty(allot(4), 5)


@pytest.mark.parametrize("step", [1, 10, 2**20, 2**31, 2**31 + 1, 2**40])
def test_numbers_in_steps_are_all_told_apart(step: int) -> None:
    keys = np.arange(300, dtype=np.int64) * step
    table = allot(keys.size)
    empty(table, keys.size)
    for key in keys:
        add(table, key)
    assert size(table) == keys.size


def test_a_table_grows_with_the_values_of_a_long_slice() -> None:
    values = np.repeat(np.arange(SLOTS_AT_FIRST // 2 + 10, dtype=np.int64) * 3, 2)
    table = allot(values.size)
    # A long slice after another, and a short one after these.
    for part in (values, values[::-1].copy(), values[:9]):
        numbers = np.empty(part.size, dtype=np.int64)
        members = list(dict.fromkeys(part.tolist()))
        assert number(np.arange(part.size), part, table, numbers) == len(members)
        assert np.array_equal(table.members[numbers], part)
        first = np.empty(part.size, dtype=np.int32)
        mark_firsts(np.arange(part.size), part, table, first)
        assert np.array_equal(first, np.unique(part, return_index=True)[1][np.searchsorted(np.unique(part), part)])
        empty(table, part.size)
        some = part[::2]
        assert [add(table, value) for value in some] == numbers[::2].tolist()
        assert table.members[: size(table)].tolist() == members
        assert [find(table, value) for value in members[::97]] == list(range(len(members)))[::97]
