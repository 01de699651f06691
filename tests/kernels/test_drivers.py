"""Drivers: many SIMs at once, windows, threads, and what they refuse."""

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.slices import DTYPES, Slice, as_arrays, call_oracle, is_same, parameters, slices

from simbox.kernels import (
    acquaintance,
    callees,
    chunks,
    contacts,
    gaps,
    handset,
    lifecycle,
    movement,
    rhythm,
    routine,
    volume,
)

MODULES = (volume, callees, contacts, rhythm, gaps, movement, routine, handset, lifecycle)
DRIVERS = {module.__name__.rpartition(".")[2]: module for module in MODULES}
BORDERS = ("histories", "starts", "ends", "first_nights")
OF_FIRST_LEGS = parameters(acquaintance.first_legs)
NIGHTS = {"nights_inside": 3, "nights_before": 2}
each_driver = pytest.mark.parametrize("name", DRIVERS)


def _call(module: ModuleType, arrays: dict[str, np.ndarray], **choice: Any) -> np.ndarray:
    driver: Callable[..., np.ndarray] = getattr(module, module.__name__.rpartition(".")[2])
    values = arrays | NIGHTS
    return driver(*[values[name] for name in parameters(driver)], **choice)


def _joined(pieces: list[Slice]) -> dict[str, np.ndarray]:
    """Several SIMs' records one after another, with where their history, window and end lie."""
    columns: dict[str, list[int]] = {column: [] for column in DTYPES}
    for piece in pieces:
        for column, values in piece.columns.items():
            columns[column].extend(values)
    sizes = np.array([len(piece.columns["service"]) for piece in pieces], dtype=np.int64)
    ends = np.cumsum(sizes)
    known = np.array([piece.known for piece in pieces], dtype=np.int64)
    firsts = np.array([_first_night(piece) for piece in pieces], dtype=np.int32)
    borders = {"histories": ends - sizes, "starts": ends - sizes + known, "ends": ends, "first_nights": firsts}
    return with_first_legs(as_arrays(columns) | borders)


def with_first_legs(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns with what `first_legs` finds of them."""
    return columns | {"first_leg": acquaintance.first_legs(*[columns[name] for name in OF_FIRST_LEGS])}


def _first_night(piece: Slice) -> int:
    return (piece.columns["night"] or [-1])[0]


def _expected(name: str, field: str, piece: Slice) -> float:
    oracle = importlib.import_module(f"oracles.{name}")
    function, position, *more = oracle.FIELDS[field]
    kernel = getattr(oracle, function)
    looks_back = {"known", "first_night"} & set(parameters(kernel))
    window = piece if looks_back else piece.window()
    extra: dict[str, Any] = NIGHTS | {"first_night": _first_night(piece)}
    for given_extra in more:
        extra |= given_extra
    if "gaps_us" in parameters(kernel):
        extra["gaps_us"] = call_oracle(oracle._gaps_us, window, {})
    answer = call_oracle(kernel, window, extra)
    return answer[position] if isinstance(answer, tuple) else answer


@each_driver
@given(pieces=st.lists(slices(max_size=12), max_size=5))
def test_each_field_of_each_sim_is_the_oracles(name: str, pieces: list[Slice]) -> None:
    module = DRIVERS[name]
    features = _call(module, _joined(pieces))
    assert features.shape == (len(pieces), len(module.FIELDS))
    assert features.dtype == np.float64
    for row, piece in zip(features, pieces, strict=True):
        for value, field in zip(row, module.FIELDS, strict=True):
            expected = _expected(name, field, piece)
            assert is_same(value, expected), (field, value, expected)


def _world(sims: int, records: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(20261124)
    total = sims * records
    starts_us = np.sort(random.integers(0, 86_400, (sims, records)), axis=1).ravel() * 1_000_000
    columns = {
        "started_at": starts_us,
        "duration_s": random.integers(0, 300, total),
        "service": random.choice([0, 0, 1, 2, 3], total),
        "direction": random.choice([0, 0, 1, 2], total),
        "answered": random.integers(-1, 2, total),
        "other_party": random.integers(-1, 6, total),
        "other_kind": random.integers(0, 9, total),
        "place": random.integers(-1, 8, total),
        "place_sims": random.integers(-1, 50, total),
        "abroad_inside": random.integers(-1, 3, total),
        "abroad_before": random.integers(-1, 3, total),
        "imei": random.integers(-1, 3, total),
        "imei_sims": random.integers(-1, 50, total),
        "night": np.full(total, 20_000),
        "local_minute": random.integers(-1, 1440, total),
    }
    arrays = as_arrays(columns)
    ends = np.arange(1, sims + 1) * records
    firsts = np.full(sims, 20_000, dtype=np.int32)
    borders = {"histories": ends - records, "starts": ends - records // 2, "ends": ends, "first_nights": firsts}
    return with_first_legs(arrays | borders)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_SIMS", 7)


@each_driver
@pytest.mark.usefixtures("small_chunks")
def test_the_number_of_threads_changes_no_bit(name: str) -> None:
    world = _world(sims=60, records=12)
    available = numba.get_num_threads()
    answers = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        answers.append(_call(DRIVERS[name], world))
    numba.set_num_threads(available)
    assert answers[0].tobytes() == answers[1].tobytes()


@each_driver
def test_a_sims_neighbours_in_the_call_change_nothing(name: str) -> None:
    world = _world(sims=20, records=12)
    together = _call(DRIVERS[name], world)
    alone = {key: world[key][5:6] for key in BORDERS}
    assert _call(DRIVERS[name], world | alone).tobytes() == together[5:6].tobytes()


@each_driver
def test_arrays_that_can_be_written_give_the_same(name: str) -> None:
    world = _world(sims=5, records=6)
    writable = {key: array.copy() for key, array in world.items()}
    assert _call(DRIVERS[name], writable).tobytes() == _call(DRIVERS[name], world).tobytes()


@each_driver
def test_no_sims_give_no_rows(name: str) -> None:
    world = _world(sims=1, records=2)
    none = {key: world[key][:0] for key in BORDERS}
    assert _call(DRIVERS[name], world | none).shape == (0, len(DRIVERS[name].FIELDS))


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python takes any type")
@each_driver
def test_a_column_of_another_type_is_refused(name: str) -> None:
    world = _world(sims=2, records=4)
    wrong = {key: array.astype(np.complex128) for key, array in world.items() if key in DTYPES}
    with pytest.raises(TypeError, match="No matching definition"):
        _call(DRIVERS[name], world | wrong)


@each_driver
def test_a_choice_of_fields_changes_no_bit_of_them(name: str) -> None:
    module = DRIVERS[name]
    world = _world(sims=9, records=12)
    whole = _call(module, world)
    for part in module.PARTS:
        chosen = _call(module, world, fields={part[0], "a field of another driver"})
        kept = [field in part for field in module.FIELDS]
        assert chosen[:, kept].tobytes() == whole[:, kept].tobytes()


@pytest.mark.usefixtures("small_chunks")
def test_an_error_in_any_thread_reaches_the_caller() -> None:
    def fail_in_the_last_chunk(first: int, last: int, *_: np.ndarray) -> None:
        if last == 40:
            raise RuntimeError("the table of distinct values is full")

    borders = np.arange(40, dtype=np.int64)
    features = chunks.new_features(40, [("one",)], None)
    with pytest.raises(RuntimeError, match="full"):
        chunks.fill_chunks(fail_in_the_last_chunk, lambda _: (), (), (borders, borders + 1), features)


@pytest.mark.usefixtures("small_chunks")
def test_scratch_memory_serves_the_longest_slice_of_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_LEAST_RECORDS", 2)
    starts = np.zeros(21, dtype=np.int64)
    lengths = np.array([1] * 7 + [9] + [1] * 13, dtype=np.int64)
    given = []
    features = chunks.new_features(21, [("one",)], None)

    def note(first: int, last: int, begins: np.ndarray, ends: np.ndarray, *rest: int) -> None:
        given.append((rest[-1], int((ends - begins)[first:last].max())))

    chunks.fill_chunks(note, lambda largest: (largest,), (), (starts, lengths), features)
    assert sorted(given)[-1] == (9, 9)
    assert len(given) >= 3
    assert all(held >= longest for held, longest in given)
