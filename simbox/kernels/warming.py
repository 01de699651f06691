"""All kernels compiled at once, so that the first scan on a machine need not."""

import pkgutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import simbox.kernels
from simbox.kernels._jit import CACHE_DIRECTORY

# An empty file beside the compiled code: all kernels are among it.
_COMPLETE = "complete"
_COMPILE = "from simbox.kernels.warming import compile_all; compile_all()"


class Warmed(NamedTuple):
    """The kernel files, whose drivers are compiled now, and where that is kept; None where nothing can be."""

    modules: tuple[str, ...]
    cache: Path | None


def compile_all() -> Warmed:
    """Imports every kernel file, which compiles its driver where no compiled code is kept."""
    modules = sorted(module.name for module in pkgutil.iter_modules(simbox.kernels.__path__))
    for name in modules:
        import_module(f"simbox.kernels.{name}")
    if CACHE_DIRECTORY is not None:
        # A full disk costs a compilation, not the run.
        with suppress(OSError):
            (CACHE_DIRECTORY / _COMPLETE).touch(mode=0o600)
    return Warmed(tuple(modules), CACHE_DIRECTORY)


def compile_apart(tell: Callable[[], None]) -> None:
    """Have a process of its own compile all kernels, where no compiled code is kept yet, and `tell` so before: 150 MiB
    that the compiler took would otherwise stay with this one to its end. What that process can't do, this one does when
    it loads them."""
    if CACHE_DIRECTORY is None or (CACHE_DIRECTORY / _COMPLETE).exists():
        return
    tell()
    # Without -P a folder named simbox where the command is given would be taken for this package.
    command = [sys.executable, "-P", "-c", _COMPILE]
    subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
