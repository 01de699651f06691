"""All files of a source folder into the store: read, checked, resolved, then written night by night."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.errors import InputError
from simbox.intake.columnar import read_columnar, wrong_types
from simbox.intake.delimited import LINE, Block, read_delimited, show_names
from simbox.intake.normalise import COLUMNS, ONE_OF, REQUIRED, normalise
from simbox.intake.parties import NumberOwners, know_owners
from simbox.intake.references import References, read_references
from simbox.intake.sources import Source, UnreadableError, find_files, identify, read_ahead
from simbox.intake.staging import Staging
from simbox.store import Store, StoreWriter, file_sha256
from simbox.tables.cdrs import FILES, SENDERS

Progress = Callable[[str, int, int], None]
_DROPPED = {
    "imei": "malformed or a placeholder",
    "cell": "malformed",
    "answered": "neither true nor false",
    "other_party": "not a number and not a name",
}


class TakenIn(NamedTuple):
    """What an intake found: FILES of this source, REJECTS of the files newly taken, all SENDERS of the store."""

    files: pl.DataFrame
    rejects: pl.DataFrame
    senders: pl.DataFrame
    references: References
    warnings: list[str]


def take_in(source: Path, store: Store, config: Config, progress: Progress | None = None) -> TakenIn:
    """Take every CDR file of a source folder that the store does not have yet.

    InputError names every file that can't be read; the store is written only after all files were read. `progress` is
    called with what is being done, and bytes or nights done and in all.
    """
    report = progress or (lambda step, done, total: None)
    references = read_references(source)
    found = find_files(source / "cdr", source)
    if not found:
        raise InputError("there are no CDR files: the folder cdr of the source is empty or absent")
    owners = know_owners(references.subscribers, references.ported, config)
    sizes = [path.stat().st_size for _, path in found]
    with store.write() as writer, ThreadPoolExecutor(1) as pool:
        intake = _Intake(store, writer, config, owners)
        hashes = [pool.submit(file_sha256, path) for _, path in found]
        for number, (name, path) in enumerate(found):
            report("reading", sum(sizes[:number]), sum(sizes))
            intake.take(name, path, hashes[number])
        report("reading", sum(sizes), sum(sizes))
        if intake.problems:
            raise InputError(f"{len(intake.problems)} of {len(found)} CDR files can't be read:", intake.problems)
        intake.staging.resolve(references.subscribers, intake.names)
        rejects = intake.staging.rejects()
        files = _count(intake.entries, intake.staging.kept(), rejects)
        if not intake.already and not files["rows_kept"].sum():
            raise InputError("no row of the CDR files can be used:", _summarise(rejects))
        senders = pl.DataFrame(list(intake.staging.senders.items()), schema=SENDERS.schema, orient="row")
        writer.commit(files, senders, progress=lambda done, total: report("storing", done, total))
    warnings = references.warnings + intake.warnings + _warn(intake.staging)
    taken = FILES.conform(pl.concat([files, *intake.already]))
    return TakenIn(taken, rejects, store.senders(), references, warnings)


class _Intake:
    """What one intake has come to so far."""

    def __init__(self, store: Store, writer: StoreWriter, config: Config, owners: NumberOwners) -> None:
        self.staging = Staging(writer)
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.entries: list[dict[str, object]] = []
        self.names: dict[int, str] = {}
        self.already: list[pl.DataFrame] = []
        self._config = config
        self._owners = owners
        self._ledger = store.files()
        self._numbered = max(self._ledger["file_number"], default=0)
        self._taken: dict[str, str] = {}
        self._unknown: set[tuple[str, ...]] = set()

    def take(self, name: str, path: Path, hashing: Future[str]) -> None:
        """Read one file, unless the store or this intake has it; a file that can't be read becomes a problem."""
        try:
            source = identify(path, name)
            sha256 = hashing.result()
        except UnreadableError as error:
            self.problems.append(f"{name}: {error}")
            return
        if sha256 in self._taken:
            self.warnings.append(f"{name} is the same file as {self._taken[sha256]}: taken once")
            return
        self._taken[sha256] = name
        known = self._ledger.filter(pl.col("sha256") == sha256)
        if known.height:
            self.already.append(known.head(1).with_columns(file=pl.lit(name)))
            return
        number = self._numbered + len(self.names) + 1
        self.names[number] = name
        try:
            rows_in = self._read(source, number)
        except UnreadableError as error:
            self.problems.append(f"{name}: {error}")
            return
        if not rows_in:
            self.warnings.append(f"{name} holds no rows")
        size = path.stat().st_size
        self.entries.append(
            {
                "file": name,
                "sha256": sha256,
                "file_number": number,
                "format": source.format,
                "bytes": size,
                "rows_in": rows_in,
            }
        )

    def _read(self, source: Source, number: int) -> int:
        """Stage one file's rows; how many there were."""
        rows_in = 0
        for position, block in enumerate(read_ahead(self._blocks(source))):
            if position == 0:
                self._check_columns(block, source)
                continue
            rows_in += block.frame.height + len(block.misshapen)
            if self.problems:
                # Nothing will be stored; the rest is read to find what else is wrong.
                continue
            lines = pl.DataFrame(
                {"line": [line for line, _ in block.misshapen], "rule": [rule for _, rule in block.misshapen]},
                schema={"line": pl.Int64, "rule": pl.String},
            )
            self.staging.reject(lines.with_columns(field=pl.lit("line")), source.name)
            if block.frame.height:
                self.staging.add(normalise(block.frame, number, self._config, self._owners), source.name)
        return rows_in

    def _blocks(self, source: Source) -> Iterator[Block]:
        return read_columnar(source, COLUMNS) if source.is_parquet else read_delimited(source)

    def _check_columns(self, first: Block, source: Source) -> None:
        names = [name for name in first.frame.columns if name != LINE]
        missing = [name for name in REQUIRED if name not in names]
        problems = [f"column {name} is missing" for name in missing]
        if not set(ONE_OF) & set(names):
            problems.append("column imsi or msisdn is missing")
        if source.is_parquet:
            problems += wrong_types(first.frame.schema, COLUMNS)
        if problems:
            raise UnreadableError("; ".join(problems))
        unknown = tuple(sorted(set(names) - set(COLUMNS)))
        if unknown and unknown not in self._unknown:
            self._unknown.add(unknown)
            self.warnings.append(
                f"columns without a meaning here were passed over: {show_names(list(unknown))} "
                f"(first seen in {source.name})"
            )


def _count(entries: list[dict[str, object]], kept: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """FILES of the files newly taken; every row in must have been kept or rejected."""
    schema = {name: dtype for name, dtype in FILES.schema.items() if name in (entries[0] if entries else FILES.schema)}
    files = pl.DataFrame(entries, schema=schema)
    if not entries:
        return FILES.empty()
    rejected = rejects.group_by("file").agg(rows_rejected=pl.len().cast(pl.Int64))
    files = (
        files.join(kept, on="file_number", how="left")
        .join(rejected, on="file", how="left")
        .with_columns(pl.col("rows_kept", "rows_rejected").fill_null(0))
    )
    lost = files.filter(pl.col("rows_in") != pl.col("rows_kept") + pl.col("rows_rejected"))
    if lost.height:
        raise AssertionError(f"rows of {', '.join(lost['file'])} were neither kept nor rejected")
    return FILES.conform(files)


def _summarise(rejects: pl.DataFrame) -> list[str]:
    counts = rejects.group_by("rule", "field").len().sort("len", "rule", "field", descending=[True, False, False])
    return [f"{count} rows: {rule} ({field})" for rule, field, count in counts.iter_rows()]


def _warn(staging: Staging) -> list[str]:
    warnings = [
        f"{field}: {count} records carry a value that is {_DROPPED[field]}; left empty"
        for field, count in sorted(staging.dropped.items())
        if count
    ]
    warnings += [
        f"operator {operator} has no timezone in simbox.toml: {count} records count by UTC days, without local hours"
        for operator, count in staging.count_without_zone().items()
    ]
    return warnings
