"""What a SIM's records need of all other SIMs: where each one's key stands among the counts, and the counts there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from simbox.features.arrays import Longs, PlaceCodes
from simbox.features.population import PopulationKeys
from simbox.kernels.codes import MO, VOICE
from simbox.kernels.lookup import look_up, take_counts

Counts = npt.NDArray[np.int32]
Columns = Mapping[str, npt.NDArray[Any]]


def place_sims(columns: Columns, codes: PlaceCodes, keys: PopulationKeys, borders: Longs) -> Counts:
    """How many SIMs were at each record's `place` in its `night`, -1 without one."""
    at_place = columns["place"]
    place = codes.place[at_place] if codes.place.size else np.full(at_place.size, -1, dtype=np.int64)
    at = look_up(keys.place, np.where(at_place >= 0, place, -1), columns["night"])
    return take_counts(keys.place_sims, at, borders[:-1], borders[1:])


def handset_positions(columns: Columns, keys: PopulationKeys) -> Counts:
    """Where each record's `imei` stands among those shared, after them all where no other SIM has it; -1 without."""
    imei = columns["imei"]
    shared = look_up(keys.imei, imei)
    return np.where((imei >= 0) & (shared < 0), np.int32(keys.imei.keys.size), shared)


def callee_positions(columns: Columns, keys: PopulationKeys) -> Counts:
    """Where the number that each record calls stands among those served; -1 where it calls none of them."""
    other_party = columns["other_party"]
    is_made = (columns["service"] == VOICE) & (columns["direction"] == MO) & (other_party >= 0)
    callee = look_up(keys.msisdn, np.where(is_made, other_party, -1))
    return np.minimum(callee, np.int32(keys.abroad.shape[1] - 1))


def imei_sims(positions: Counts, keys: PopulationKeys, window: int, starts: Longs, ends: Longs) -> Counts:
    """SIMs seen in the window on the record's IMEI, of records inside it: one where no other shares it."""
    counts = keys.imei_sims[keys.windows.index(window)]
    # One more count, of the handsets that no other SIM shares.
    return take_counts(np.append(np.where(counts < 0, 1, counts), 1).astype(np.int32), positions, starts, ends)


def calls_from_abroad(
    positions: Counts, keys: PopulationKeys, window: int, starts: Longs, ends: Longs
) -> tuple[Counts, Counts]:
    """Calls from abroad in the window, and before it, to the number that a record inside it calls, where a feed serves
    it."""
    inside = keys.abroad[keys.windows.index(window)]
    before = keys.abroad[keys.windows.index(max(keys.windows))] - inside
    return take_counts(inside, positions, starts, ends), take_counts(before, positions, starts, ends)
