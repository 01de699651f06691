"""Records in no order come out by SIM and time, in parts of whole SIMs."""

import numpy as np
import polars as pl
import pytest

from simbox.features.partitioning import partition_by_sim


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("part_records", [10, 10_000])
def test_every_sim_is_whole_in_one_part(threads: int, part_records: int) -> None:
    random = np.random.default_rng(5)
    frames = []
    for number in range(3):
        rows = 200 + number
        columns = {
            "imsi": 401_770_000_000_000 + random.integers(0, 50, rows),
            "started_at": random.integers(0, 40, rows),
            "duration_s": np.arange(rows) + 1000 * number,
            "service": random.integers(0, 4, rows).astype(np.int8),
            "place": random.integers(0, 9, rows).astype(np.int32),
            "local_minute": random.integers(0, 1440, rows).astype(np.int16),
        }
        frames.append(pl.DataFrame(columns))
    frames[1] = pl.concat([frames[1].head(70), frames[1].slice(70)], rechunk=False)
    # As no reader leaves it: one column in a single chunk beside others in two.
    cut = pl.concat([frames[2].head(30), frames[2].slice(30)], rechunk=False)
    frames[2] = cut.with_columns(cut["place"].rechunk())
    assert cut.n_chunks() == 2
    parts = partition_by_sim(frames, threads, part_records)
    found = [parts[number] for number in range(len(parts))]
    whole = pl.concat([pl.DataFrame(dict(part.columns)) for part in found])
    by_sim = pl.concat(frames).sort("imsi", "started_at", maintain_order=True)
    assert whole.sort("imsi", maintain_order=True).equals(by_sim)
    assert sum(part.borders.size - 1 for part in found) == by_sim["imsi"].n_unique()
    for part in found:
        imsi = part.columns["imsi"]
        assert all(np.unique(imsi[a:b]).size == 1 for a, b in zip(part.borders[:-1], part.borders[1:], strict=True))
