"""Counts over all SIMs, carried from night to night: who was where on which handset, and whom a feed serves.

What is known of each SIM is kept once and not once a night: its IMEIs with the last night on each, its numbers, and
its first night. Counts for a window are made from these, exact.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from simbox.features.arrays import Longs, night_number
from simbox.features.population import Counts, Population, PopulationKeys
from simbox.features.presence import Presence, Shown
from simbox.kernels.lookup import Lookup, make_lookup
from simbox.kernels.registers import NOTHING_SHOWN, Register, enter
from simbox.telecom.identifiers import imsi_of_key

_NOBODY = np.empty(0, dtype=np.int64)
_FOREVER = np.iinfo(np.int32).min


class Census:
    """The SIMs of all nights counted so far; nights come in order. `active` are those active in the last one (imsi)."""

    def __init__(self) -> None:
        self.active = pl.DataFrame({"imsi": _NOBODY})
        self._handsets = NOTHING_SHOWN
        self._numbers = NOTHING_SHOWN
        self._places: dict[date, pl.DataFrame] = {}
        self._abroad: dict[date, pl.DataFrame] = {}

    def add(self, night: date, presences: Iterable[Presence], since: date) -> None:
        """Count a night by what its SIMs showed, no SIM in two of them; what was seen last before `since` is forgotten,
        but for numbers and first nights."""
        seen = list(presences)
        day = night_number(night)
        self._handsets = _enter(self._handsets, [one.handsets for one in seen], day, night_number(since))
        self._numbers = _enter(self._numbers, [one.numbers for one in seen], day, _FOREVER)
        nowhere = pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Int32})
        at = pl.concat([nowhere, *(one.places for one in seen)]).group_by("place").agg(pl.col("place_sims").sum())
        self.active = pl.DataFrame({"imsi": np.concatenate([_NOBODY, *(one.active for one in seen)])})
        self._places[night] = at.sort("place").select(pl.lit(night).alias("night"), "place", "place_sims")
        nobody = pl.DataFrame(schema={"msisdn": pl.Int64, "calls": pl.Int32})
        # A number whose card was changed may be in several.
        self._abroad[night] = (
            pl.concat([nobody, *(one.abroad for one in seen)]).group_by("msisdn").agg(pl.col("calls").sum())
        )
        for gone in [known for known in self._places if known < since]:
            del self._places[gone], self._abroad[gone]

    def first_nights(self) -> pl.DataFrame:
        """The first night (first_night) of each SIM (imsi)."""
        sims, first = self._first_nights()
        return pl.DataFrame({"imsi": imsi_of_key(sims), "first_night": pl.Series(first).cast(pl.Date)})

    def count(self, night: date, windows: Sequence[int], begins: date) -> Population:
        """The counts known at `night`, the last one added, over windows that end with it, the shortest first."""
        handsets, sims_on_imei = self._count_handsets(night_number(night), windows)
        shared = {
            window: handsets.select("imei", imei_sims=pl.Series(row)).filter(pl.col("imei_sims") > 1)
            for window, row in zip(windows, sims_on_imei, strict=True)
        }
        since = night - timedelta(days=windows[-1] - 1)
        held = [counts for known, counts in self._places.items() if known >= since]
        places = pl.concat([counts.clear() for counts in held[:1]] + held)
        # An IMEI that is shared in some window is shared in the longest.
        is_shared = sims_on_imei[-1] > 1
        msisdn, abroad = self._count_abroad(night, windows)
        keys = PopulationKeys(
            tuple(windows),
            make_lookup(handsets["imei"].to_numpy()[is_shared]),
            np.where(sims_on_imei > 1, sims_on_imei, -1)[:, is_shared].astype(np.int32),
            make_lookup(places["place"].to_numpy(), places["night"].to_physical().to_numpy()),
            places["place_sims"].to_numpy(),
            msisdn,
            abroad,
            *self._first_nights(),
        )
        return Population(shared, handsets, places, begins, keys)

    def _first_nights(self) -> tuple[Longs, Counts]:
        numbers = self._numbers
        starts = np.flatnonzero(np.concatenate([[True], numbers.sims[1:] != numbers.sims[:-1]])[: numbers.sims.size])
        first = np.minimum.reduceat(numbers.first, starts) if starts.size else numbers.first
        return numbers.sims[starts], first

    def _count_handsets(self, night: int, windows: Sequence[int]) -> tuple[pl.DataFrame, Counts]:
        """The IMEIs seen in the longest window with their SIMs (imei, imei_sims), and the SIMs in each window."""
        is_inside = self._handsets.last > night - windows[-1]
        imei, last = self._handsets.values[is_inside], self._handsets.last[is_inside]
        order = np.argsort(imei)
        imei, last = imei[order], last[order]
        starts = np.flatnonzero(np.concatenate([[True], imei[1:] != imei[:-1]])[: imei.size])
        sims = np.zeros((len(windows), starts.size), dtype=np.int32)
        for row, window in zip(sims, windows, strict=True):
            if starts.size:
                row[:] = np.add.reduceat((last > night - window).astype(np.int32), starts)
        return pl.DataFrame({"imei": imei[starts], "imei_sims": sims[-1]}), sims

    def _count_abroad(self, night: date, windows: Sequence[int]) -> tuple[Lookup, Counts]:
        """The numbers served, those called from abroad first, and the calls from abroad to these in each window."""
        numbers = self._numbers.values[self._numbers.values >= 0]
        held = {known: calls for known, calls in self._abroad.items() if (night - known).days < windows[-1]}
        called = np.unique(np.concatenate([_NOBODY, *(calls["msisdn"].to_numpy() for calls in held.values())]))
        counts = np.zeros((len(windows), called.size + 1), dtype=np.int32)
        for known, calls in held.items():
            at = np.searchsorted(called, calls["msisdn"].to_numpy())
            for row, window in zip(counts, windows, strict=True):
                if (night - known).days < window:
                    row[at] += calls["calls"].to_numpy()
        # A number that is there twice is found where it stands first.
        return make_lookup(np.concatenate([called, numbers])), counts


def _enter(register: Register, shown: Sequence[Shown], night: int, since: int) -> Register:
    if not shown:
        return register
    sims, values = (np.concatenate(column) for column in zip(*shown, strict=True))
    if (sims[1:] < sims[:-1]).any():
        order = np.argsort(sims, kind="stable")
        sims, values = sims[order], values[order]
    return enter(register, sims, values, night, since)
