"""How kernels are compiled, and where the machine code is kept between processes.

numba does not notice an edit in a called function of another file, so the directory is named after all kernel
sources: an edit anywhere starts a new one.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.core import config as numba_config
from numba.core.caching import FunctionCache
from numba.core.registry import CPUDispatcher

# numba sets these attributes at run time and leaves some options untyped, unseen by type checkers.
config: Any = numba_config
njit: Any = numba.njit

Function = TypeVar("Function", bound=Callable[..., Any])

LONG = types.int64
NOTHING = types.none
BYTES = types.Array(types.int8, 1, "C", readonly=True)
SHORTS = types.Array(types.int16, 1, "C", readonly=True)
INTS = types.Array(types.int32, 1, "C", readonly=True)
LONGS = types.Array(types.int64, 1, "C", readonly=True)
FLOATS = types.Array(types.float64, 1, "C", readonly=True)
FLAGS = types.Array(types.boolean, 1, "C", readonly=True)
FEATURES = types.Array(types.float64, 2, "C")
SCRATCH = types.Array(types.int64, 2, "C")

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": False, "nogil": True}
# What makes no array of its own need not count who holds one: a slice passed on cost two locked instructions.
_WITHOUT_ARRAYS: dict[str, Any] = _OPTIONS | {"_nrt": False}


class _ForgivingCache(FunctionCache):
    """numba's cache on disk, but a full or vanished disk costs a compilation, not the run."""

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self.disable()


class _Part(CPUDispatcher):
    """A kernel that is compiled into drivers only; Python gets a copy of its own, compiled at the first call.

    Without the wrapper that Python needs and a file of its own, seven drivers took 18 s to compile instead of 24.
    """

    callable: Any

    def __call__(self, *arguments: Any) -> Any:
        """What the compiled function says."""
        if not hasattr(self, "callable"):
            self.callable = njit(**_WITHOUT_ARRAYS)(self.py_func)
            _keep_on_disk(self.callable)
        return self.callable(*arguments)


def kernel(function: Function) -> Function:
    """Compiles a function of one SIM's records, or a part that such functions share, where a driver calls it.

    It can neither make nor return an array.
    """
    if config.DISABLE_JIT:
        return function
    part = njit(**_WITHOUT_ARRAYS, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    part.__class__ = _Part
    return cast(Function, part)


def driver(*signatures: Any, makes_arrays: bool = False) -> Callable[[Function], Function]:
    """Compiles a function over many SIMs, at once and for these signatures only.

    Only with `makes_arrays` may it make or return one.

    Array types of this module accept read-only and writable arrays alike. While it runs, other Python threads run
    too.
    """

    def decorate(function: Function) -> Function:
        if config.DISABLE_JIT:
            return function
        options = _OPTIONS if makes_arrays else _WITHOUT_ARRAYS
        dispatcher = njit(**options, no_cfunc_wrapper=True)(function)
        _keep_on_disk(dispatcher)
        for signature in signatures:
            dispatcher.compile(signature)
        dispatcher.disable_compile()
        return cast(Function, dispatcher)

    return decorate


def _keep_on_disk(dispatcher: Any) -> None:
    if CACHE_DIRECTORY is None:
        return
    # Only while numba looks it up, so that other packages' compiled functions stay where they were.
    previous, config.CACHE_DIR = config.CACHE_DIR, str(CACHE_DIRECTORY)
    try:
        dispatcher._cache = _ForgivingCache(dispatcher.py_func)
    except (OSError, RuntimeError):
        pass
    finally:
        config.CACHE_DIR = previous


def find_cache_directory() -> Path | None:
    """The first of `$NUMBA_CACHE_DIR` and the user's cache that can be written; None where neither can."""
    candidates = [os.environ.get("NUMBA_CACHE_DIR"), _user_cache()]
    for root in candidates:
        if root:
            directory = Path(root).absolute() / _key()
            if _is_writable(directory):
                return directory
    return None


def _user_cache() -> str | None:
    mac = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(mac)
    # Without a home directory the tilde stays, and the working directory is no place for a cache.
    return os.path.join(root, "simbox") if os.path.isabs(root) else None


def _key() -> str:
    digest = hashlib.sha256(f"numba {numba.__version__} boundscheck {config.BOUNDSCHECK}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _is_writable(directory: Path) -> bool:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # numba unpickles what it finds, so a folder that somebody else owns is not trusted.
        if directory.stat().st_uid != os.getuid():
            return False
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


CACHE_DIRECTORY = None if config.DISABLE_JIT else find_cache_directory()
