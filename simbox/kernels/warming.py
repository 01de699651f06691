"""All kernels compiled at once, so that the first scan on a machine need not."""

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import simbox.kernels
from simbox.kernels._jit import CACHE_DIRECTORY


class Warmed(NamedTuple):
    """The kernel files, whose drivers are compiled now, and where that is kept; None where nothing can be."""

    modules: tuple[str, ...]
    cache: Path | None


def compile_all() -> Warmed:
    """Imports every kernel file, which compiles its driver where no compiled code is kept."""
    modules = sorted(module.name for module in pkgutil.iter_modules(simbox.kernels.__path__))
    for name in modules:
        import_module(f"simbox.kernels.{name}")
    return Warmed(tuple(modules), CACHE_DIRECTORY)
