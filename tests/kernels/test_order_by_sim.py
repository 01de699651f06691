"""Records are brought together by SIM and put in order of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simbox.kernels.partition import order_by_sim


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=60))
def test_each_sims_records_come_in_order_of_time_and_then_of_number(records: list[tuple[int, int]]) -> None:
    imsi = np.array([sim for sim, _ in records], dtype=np.int64)
    started_at = np.array([begins for _, begins in records], dtype=np.int64)
    order, borders = order_by_sim(imsi, started_at)
    sims = list(dict.fromkeys(imsi.tolist()))
    ordered = sorted(range(len(records)), key=lambda i: (sims.index(records[i][0]), records[i][1], i))
    assert order.tolist() == ordered
    assert np.diff(borders).tolist() == [imsi.tolist().count(sim) for sim in sims]
