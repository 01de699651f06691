"""The bytes of rejected lines, made printable, so that the operator can be shown what it sent."""

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from simbox.intake.blocks import LINE, Block

RAW_BYTES = 512
# Beyond this many a run's rejects keep their rule and no bytes: something is wrong with the feed, not with lines.
RAW_KEPT = 1_000_000


def raw_lines(block: Block, lines: Iterable[int]) -> list[str]:
    """The text of some lines of a block, printable; of a Parquet file's rows what their columns hold."""
    wanted = list(lines)
    if not wanted:
        return []
    if not block.raw:
        return _raw_rows(block.frame, wanted)
    ends = np.flatnonzero(np.frombuffer(block.raw, dtype=np.uint8) == ord("\n"))
    found = []
    for line in wanted:
        place = line - block.first_line
        start = int(ends[place - 1]) + 1 if place else 0
        end = int(ends[place]) if place < ends.size else len(block.raw)
        found.append(escape(block.raw[start : min(end, start + RAW_BYTES)].rstrip(b"\r")))
    return found


def fetch_lines(blocks: Iterator[Block], lines: list[int]) -> list[str]:
    """The text of lines, in ascending order, of a file that is read again."""
    found: list[str] = []
    for block in blocks:
        first = block.first_line
        until = first + block.lines
        here = [line for line in lines[len(found) :] if line < until]
        found += raw_lines(block, here)
        if len(found) == len(lines):
            break
    return found


def escape(raw: bytes) -> str:
    """Bytes as printable ASCII; a backslash and what is not printable as escapes."""
    text = raw.decode("latin-1")
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(char if " " <= char <= "~" and char != "\\" else f"\\x{ord(char):02x}" for char in text)


def _raw_rows(frame: pl.DataFrame, wanted: list[int]) -> list[str]:
    columns = [name for name in frame.columns if name != LINE]
    rows = frame.filter(pl.col(LINE).is_in(wanted)).sort(LINE)
    text = rows.select(
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="|")
    ).to_series()
    return [escape(row.encode()[:RAW_BYTES]) for row in text]
