"""What a SIM's features need to know of the others, at a night: who was where on which handset."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.lookup import Lookup

Counts = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
NOBODY_CALLED = pl.DataFrame(schema={"night": pl.Date, "msisdn": pl.Int64, "calls": pl.Int32})


class PopulationKeys(NamedTuple):
    """The counts by where their keys stand: rows of `imei_sims` and `abroad` are windows, -1 where one does not count.

    Keys are shared IMEIs, places with nights (days since 1970-01-01), and numbers served, of which `abroad` has those
    called from abroad, which come first, and a last column without calls for all others; `sims` holds the keys of all
    SIMs in rising order, and `first_night` the first night (days since 1970-01-01 too) of each.
    """

    windows: tuple[int, ...]
    imei: Lookup
    imei_sims: Counts
    place: Lookup
    place_sims: Counts
    msisdn: Lookup
    abroad: Counts
    sims: Longs
    first_night: Counts


class Population(NamedTuple):
    """Counts over all SIMs at a night.

    `sims_on_imei`: by window, the IMEIs with two SIMs or more (imei, imei_sims); one that is absent has one SIM.
    `handsets`: the same over the longest window with every IMEI, counted when it is asked for. `sims_at_place`: by
    night and place (place_sims). `from_abroad`: calls from abroad to each number, by night (night, msisdn, calls).
    `store_begins`: the store's first night.
    """

    sims_on_imei: dict[int, pl.DataFrame]
    count_handsets: Callable[[], pl.DataFrame]
    sims_at_place: pl.DataFrame
    from_abroad: pl.DataFrame
    store_begins: date
    keys: PopulationKeys

    @property
    def handsets(self) -> pl.DataFrame:
        """The SIMs (imei_sims) on every IMEI (imei) of the longest window."""
        return self.count_handsets()
