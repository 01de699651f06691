"""simbox: its drivers on arrays of the records, all their fields though only some are compared."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from . import COLUMNS, FEATURES

NAMES = ("volume", "callees", "contacts", "rhythm", "gaps", "movement", "routine", "handset")


def of_files(folder: Path) -> pl.DataFrame:
    """Features of unsorted night files."""
    return _features(pl.scan_parquet(folder / "*.parquet").select(COLUMNS).sort("imsi", "started_at").collect())


def of_store(file: Path) -> pl.DataFrame:
    """Features of a file sorted by SIM and time."""
    return _features(pl.read_parquet(file, columns=list(COLUMNS)))


def _features(records: pl.DataFrame) -> pl.DataFrame:
    columns: dict[str, Any] = {name: records[name].to_numpy() for name in COLUMNS}
    imsi = columns["imsi"]
    borders = np.flatnonzero(np.r_[True, imsi[1:] != imsi[:-1], True])
    sims = borders.size - 1
    unknown = np.full(imsi.size, -1, dtype=np.int32)
    nowhere = np.full(int(columns["place"].max()) + 1, np.nan)
    columns |= {
        "answered": unknown.astype(np.int8), "other_kind": np.full(imsi.size, 8, dtype=np.int8), "place_sims": unknown,
        "abroad_inside": unknown, "abroad_before": unknown, "imei_sims": unknown, "place_lat": nowhere,
        "place_lon": nowhere, "nights_inside": 1, "nights_before": 0, "histories": borders[:-1],
        "starts": borders[:-1], "ends": borders[1:],
    }  # fmt: skip
    values = {}
    for name in NAMES:
        module = import_module(f"simbox.kernels.{name}")
        driver = getattr(module, name)
        table = driver(*[columns[parameter] for parameter in inspect.signature(driver).parameters])
        values |= {field: table[:, column] for column, field in enumerate(module.FIELDS) if field in FEATURES}
    assert len(values["places"]) == sims
    return pl.DataFrame({"imsi": imsi[borders[:-1]], **values}, nan_to_null=True)
