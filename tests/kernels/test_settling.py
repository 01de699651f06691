"""Values settle as a declared table would have them."""

import math

import numpy as np
import polars as pl
import pytest

from simbox.kernels.settling import settle


@pytest.mark.parametrize("decimals", [0, 2, 3, 4])
def test_values_are_rounded_as_tables_round_them(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    ends = [0.5, 1.5, -0.5, -0.00001, -0.0, 0.00005, 0.00015, 1e308, math.nan]
    values = np.concatenate([random.random(2000), random.normal(0, 1e5, 2000), np.arange(-400, 400) / 80, ends])
    settled = np.empty(values.size)
    # As plain Python it warns of what it then looks for.
    with np.errstate(over="ignore"):
        settle(values, np.arange(values.size), 0, 1, 10.0**decimals, settled)
    rounded = pl.Series(values).round(decimals).to_numpy() + 0.0
    assert settled.tobytes() == rounded.tobytes()


def test_windows_of_a_sim_lie_together_and_sims_in_their_order() -> None:
    settled = np.zeros(6)
    order = np.array([2, 0, 1])
    settle(np.array([1.04, 2.0, 3.0]), order, 0, 2, 10.0, settled)
    settle(np.array([4.0, 5.0, 6.06]), order, 1, 2, 10.0, settled)
    assert settled.tolist() == [3.0, 6.1, 1.0, 4.0, 2.0, 5.0]
