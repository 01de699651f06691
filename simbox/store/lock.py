"""One writer at a time: a lock that goes with the process that holds it, however that ends."""

import fcntl
import os
import socket
from pathlib import Path

from simbox.errors import LockedError

LOCK = ".lock"


class StoreLock:
    """The lock of a store folder; the folder is made if need be, and goes again if nothing was put into it."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._descriptor: int | None = None
        self._made: list[Path] = []

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock; LockedError where another run has it."""
        self._made = _make_folders(self._store)
        path = self._store / LOCK
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it may have removed the file between our opening and locking it.
                is_ours = path.exists() and os.stat(path).st_ino == os.fstat(descriptor).st_ino
            except OSError as error:
                os.close(descriptor)
                if isinstance(error, BlockingIOError):
                    raise LockedError(
                        f"another run holds the lock of the store {self._store}{_holder(path)}"
                    ) from error
                raise
            if is_ours:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}".encode(), 0)
                self._descriptor = descriptor
                return
            os.close(descriptor)

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is None:
            return
        if [path.name for path in self._store.iterdir()] == [LOCK] and self._made:
            (self._store / LOCK).unlink()
            for folder in reversed(self._made):
                if not any(folder.iterdir()):
                    folder.rmdir()
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None


def _holder(path: Path) -> str:
    """Who wrote into the lock that it has it, as far as that can be read."""
    try:
        process, host = path.read_text(encoding="utf-8").split(" ", 1)
    except (OSError, ValueError):
        return ""
    return f" (process {process} on {host})"


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it, closed to others, and say which were not there before."""
    missing = [path for path in [folder, *folder.parents] if not path.exists()][::-1]
    for path in missing:
        path.mkdir(mode=0o700, exist_ok=True)
    return missing
