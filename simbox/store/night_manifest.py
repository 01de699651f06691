"""What counts of a night: the parts that its manifest names, each with its hash and the buckets of its row groups.

Several nights and the ledger change at one instant: the changes are written to a journal, whose rename is that instant,
and are then carried out. Who reads while a journal stands believes the journal.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from simbox.errors import DamagedError
from simbox.tables.writing import write_text

MANIFEST = "manifest.json"
JOURNAL = "journal.json"
PREPARED = ".prepared"
Content = TypeVar("Content", bound=msgspec.Struct)


class RowGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row group: its first and last bucket and how many rows it holds."""

    first_bucket: int
    last_bucket: int
    rows: int


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One immutable Parquet file of a night."""

    file: str
    sha256: str
    rows: int
    groups: list[RowGroup]


class NightManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a night, by file name."""

    night: date
    parts: list[Part] = []


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes to carry out: nights as they will be (one without parts goes), and ledgers that stand prepared."""

    nights: list[NightManifest] = []
    ledgers: list[str] = []


def night_folder(store: Path, night: date) -> Path:
    """Where a night's parts are."""
    return store / f"night={night.isoformat()}"


def read_manifest(store: Path, night: date) -> NightManifest:
    """The manifest of a night; one without parts where the night has none."""
    for changed in read_journal(store).nights:
        if changed.night == night:
            return changed
    path = night_folder(store, night) / MANIFEST
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return NightManifest(night)
    manifest = _decode(content, NightManifest, f"{path.parent.name}/{MANIFEST}")
    if manifest.night != night:
        raise DamagedError(f"the store is damaged: {path.parent.name}/{MANIFEST} speaks of another night")
    return manifest


def find_nights(store: Path) -> list[date]:
    """Nights with a manifest, in order."""
    found = set()
    for path in store.glob(f"night=*/{MANIFEST}"):
        try:
            found.add(date.fromisoformat(path.parent.name.removeprefix("night=")))
        except ValueError as error:
            raise DamagedError(f"the store is damaged: {path.parent.name} is not a night") from error
    for changed in read_journal(store).nights:
        (found.add if changed.parts else found.discard)(changed.night)
    return sorted(found)


def read_journal(store: Path) -> Journal:
    """The changes that count but are not carried out yet."""
    try:
        content = (store / JOURNAL).read_bytes()
    except FileNotFoundError:
        return Journal()
    return _decode(content, Journal, JOURNAL)


def ledger_path(store: Path, file: str) -> Path:
    """Where a ledger stands now: prepared, while a journal says so and it has not been renamed yet."""
    prepared = store / f"{PREPARED}-{file}"
    return prepared if file in read_journal(store).ledgers and prepared.exists() else store / file


def commit(store: Path, nights: Sequence[NightManifest], ledgers: Sequence[str] = ()) -> None:
    """Let changed nights and prepared ledgers count, all at once."""
    _write(Journal(list(nights), list(ledgers)), store / JOURNAL)
    carry_out(store)


def carry_out(store: Path) -> None:
    """Do what the journal says, if there is one; doing it twice is doing it once."""
    journal = read_journal(store)
    for changed in journal.nights:
        path = night_folder(store, changed.night) / MANIFEST
        if changed.parts:
            _write(changed, path)
        else:
            path.unlink(missing_ok=True)
    for file in journal.ledgers:
        prepared = store / f"{PREPARED}-{file}"
        if prepared.exists():
            prepared.replace(store / file)
    (store / JOURNAL).unlink(missing_ok=True)


def sweep(store: Path) -> None:
    """Delete what a run that was killed, a compaction or a dropped night left: files that nothing names."""
    for leftover in store.glob(f"{PREPARED}-*"):
        leftover.unlink()
    for folder in store.glob("night=*"):
        manifest = folder / MANIFEST
        named = set()
        if manifest.exists():
            night = date.fromisoformat(folder.name.removeprefix("night="))
            named = {part.file for part in read_manifest(store, night).parts}
        for path in [*folder.glob("part-*.parquet"), *folder.glob(".*")]:
            if path.name not in named:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()


def _write(content: NightManifest | Journal, path: Path) -> None:
    write_text(msgspec.json.format(msgspec.json.encode(content), indent=1).decode() + "\n", path)


def _decode(content: bytes, kind: type[Content], name: str) -> Content:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedError(f"the store is damaged: {name} can't be read") from error
