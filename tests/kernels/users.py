"""Other tools' test users as arrays, and all that the drivers say of them."""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import NamedTuple

import numpy as np
from kernels.slices import parameters

from simbox.kernels.acquaintance import first_legs

DRIVERS = ("volume", "callees", "contacts", "rhythm", "gaps", "movement", "routine", "handset", "lifecycle")


class Leg(NamedTuple):
    """One record; `service` and `direction` are CDRS' codes, `place` the index of a position."""

    service: int
    direction: int
    party: int
    start: datetime
    duration_s: int
    place: int


def features_of(legs: Sequence[Leg], positions: Sequence[tuple[float, float]]) -> dict[str, float]:
    """All fields of all drivers for one SIM with these records."""
    count = len(legs)
    columns = {
        "started_at": np.array([int(leg.start.timestamp()) * 10**6 for leg in legs]),
        "duration_s": np.array([leg.duration_s for leg in legs]),
        "service": np.array([leg.service for leg in legs], dtype=np.int8),
        "direction": np.array([leg.direction for leg in legs], dtype=np.int8),
        "answered": np.full(count, -1, dtype=np.int8),
        "other_party": np.array([leg.party for leg in legs]),
        "other_kind": np.full(count, 8, dtype=np.int8),
        "place": np.array([leg.place for leg in legs], dtype=np.int32),
        "place_sims": np.full(count, -1, dtype=np.int32),
        "place_lat": np.array([lat for lat, _ in positions]),
        "place_lon": np.array([lon for _, lon in positions]),
        "imei": np.full(count, -1),
        "imei_sims": np.full(count, -1, dtype=np.int32),
        "abroad_inside": np.full(count, -1, dtype=np.int32),
        "abroad_before": np.full(count, -1, dtype=np.int32),
        "night": np.array([leg.start.toordinal() for leg in legs], dtype=np.int32),
        "local_minute": np.array([leg.start.hour * 60 + leg.start.minute for leg in legs], dtype=np.int16),
        "nights_inside": 1,
        "nights_before": 0,
        "first_nights": np.array([-1], dtype=np.int32),
        "histories": np.array([0]),
        "starts": np.array([0]),
        "ends": np.array([count]),
    }
    columns["first_leg"] = first_legs(*[columns[parameter] for parameter in parameters(first_legs)])
    values = {}
    for name in DRIVERS:
        module = import_module(f"simbox.kernels.{name}")
        driver = getattr(module, name)
        row = driver(*[columns[parameter] for parameter in parameters(driver)])[0]
        values |= dict(zip(module.FIELDS, row.tolist(), strict=True))
    return values
