"""A lookup finds what a dict would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.kernels.firsts import count_inside, count_seen, first_seen, sim_borders
from simbox.kernels.lookup import look_up, make_lookup, take_counts

_keys = st.one_of(st.integers(-1, 12), st.integers(0, 2**62 - 1), st.integers(0, 9).map(lambda i: i * (2**31 + 1)))


@given(st.lists(_keys, unique=True, max_size=40), st.lists(_keys, max_size=40))
def test_keys_are_found_where_they_stand(keys: list[int], others: list[int]) -> None:
    lookup = make_lookup(np.array(keys, dtype=np.int64))
    places = {key: place for place, key in enumerate(keys)}
    wanted = keys + others
    assert look_up(lookup, np.array(wanted, dtype=np.int64)).tolist() == [places.get(key, -1) for key in wanted]


@given(
    st.lists(st.tuples(_keys, st.integers(0, 3)), unique=True, max_size=40),
    st.lists(st.tuples(_keys, st.integers(0, 3)), max_size=40),
)
def test_pairs_are_found_by_both_their_parts(keys: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    def split(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([a for a, _ in pairs], dtype=np.int64), np.array([b for _, b in pairs], dtype=np.int32)

    places = {key: place for place, key in enumerate(keys)}
    found = look_up(make_lookup(*split(keys)), *split(keys + others))
    assert found.tolist() == [places.get(key, -1) for key in keys + others]


@given(st.lists(st.lists(st.one_of(st.just(-1), st.integers(0, 3)), min_size=1, max_size=9), max_size=5))
def test_only_the_first_record_of_a_sim_with_a_value_is_new(sims: list[list[int]]) -> None:
    values = np.array([value for sim in sims for value in sim], dtype=np.int64)
    borders = np.cumsum([0, *(len(sim) for sim in sims)])
    expected = [value >= 0 and value not in sim[:place] for sim in sims for place, value in enumerate(sim)]
    assert first_seen(values, borders).tolist() == expected
    counts = [sim.count(value) * new for sim in sims for value, new in zip(sim, _news(sim), strict=True)]
    assert count_seen(values, borders).tolist() == counts


def _news(sim: list[int]) -> list[bool]:
    return [value >= 0 and value not in sim[:place] for place, value in enumerate(sim)]


@pytest.mark.parametrize(
    ("imsi", "borders"), [([], [0]), ([7], [0, 1]), ([7, 7, 3, 3, 3, 9], [0, 2, 5, 6]), ([1, 2], [0, 1, 2])]
)
def test_borders_are_where_the_sim_changes(imsi: list[int], borders: list[int]) -> None:
    assert sim_borders(np.array(imsi, dtype=np.int64)).tolist() == borders


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=9), max_size=5), st.lists(st.integers(0, 9)))
def test_records_of_later_nights_are_counted_for_each_sim_and_bound(sims: list[list[int]], after: list[int]) -> None:
    night = np.array([value for sim in sims for value in sim], dtype=np.int32)
    borders = np.cumsum([0, *(len(sim) for sim in sims)])
    expected = [[sum(value > bound for value in sim) for sim in sims] for bound in after]
    assert count_inside(night, borders, after).tolist() == expected


def test_counts_are_taken_where_they_stand_and_only_of_the_records_asked_for() -> None:
    at = np.array([2, -1, 0, 1, 1, -1, 2], dtype=np.int32)
    found = take_counts(np.array([5, 6, 7], dtype=np.int32), at, np.array([0, 4]), np.array([3, 7]))
    assert [found[:3].tolist(), found[4:].tolist()] == [[7, -1, 5], [6, -1, 7]]


@pytest.mark.parametrize("keys", [1, 100_000])
def test_many_keys_are_found_by_several_threads(keys: int) -> None:
    lookup = make_lookup(np.arange(keys, dtype=np.int64) * 3)
    wanted = np.arange(3 * keys, dtype=np.int64)
    assert (look_up(lookup, wanted) == np.where(wanted % 3 == 0, wanted // 3, -1)).all()
