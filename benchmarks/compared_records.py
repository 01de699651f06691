"""Records that engines are compared on, in two layouts, made a night and then a range of SIMs at a time."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

NIGHTS = 7
PLACES = 5_000
FIRST_IMSI = 401_770_000_000_000
# One SIM in so many shows no cell, another no handset: features that are unknown then have to be so for every engine.
WITHOUT = 500
ROW_GROUP_ROWS = 262_144
# Records of a range of SIMs that are sorted at once.
SORTED_ROWS = 12_000_000


def lay_out(folder: Path, records: int, sims: int) -> tuple[dict[str, Path], int]:
    """The two layouts' paths: `files`, a folder of night files in no order, and `store`, one file by SIM and time; and
    how many records there are, for of a SIM's that start at once only one is kept."""
    nights = folder / "nights"
    nights.mkdir()
    for number in range(NIGHTS):
        share = records * (number + 1) // NIGHTS - records * number // NIGHTS
        make_night(number, share, sims).write_parquet(nights / f"{number}.parquet")
    return {"files": nights, "store": folder / "store.parquet"}, _sort(nights, folder / "store.parquet", records, sims)


def make_night(number: int, records: int, sims: int) -> pl.DataFrame:
    """Legs of a night of a week: most SIMs have few, some many; they stay at home mostly and call a few people."""
    random = np.random.default_rng([11, number])
    of_sim = (sims * random.random(records) ** 1.5).astype(np.int64)
    second = random.integers(number * 86_400, (number + 1) * 86_400, records)
    service = random.choice(np.array([0, 1, 2, 3], dtype=np.int8), records, p=[0.5, 0.25, 0.2, 0.05])
    away = random.random(records) < 0.2
    place = np.where(away, random.integers(0, PLACES, records), of_sim % PLACES)
    imei = 35_000_000_000_000 + of_sim + (random.random(records) < 0.02)
    frame = pl.DataFrame(
        {
            "imsi": FIRST_IMSI + of_sim,
            "started_at": second * 1_000_000,
            "duration_s": np.where(
                (service == 0) & (random.random(records) < 0.8), random.integers(1, 400, records), 0
            ),
            "service": service,
            "direction": random.choice(np.array([0, 1, 2], dtype=np.int8), records, p=[0.5, 0.48, 0.02]),
            "other_party": 77_000_000_000 + of_sim * 20 + (20 * random.random(records) ** 2).astype(np.int64),
            "place": np.where(of_sim % WITHOUT == 1, -1, place).astype(np.int32),
            "imei": np.where(of_sim % WITHOUT == 2, -1, imei),
            "night": np.full(records, number, dtype=np.int32),
            "local_minute": (second // 60 % 1440).astype(np.int16),
        }
    )
    # Records of a SIM that start at once have no order that all tools agree on.
    return frame.unique(["imsi", "started_at"], keep="first", maintain_order=True)


def _sort(nights: Path, path: Path, records: int, sims: int) -> int:
    """Write the records of night files by SIM and time to one file; how many there are."""
    ranges = -(-records // SORTED_ROWS)
    everything = pl.scan_parquet(nights / "*.parquet")
    rows = 0
    writer = None
    for number in range(ranges):
        # SIMs of a rank have the more records the lower it is: ranges of as many records, not of as many SIMs.
        first, last = (int(sims * (border / ranges) ** 1.5) for border in (number, number + 1))
        is_inside = pl.col("imsi").is_between(FIRST_IMSI + first, FIRST_IMSI + last, closed="left")
        table = everything.filter(is_inside).sort("imsi", "started_at").collect().to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        rows += table.num_rows
    assert writer is not None
    writer.close()
    return rows
