"""A scan whose search for rigs is looked at: what it is given on each night is shown to somebody first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import simbox.pipeline
from simbox.nightly import run_scan


def scan_and_watch(world: Path, out: Path, look: Callable[..., None]) -> None:
    """Scan a world into `out`; `look` gets the arguments of `seek_founders` on each night, before it has them."""
    seek: Callable[..., Any] = simbox.pipeline.rigs.seek_founders

    def look_and_seek(*arguments: Any) -> Any:
        look(*arguments)
        return seek(*arguments)

    simbox.pipeline.rigs.seek_founders = look_and_seek
    try:
        run_scan(world, out, lambda *_: None)
    finally:
        simbox.pipeline.rigs.seek_founders = seek
