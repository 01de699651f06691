"""Records of one intake, on their way into the store, which counts them when every file has been read."""

from collections import Counter

import polars as pl

from simbox.intake.normalise import LINE_BITS, Normalised
from simbox.intake.resolve import ASKED, PAIR, fill_imsi, know_numbers, unique_rows
from simbox.store import StoreWriter
from simbox.tables.cdrs import INSTANT, REJECTS

_FILE_NUMBER = pl.col("record_id") // (1 << LINE_BITS)
_LINE = pl.col("record_id") % (1 << LINE_BITS)
_NOTHING_KEPT = pl.DataFrame(
    schema={"file_number": pl.Int64, "rows_kept": pl.Int64, "first_at": INSTANT, "last_at": INSTANT}
)


class Staging:
    """Rejected lines, senders and counts of the files read so far; their records go to the store's writer."""

    def __init__(self, writer: StoreWriter) -> None:
        self.senders: dict[int, str] = {}
        self.dropped: Counter[str] = Counter()
        self._writer = writer
        self._nameless = writer.pile()
        self._rejects: list[pl.DataFrame] = []
        self._kept = _NOTHING_KEPT
        self._without_zone: Counter[str] = Counter()

    def add(self, block: Normalised, file: str) -> None:
        """Take one block of a file."""
        self.senders |= block.senders
        self.dropped += block.dropped
        self.reject(block.rejects, file)
        cdrs = block.cdrs
        if cdrs["imsi"].null_count():
            self._nameless.add(cdrs.filter(pl.col("imsi").is_null()))
            cdrs = cdrs.filter(pl.col("imsi").is_not_null())
        self._take(cdrs)

    def reject(self, lines: pl.DataFrame, file: str) -> None:
        """Hold rejected lines (line, rule, field) of a file."""
        if lines.height:
            self._rejects.append(lines.select(pl.lit(file).alias("file"), "line", "rule", "field"))

    def resolve(self, subscribers: pl.DataFrame, file_names: dict[int, str]) -> None:
        """Find the SIMs of records that carry only a number, and reject those where none is found."""
        if not self._nameless.rows:
            return
        asked = unique_rows(block.select(*ASKED) for block in self._nameless)
        numbers = know_numbers(asked, subscribers, self._writer.frames([*PAIR, "imsi"]))
        names = pl.DataFrame(
            {"number": file_names.keys(), "file": file_names.values()}, schema={"number": pl.Int64, "file": pl.String}
        )
        for block in self._nameless:
            rows = fill_imsi(block, numbers)
            self._take(rows.filter(pl.col("imsi").is_not_null()))
            lost = rows.filter(pl.col("imsi").is_null())
            service, direction = (pl.col(name).cast(pl.String) for name in ("service", "direction"))
            self._rejects.append(
                lost.select(
                    number=_FILE_NUMBER,
                    line=_LINE,
                    rule=pl.lit("unresolved_msisdn"),
                    field=pl.format("imsi ({} {})", service, direction),
                )
                .join(names, on="number", how="left")
                .select(REJECTS.names)
            )

    def rejects(self) -> pl.DataFrame:
        """REJECTS of all files."""
        return REJECTS.conform(pl.concat([REJECTS.empty(), *self._rejects]))

    def kept(self) -> pl.DataFrame:
        """For each file number the records kept, the earliest and the latest."""
        return self._kept

    def count_without_zone(self) -> dict[str, int]:
        """How many records of each operator have no known local time."""
        return dict(sorted(self._without_zone.items()))

    def _take(self, cdrs: pl.DataFrame) -> None:
        counts = cdrs.group_by(file_number=_FILE_NUMBER).agg(
            rows_kept=pl.len().cast(pl.Int64), first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max()
        )
        self._kept = (
            pl.concat([self._kept, counts])
            .group_by("file_number")
            .agg(pl.col("rows_kept").sum(), pl.col("first_at").min(), pl.col("last_at").max())
        )
        if cdrs["utc_offset_min"].null_count():
            without = cdrs.filter(pl.col("utc_offset_min").is_null()).group_by("operator").len()
            self._without_zone.update({str(operator): int(count) for operator, count in without.iter_rows()})
        self._writer.add(cdrs)
