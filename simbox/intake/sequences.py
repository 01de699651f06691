"""Running numbers in file names: a number that is missing is a lost file, one that is there twice a repeated one."""

import polars as pl

SHOWN = 8
NIGHTS_BACK = 14


def check_sequences(known: pl.DataFrame, fresh: pl.DataFrame, last_number: dict[str, int | None]) -> list[str]:
    """A warning for each feed and node whose new files leave gaps or repeat numbers.

    `known` and `fresh` are FILES; `last_number` says after which number a feed's counter begins again, where it does.
    """
    warnings = []
    fresh = fresh.filter(pl.col("sequence").is_not_null())
    if fresh.is_empty():
        return []
    for (feed, node), rows in sorted(
        fresh.group_by("feed", "node"), key=lambda group: (str(group[0][0]), str(group[0][1]))
    ):
        since = rows["named_on"].min()
        before = known.filter(pl.col("feed").eq_missing(pl.lit(feed)) & pl.col("node").eq_missing(pl.lit(node)))
        before = before.filter(pl.col("sequence").is_not_null())
        if since is not None:
            before = before.filter(pl.col("named_on") >= pl.lit(since) - pl.duration(days=NIGHTS_BACK))
        columns = ["named_on", "sequence", "file"]
        frames = [before.select(*columns, fresh=pl.lit(False)), rows.select(*columns, fresh=pl.lit(True))]
        entries = pl.concat(frames).sort("named_on", "sequence", "file", nulls_last=False)
        missing, twice = _compare(entries, last_number.get(str(feed)))
        where = f"feed {feed}" + (f", node {node}" if node is not None else "")
        if missing:
            warnings.append(f"{where}: files are missing, by their numbers: {_ranges(missing)}")
        if twice:
            warnings.append(f"{where}: numbers came twice: {_ranges([(number, number) for number in twice])}")
    return warnings


def _compare(entries: pl.DataFrame, last_number: int | None) -> tuple[list[tuple[int, int]], list[int]]:
    """Gaps (first and last missing) and repeated numbers next to a new file."""
    missing: list[tuple[int, int]] = []
    twice: list[int] = []
    numbers = list(zip(entries["sequence"].to_list(), entries["fresh"].to_list(), strict=True))
    if last_number is None and numbers:
        # Without dates or a known end, numbers are simply put in order.
        numbers = sorted(numbers) if entries["named_on"].null_count() else numbers
    for (one, one_new), (other, other_new) in zip(numbers, numbers[1:], strict=False):
        if not (one_new or other_new):
            continue
        if other == one:
            twice.append(other)
        elif other > one + 1:
            missing.append((one + 1, other - 1))
        elif other < one and last_number is not None:
            # The counter began again in between, at 0 or at 1.
            missing += [(one + 1, last_number)] if one < last_number else []
            missing += [(1, other - 1)] if other > 1 else []
    return missing, twice


def _ranges(spans: list[tuple[int, int]]) -> str:
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in spans[:SHOWN]]
    return ", ".join(shown) + (", ..." if len(spans) > SHOWN else "")
