"""Records that came before: the same leg in another file, whatever the name that it arrived under."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import polars as pl

# What two records of one leg agree in; what is derived may have been derived from other lists.
SAME = (
    "operator", "imsi", "msisdn", "imei", "service", "direction", "started_at", "duration_s", "answered",
    "other_party", "cell",
)  # fmt: skip
_FILE = pl.col("record_id") // (1 << 32)


class Repeats:
    """Drops repeated records from frames in store order that hold each SIM whole, and counts them by file number.

    Of equal records every file may have several, as parts of a long SMS are: the most that one file has are kept. Files
    with numbers below `new_from` are in the store already and only compared with.
    """

    def __init__(self, new_from: int | None) -> None:
        self.dropped: Counter[int] = Counter()
        self._new_from = new_from or 0

    def drop(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The new records that no earlier file had."""
        first = self._new_from << 32
        for frame in frames:
            repeated = _repeated(frame)
            if repeated.size:
                gone = frame[repeated].filter(pl.col("record_id") >= first).group_by(_FILE.alias("file")).len()
                self.dropped.update({int(file): int(count) for file, count in gone.iter_rows()})
                kept = np.ones(frame.height, dtype=bool)
                kept[repeated] = False
                frame = frame.filter(pl.Series(kept))
            are_new = frame["record_id"].to_numpy() >= first
            yield frame if are_new.all() else frame.filter(pl.Series(are_new))


def _repeated(frame: pl.DataFrame) -> np.ndarray:
    """Places of the records that an earlier file has as often."""
    imsi, at = frame["imsi"].to_numpy(), frame["started_at"].to_physical().to_numpy()
    same = (imsi[1:] == imsi[:-1]) & (at[1:] == at[:-1])
    if not same.any():
        return np.zeros(0, dtype=np.int64)
    places = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    rows = frame.select("record_id", *SAME)[places].with_columns(file=_FILE, place=pl.Series(places))
    if rows["file"].n_unique() < 2:
        return np.zeros(0, dtype=np.int64)
    rows = rows.with_columns(copy=pl.int_range(pl.len()).over(*SAME, "file", order_by="record_id"))
    earlier = rows.with_columns(first=pl.col("file").min().over(*SAME, "copy")).filter(pl.col("file") > pl.col("first"))
    return earlier["place"].sort().to_numpy()
