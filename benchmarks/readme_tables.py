"""What the README's tables of figures have in common: where a new one stands, and how a figure is written."""

from typing import Any

from refresh_readme import blocks, refresh

HEADING = "## How well it does"
BEFORE = "## What this version does not do"
MISSING = "n/a"


def put(text: str, tables: dict[str, str], script: str) -> str:
    """The README with each table in its block; new blocks come last in their section, before the limits."""
    new = [name for name in tables if name not in blocks(text)]
    if new and f"{HEADING}\n" not in text:
        text = text.replace(BEFORE, f"{HEADING}\n\n{BEFORE}", 1)
    for name in new:
        empty = f"<!-- {name}: `python benchmarks/{script}` writes it -->\n\n<!-- end -->\n"
        text = text.replace(BEFORE, f"{empty}\n{BEFORE}", 1)
    return refresh(text, tables)


def show_interval(entry: dict[str, Any] | None) -> str:
    """A share in per cent with its interval, where it has one."""
    if entry is None or entry["value"] is None:
        return MISSING
    shown = f"{100 * entry['value']:.0f}"
    return shown if entry["low"] is None else f"{shown} ({100 * entry['low']:.0f}-{100 * entry['high']:.0f})"


def show_number(value: float | None, form: str = ".0f") -> str:
    """A number in a format, by default without decimals."""
    return MISSING if value is None else format(value, form)
