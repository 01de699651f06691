"""What SIMs show of themselves in a night: on which handsets and numbers, where, and who rang them from abroad."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features.activity import is_active
from simbox.features.arrays import Longs, PlaceCodes, place_codes
from simbox.kernels.firsts import first_seen, sim_borders
from simbox.tables.cdrs import DIRECTION, OTHER_KIND, SERVICE
from simbox.telecom.identifiers import sim_key

Flags = npt.NDArray[np.bool_]
# Of CDRS; the place comes from the cell.
PRESENCE_COLUMNS = ("imsi", "msisdn", "imei", "cell", "service", "direction", "other_kind")
# A SIM whose number no record tells.
NO_NUMBER = -1
# A SIM with fewer in a night is never one that can't be held whole.
MANY_RECORDS = 1_000


class Shown(NamedTuple):
    """Distinct pairs of a SIM, by its key in the store's order, and a value."""

    sims: Longs
    values: Longs


class Presence(NamedTuple):
    """Some SIMs in one night: which of them were active (imsi), their IMEIs, their numbers (NO_NUMBER for a SIM without
    one), how many of them were at each place (place, place_sims), calls from abroad to their numbers (msisdn, calls),
    and those with MANY_RECORDS or more (imsi, records)."""

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
    of_record = np.repeat(keys, lengths)
    codes, place = place_codes(records["cell"].fill_null(-1).to_numpy(), codes)
    sims_at = np.bincount(place[first_seen(place.astype(np.int64), borders)], minlength=codes.place.size)
    at = np.flatnonzero(sims_at)
    is_by_active = records.select(is_active()).to_series().to_numpy()
    return Presence(
        imsi[borders[:-1]][_any_of_sim(is_by_active, borders)],
        _shown(records["imei"], of_record, borders),
        _with_unnumbered(_shown(records["msisdn"], of_record, borders), keys),
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


def _shown(column: pl.Series, of_record: Longs, borders: Longs) -> Shown:
    values = column.fill_null(-1).to_numpy()
    is_new = first_seen(values, borders)
    return Shown(of_record[is_new], values[is_new])


def _with_unnumbered(numbers: Shown, keys: Longs) -> Shown:
    """The numbers, and the SIMs that show none."""
    is_numbered = np.zeros(keys.size, dtype=bool)
    is_numbered[np.searchsorted(keys, numbers.sims)] = True
    if is_numbered.all():
        return numbers
    unnumbered = keys[~is_numbered]
    sims = np.concatenate([numbers.sims, unnumbered])
    values = np.concatenate([numbers.values, np.full(unnumbered.size, NO_NUMBER)])
    order = np.argsort(sims, kind="stable")
    return Shown(sims[order], values[order])


def _calls_from_abroad(records: pl.DataFrame) -> pl.DataFrame:
    is_from_abroad = (
        (pl.col("service") == pl.lit("voice", dtype=SERVICE))
        & (pl.col("direction") == pl.lit("mt", dtype=DIRECTION))
        & (pl.col("other_kind") == pl.lit("international", dtype=OTHER_KIND))
        & pl.col("msisdn").is_not_null()
    )
    return records.lazy().filter(is_from_abroad).group_by("msisdn").agg(calls=pl.len().cast(pl.Int32)).collect()
