"""One intake under way: file after file read, refused or known already, and what each one's rows came to."""

from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.errors import ConfigError
from simbox.intake.profile import ProfiledFeed
from simbox.intake.reading import (
    Accounts,
    Reader,
    columns_sha256,
    read_blocks,
    read_file,
    read_name,
    shown_names,
)
from simbox.intake.references import References
from simbox.intake.rejected import fetch_lines
from simbox.intake.sources import Source, UnreadableError, identify, show_file
from simbox.intake.staging import Staging
from simbox.intake.verdicts import judge_feeds
from simbox.store import Store, StoreWriter
from simbox.tables.cdrs import FILES

# Raised whenever the same bytes would become other records.
DECODER = 1


class Allowances(NamedTuple):
    """What is let through this time: gzip files with something behind their data, feeds with other columns than before
    (a column of a file is found by its name)."""

    salvage: bool = False
    columns: bool = False


NO_ALLOWANCES = Allowances()


class Batch:
    """What one intake has come to so far."""

    def __init__(
        self,
        store: Store,
        writer: StoreWriter,
        references: References,
        readers: dict[str, Reader],
        plain: Reader,
        allowed: Allowances,
    ) -> None:
        self.staging = Staging(writer, references.cells["cell"].unique())
        self.problems: list[str] = []
        self.refused: list[str] = []
        self.warnings: list[str] = []
        self.names: dict[int, str] = {}
        self.already: list[pl.DataFrame] = []
        self.ledger = store.files()
        self.first_number = max(self.ledger["file_number"], default=0) + 1
        self._readers = readers
        self._plain = plain
        self._allowed = allowed
        self._entries: dict[int, dict[str, object]] = {}
        self._sources: dict[int, tuple[Source, ProfiledFeed | None]] = {}
        self._taken: dict[str, str] = {}
        self._unknown: set[tuple[str, ...]] = set()
        self._layout: dict[str, str] = {}

    def take(self, name: str, path: Path, hashing: Future[str]) -> None:
        """Read one file, unless the store or this intake has it; what can't be read is refused, or a problem."""
        shown = show_file(name)
        feed = self._feed_of(name)
        try:
            source = identify(path, name)._replace(salvage=self._allowed.salvage)
            sha256 = hashing.result()
        except UnreadableError as error:
            self._fail(shown, feed, error)
            return
        if sha256 in self._taken:
            self.warnings.append(f"{shown} is the same file as {self._taken[sha256]}: taken once")
            return
        self._taken[sha256] = shown
        known = self.ledger.filter(pl.col("sha256") == sha256)
        if known.height:
            self.already.append(known.head(1).with_columns(file=pl.lit(name)))
            if known["file"][0] != name:
                self.warnings.append(
                    f"{shown} is the same file as {show_file(known['file'][0])}, which was taken before"
                )
            return
        number = self.first_number + len(self.names)
        self.names[number] = name
        self._sources[number] = (source, feed)
        reader = self._readers[feed.key] if feed else self._plain
        named = read_name(feed, name)
        entry: dict[str, object] = {
            "file": name,
            "sha256": sha256,
            "file_number": number,
            "feed": feed.key if feed else None,
            "profile": feed.profile if feed else None,
            "decoder": DECODER,
            "format": source.format if feed is None or feed.feed.kind != "fixed" else f"fixed{source.format[3:]}",
            "bytes": path.stat().st_size,
            "node": named.node,
            "sequence": named.sequence,
            "named_on": named.named_on,
        }
        self._entries[number] = entry
        try:
            # Once one file in the interchange format is a problem nothing will be stored.
            staging = None if self.problems else self.staging
            accounts = read_file(source, number, reader, staging, () if self._allowed.columns else self._layouts(feed))
        except UnreadableError as error:
            self._fail(shown, feed, error, number)
            return
        self._enter(entry, accounts, shown, feed)

    def refuse_feeds(self) -> None:
        """Leave out every feed that passes one of its limits; ConfigError where its profile can't be meant so."""
        wrong, passed, warnings = judge_feeds(
            {key: reader.feed for key, reader in self._readers.items() if reader.feed is not None},
            {number: entry for number, entry in self._entries.items() if entry.get("refused") is None},
            self.staging.tallies,
            self.staging.noted,
            self.ledger,
        )
        if wrong:
            raise ConfigError("a profile does not fit its files:", wrong)
        self.warnings += warnings
        for key, reasons in passed.items():
            reason = "; ".join(reasons)
            self.refused.append(f"feed {key} was refused: {reason}")
            for entry in self._entries.values():
                if entry["feed"] == key and entry.get("refused") is None:
                    entry["refused"] = f"the feed was refused: {reason}"
        self.staging.forget([number for number, entry in self._entries.items() if entry.get("refused") is not None])

    def count(self, repeated: Counter[int]) -> pl.DataFrame:
        """FILES of the files newly read; every row of one that was taken must have come to something."""
        kept = {row["file_number"]: row for row in self.staging.kept().to_dicts()}
        rows = []
        lost = []
        for number, entry in self._entries.items():
            row = kept.get(number, {"rows_kept": 0, "first_at": None, "last_at": None})
            tally = self.staging.tallies.get(number)
            counts = tally.counts if tally else Counter()
            is_refused = entry.get("refused") is not None
            row_counts = {
                "rows_kept": row["rows_kept"] - repeated[number],
                "rows_rejected": counts["rejected"] + counts["unresolved"],
                "rows_skipped": counts["skipped"],
                "rows_merged": counts["merged"],
                "rows_repeated": counts["repeated"] + repeated[number],
            }
            if not is_refused and entry["rows_in"] != sum(row_counts.values()):
                lost.append(str(entry["file"]))
            rows.append(
                entry
                | row_counts
                | {"first_at": row["first_at"], "last_at": row["last_at"]}
                | _shares_of(entry, counts)
                | {"hours": tally.hours.tolist() if tally and entry["feed"] else None}
            )
        if lost:
            raise AssertionError(f"rows of {', '.join(lost)} were neither kept nor rejected")
        frame = pl.DataFrame(rows, schema=FILES.schema) if rows else FILES.empty()
        return FILES.conform(frame)

    def fetch(self, number: int, lines: list[int]) -> list[str]:
        """The raw text of lines of a file, which is read again for them."""
        source, feed = self._sources[number]
        return fetch_lines(read_blocks(source, feed), lines)

    def last_numbers(self) -> dict[str, int | None]:
        """After which running number each feed's counter begins again."""
        return {key: reader.feed.feed.sequence_last for key, reader in self._readers.items() if reader.feed}

    def _feed_of(self, name: str) -> ProfiledFeed | None:
        feeds = [reader.feed for reader in self._readers.values() if reader.feed and reader.feed.takes(name)]
        if len(feeds) > 1:
            keys = ", ".join(feed.key for feed in feeds)
            raise ConfigError(f"{show_file(name)} is named like files of several feeds: {keys}")
        return feeds[0] if feeds else None

    def _enter(self, entry: dict[str, object], accounts: Accounts, shown: str, feed: ProfiledFeed | None) -> None:
        if not accounts.rows_in:
            self.warnings.append(f"{shown} holds no rows")
        if accounts.unknown and accounts.unknown not in self._unknown:
            self._unknown.add(accounts.unknown)
            self.warnings.append(
                f"columns without a meaning here were passed over: {shown_names(accounts.unknown)} "
                f"(first seen in {shown})"
            )
        self.warnings += [f"{shown}: {warning}" for warning in accounts.warnings]
        layout = columns_sha256(accounts.columns)
        if feed is not None:
            known = self._layouts(feed) or {self._layout.setdefault(feed.key, layout)}
            if layout not in known:
                self.warnings.append(
                    f"{shown}: its columns are not those of the feed's other files; they are read by name"
                )
        entry |= {
            "lines": accounts.lines,
            "header_lines": accounts.header_lines,
            "trailer_lines": accounts.trailer_lines,
            "blank_lines": accounts.blank_lines,
            "trailer_count": accounts.trailer_count,
            "rows_in": accounts.rows_in,
            "columns_sha256": layout,
            "tail_bytes": accounts.tail_bytes,
        }

    def _layouts(self, feed: ProfiledFeed | None) -> set[str]:
        """The columns (SHA-256) of every file that the store has of a feed as its profile stands."""
        if feed is None:
            return set()
        before = self.ledger.filter((pl.col("feed") == feed.key) & (pl.col("profile") == feed.profile))
        return set(before["columns_sha256"])

    def _fail(self, shown: str, feed: ProfiledFeed | None, error: UnreadableError, number: int | None = None) -> None:
        if feed is None:
            self.problems.append(f"{shown}: {error}")
            return
        self.refused.append(f"{shown} was refused: {error}")
        if number is not None:
            nothing = dict.fromkeys(("lines", "header_lines", "trailer_lines", "blank_lines", "rows_in"), 0)
            self._entries[number] |= nothing | {"refused": str(error), "columns_sha256": ""}
            self._entries[number] |= {"trailer_count": None, "tail_bytes": None}


def _shares_of(entry: dict[str, object], counts: Counter[str]) -> dict[str, float | None]:
    """What share of a file's rows, cells and IMEIs was of no use."""
    rows = int(str(entry["rows_in"]))
    return {
        "rejects_share": counts["rejected"] / rows if rows else 0.0,
        "unknown_cells_share": counts["unknown_cells"] / counts["cells"] if counts["cells"] else None,
        "junk_imeis_share": counts["junk_imeis"] / counts["imeis"] if counts["imeis"] else None,
    }
