"""Partial records of long calls: a switch closes one every half hour and opens the next with the same reference."""

import zlib
from collections import Counter
from collections.abc import Callable

import polars as pl

from simbox.store import Pile

# Between two parts of a call no time passes; switches round to the second, and some to the minute.
GAP = pl.duration(seconds=120)
LONGEST_CALL = pl.duration(days=1)
_FILE = pl.col("record_id") // (1 << 32)
# `ref` is the call reference with its node, as one number.
CHAIN = ("operator", "ref", "direction", "imsi", "msisdn")
PARTS: dict[str, type[pl.DataType]] = {"ref": pl.UInt64, "part_no": pl.Int64, "is_partial": pl.Boolean}
REFS = ("record_id", "ref")


def with_reference(cdrs: pl.DataFrame, extras: list[str]) -> pl.DataFrame:
    """Records with PARTS in place of what their feed has beside CDRS."""
    ref = pl.col("call_ref")
    if "node" in extras and isinstance(cdrs.schema["node"], pl.Enum):
        # The file's name tells the node: it is the same for all rows.
        hashed = ref.hash(zlib.crc32(str(cdrs.schema["node"].categories[0]).encode()))
    else:
        hashed = pl.concat_str(["node", "call_ref"], separator="/").hash() if "node" in extras else ref.hash()
    partial = (pl.col("cause_class") == "partial").fill_null(False) if "cause_class" in extras else pl.lit(False)
    part_no = pl.col("part_no") if "part_no" in extras else pl.lit(None, dtype=pl.Int64)
    numbered = (part_no > 0).fill_null(False)
    return cdrs.select(
        pl.exclude(extras),
        ref=pl.when(ref.is_not_null() & (pl.col("service") == "voice")).then(hashed),
        part_no=part_no,
        is_partial=partial | numbered,
    )


def merge_long_calls(
    parts: Pile,
    refs: Pile,
    take_out: Callable[[pl.Series], pl.DataFrame],
    add: Callable[[pl.DataFrame], None],
) -> tuple[Counter[int], Counter[int]]:
    """Hand the records of `parts` on, those of one call as one: its begin is the first one's, its duration that of all.

    Without part numbers the last part looks like any other record: `refs` has the references of all, and those that go
    with a partial record are taken out of where they are by `take_out`. How many rows of each file went into an earlier
    one, and how many were the same part once more.
    """
    merged: Counter[int] = Counter()
    repeated: Counter[int] = Counter()
    if not parts.rows:
        return merged, repeated
    rows = pl.concat(list(parts))
    several = rows.select("ref").unique()
    last = [frame.join(several, on="ref", how="semi") for frame in refs]
    found = pl.concat(last) if last else pl.DataFrame(schema={"record_id": pl.Int64, "ref": pl.UInt64})
    if found.height:
        taken = take_out(found["record_id"])
        ended = taken.join(found, on="record_id", how="left", maintain_order="left").with_columns(
            part_no=pl.lit(None, dtype=pl.Int64), is_partial=pl.lit(False)
        )
        rows = pl.concat([rows, ended.select(rows.columns)])
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
