"""What counts of a night: the parts that its manifest names, each with its hash and the buckets of its row groups."""

from datetime import date
from pathlib import Path

import msgspec

from simbox.errors import DamagedError
from simbox.tables.writing import write_text

MANIFEST = "manifest.json"


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


def night_folder(store: Path, night: date) -> Path:
    """Where a night's parts are."""
    return store / f"night={night.isoformat()}"


def read_manifest(store: Path, night: date) -> NightManifest:
    """The manifest of a night; one without parts where the night has none."""
    path = night_folder(store, night) / MANIFEST
    if not path.exists():
        return NightManifest(night)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=NightManifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedError(f"the store is damaged: {path.parent.name}/{MANIFEST} can't be read") from error
    if manifest.night != night:
        raise DamagedError(f"the store is damaged: {path.parent.name}/{MANIFEST} speaks of another night")
    return manifest


def add_part(store: Path, night: date, part: Part) -> None:
    """Let a part count, by one rename; a part that counts already changes nothing."""
    manifest = read_manifest(store, night)
    parts = sorted({known.file: known for known in [*manifest.parts, part]}.values(), key=lambda one: one.file)
    encoded = msgspec.json.encode(NightManifest(night, parts))
    write_text(msgspec.json.format(encoded, indent=1).decode() + "\n", night_folder(store, night) / MANIFEST)


def find_nights(store: Path) -> list[date]:
    """Nights with a manifest, in order."""
    found = []
    for path in store.glob(f"night=*/{MANIFEST}"):
        try:
            found.append(date.fromisoformat(path.parent.name.removeprefix("night=")))
        except ValueError as error:
            raise DamagedError(f"the store is damaged: {path.parent.name} is not a night") from error
    return sorted(found)
