"""SIMs with more records, and IMEIs with more SIMs, than anything real has: said with counts, never by identifier."""

from threading import Lock

import polars as pl

# One record every nine seconds, day and night; counterfeit handsets of one model share an IMEI by the hundred.
MOST_RECORDS = 10_000
MOST_SIMS = 1_000


class Extremes:
    """The extremes of the nights seen so far."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sims: set[int] = set()
        self._most_records = 0
        self._imeis: set[int] = set()
        self._most_sims = 0

    def see_records(self, cdrs: pl.DataFrame) -> None:
        """Look at CDRS of one night in the store's order, each SIM whole; several threads may do so at once."""
        runs = cdrs.select(pl.col("imsi").rle()).unnest("imsi").filter(pl.col("len") > MOST_RECORDS)
        with self._lock:
            self._sims.update(runs["value"])
            self._most_records = max(self._most_records, *runs["len"], 0)

    def see_handsets(self, sims_on_imei: pl.DataFrame) -> None:
        """Look at the IMEIs of a window: imei, imei_sims."""
        shared = sims_on_imei.filter(pl.col("imei_sims") > MOST_SIMS)
        self._imeis.update(shared["imei"])
        self._most_sims = max(self._most_sims, *shared["imei_sims"], 0)

    def warnings(self) -> list[str]:
        """One sentence for each kind of extreme that there was."""
        warnings = []
        if self._sims:
            warnings.append(
                f"SIMs with more than {MOST_RECORDS:,} records in a night: {len(self._sims)}, one with"
                f" {self._most_records:,}; are these records of one SIM?"
            )
        if self._imeis:
            warnings.append(
                f"IMEIs with more than {MOST_SIMS:,} SIMs: {len(self._imeis)}, one with {self._most_sims:,}; a filler"
                " or a cloned IMEI that proves little"
            )
        return warnings
