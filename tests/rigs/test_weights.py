"""Measures to points: bins, what is not known, and the files that ship."""

import polars as pl
import pytest

from simbox.rigs.judging import measure_groups
from simbox.rigs.merging import measure_pairs
from simbox.rigs.profiles import MEASURES
from simbox.rigs.weights import Measure, Weights, load_weights

SHARE = Measure(name="share", edges=[0.2, 0.6], points=[-10, 0, 25], without=3)


@pytest.mark.parametrize(
    ("value", "points"), [(-1.0, -10), (0.19, -10), (0.2, 0), (0.59, 0), (0.6, 25), (9.0, 25), (None, 3)]
)
def test_a_value_has_the_points_of_its_bin(value, points):
    assert SHARE.weigh(pl.Series([value], dtype=pl.Float64)).tolist() == [points]


def test_points_add_up_to_the_base():
    weights = Weights(origin="", base=-7, measure=[SHARE, Measure(name="count", edges=[3], points=[0, 40])])
    rows = pl.DataFrame({"share": [0.1, None, 0.9], "count": [5, 1, None]}, schema_overrides={"count": pl.Float64})
    assert weights.weigh(rows).tolist() == [-7 - 10 + 40, -7 + 3 + 0, -7 + 25 + 0]


@pytest.mark.parametrize("name", ["joining", "judging"])
def test_the_files_that_ship_are_sound(name):
    weights = load_weights(name)
    assert "seeds" in weights.origin
    names = [measure.name for measure in weights.measure]
    assert len(names) == len(set(names))
    # Every measure is one that is taken, by the words of the function that takes it.
    taken = (measure_groups.__doc__ or "") + (measure_pairs.__doc__ or "") + " ".join(MEASURES)
    assert all(measure in taken for measure in names)
    for measure in weights.measure:
        assert measure.edges == sorted(set(measure.edges))
        assert len(measure.points) == len(measure.edges) + 1
