"""Records of one intake, held by night until every file has been read, so that a failure leaves the store as it was."""

from collections import Counter
from datetime import date

import polars as pl

from simbox.intake.normalise import LINE_BITS, Normalised
from simbox.intake.resolve import resolve_imsi
from simbox.tables.cdrs import CDRS, INSTANT, REJECTS

_FILE_NUMBER = pl.col("record_id") // (1 << LINE_BITS)
_LINE = pl.col("record_id") % (1 << LINE_BITS)


class Staging:
    """CDRS, rejected lines and senders of the files read so far."""

    def __init__(self) -> None:
        self.senders: dict[int, str] = {}
        self.dropped: Counter[str] = Counter()
        self._nights: dict[date, list[pl.DataFrame]] = {}
        self._unresolved: list[pl.DataFrame] = []
        self._rejects: list[pl.DataFrame] = []

    def add(self, block: Normalised, file: str) -> None:
        """Hold one block of a file."""
        self.senders |= block.senders
        self.dropped += block.dropped
        self.reject(block.rejects, file)
        cdrs = block.cdrs
        if cdrs["imsi"].null_count():
            self._unresolved.append(cdrs.filter(pl.col("imsi").is_null()))
            cdrs = cdrs.filter(pl.col("imsi").is_not_null())
        self._hold(cdrs)

    def reject(self, lines: pl.DataFrame, file: str) -> None:
        """Hold rejected lines (line, rule, field) of a file."""
        if lines.height:
            self._rejects.append(lines.select(pl.lit(file).alias("file"), "line", "rule", "field"))

    def resolve(self, subscribers: pl.DataFrame, file_names: dict[int, str]) -> None:
        """Find the SIMs of records that carry only a number, and reject those where none is found."""
        if not self._unresolved:
            return
        rows = pl.concat(self._unresolved)
        self._unresolved = []
        rows = resolve_imsi(rows, subscribers, [frame for frames in self._nights.values() for frame in frames])
        self._hold(rows.filter(pl.col("imsi").is_not_null()))
        lost = rows.filter(pl.col("imsi").is_null())
        names = pl.DataFrame(
            {"number": file_names.keys(), "file": file_names.values()}, schema={"number": pl.Int64, "file": pl.String}
        )
        self._rejects.append(
            lost.select(
                number=_FILE_NUMBER,
                line=_LINE,
                rule=pl.lit("unresolved_msisdn"),
                field=pl.format("imsi ({} {})", pl.col("service").cast(pl.String), pl.col("direction").cast(pl.String)),
            )
            .join(names, on="number", how="left")
            .select(REJECTS.names)
        )

    def rejects(self) -> pl.DataFrame:
        """REJECTS of all files."""
        return REJECTS.conform(pl.concat([REJECTS.empty(), *self._rejects]))

    def kept(self) -> pl.DataFrame:
        """For each file number the records kept, the earliest and the latest."""
        counts = [
            frame.group_by(file_number=_FILE_NUMBER).agg(
                rows_kept=pl.len().cast(pl.Int64),
                first_at=pl.col("started_at").min(),
                last_at=pl.col("started_at").max(),
            )
            for frames in self._nights.values()
            for frame in frames
        ]
        if not counts:
            return pl.DataFrame(
                schema={"file_number": pl.Int64, "rows_kept": pl.Int64, "first_at": INSTANT, "last_at": INSTANT}
            )
        return (
            pl.concat(counts)
            .group_by("file_number")
            .agg(pl.col("rows_kept").sum(), pl.col("first_at").min(), pl.col("last_at").max())
        )

    def count_without_zone(self) -> dict[str, int]:
        """How many records of each operator have no known local time."""
        counts: Counter[str] = Counter()
        for frames in self._nights.values():
            for frame in frames:
                if frame["utc_offset_min"].null_count():
                    without = frame.filter(pl.col("utc_offset_min").is_null()).group_by("operator").len()
                    counts.update({str(operator): int(count) for operator, count in without.iter_rows()})
        return dict(sorted(counts.items()))

    def nights(self) -> list[date]:
        """The nights that records are held for, in order."""
        return sorted(self._nights)

    def release(self, night: date) -> pl.DataFrame:
        """CDRS of a night, which are let go."""
        frame = pl.concat(self._nights.pop(night))
        operators = frame["operator"].unique().cast(pl.String).sort().to_list()
        return frame.with_columns(pl.col("operator").cast(pl.Enum(operators))).select(CDRS.names)

    def _hold(self, cdrs: pl.DataFrame) -> None:
        for (night,), rows in cdrs.partition_by("night", as_dict=True, maintain_order=True).items():
            self._nights.setdefault(night, []).append(rows)
