"""All files of a source folder into the store: read, checked, resolved, then written night by night."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.errors import FeedRefusedError, InputError
from simbox.intake.batch import NO_ALLOWANCES, Allowances, Batch
from simbox.intake.parties import know_owners
from simbox.intake.profile_files import load_profiles
from simbox.intake.reading import Reader
from simbox.intake.references import References, read_references
from simbox.intake.sequences import check_sequences
from simbox.intake.sources import find_files
from simbox.intake.translate import Translator
from simbox.intake.verdicts import warn_of_files, warn_of_rows
from simbox.store import Store, file_sha256
from simbox.tables.cdrs import FILES, SENDERS

Progress = Callable[[str, int, int], None]


class TakenIn(NamedTuple):
    """What an intake found: FILES of this source, REJECTS of the files newly taken, all SENDERS of the store.

    `refused` says which files and feeds were left out, and why.
    """

    files: pl.DataFrame
    rejects: pl.DataFrame
    senders: pl.DataFrame
    references: References
    warnings: list[str]
    refused: list[str] = []  # noqa: RUF012


def take_in(
    source: Path,
    store: Store,
    config: Config,
    progress: Progress | None = None,
    allowed: Allowances = NO_ALLOWANCES,
) -> TakenIn:
    """Take every CDR file of a source folder that the store does not have yet.

    A file that a profile reads and that can't be read, and a feed that passes one of its limits, are left out;
    FeedRefusedError where nothing else is there. InputError names every file in the interchange format that can't be
    read; the store is written only after all files were read. `progress` is called with what is being done, and bytes
    or nights done and in all.
    """
    report = progress or (lambda step, done, total: None)
    references = read_references(source, config.country.bounds)
    feeds = load_profiles(source, config)
    found = find_files(source / "cdr", source)
    if not found:
        raise InputError("there are no CDR files: the folder cdr of the source is empty or absent")
    owners = know_owners(references.subscribers, references.ported, config)
    readers = {feed.key: Reader(Translator(feed, config), config, owners) for feed in feeds}
    sizes = [path.stat().st_size for _, path in found]
    with store.write() as writer, ThreadPoolExecutor(1) as pool:
        batch = Batch(store, writer, references, readers, Reader(None, config, owners), allowed)
        hashes = [pool.submit(file_sha256, path) for _, path in found]
        for number, (name, path) in enumerate(found):
            report("reading", sum(sizes[:number]), sum(sizes))
            batch.take(name, path, hashes[number])
        report("reading", sum(sizes), sum(sizes))
        if batch.problems:
            raise InputError(f"{len(batch.problems)} of {len(found)} CDR files can't be read:", batch.problems)
        batch.refuse_feeds()
        staging = batch.staging
        staging.merge_long_calls()
        staging.resolve(references.subscribers, batch.names, batch.fetch)
        rejects = staging.rejects()
        if not batch.already and not staging.kept()["rows_kept"].sum():
            if batch.refused:
                raise FeedRefusedError("nothing of the CDR files was taken:", batch.refused)
            raise InputError("no row of the CDR files can be used:", _summarise(rejects))
        repeated = writer.write(
            new_from=batch.first_number, progress=lambda done, total: report("storing", done, total)
        )
        files = batch.count(repeated)
        texts = {code: text for senders in staging.senders.values() for code, text in senders.items()}
        senders = pl.DataFrame(list(texts.items()), schema=SENDERS.schema, orient="row")
        writer.commit(files.filter(pl.col("refused").is_null()), senders)
    warnings = references.warnings + batch.warnings + warn_of_files(files, batch.ledger)
    warnings += check_sequences(batch.ledger, files.filter(pl.col("refused").is_null()), batch.last_numbers())
    warnings += warn_of_rows(staging, files)
    taken = FILES.conform(pl.concat([files, *batch.already]))
    return TakenIn(taken, rejects, store.senders(), references, warnings + batch.refused, batch.refused)


def _summarise(rejects: pl.DataFrame) -> list[str]:
    counts = rejects.group_by("rule", "field").len().sort("len", "rule", "field", descending=[True, False, False])
    return [f"{count} rows: {rule} ({field})" for rule, field, count in counts.iter_rows()]
