"""Every kernel function against its oracle, which has the same name and is written from the definition."""

import importlib
import inspect
from types import ModuleType
from typing import Any

import numba
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from kernels.slices import DERIVED_FROM, Slice, call_kernel, call_oracle, is_same, parameters, slices

from simbox.kernels import (
    callees,
    contacts,
    distance,
    gaps,
    handset,
    legs,
    lifecycle,
    movement,
    rhythm,
    routine,
    summaries,
    volume,
    weibull,
)

DRIVERS = (volume, callees, contacts, rhythm, gaps, movement, routine, handset, lifecycle)
# What fills a driver's table from all the others, and what hands them scratch and points; they are compared in
# test_drivers.
WITHOUT_ORACLE = {"_fill_chunk", "_allot", "_tally", "_tally_hours", "tally_legs", "unit_vectors"}

_degrees = st.integers(-180_000, 179_999).map(lambda thousandths: thousandths / 1000)
_latitudes = st.integers(-90_000, 90_000).map(lambda thousandths: thousandths / 1000)
_longs = st.one_of(st.integers(0, 10), st.integers(0, 10**12))
_EXTRA = {
    "gaps_us": st.lists(st.one_of(st.sampled_from([0, 10**6, 6 * 10**7]), _longs), max_size=30),
    "values": st.lists(_longs, max_size=30),
    "counts": st.lists(st.integers(0, 5), max_size=24),
    "tallies": st.lists(st.integers(1, 9).map(lambda tally: tally + (10 - tally) * 2**32), max_size=12),
    "shift": st.sampled_from([0, 32]),
    "bits": st.integers(0, 2**24 - 1),
    "code": st.integers(0, 7),
    "way": st.integers(0, 2),
    "first_night": st.sampled_from([-1, 19_675, 19_676]),
    "nights_inside": st.integers(1, 7),
    "nights_before": st.integers(0, 3),
    "p": st.integers(0, 9).map(lambda tenths: tenths / 10),
    "q": st.integers(0, 9).map(lambda tenths: tenths / 10),
    "part": st.integers(0, 9),
    "whole": st.integers(0, 9),
    "lat_a": _latitudes,
    "lon_a": _degrees,
    "lat_b": _latitudes,
    "lon_b": _degrees,
    "lon_from": _degrees,
    "lon_to": _degrees,
    "a": st.integers(0, 7),
    "b": st.integers(0, 7),
    "chord_squared": st.floats(0, 4),
}
_LOGARITHMS = st.lists(st.integers(0, 15_000).map(lambda x: x / 1000), min_size=5, max_size=30)


def _inputs(*functions: Any) -> st.SearchStrategy[tuple[Slice, dict[str, Any]]]:
    """A slice and what else the parameters of these kernels ask for, and no more, for drawing is what takes time."""
    asked = {name for function in functions for name in parameters(function)}
    names = asked.union(*(DERIVED_FROM[name] for name in asked if name in DERIVED_FROM))
    names |= {"way"} if "one_way" in asked else set()
    extra = {name: strategy for name, strategy in _EXTRA.items() if name in names}
    # To any other kernel these are scratch memory.
    if weibull.weibull_shape in functions:
        extra["logarithms"] = _LOGARITHMS
    return st.tuples(slices(names), st.fixed_dictionaries(extra))


def _kernels(module: ModuleType) -> list[str]:
    """Names of the functions that the module defines for one SIM, in order."""
    names = []
    for name, value in vars(module).items():
        function = getattr(value, "py_func", value)
        own = inspect.isfunction(function) and function.__module__ == module.__name__
        if own and name not in WITHOUT_ORACLE | {module.__name__.rpartition(".")[2]}:
            names.append(name)
    return names


def _oracle(module: ModuleType) -> ModuleType:
    return importlib.import_module("oracles." + module.__name__.rpartition(".")[2])


PAIRS = [
    pytest.param(module, name, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in (*DRIVERS, distance, summaries, legs)
    for name in _kernels(module)
] + [pytest.param(weibull, "weibull_shape", id="weibull.weibull_shape")]


@pytest.mark.parametrize(("module", "name"), PAIRS)
@given(data=st.data())
def test_a_kernel_agrees_with_its_oracle(module: ModuleType, name: str, data: st.DataObject) -> None:
    kernel = getattr(module, name)
    piece, extra = data.draw(_inputs(kernel))
    expected = call_oracle(getattr(_oracle(module), name), piece, extra)
    actual = call_kernel(kernel, piece, extra)
    assert is_same(actual, expected), (actual, expected)


@pytest.mark.skipif(
    not numba.config.DISABLE_JIT, reason="run as plain Python by tests/kernels_modes, where it is quick"
)
@pytest.mark.parametrize(("module", "name"), [pair for pair in PAIRS if pair.values[0] is not weibull])
def test_a_kernel_replaced_by_its_neighbour_fails_the_comparison(module: ModuleType, name: str) -> None:
    names = _kernels(module)
    kernel = getattr(module, name)
    neighbour = getattr(module, names[(names.index(name) + 1) % len(names)])

    def differs(drawn: tuple[Slice, dict[str, Any]]) -> bool:
        expected = call_oracle(getattr(_oracle(module), name), *drawn)
        return not is_same(call_kernel(neighbour, *drawn), expected)

    # It stops at the first slice that tells them apart; of _callbacks_share these are rarer than one in 200.
    generate = settings(phases=[Phase.generate], max_examples=2000, derandomize=True, database=None)
    find(_inputs(kernel, neighbour), differs, settings=generate)


@pytest.mark.parametrize("module", DRIVERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_field_is_a_kernels_and_has_an_oracle(module: ModuleType) -> None:
    oracle = _oracle(module)
    assert sorted(oracle.FIELDS) == sorted(module.FIELDS)
    assert {field[0] for field in oracle.FIELDS.values()} <= set(_kernels(module))
    assert [name for name in _kernels(module) if not hasattr(oracle, name)] == []
