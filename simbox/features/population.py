"""What a SIM's features need to know of the others: who was where on which handset, night by night.

One pass over a night gives the counts that its buckets add up to, exact, since a SIM lives in one
bucket. What grows with the records lies on disk; counts for a window are made from that of its nights.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from simbox.features.received import NOTHING_RECEIVED, Received, count_abroad
from simbox.kernels.firsts import first_seen, sim_borders
from simbox.kernels.lookup import Lookup, look_up, make_lookup
from simbox.kernels.partition import partition

Counts = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

# Pairs of SIM and IMEI are counted a share of the IMEIs at a time: a billion pairs are 250 MB each time.
SHARES = 64
_SHARE_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHARE_SHIFT = np.uint64(58)
# So many pairs are counted at once if there are no more in a share.
PAIRS_AT_ONCE = 1_000_000
# Of CDRS; the place comes from the cell.
PRESENCE_COLUMNS = ("night", "imsi", "imei", "cell")
NO_FIRST_NIGHTS = pl.DataFrame(schema={"imsi": pl.Int64, "first_night": pl.Date})
_PAIR: dict[str, type[pl.DataType]] = {"imei": pl.Int64, "imsi": pl.Int64}


class Population(NamedTuple):
    """Counts over all SIMs at a night.

    `sims_on_imei`: by window, the IMEIs with two SIMs or more (imei, imei_sims); one that is absent has one SIM.
    `handsets`: the same over the longest window with every IMEI. `sims_at_place`: by night and place (place_sims).
    `first_night`: of each SIM. `store_begins`: the store's first night. `abroad`: for each number that a feed serves
    (msisdn), its calls from abroad in each window.
    """

    sims_on_imei: dict[int, pl.DataFrame]
    handsets: pl.DataFrame
    sims_at_place: pl.DataFrame
    first_night: pl.DataFrame
    store_begins: date
    abroad: pl.DataFrame
    keys: "PopulationKeys"


class PopulationKeys(NamedTuple):
    """The counts by where their keys stand: rows of `imei_sims` and `abroad` are windows, -1 where one does not count.

    Keys are shared IMEIs, places with nights (days since 1970-01-01), numbers served, and SIMs with their first night
    (days since 1970-01-01 too).
    """

    windows: tuple[int, ...]
    imei: Lookup
    imei_sims: Counts
    place: Lookup
    place_sims: Counts
    msisdn: Lookup
    abroad: Counts
    imsi: Lookup
    first_night: Counts


class NightPresence(NamedTuple):
    """One night: its pairs of SIM and IMEI on disk, its counts of SIMs by place.

    `pair_blocks` holds for each share of the IMEIs the blocks of the file of pairs, and how many pairs they are.
    """

    night: date
    pairs_file: Path
    pair_blocks: list[list[int]]
    pair_counts: list[int]
    sims_at_place: pl.DataFrame

    def drop(self) -> None:
        """Delete what lies on disk."""
        self.pairs_file.unlink()


def record_presence(placed: Iterable[pl.DataFrame], night: date, folder: Path) -> tuple[NightPresence, pl.DataFrame]:
    """Count one night, its pairs below a folder, and its SIMs (imsi).

    `placed` are its placed CDRS, no SIM in two of the frames; in store order they need no sorting.
    """
    pairs_file = folder / f"{night.isoformat()}.pairs"
    shares: list[list[int]] = [[] for _ in range(SHARES)]
    pair_counts = np.zeros(SHARES, dtype=np.int64)
    blocks_written = 0
    sims: list[pl.Series] = []
    at_place: list[pl.DataFrame] = []
    with _blocks_to(pairs_file) as pairs:
        for frame in placed:
            records, borders = _by_sim(frame)
            if records.is_empty():
                continue
            imsi = records["imsi"].to_numpy()
            sims.append(pl.Series("imsi", imsi[borders[:-1]]))
            imei = records["imei"].fill_null(-1).to_numpy()
            is_new = first_seen(imei, borders)
            for share, block in _share_pairs(imei[is_new], imsi[is_new]):
                pairs.write(block)
                shares[share].append(blocks_written)
                pair_counts[share] += block.num_rows
                blocks_written += 1
            place = records["place"].fill_null(-1).to_numpy()
            at_place.append(_count_places(pl.DataFrame({"place": place[first_seen(place, borders)]})))
    everyone = pl.concat([pl.Series("imsi", [], dtype=pl.Int64), *sims]).to_frame()
    sims_at_place = _add_counts(at_place).select(pl.lit(night).alias("night"), "place", "place_sims")
    return NightPresence(night, pairs_file, shares, pair_counts.tolist(), sims_at_place), everyone


def _by_sim(frame: pl.DataFrame) -> tuple[pl.DataFrame, Longs]:
    """The frame with each SIM's records together, as they are in the store, and where they begin and end."""
    borders = sim_borders(frame["imsi"].to_numpy())
    if frame["imsi"].gather(borders[:-1]).n_unique() < borders.size - 1:
        frame = frame.sort("imsi")
        borders = sim_borders(frame["imsi"].to_numpy())
    return frame, borders


def count_population(
    nights: Sequence[NightPresence],
    first_night: pl.DataFrame,
    night: date,
    windows: Sequence[int],
    begins: date,
    received: Received = NOTHING_RECEIVED,
) -> Population:
    """The counts known at `night`, from the nights up to it."""
    shared: dict[int, list[pl.DataFrame]] = {window: [] for window in windows}
    everyone = []
    for pairs in _pairs_by_share(nights, night):
        ages = pairs.group_by("imei", "imsi").agg(pl.col("age").min())
        for window in windows:
            counts = ages.filter(pl.col("age") < window).group_by("imei").agg(imei_sims=pl.len().cast(pl.Int32))
            shared[window].append(counts.filter(pl.col("imei_sims") > 1))
            if window == windows[-1]:
                everyone.append(counts)
    sims_on_imei = {window: pl.concat(counts) for window, counts in shared.items()}
    sims_at_place = pl.concat([one.sims_at_place for one in nights])
    abroad = count_abroad(received, night, windows)
    keys = _find_by_key(sims_on_imei, sims_at_place, abroad, first_night)
    return Population(sims_on_imei, pl.concat(everyone), sims_at_place, first_night, begins, abroad, keys)


def _find_by_key(
    sims_on_imei: dict[int, pl.DataFrame], sims_at_place: pl.DataFrame, abroad: pl.DataFrame, first_night: pl.DataFrame
) -> PopulationKeys:
    windows = tuple(sims_on_imei)
    # An IMEI that is shared in some window is shared in the longest.
    imei = make_lookup(sims_on_imei[max(windows)]["imei"].to_numpy())
    imei_sims = np.full((len(windows), imei.keys.size), -1, dtype=np.int32)
    for row, counts in zip(imei_sims, sims_on_imei.values(), strict=True):
        row[look_up(imei, counts["imei"].to_numpy())] = counts["imei_sims"].to_numpy()
    return PopulationKeys(
        windows,
        imei,
        imei_sims,
        make_lookup(sims_at_place["place"].to_numpy(), sims_at_place["night"].to_physical().to_numpy()),
        sims_at_place["place_sims"].to_numpy(),
        make_lookup(abroad["msisdn"].to_numpy()),
        np.stack([abroad[f"abroad_{window}"].to_numpy() for window in windows]),
        make_lookup(first_night["imsi"].to_numpy()),
        first_night["first_night"].to_physical().to_numpy(),
    )


def _pairs_by_share(nights: Sequence[NightPresence], night: date) -> Iterator[pl.DataFrame]:
    """(imei, imsi, age) of all nights, of a share of the IMEIs at a time, or of several that are few."""
    held: list[pl.DataFrame] = []
    with ExitStack() as stack:
        files = [stack.enter_context(_blocks_of(one.pairs_file)) for one in nights]
        for share in range(SHARES):
            for one, blocks in zip(nights, files, strict=True):
                age = pl.lit((night - one.night).days, dtype=pl.Int32)
                taken = [blocks.get_batch(number) for number in one.pair_blocks[share]]
                if taken:
                    held.append(pl.DataFrame(pa.Table.from_batches(taken)).with_columns(age=age))
            coming = sum(one.pair_counts[share + 1] for one in nights) if share + 1 < SHARES else 0
            if share + 1 == SHARES or sum(frame.height for frame in held) + coming > PAIRS_AT_ONCE:
                yield pl.concat([pl.DataFrame(schema={**_PAIR, "age": pl.Int32}), *held])
                held = []


@contextmanager
def _blocks_of(path: Path) -> Iterator[pa.RecordBatchFileReader]:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as blocks:
        yield blocks


def _share_pairs(imei: Longs, imsi: Longs) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The pairs of IMEI and SIM that were seen, by the IMEI's share."""
    share = (imei.astype(np.uint64) * _SHARE_FACTOR >> _SHARE_SHIFT).astype(np.int64)
    order, starts = partition(share, SHARES)
    block = pa.record_batch([imei[order], imsi[order]], list(_PAIR))
    for number in np.flatnonzero(np.diff(starts)).tolist():
        yield number, block.slice(starts[number], starts[number + 1] - starts[number])


def _count_places(seen: pl.DataFrame) -> pl.DataFrame:
    return seen.group_by("place").agg(place_sims=pl.len().cast(pl.Int32))


def _add_counts(counts: list[pl.DataFrame]) -> pl.DataFrame:
    nowhere = pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Int32})
    return pl.concat([nowhere, *counts]).group_by("place").agg(pl.col("place_sims").sum())


def _blocks_to(path: Path) -> pa.RecordBatchFileWriter:
    schema = pl.DataFrame(schema=_PAIR).to_arrow().schema
    return pa.ipc.new_file(str(path), schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
