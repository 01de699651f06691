"""Counts over all SIMs, carried from night to night: who was where on which handset, and whom a feed serves.

What is known of each SIM is kept once and not once a night: its IMEIs with the last night on each, its numbers, and
its first night. Counts for a window are made from these, exact.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import numpy as np
import polars as pl

from simbox.features.arrays import Longs, night_number
from simbox.features.population import NOBODY_CALLED, Counts, Population, PopulationKeys
from simbox.features.presence import Presence
from simbox.kernels.firsts import sim_borders
from simbox.kernels.lookup import Lookup, make_lookup
from simbox.kernels.registers import NOTHING_SHOWN, Register, enter
from simbox.kernels.shown import Shown
from simbox.telecom.identifiers import imsi_of_key

# A pair in a register takes 20 bytes, and more than as many again what is made of it: look-ups, counts by IMEI, and who
# is active.
_PAIR_BYTES = 48
_NOBODY = np.empty(0, dtype=np.int64)
# Windows are far shorter than this many nights, and IMEIs of 14 digits leave so many bits.
_NIGHT_BITS = 16
_NIGHT_MASK = (1 << _NIGHT_BITS) - 1
_NO_ONE_BUSY = pl.DataFrame(schema={"imsi": pl.Int64, "records": pl.Int64})


class Census:
    """The SIMs of all nights counted so far; nights come in order. `active` are those active in the last one (imsi)."""

    def __init__(self) -> None:
        self.active = pl.DataFrame({"imsi": _NOBODY})
        self._handsets = NOTHING_SHOWN
        self._numbers = NOTHING_SHOWN
        self._places: dict[date, pl.DataFrame] = {}
        self._abroad: dict[date, pl.DataFrame] = {}
        self._busy: dict[date, pl.DataFrame] = {}

    def add(self, night: date, presences: Sequence[Presence], since: date) -> None:
        """Count a night by what its SIMs showed, no SIM in two of them; what was seen last before `since` is forgotten,
        but for numbers and first nights."""
        day = night_number(night)
        self._handsets = _enter(self._handsets, [one.handsets for one in presences], day, night_number(since))
        self._numbers = _enter(self._numbers, [one.numbers for one in presences], day)
        nowhere = pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Int32})
        at = pl.concat([nowhere, *(one.places for one in presences)]).group_by("place").agg(pl.col("place_sims").sum())
        self.active = pl.DataFrame({"imsi": np.concatenate([_NOBODY, *(one.active for one in presences)])})
        self._places[night] = at.sort("place").select(pl.lit(night).alias("night"), "place", "place_sims")
        nobody = pl.DataFrame(schema={"msisdn": pl.Int64, "calls": pl.Int32})
        # A number whose card was changed may be in several.
        called = pl.concat([nobody, *(one.abroad for one in presences)]).group_by("msisdn").agg(pl.col("calls").sum())
        self._abroad[night] = called.select(pl.lit(night).alias("night"), "msisdn", "calls")
        self._busy[night] = pl.concat([_NO_ONE_BUSY, *(one.busy for one in presences)])
        for gone in [known for known in self._places if known < since]:
            del self._places[gone], self._abroad[gone], self._busy[gone]

    @property
    def held_bytes(self) -> int:
        """About what is kept of all SIMs, and of the counts of the night."""
        pairs = self._handsets.sims.size + self._numbers.sims.size
        return pairs * _PAIR_BYTES

    def long_sims(self, records: int) -> pl.DataFrame:
        """The SIMs (imsi) with more than so many records in nights not forgotten, those of quiet nights not counted."""
        sums = pl.concat([_NO_ONE_BUSY, *self._busy.values()]).group_by("imsi").agg(pl.col("records").sum())
        return sums.filter(pl.col("records") > records).select("imsi").sort("imsi")

    def first_nights(self) -> pl.DataFrame:
        """The first night (first_night) of each SIM (imsi)."""
        sims, first = self._first_nights()
        return pl.DataFrame({"imsi": imsi_of_key(sims), "first_night": pl.Series(first).cast(pl.Date)})

    def count(self, night: date, windows: Sequence[int], begins: date) -> Population:
        """The counts known at `night`, the last one added, over windows that end with it, the shortest first."""
        shared, sims_on_shared = self._count_shared(night_number(night), windows)
        sims_on_imei = {
            window: pl.DataFrame({"imei": shared, "imei_sims": row}).filter(pl.col("imei_sims") > 1)
            for window, row in zip(windows, sims_on_shared, strict=True)
        }
        since = night - timedelta(days=windows[-1] - 1)
        held = [counts for known, counts in self._places.items() if known >= since]
        places = pl.concat([counts.clear() for counts in held[:1]] + held)
        rung = {known: calls for known, calls in self._abroad.items() if known >= since}
        msisdn, abroad = self._count_abroad(night, windows, rung)
        keys = PopulationKeys(
            tuple(windows),
            make_lookup(shared),
            np.where(sims_on_shared > 1, sims_on_shared, np.int32(-1)),
            make_lookup(places["place"].to_numpy(), places["night"].to_physical().to_numpy()),
            places["place_sims"].to_numpy(),
            msisdn,
            abroad,
            *self._first_nights(),
        )
        handsets = partial(_count_handsets, self._handsets, night_number(night), windows[-1])
        return Population(sims_on_imei, handsets, places, pl.concat([NOBODY_CALLED, *rung.values()]), begins, keys)

    def _first_nights(self) -> tuple[Longs, Counts]:
        numbers = self._numbers
        starts = sim_borders(numbers.sims)[:-1]
        # Nearly always a SIM has one number, and then nothing is copied.
        if starts.size == numbers.sims.size:
            return numbers.sims, numbers.nights
        return numbers.sims[starts], np.minimum.reduceat(numbers.nights, starts)

    def _count_shared(self, night: int, windows: Sequence[int]) -> tuple[Longs, Counts]:
        """The IMEIs of several SIMs in the longest window, and how many SIMs these have in each window."""
        shown = _sort_handsets(self._handsets, night, windows[-1])
        borders = sim_borders(shown >> _NIGHT_BITS)
        starts, sims = borders[:-1], np.diff(borders)
        # An IMEI that is shared in some window is shared in the longest.
        shared = shown[starts[sims > 1]] >> _NIGHT_BITS
        ago = shown[np.repeat(sims > 1, sims)] & _NIGHT_MASK
        starts = np.cumsum(sims[sims > 1]) - sims[sims > 1]
        counts = np.zeros((len(windows), starts.size), dtype=np.int32)
        for row, window in zip(counts, windows, strict=True):
            if starts.size:
                row[:] = np.add.reduceat(ago < window, starts, dtype=np.int32)
        return shared, counts

    def _count_abroad(
        self, night: date, windows: Sequence[int], held: dict[date, pl.DataFrame]
    ) -> tuple[Lookup, Counts]:
        """The numbers served, those called from abroad first, and the calls from abroad to these in each window."""
        numbers = self._numbers.values
        if (numbers < 0).any():
            numbers = numbers[numbers >= 0]
        called = np.unique(np.concatenate([_NOBODY, *(calls["msisdn"].to_numpy() for calls in held.values())]))
        counts = np.zeros((len(windows), called.size + 1), dtype=np.int32)
        for known, calls in held.items():
            at = np.searchsorted(called, calls["msisdn"].to_numpy())
            for row, window in zip(counts, windows, strict=True):
                if (night - known).days < window:
                    row[at] += calls["calls"].to_numpy()
        # A number that is there twice is found where it stands first.
        return make_lookup(np.concatenate([called, numbers]) if called.size else numbers), counts


def _sort_handsets(register: Register, night: int, window: int) -> Longs:
    """The pairs of an IMEI and a SIM seen in the window, as IMEI and the nights since in one number, in rising order:
    sorted so they take half of the memory and time."""
    is_inside = register.nights > night - window
    shown: Longs = register.values[is_inside] << _NIGHT_BITS
    shown |= night - register.nights[is_inside]
    shown.sort()
    return shown


def _count_handsets(register: Register, night: int, window: int) -> pl.DataFrame:
    imei = _sort_handsets(register, night, window) >> _NIGHT_BITS
    borders = sim_borders(imei)
    return pl.DataFrame({"imei": imei[borders[:-1]], "imei_sims": np.diff(borders).astype(np.int32)})


def _enter(register: Register, shown: Sequence[Shown], night: int, since: int | None = None) -> Register:
    if not shown:
        return register
    sims, values = (np.concatenate(column) for column in zip(*shown, strict=True))
    if (sims[1:] < sims[:-1]).any():
        order = np.argsort(sims, kind="stable")
        sims, values = sims[order], values[order]
    return enter(register, sims, values, night, since)
