"""How much memory a run may take, and how many records fit into that."""

import ctypes
import os
from pathlib import Path
from typing import NamedTuple

from simbox.errors import UsageError
from simbox.sizes import read_size
from simbox.tables.writing import ROW_GROUP_ROWS

# Options of glibc's mallopt: from which size on memory is the system's at once, how much may be free at the end of a
# heap, and how many heaps there are.
_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENAS = -3, -1, -8
_LARGE = 8 << 20
LEAST_MEMORY = 1 << 30
_CGROUPS = Path("/sys/fs/cgroup")


class Memory(NamedTuple):
    """A limit on the resident memory of the whole process, in bytes."""

    limit: int

    @property
    def free(self) -> int:
        """What is left for records when program, compiled kernels and buffers of the engines are loaded, in bytes."""
        return max(self.limit - PROGRAM, PROGRAM // 4)

    def beside(self, taken: int) -> "Memory":
        """What is left of the limit beside so many bytes."""
        return Memory(max(self.limit - taken, 0))

    @property
    def rows_held(self) -> int:
        """Records that intake may hold before it puts them on disk."""
        return self.free // 3 // SORTED_ROW

    @property
    def rows_merged(self) -> int:
        """Records that a merge may hold while a part is written."""
        return self.free // 2 // MERGED_ROW

    @property
    def sims_computed(self) -> int:
        """SIMs whose features may be computed at once."""
        return self.free // 4 // COMPUTED_SIM

    @property
    def rows_computed(self) -> int:
        """Records whose features may be computed at once."""
        return min(self.free // 2 // COMPUTED_ROW, MOST_COMPUTED)

    def holds_row_groups(self, parts: int) -> bool:
        """Whether a row group of each of so many parts may be held while they are merged."""
        return parts * ROW_GROUP_ROWS * HELD_ROW <= self.free // 4


def read_memory(text: str | None) -> Memory:
    """The limit that a setting like `4GiB` means; without one, half of what the machine or its cgroup has."""
    if text is None:
        return Memory(max(machine_memory() // 2, LEAST_MEMORY))
    limit = read_size(text)
    if limit < LEAST_MEMORY:
        raise UsageError("--memory must be at least 1GiB")
    return Memory(limit)


def give_back_early() -> None:
    """Let the C library give large arrays' memory back when they are freed, whatever was freed before.

    With every array that is freed glibc takes larger ones from its heaps, up to 32 MiB, and heaps shrink from their
    ends only: of 5 million SIMs 400 MiB more were resident than were held. Another C library is left as it is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _LARGE)
        mallopt(_ARENAS, 2)


def machine_memory(cgroups: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes of memory that the machine has, or fewer where a cgroup of this process is limited to fewer."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([installed, *_cgroup_limits(cgroups, own)])


def _cgroup_limits(cgroups: Path, own: Path) -> list[int]:
    try:
        lines = own.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, name = line.split(":", 2)
        is_second_version = controllers == ""
        if not is_second_version and "memory" not in controllers.split(","):
            continue
        root = cgroups if is_second_version else cgroups / "memory"
        file = "memory.max" if is_second_version else "memory.limit_in_bytes"
        group = root / name.lstrip("/")
        # In a container the path may be that of the host; its own limit then stands at the root.
        for folder in {group, *group.parents} if group.is_relative_to(root) else {root}:
            if folder.is_relative_to(root):
                limits += _read_limit(folder / file)
    return limits


def _read_limit(path: Path) -> list[int]:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return []
    return [int(text)] if text.isdigit() else []


# Bytes, measured on ten million records: the program with kernels loaded and the engines' own buffers; a record while a
# run of them is sorted, as it is read, while sorted pieces are merged, while its features are computed; a SIM with a
# hundred features over five windows, and copies of these.
PROGRAM = 450 << 20
SORTED_ROW = 260
HELD_ROW = 100
MERGED_ROW = 300
COMPUTED_ROW = 420
COMPUTED_SIM = 20_000
# More at once is not faster: the cores' caches hold far less.
MOST_COMPUTED = 6_000_000
