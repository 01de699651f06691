"""CDRS for the store's tests."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from simbox.tables.cdrs import CDRS, DIRECTION, OTHER_KIND, SERVICE

NIGHT = date(2025, 3, 1)


@pytest.fixture
def make_cdrs():
    """CDRS of one night with many ties, so that every column of the order matters."""

    def make(rows, *, night=NIGHT, seed=1, sims=50, operators=("alpha", "beta"), first_record=0):
        random = np.random.default_rng(seed)
        midnight = int(datetime(night.year, night.month, night.day, tzinfo=UTC).timestamp())
        frame = pl.DataFrame(
            {
                "record_id": (1 << 32) + first_record + np.arange(rows),
                "night": [night] * rows,
                "utc_offset_min": np.full(rows, 300, dtype=np.int16),
                "operator": random.choice(operators, rows),
                "imsi": 401_770_000_000_000 + random.integers(0, sims, rows),
                "msisdn": [None] * rows,
                "imei": 35_000_000_000_000 + random.integers(0, 3, rows),
                "service": random.choice(["voice", "sms"], rows),
                "direction": random.choice(["mo", "mt"], rows),
                "started_at": (midnight + random.integers(0, 20, rows)) * 1_000_000,
                "duration_s": random.integers(0, 2, rows),
                "answered": random.random(rows) < 0.5,
                "other_party": random.choice([77_010_000_001, 77_010_000_002], rows),
                "other_kind": ["on_net"] * rows,
                "cell": random.choice([1, 2], rows),
            }
        )
        return CDRS.check(
            frame.with_columns(
                pl.col("operator").cast(pl.Enum(sorted(operators))),
                pl.col("service").cast(SERVICE),
                pl.col("direction").cast(DIRECTION),
                pl.col("other_kind").cast(OTHER_KIND),
                pl.col("msisdn").cast(pl.Int64),
                pl.col("started_at").cast(CDRS.schema["started_at"]),
                pl.col("duration_s").cast(pl.UInt32),
                pl.when(pl.col("imei") > 35_000_000_000_000).then("imei").alias("imei"),
            )
        )

    return make
