"""Which network recorded a SIM, and when it was seen, is what counting all its legs would say."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from simbox.features import sims_seen

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NETWORKS = ("alpha", "beta", "zeta")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 500), st.sampled_from(NETWORKS)), min_size=1, max_size=9),
        max_size=6,
    )
)
def test_the_network_with_most_legs_and_the_first_and_last_of_them(sims: list[list[tuple[int, str]]]) -> None:
    rows = [
        (401_710_000_000_000 + (7 * sim) % 5, BEGIN + timedelta(minutes=minute), network)
        for sim, legs in enumerate(sims[:5])
        for minute, network in sorted(legs)
    ]
    cdrs = pl.DataFrame(
        rows, schema={"imsi": pl.Int64, "started_at": pl.Datetime("us", "UTC"), "operator": pl.String}, orient="row"
    ).with_columns(pl.col("operator").cast(pl.Enum(NETWORKS)))
    expected = []
    for sim, legs in enumerate(sims[:5]):
        networks = [network for _, network in legs]
        most = min(NETWORKS, key=lambda network: (-networks.count(network), network))
        minutes = [minute for minute, _ in legs]
        first, last = BEGIN + timedelta(minutes=min(minutes)), BEGIN + timedelta(minutes=max(minutes))
        expected.append((401_710_000_000_000 + (7 * sim) % 5, most, first, last))
    assert sims_seen(cdrs).rows() == expected
