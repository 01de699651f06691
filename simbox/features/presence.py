"""What SIMs show of themselves in a night: on which handsets and numbers, where, and who rang them from abroad."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.activity import is_active
from simbox.features.arrays import Longs, PlaceCodes, place_codes
from simbox.kernels.firsts import sim_borders
from simbox.kernels.shown import Shown, find_shown
from simbox.tables.cdrs import DIRECTION, OTHER_KIND, SERVICE
from simbox.telecom.identifiers import sim_key

Flags = npt.NDArray[np.bool_]
# Of CDRS; the place comes from the cell.
PRESENCE_COLUMNS = ("imsi", "msisdn", "imei", "cell", "service", "direction", "other_kind")
# A SIM with fewer in a night is never one that can't be held whole.
MANY_RECORDS = 1_000


class Presence(NamedTuple):
    """Some SIMs in one night: which of them were active (imsi), their IMEIs, their numbers (-1 for a SIM of which no
    record tells it), how many of them were at each place (place, place_sims), calls from abroad to their numbers
    (msisdn, calls), and those with MANY_RECORDS or more (imsi, records)."""

    active: Longs
    handsets: Shown
    numbers: Shown
    places: pl.DataFrame
    abroad: pl.DataFrame
    busy: pl.DataFrame


def find_presence(cdrs: pl.DataFrame, codes: PlaceCodes) -> Presence:
    """What these SIMs show in CDRS of one night; in store order they need no sorting."""
    records, borders = _by_sim(cdrs)
    imsi, lengths = records["imsi"].to_numpy(), np.diff(borders)
    keys = sim_key(imsi[borders[:-1]])
    imei, msisdn, cell = (records[name].fill_null(-1).to_numpy() for name in ("imei", "msisdn", "cell"))
    codes, place = place_codes(cell, codes)
    sims_at = np.bincount(find_shown(place, borders, keys).values, minlength=codes.place.size)
    at = np.flatnonzero(sims_at)
    is_by_active = records.select(is_active()).to_series().to_numpy()
    return Presence(
        imsi[borders[:-1]][_any_of_sim(is_by_active, borders)],
        find_shown(imei, borders, keys),
        find_shown(msisdn, borders, keys, keeps_all=True),
        pl.DataFrame({"place": codes.place[at], "place_sims": sims_at[at].astype(np.int32)}),
        _calls_from_abroad(records),
        pl.DataFrame({"imsi": imsi[borders[:-1]], "records": lengths}).filter(pl.col("records") >= MANY_RECORDS),
    )


def _by_sim(frame: pl.DataFrame) -> tuple[pl.DataFrame, Longs]:
    """The frame with SIMs in the store's order, and where each one's records begin and end."""
    keys = sim_key(frame["imsi"].to_numpy())
    if (keys[1:] < keys[:-1]).any():
        frame = frame[np.argsort(keys, kind="stable")]
    return frame, sim_borders(frame["imsi"].to_numpy())


def _any_of_sim(flags: Flags, borders: Longs) -> Flags:
    return np.logical_or.reduceat(flags, borders[:-1]) if flags.size else flags


def _calls_from_abroad(records: pl.DataFrame) -> pl.DataFrame:
    is_from_abroad = (
        (pl.col("service") == pl.lit("voice", dtype=SERVICE))
        & (pl.col("direction") == pl.lit("mt", dtype=DIRECTION))
        & (pl.col("other_kind") == pl.lit("international", dtype=OTHER_KIND))
        & pl.col("msisdn").is_not_null()
    )
    return records.lazy().filter(is_from_abroad).group_by("msisdn").agg(calls=pl.len().cast(pl.Int32)).collect()
