"""Partial records of long calls: a switch closes one every half hour and opens the next with the same reference."""

from collections import Counter
from collections.abc import Callable

import polars as pl

from simbox.store import Pile

# Between two parts of a call no time passes; switches round to the second, and some to the minute.
GAP = pl.duration(seconds=120)
LONGEST_CALL = pl.duration(days=1)
_FILE = pl.col("record_id") // (1 << 32)
CHAIN = ("operator", "node", "call_ref", "direction", "imsi", "msisdn")


def is_part(extras: list[str]) -> pl.Expr | None:
    """Which voice records may be parts of a longer one; None where the feed can't tell.

    Without part numbers the last part of a call looks like any other, so that all records with a reference may be.
    """
    if "call_ref" not in extras or not {"part_no", "cause_class"} & set(extras):
        return None
    voice = (pl.col("service") == "voice") & pl.col("call_ref").is_not_null()
    if "part_no" in extras:
        numbered = pl.col("part_no").fill_null(0) > 0
        partial = (pl.col("cause_class") == "partial").fill_null(False) if "cause_class" in extras else pl.lit(False)
        return voice & (numbered | partial)
    return voice


def merge_long_calls(pile: Pile, add: Callable[[pl.DataFrame], None]) -> tuple[Counter[int], Counter[int]]:
    """Hand the records of a pile on, parts of a call as one with their duration together, from the first part's begin.

    How many rows of each file went into an earlier one, and how many were the same part once more.
    """
    keys = [
        frame.filter((pl.col("part_no") > 0).fill_null(False) | (pl.col("cause_class") == "partial").fill_null(False))
        .select("operator", "call_ref")
        .unique()
        for frame in pile
    ]
    several = pl.concat(keys).unique() if keys else None
    merged: Counter[int] = Counter()
    repeated: Counter[int] = Counter()
    chained: list[pl.DataFrame] = []
    for frame in pile:
        if several is None or several.is_empty():
            add(frame)
            continue
        chained.append(frame.join(several, on=["operator", "call_ref"], how="semi", maintain_order="left"))
        add(frame.join(several, on=["operator", "call_ref"], how="anti", maintain_order="left"))
    if not chained:
        return merged, repeated
    rows = pl.concat(chained)
    once = rows.sort("record_id").unique(
        [*CHAIN, "part_no", "started_at", "duration_s"], keep="first", maintain_order=True
    )
    repeated.update(_by_file(rows.join(once, on="record_id", how="anti")))
    whole, later = _merge(once)
    merged.update(_by_file(later))
    add(whole)
    return merged, repeated


def _merge(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One record for each call, and the parts that went into another."""
    rows = rows.sort(*CHAIN, "started_at", "part_no", "record_id", nulls_last=True)
    ends = (pl.col("started_at") + pl.duration(seconds=pl.col("duration_s"))).alias("ends")
    rows = rows.with_columns(ends)
    rows = rows.with_columns(
        reached=pl.col("ends").cum_max().shift(1).over(CHAIN),
        part_before=pl.col("part_no").shift(1).over(CHAIN),
        begun=pl.col("started_at").first().over(CHAIN),
    )
    follows = pl.col("part_no") > pl.col("part_before")
    in_time = pl.col("started_at") <= pl.col("reached") + GAP
    is_next = (follows & (pl.col("started_at") <= pl.col("begun") + LONGEST_CALL)).fill_null(in_time)
    rows = rows.with_columns(call=(~is_next.fill_null(False)).cum_sum())
    rows = rows.with_columns(
        duration_s=pl.col("duration_s").cast(pl.Int64).sum().over("call").cast(pl.UInt32),
        answered=pl.col("answered").any().over("call") if rows["answered"].null_count() < rows.height else "answered",
        is_first=pl.int_range(pl.len()).over("call") == 0,
    )
    helpers = ["ends", "reached", "part_before", "begun", "call", "is_first"]
    return rows.filter("is_first").drop(helpers), rows.filter(~pl.col("is_first"))


def _by_file(rows: pl.DataFrame) -> dict[int, int]:
    return {int(file): int(count) for file, count in rows.group_by(_FILE.alias("file")).len().iter_rows()}
