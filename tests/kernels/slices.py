"""One SIM's records as hypothesis draws them, and kernels called on them by the names of their parameters."""

import inspect
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from simbox.kernels.distance import unit_vectors
from simbox.kernels.distinct import allot

LARGEST_IDENTIFIER = 2**62 - 1
BEGIN_US = 1_700_000_000_000_000

# Neighbours within 5 km and beyond, both sides of the 180th meridian, and two places that are not located.
PLACE_LAT = [43.25, 43.251, 43.30, 51.16, -17.7, -17.8, math.nan, math.nan]
PLACE_LON = [76.90, 76.902, 76.95, 71.47, 179.9, -179.9, math.nan, math.nan]

DTYPES = {
    "started_at": np.int64,
    "duration_s": np.int64,
    "service": np.int8,
    "direction": np.int8,
    "answered": np.int8,
    "other_party": np.int64,
    "other_kind": np.int8,
    "place": np.int32,
    "place_sims": np.int32,
    "abroad_inside": np.int32,
    "abroad_before": np.int32,
    "imei": np.int64,
    "imei_sims": np.int32,
    "night": np.int32,
    "local_minute": np.int16,
}
PLACE_COLUMNS = {"place_lat": PLACE_LAT, "place_lon": PLACE_LON}

_parties = st.sampled_from([-1, 0, 1, 2, 3, 4, 5, 6, 7, 611, 77001112233, 77001112233 + 2**31, LARGEST_IDENTIFIER])
_imeis = st.sampled_from(
    [-1, 0, 35209900176148, 35209900176149, 35209900176158, 35209900276149, 86000000000001, LARGEST_IDENTIFIER]
)
_offsets_us = st.one_of(
    st.sampled_from([0, 0, 5, 15, 60, 3600, 86_400, 90_000]).map(lambda seconds: seconds * 10**6),
    st.integers(0, 3 * 86_400).map(lambda seconds: seconds * 10**6),
    st.integers(0, 10**9),
)
_COLUMNS: dict[str, st.SearchStrategy[int]] = {
    "started_at": _offsets_us.map(lambda offset: BEGIN_US + offset),
    "duration_s": st.sampled_from([0, 0, 5, 10, 45, 60, 4000]),
    "service": st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
    "direction": st.sampled_from([0, 0, 0, 1, 1, 2]),
    "answered": st.sampled_from([1, 0, -1]),
    "other_party": _parties,
    "other_kind": st.integers(0, 8),
    "place": st.integers(-1, len(PLACE_LAT) - 1),
    "place_sims": st.sampled_from([-1, 0, 1, 7, 400_000]),
    "abroad_inside": st.sampled_from([-1, 0, 0, 1, 7]),
    "abroad_before": st.sampled_from([-1, 0, 0, 1, 7]),
    "imei": _imeis,
    "imei_sims": st.sampled_from([-1, 0, 1, 7, 400_000]),
    "night": st.sampled_from([-1, 19_675, 19_675, 19_675, 19_676, 19_677]),
    "local_minute": st.sampled_from([-1, 0, 299, 300, 539, 540, 1079, 1080, 1439]),
}
# What drivers derive from columns before they call a kernel, and from which.
_OF_NUMBERS = ("service", "direction", "other_party")
_OF_PLACES = ("direction", "place")
DERIVED_FROM = {
    "made": ("service", "direction"),
    "one_way": ("service", "direction"),
    "calls": ("service", "direction"),
    "events": ("service", "direction"),
    "legs": ("service", "direction"),
    "dialled": _OF_NUMBERS,
    "callee": _OF_NUMBERS,
    "callees": _OF_NUMBERS,
    "callee_calls": _OF_NUMBERS,
    "hours": ("service", "direction", "local_minute"),
    "linked": _OF_NUMBERS,
    "first_leg": _OF_NUMBERS,
    "window_dialled": _OF_NUMBERS,
    "window_callee": _OF_NUMBERS,
    "party": _OF_NUMBERS,
    "parties": _OF_NUMBERS,
    "served": _OF_PLACES,
    "spot": _OF_PLACES,
    "spots": _OF_PLACES,
    "spot_place": _OF_PLACES,
    "spot_legs": _OF_PLACES,
    "night_number": ("night",),
    "nights": ("night",),
}
# Kernels that fill an array, and how much of it, from what they return.
_FILLED = {
    "_gaps_us": "scratch",
    "choose_calls": "chosen",
    "choose_calls_to_numbers": "chosen",
    "choose_both_ways": "chosen",
    "choose_linked": "chosen",
    "choose_met": "chosen",
    "choose_events": "chosen",
    "choose_served": "chosen",
}
_NULLABLE = {"other_party", "place", "imei", "local_minute"}


class Slice(NamedTuple):
    """Columns of one SIM's records in order of started_at, of which the first `known` lie before the window."""

    columns: dict[str, list[int]]
    known: int

    def window(self) -> "Slice":
        return Slice({name: values[self.known :] for name, values in self.columns.items()}, 0)


@st.composite
def slices(draw: st.DrawFn, names: Iterable[str] = DTYPES, max_size: int = 30) -> Slice:
    """Slices with these columns, empty ones, single records, ties and columns null throughout among them."""
    chosen = [name for name in _COLUMNS if name in names or name == "started_at"]
    records = draw(st.lists(st.tuples(*[_COLUMNS[name] for name in chosen]), max_size=max_size))
    records.sort(key=lambda record: record[0])
    columns = {name: [record[i] for record in records] for i, name in enumerate(chosen)}
    nullable = sorted(_NULLABLE.intersection(chosen))
    for name in draw(st.sets(st.sampled_from(nullable), max_size=1)) if nullable else ():
        columns[name] = [-1] * len(records)
    return Slice(columns, draw(st.integers(0, len(records))))


def parameters(function: Any) -> list[str]:
    """Names of what a kernel or driver takes, but for what a driver takes by keyword only."""
    found = inspect.signature(getattr(function, "py_func", function)).parameters.values()
    return [parameter.name for parameter in found if parameter.kind is not parameter.KEYWORD_ONLY]


def derive(columns: dict[str, list[int]], name: str, way: int = 0) -> Any:
    """What a driver hands to kernels by this name, from the columns by its definition."""
    kinds = list(zip(columns["service"], columns["direction"], strict=True)) if "service" in columns else []
    spoken = [(0, 0), (0, 1), (1, 0), (1, 1)]
    chosen = {
        "made": lambda i: kinds[i] == (0, 0),
        "one_way": lambda i: kinds[i] == (0, way),
        "calls": lambda i: kinds[i] in spoken[:2],
        "events": lambda i: kinds[i] in ((0, 0), (1, 0)),
        "dialled": lambda i: kinds[i] == (0, 0) and columns["other_party"][i] != -1,
        "linked": lambda i: kinds[i] in spoken and columns["other_party"][i] != -1,
        "served": lambda i: columns["direction"][i] != 2 and columns["place"][i] != -1,
    }
    if name == "legs":
        return [kinds.count((service, direction)) for service in range(4) for direction in range(3)]
    if name == "hours":
        minutes = [columns["local_minute"][i] for i in derive(columns, "events")]
        return [sum(minute // 60 == hour for minute in minutes) for hour in range(24)]
    if name in chosen:
        return [i for i in range(len(columns["direction"])) if chosen[name](i)]
    if name == "first_leg":
        numbers = {i: columns["other_party"][i] for i in derive(columns, "linked")}
        firsts = {number: i for i, number in reversed(numbers.items())}
        return [firsts[numbers[i]] if i in numbers else -1 for i in range(len(columns["direction"]))]
    if name in ("nights", "night_number"):
        nights = list(dict.fromkeys(columns["night"]))
        return nights if name == "nights" else [nights.index(night) for night in columns["night"]]
    of, column = {"c": ("dialled", "other_party"), "p": ("linked", "other_party"), "s": ("served", "place")}[name[0]]
    values = [columns[column][i] for i in derive(columns, of)]
    members = list(dict.fromkeys(values))
    numbers = [members.index(value) for value in values]
    if name in ("callees", "parties", "spots"):
        return len(members)
    if name in ("spot_legs", "callee_calls"):
        return [numbers.count(number) for number in range(len(members))]
    return members if name == "spot_place" else numbers


def as_arrays(columns: dict[str, list[int]]) -> dict[str, np.ndarray]:
    """The columns as arrays that cannot be written, as those are that come from Arrow."""
    arrays = {name: np.array(values, dtype=DTYPES[name]) for name, values in columns.items()}
    arrays |= {name: np.array(values) for name, values in PLACE_COLUMNS.items()}
    arrays["place_points"] = unit_vectors(arrays["place_lat"], arrays["place_lon"])
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def call_kernel(function: Any, piece: Slice, extra: dict[str, Any]) -> Any:
    """The kernel's answer on a slice; `extra` holds what is neither a column nor scratch memory, as lists."""
    size = len(piece.columns["started_at"])
    values: dict[str, Any] = as_arrays(piece.columns)
    way = extra.get("way", 0)
    names = parameters(function)
    for name in names:
        if name in DERIVED_FROM:
            of_window = name.startswith("window_")
            columns = piece.window().columns if of_window else piece.columns
            values[name] = derive(columns, name.removeprefix("window_"), way)
    dtypes = {"first_leg": np.int32}
    values |= {
        name: np.array(value, dtype=dtypes.get(name, np.int64))
        for name, value in values.items()
        if isinstance(value, list)
    }
    values |= {
        "known": piece.known,
        "chosen": np.full(size, -7, dtype=np.int64),
        "table": allot(2 * size),
        "scratch": np.full(max(size, 24), -7, dtype=np.int64),
        "more_scratch": np.full(size, -7, dtype=np.int64),
        "logarithms": np.empty(len(extra.get("gaps_us", []))),
    }
    for name, value in extra.items():
        dtype = np.float64 if name == "logarithms" else np.int64
        values[name] = np.array(value, dtype=dtype) if isinstance(value, list) else value
    answer = function(*[values[name] for name in names])
    filled = _FILLED.get(function.__name__)
    return values[filled][:answer] if filled else answer


def call_oracle(function: Any, piece: Slice, extra: dict[str, Any]) -> Any:
    values = piece.columns | PLACE_COLUMNS | extra | {"known": piece.known}
    return function(*[values[name] for name in parameters(function)])


def is_same(actual: Any, expected: Any) -> bool:
    """Whether two answers are equal but for rounding, null equal to null."""
    actual, expected = _as_tuple(actual), _as_tuple(expected)
    return len(actual) == len(expected) and all(
        (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(actual, expected, strict=True)
    )


def _as_tuple(answer: Any) -> tuple[float, ...]:
    if isinstance(answer, tuple | list | np.ndarray):
        return tuple(float(value) for value in answer)
    return (float(answer),)
