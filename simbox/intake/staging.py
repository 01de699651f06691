"""Records of one intake, on their way into the store, which counts them when every file has been read."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.intake.blocks import Block
from simbox.intake.long_calls import PARTS, REFS, merge_long_calls, with_reference
from simbox.intake.normalise import LINE_BITS, Normalised
from simbox.intake.rejected import RAW_KEPT, raw_lines
from simbox.intake.resolve import ASKED, PAIR, fill_imsi, know_numbers, unique_rows
from simbox.intake.skew import ClockSample
from simbox.intake.translate import EXTRAS
from simbox.store import StoreWriter
from simbox.tables.cdrs import CDRS, INSTANT, REJECTS

_FILE_NUMBER = pl.col("record_id") // (1 << LINE_BITS)
_LINE = pl.col("record_id") % (1 << LINE_BITS)
_NOTHING_KEPT = pl.DataFrame(
    schema={"file_number": pl.Int64, "rows_kept": pl.Int64, "first_at": INSTANT, "last_at": INSTANT}
)
_HOUR_US = 3_600_000_000
LONG_CALL_S = 10_000
# So many rejects of one file, more than it has other rows, are no dirt: it is another format, or made to fill memory.
MOST_REJECTS = 1_000_000
# Reads the raw text of a file's lines a second time: its number, the lines in ascending order.
Fetch = Callable[[int, list[int]], list[str]]


class Tally(NamedTuple):
    """What was counted of one file's rows while it was read."""

    counts: Counter[str]
    hours: "np.ndarray"


class Staging:
    """Rejected lines, senders and counts of the files read so far; their records go to the store's writer."""

    def __init__(self, writer: StoreWriter, cells: pl.Series) -> None:
        self.senders: dict[int, dict[int, str]] = {}
        self.dropped: dict[int, Counter[str]] = {}
        self.noted: dict[int, Counter[str]] = {}
        self.tallies: dict[int, Tally] = {}
        self.clocks = ClockSample()
        self._cells = cells
        self._writer = writer
        self._nameless = writer.pile("nameless")
        self._parts = writer.pile("parts")
        self._refs = writer.pile("refs")
        self._rejects: list[pl.DataFrame] = []
        self._raw_kept = 0
        self._kept = _NOTHING_KEPT
        self._without_zone: Counter[str] = Counter()

    def add(self, block: Normalised, raw: Block, number: int, file: str, feed: str | None) -> None:
        """Take one block of a file; `feed` is that of the profile it was read by."""
        self.senders.setdefault(number, {}).update(block.senders)
        self.dropped.setdefault(number, Counter()).update(block.dropped)
        self.noted.setdefault(number, Counter()).update(block.noted)
        self.reject(block.rejects, raw, number, file)
        tally = self._tally(number)
        tally.counts["skipped"] += block.skipped
        cdrs = block.cdrs
        extras = [name for name in EXTRAS if name in cdrs.columns]
        if feed is not None:
            self._count(cdrs, block, tally)
            if "node" in extras:
                self.clocks.add(cdrs, feed)
            cdrs = self._without_repeats(cdrs, extras, tally)
            if "call_ref" in extras and {"part_no", "cause_class"} & set(extras):
                cdrs = self._set_parts_aside(with_reference(cdrs, extras), numbered="part_no" in extras)
            elif extras:
                cdrs = cdrs.drop(extras)
        self._pass_on(cdrs)

    def reject(self, lines: pl.DataFrame, raw: Block, number: int, file: str) -> None:
        """Hold rejected lines (line, rule, field) of a block of a file with their bytes."""
        if not lines.height:
            return
        self._tally(number).counts["rejected"] += lines.height
        lines = lines.sort("line")
        text = raw_lines(raw, lines["line"].head(max(RAW_KEPT - self._raw_kept, 0)))
        self._raw_kept += len(text)
        shown = pl.Series("raw", text + [None] * (lines.height - len(text)), dtype=pl.String)
        self._rejects.append(lines.select(pl.lit(file).alias("file"), "line", "rule", "field").with_columns(shown))

    def is_hopeless(self, number: int, rows: int) -> bool:
        """Whether most of the rows of a file, and very many, were rejected so far."""
        rejected = self._tally(number).counts["rejected"]
        return rejected > MOST_REJECTS and rejected * 2 > rows

    def merge_long_calls(self) -> None:
        """Make one record of the parts of each long call."""
        merged, repeated = merge_long_calls(
            self._parts, self._refs, self._take_out, lambda rows: self._pass_on(rows.select(CDRS.names))
        )
        for name, counted in (("merged", merged), ("repeated", repeated)):
            for number, count in counted.items():
                self._tally(number).counts[name] += count

    def resolve(self, subscribers: pl.DataFrame, file_names: dict[int, str], fetch: Fetch) -> None:
        """Find the SIMs of records that carry only a number, and reject those where none is found."""
        if not self._nameless.rows:
            return
        asked = unique_rows(block.select(*ASKED) for block in self._nameless)
        numbers = know_numbers(asked, subscribers, self._writer.frames([*PAIR, "imsi"]))
        lost = []
        for block in self._nameless:
            rows = fill_imsi(block, numbers)
            self._take(rows.filter(pl.col("imsi").is_not_null()))
            service, direction = (pl.col(name).cast(pl.String) for name in ("service", "direction"))
            lost.append(
                rows.filter(pl.col("imsi").is_null()).select(
                    number=_FILE_NUMBER,
                    line=_LINE,
                    rule=pl.lit("unresolved_msisdn"),
                    field=pl.format("imsi ({} {})", service, direction),
                )
            )
        for (number,), rows in sorted(pl.concat(lost).group_by("number"), key=lambda group: group[0]):
            rows = rows.sort("line")
            lines = rows["line"].head(max(RAW_KEPT - self._raw_kept, 0)).to_list()
            text: list[str | None] = [*fetch(int(str(number)), lines)]
            self._raw_kept += len(text)
            self._tally(int(str(number))).counts["unresolved"] += rows.height
            self._rejects.append(
                rows.select(pl.lit(file_names[int(str(number))]).alias("file"), "line", "rule", "field").with_columns(
                    pl.Series("raw", text + [None] * (rows.height - len(text)), dtype=pl.String)
                )
            )

    def rejects(self) -> pl.DataFrame:
        """REJECTS of all files."""
        return REJECTS.conform(pl.concat([REJECTS.empty(), *self._rejects]))

    def forget(self, numbers: list[int]) -> None:
        """Drop the records of refused files, those that wait as well; their rejected lines stay to be looked at."""
        if not numbers:
            return
        self._writer.discard(numbers)
        self._nameless.filter(~_FILE_NUMBER.is_in(numbers))
        self._parts.filter(~_FILE_NUMBER.is_in(numbers))
        self._refs.filter(~_FILE_NUMBER.is_in(numbers))
        self._kept = self._kept.filter(~pl.col("file_number").is_in(numbers))
        for held in (self.senders, self.dropped, self.noted):
            for number in numbers:
                held.pop(number, None)

    def count_rule(self, rule: str) -> int:
        """How many rows were rejected by a rule."""
        return sum(frame.filter(pl.col("rule") == rule).height for frame in self._rejects)

    def kept(self) -> pl.DataFrame:
        """For each file number the records kept, the earliest and the latest."""
        return self._kept

    def count_without_zone(self) -> dict[str, int]:
        """How many records of each operator have no known local time."""
        return dict(sorted(self._without_zone.items()))

    def _tally(self, number: int) -> Tally:
        return self.tallies.setdefault(number, Tally(Counter(), np.zeros(24, dtype=np.int64)))

    def _count(self, cdrs: pl.DataFrame, block: Normalised, tally: Tally) -> None:
        """What limits, units and zones of a feed are judged by."""
        counts = tally.counts
        counts["cells"] += block.given["cell"]
        counts["imeis"] += block.given["imei"]
        counts["junk_imeis"] += block.dropped["imei"]
        counts["unknown_cells"] += block.dropped["cell"]
        if self._cells.len():
            known = cdrs["cell"].value_counts().drop_nulls()
            counts["unknown_cells"] += int(known.filter(~pl.col("cell").is_in(self._cells.implode()))["count"].sum())
        local = cdrs["started_at"].to_physical().to_numpy()
        offset = cdrs["utc_offset_min"].fill_null(0).to_numpy().astype(np.int64)
        tally.hours[:] += np.bincount((local + offset * 60_000_000) // _HOUR_US % 24, minlength=24)
        talked = cdrs.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))["duration_s"]
        counts["talks"] += talked.len()
        counts["long_talks"] += int((talked > LONG_CALL_S).sum())

    def _set_parts_aside(self, cdrs: pl.DataFrame, *, numbered: bool) -> pl.DataFrame:
        """Without the records that may be parts of a longer call, which wait until all of it may be there."""
        # A part without an IMSI waits here as well: what its call is, is found before whose it is.
        is_part = pl.col("is_partial") | (pl.lit(not numbered) & pl.col("imsi").is_null())
        is_one = cdrs.select((pl.col("ref").is_not_null() & is_part).alias("part")).to_series()
        if is_one.any():
            self._parts.add(cdrs.filter(is_one))
            cdrs = cdrs.filter(~is_one)
        if not numbered:
            self._refs.add(cdrs.select(REFS).drop_nulls())
        return cdrs.drop(PARTS)

    def _without_repeats(self, cdrs: pl.DataFrame, extras: list[str], tally: Tally) -> pl.DataFrame:
        """Without records that have the same reference, leg and begin as one before in the block."""
        if "call_ref" not in extras:
            return cdrs
        # Numbers are told apart in half of the time that text takes.
        same_reference = cdrs["call_ref"].hash().is_duplicated() & cdrs["call_ref"].is_not_null()
        if not same_reference.any():
            return cdrs
        names = ["call_ref", "service", "direction", "imsi", "msisdn", "started_at", "duration_s", "other_party"]
        names += [name for name in ("node", "part_no") if name in extras]
        candidates = cdrs.filter(same_reference)
        first = candidates.select(pl.struct(names).is_first_distinct()).to_series()
        if first.all():
            return cdrs
        again = candidates.filter(~first)["record_id"]
        tally.counts["repeated"] += again.len()
        return cdrs.filter(~pl.col("record_id").is_in(again.implode()))

    def _pass_on(self, cdrs: pl.DataFrame) -> None:
        if cdrs["imsi"].null_count():
            self._nameless.add(cdrs.filter(pl.col("imsi").is_null()))
            cdrs = cdrs.filter(pl.col("imsi").is_not_null())
        self._take(cdrs)

    def _take_out(self, record_ids: pl.Series) -> pl.DataFrame:
        """Records that the writer has, back from there."""
        rows = self._writer.take_out(record_ids)
        counts = rows.group_by(file_number=_FILE_NUMBER).agg(gone=pl.len().cast(pl.Int64))
        self._kept = (
            self._kept.join(counts, on="file_number", how="left")
            .with_columns(pl.col("rows_kept") - pl.col("gone").fill_null(0))
            .drop("gone")
        )
        return rows

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
