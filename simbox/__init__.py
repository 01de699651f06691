"""simbox finds SIM boxes in mobile operators' call detail records.

`run_scan` takes a folder of CDRs and leaves a finished run; `load_config` reads simbox.toml.
"""

from importlib import import_module
from typing import Any

_HOMES = {"run_scan": "simbox.nightly", "load_config": "simbox.config", "SimboxError": "simbox.errors"}

__all__ = ["SimboxError", "load_config", "run_scan"]  # noqa: F822 -- loaded on first use


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'simbox' has no attribute {name!r}")
