"""Touches within and across groups are what going through all pairs would count."""

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from simbox.rigs.touching import count_touches

_sim = st.integers(0, 15)
_pair = st.tuples(_sim, _sim).filter(lambda pair: pair[0] < pair[1])


@given(st.sets(_pair, max_size=40), st.dictionaries(_sim, st.integers(0, 3), max_size=16))
def test_touches_are_counted_by_group(pairs: set[tuple[int, int]], groups: dict[int, int]) -> None:
    found = pl.DataFrame(sorted(pairs), schema={"imsi_a": pl.Int64, "imsi_b": pl.Int64}, orient="row")
    rows = [(group, sim) for sim, group in groups.items()]
    members = pl.DataFrame(rows, schema={"group": pl.Int64, "imsi": pl.Int64}, orient="row")
    inside = [tuple(sorted((groups[a], groups[b]))) for a, b in pairs if a in groups and b in groups]
    expected = sorted((a, b, touches) for (a, b), touches in Counter(inside).items())
    assert count_touches(found, members).rows() == expected
