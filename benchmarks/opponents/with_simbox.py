"""simbox: blocks that fit the cache, each read, put in order where need be, and computed by one thread."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import polars as pl
import pyarrow.parquet as pq

from simbox.features.partitioning import Part, partition_by_sim
from simbox.kernels.acquaintance import first_legs
from simbox.kernels.drivers import run_drivers

from . import COLUMNS, FEATURES

THREADS = 2
GROUPS_AT_ONCE = 2
# What the records lack, and no feature that is compared needs.
ABSENT = {"answered": np.int8, "other_kind": np.int8, "place_sims": np.int32, "imei_sims": np.int32}
ABSENT |= {"abroad_inside": np.int32, "abroad_before": np.int32}
_held = threading.local()


def of_files(folder: Path) -> pl.DataFrame:
    """Features of unsorted night files."""
    files = sorted(folder.glob("*.parquet"), key=lambda path: int(path.stem))
    with ThreadPoolExecutor(THREADS) as pool:
        frames = list(pool.map(lambda path: pl.read_parquet(path, columns=list(COLUMNS)), files))
    parts = partition_by_sim(frames, THREADS)
    return _with_nulls(_in_threads(lambda number: _features(parts[number]), range(len(parts))))


def of_store(file: Path) -> pl.DataFrame:
    """Features of a file sorted by SIM and time: some row groups at a time, then the SIMs that lie across borders."""
    metadata = pq.read_metadata(file)
    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    rows = [sum(groups[first : first + GROUPS_AT_ONCE]) for first in range(0, len(groups), GROUPS_AT_ONCE)]
    records = pl.scan_parquet(file).select(COLUMNS)
    edges: dict[int, pl.DataFrame] = {}

    def compute(number: int) -> pl.DataFrame:
        group = records.slice(sum(rows[:number]), rows[number]).collect()
        borders = _borders(group["imsi"].to_numpy())
        first, last = int(borders[1]), int(borders[-2])
        # Of its own: a slice would keep the whole group in memory.
        edges[number] = group if first > last else pl.concat([group.head(first), group.slice(last)], rechunk=True)
        inner = {name: group[name].to_numpy() for name in COLUMNS}
        return _features(Part(inner, borders[1:-1]))

    found = _in_threads(compute, range(len(rows)))
    across = pl.concat(edges[number] for number in range(len(rows))).rechunk()
    columns = {name: across[name].to_numpy() for name in COLUMNS}
    return _with_nulls(pl.concat([found, _features(Part(columns, _borders(columns["imsi"])))]))


def _in_threads(compute: Any, numbers: Iterable[int]) -> pl.DataFrame:
    """What is computed of each part, by as many threads as there are processors, each of them with one."""
    with ThreadPoolExecutor(THREADS, initializer=numba.set_num_threads, initargs=(1,)) as pool:
        return pl.concat(pool.map(compute, numbers))


def _with_nulls(found: pl.DataFrame) -> pl.DataFrame:
    """Once for all parts: for each of them it took two milliseconds in which no other thread could go on."""
    return found.with_columns(pl.col(pl.Float64).fill_nan(None))


def _features(part: Part) -> pl.DataFrame:
    starts, ends = part.borders[:-1], part.borders[1:]
    nowhere = np.full(int(part.columns["place"].max(initial=0)) + 1, np.nan)
    columns: dict[str, Any] = {
        **part.columns,
        **_absent(part.columns["imsi"].size),
        "place_lat": nowhere,
        "place_lon": nowhere,
        "nights_inside": 1,
        "nights_before": 0,
        "histories": starts,
        "starts": starts,
        "ends": ends,
    }
    columns["first_leg"] = first_legs(columns["service"], columns["direction"], columns["other_party"], starts, ends)
    values = run_drivers(columns, FEATURES)
    return pl.DataFrame({"imsi": part.columns["imsi"][starts], **values})


def _absent(records: int) -> dict[str, np.ndarray]:
    """Columns that say nothing, the same memory every time."""
    if getattr(_held, "records", -1) < records:
        _held.records = records
        _held.columns = {name: np.full(records, -1, dtype=dtype) for name, dtype in ABSENT.items()}
    return {name: values[:records] for name, values in _held.columns.items()}


def _borders(imsi: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.flatnonzero(imsi[1:] != imsi[:-1]) + 1, [imsi.size]])
