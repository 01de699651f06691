"""Sizes of memory as people write them."""

import re

from simbox.errors import UsageError

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12} | {
    "Ki": 1 << 10,
    "Mi": 1 << 20,
    "Gi": 1 << 30,
    "Ti": 1 << 40,
}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?)?B?", re.ASCII)


def read_size(text: str) -> int:
    """The bytes that a setting like `4GiB` means."""
    size = _SIZE.fullmatch(text.strip())
    if not size:
        raise UsageError(f"--memory takes a size as 4GiB or 512MB, not {text!r}")
    return int(float(size[1]) * _UNITS[size[2] or ""])
