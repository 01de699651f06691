"""What a store holds, and keeping it small: a night's parts made one, old nights dropped."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from simbox.errors import DamagedError
from simbox.store.cursors import Cursor, merge_cursors
from simbox.store.memory import Memory
from simbox.store.night_manifest import NightManifest, commit, find_nights, night_folder, read_manifest, sweep
from simbox.store.parts import part_operators, read_part, verify_part, write_part
from simbox.store.runs import BLOCK_ROWS
from simbox.tables.cdrs import CDRS
from simbox.telecom.identifiers import BUCKETS


class NightInfo(NamedTuple):
    """A night of a store: its parts, records, bytes on disk, operators, and what is wrong with its parts if checked."""

    night: date
    parts: int
    rows: int
    bytes: int
    operators: list[str]
    damages: list[str]


def describe_night(store: Path, night: date, *, verify: bool) -> NightInfo:
    """What a night holds; with `verify` every part is compared with its SHA-256."""
    folder = night_folder(store, night)
    parts = read_manifest(store, night).parts
    operators: set[str] = set()
    damages = []
    size = 0
    for part in parts:
        try:
            if verify:
                verify_part(folder / part.file, part)
            operators |= set(part_operators(folder / part.file))
            size += (folder / part.file).stat().st_size
        except DamagedError as error:
            damages.append(error.summary.removeprefix("the store is damaged: "))
    return NightInfo(night, len(parts), sum(part.rows for part in parts), size, sorted(operators), damages)


def compact_night(store: Path, night: date, memory: Memory, scratch: Path) -> int:
    """Merge a night's parts into one with the same records; how many parts there were. Needs the store's lock."""
    parts = read_manifest(store, night).parts
    if len(parts) < 2:
        return len(parts)
    folder = night_folder(store, night)
    operators: set[str] = set()
    for part in parts:
        verify_part(folder / part.file, part)
        operators |= set(part_operators(folder / part.file))
    cursors = [
        Cursor(read_part(folder / part.file, part, (0, BUCKETS), list(CDRS.names), BLOCK_ROWS)) for part in parts
    ]
    merged = write_part(merge_cursors(cursors, memory.rows_merged), sorted(operators), folder, scratch)
    commit(store, [NightManifest(night, [merged])])
    sweep(store)
    return len(parts)


def drop_nights(store: Path, nights: Sequence[date]) -> None:
    """Take nights out of the store, all at once. Needs the store's lock."""
    commit(store, [NightManifest(night) for night in nights])
    sweep(store)


def past_retention(store: Path, days: int) -> list[date]:
    """The nights that lie `days` or more before the last one."""
    nights = find_nights(store)
    return [night for night in nights if night <= nights[-1] - timedelta(days=days)]
