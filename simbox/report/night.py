"""The night's numbers: what came, what was found, how that differs from the night before, what could not be judged."""

from datetime import date
from typing import Any, NamedTuple

import polars as pl

from simbox.report.naming import Naming
from simbox.report.run import RunTables

SHARES = ("with_imei", "with_cell", "located")
RULES_SHOWN = 12


class Gap(NamedTuple):
    """Something that could not be judged, and why."""

    what: str
    why: str


def tell_night(tables: RunTables, naming: Naming) -> dict[str, Any]:
    """The figures at the head of the report, for the last judged night and against the one before it."""
    night = tables.nights[-1]
    before = tables.nights[-2] if len(tables.nights) > 1 else None
    decisions = dict(tables.seizure_list.group_by("decision").agg(pl.len()).iter_rows())
    listed = _by_night(tables)
    tonight = next((row for row in listed if row["night"] == night), None)
    tonight_records = _records(tables.coverage, night)
    return {
        "night": night,
        "before": before,
        "nights": tables.nights,
        "records": tonight_records,
        "records_change": _change(tonight_records, _records(tables.coverage, before)),
        "sims_seen": sum(tables.bands.values()),
        "bands": tables.bands,
        "seize": decisions.get("seize", 0),
        "review": decisions.get("review", 0),
        "watch": decisions.get("watch", 0),
        "exempted": tables.review.height,
        "newly_listed": tonight["new"] if tonight else 0,
        "by_night": listed,
        "operators": _operators(tables.coverage, night, before),
        "rows_in": int(tables.files["rows_in"].sum()),
        "rows_rejected": int(tables.files["rows_rejected"].sum()),
        "file_count": tables.files.height,
        "rejects": _rejects(tables.rejects),
        "gaps": find_gaps(tables, night),
        "exemptions": [
            {
                "rig_id": row["rig_id"],
                "sim": naming.sims(pl.Series([row["imsi"]]))[0].removeprefix("#1 "),
                "entry": naming.text(row["list_entry"]),
                "author": naming.text(row["author"]),
                "per_cent": round(100 * row["probability"]),
            }
            for row in tables.review.iter_rows(named=True)
        ],
    }


def find_gaps(tables: RunTables, night: date) -> list[Gap]:
    """What the night's answer does not cover, and why; warnings of the scan first."""
    tonight = tables.coverage.filter(pl.col("night") == night)
    gaps = [Gap("Warning of the scan:", warning.removesuffix(".")) for warning in tables.warnings]
    known = tables.coverage.filter(pl.col("night") <= night)["operator"].unique().sort()
    gaps += [
        Gap(f"The whole night of {operator}:", "no record of that operator came for it")
        for operator in known
        if operator not in set(tonight["operator"])
    ]
    active, detectable = int(tonight["active_sims"].sum()), int(tonight["detectable_sims"].sum())
    if active > detectable:
        why = "made fewer than five calls or SMS in the night: too little to judge them by alone"
        gaps.append(Gap(f"{active - detectable:,} of {active:,} active SIMs", why))
    for column, lacking in (
        ("with_imei", "have no IMEI, or a placeholder: no handset of theirs is compared"),
        ("with_cell", "have no cell: they tell no place"),
    ):
        gaps += _lacking(tonight, "records", column, lacking)
    gaps += _lacking(tonight, "with_cell", "located", "have a cell that the table of cells can't locate")
    rejected = int(tables.files["rows_rejected"].sum())
    if rejected:
        gaps.append(Gap(f"{rejected:,} rows", "were rejected by intake; see the table of rejects"))
    alone = tables.history.filter(
        (pl.col("night") == night) & pl.col("rig_id").is_null() & pl.col("band").is_in(["suspect", "strong"])
    )
    if alone.height:
        gaps.append(
            Gap(f"{alone.height:,} suspect SIMs", "belong to no rig: nothing ties them to others, none is listed")
        )
    unlocated = tables.rigs.filter(pl.col("lat").is_null()).height
    if unlocated:
        gaps.append(Gap(f"{unlocated:,} rigs", "have no place: their cells can't be located"))
    return gaps


def _lacking(tonight: pl.DataFrame, whole: str, column: str, why: str) -> list[Gap]:
    return [
        Gap(f"{missing:,} records of {operator}", f"({_share(missing, all_of)}) {why}")
        for operator, all_of, present in tonight.select("operator", whole, column).iter_rows()
        if (missing := all_of - present)
    ]


def _by_night(tables: RunTables) -> list[dict[str, Any]]:
    """For each judged night the records, SIMs from watch up, SIMs on the list, those new on it, and their rigs."""
    rows = []
    previous: set[int] = set()
    for night in tables.nights:
        held = tables.history.filter(pl.col("night") == night)
        listed = held.filter("listed")
        sims = set(listed["imsi"])
        rows.append(
            {
                "night": night,
                "records": _records(tables.coverage, night),
                "watched": held.height,
                "listed": len(sims),
                "new": len(sims - previous),
                "gone": len(previous - sims),
                "rigs": listed["rig_id"].drop_nulls().n_unique(),
            }
        )
        previous = sims
    return rows


def _operators(coverage: pl.DataFrame, night: date, before: date | None) -> list[dict[str, Any]]:
    then = coverage.filter(pl.col("night") == before) if before else coverage.clear()
    earlier = dict(then.select("operator", "records").iter_rows())
    rows = []
    for row in coverage.filter(pl.col("night") == night).sort("operator").iter_rows(named=True):
        shares = {f"{name}_share": _share(row[name], row["records"]) for name in SHARES}
        rows.append(row | shares | {"change": _change(row["records"], earlier.get(row["operator"], 0))})
    return rows


def _rejects(rejects: pl.DataFrame) -> list[dict[str, Any]]:
    counted = rejects.group_by("rule", "field").agg(rows=pl.len(), files=pl.col("file").n_unique())
    return counted.sort("rows", "rule", "field", descending=[True, False, False]).head(RULES_SHOWN).to_dicts()


def _records(coverage: pl.DataFrame, night: date | None) -> int:
    return int(coverage.filter(pl.col("night") == night)["records"].sum()) if night else 0


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    per_cent = 100 * part / whole
    # Neither "100 %" where one is missing nor "0 %" where there is one.
    if 0 < part < whole and not 0.05 <= per_cent < 99.95:
        return "< 0.1 %" if per_cent < 1 else "> 99.9 %"
    return f"{per_cent:.1f} %" if 0 < part < whole else f"{per_cent:.0f} %"


def _change(now: int, then: int) -> str:
    """The change in per cent, empty where there is nothing to compare with."""
    return f"{100 * (now - then) / then:+.1f} %" if then else ""
