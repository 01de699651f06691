"""What a scan prints when it is done."""

import sys
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from simbox.pipeline import Scan

RIGS_SHOWN = 12
# Wide enough for every column where nobody's terminal says how wide it is.
PIPED_COLUMNS = 120


def print_summary(result: Scan, out: Path) -> None:
    """Print rigs, SIMs listed, where the largest stands, rejects and seconds for each stage."""
    width = None if sys.stdout.isatty() else PIPED_COLUMNS
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)
    listed = result.last.listed.seizure_list
    counts = dict(listed.group_by("decision").len().with_columns(pl.col("decision").cast(pl.String)).iter_rows())
    files = result.taken.files
    seize, review, watch = (counts.get(decision, 0) for decision in ("seize", "review", "watch"))
    console.print(
        f"{len(result.nights)} nights, {int(files['rows_in'].sum()):,} rows in {files.height} files,"
        f" {int(files['rows_rejected'].sum()):,} rejected, {result.scores.height:,} SIMs seen"
    )
    rigs = result.last.found.rigs.join(listed.filter(pl.col("decision") != "watch"), on="rig_id", how="semi")
    console.print(f"{rigs.height} rigs, {seize + review} SIMs listed: {seize} to seize, {review} to review"
                  f" ({watch} more watched, {result.last.listed.review.height} exempted)")  # fmt: skip
    if rigs.height:
        console.print(_rig_table(rigs, listed))
        _print_largest(console, rigs, result)
    for warning in [*result.taken.warnings, *result.warnings]:
        console.print(f"warning: {warning}")
    seconds = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in result.seconds.items())
    console.print(f"{seconds}; written to {out}")


def _rig_table(rigs: pl.DataFrame, listed: pl.DataFrame) -> Table:
    on_list = listed.filter(pl.col("decision") != "watch").group_by("rig_id").agg(listed=pl.len())
    table = Table(box=None, pad_edge=False)
    words = ("rig", "kind", "status", "operators")
    for name in ("rig", "kind", "sure", "status", "SIMs", "listed", "live", "ports", "IMEIs", "operators"):
        # A rig is asked for by its whole name.
        table.add_column(name, justify="left" if name in words else "right", no_wrap=name == "rig")
    ordered = rigs.join(on_list, on="rig_id").sort("listed", "rig_id", descending=[True, False])
    for rig in ordered.head(RIGS_SHOWN).to_dicts():
        table.add_row(
            rig["rig_id"],
            rig["kind"],
            f"{rig['probability']:.0%}",
            rig["status"],
            str(rig["sim_count"]),
            str(rig["listed"]),
            str(rig["live_count"]),
            f"{rig['ports_low']}-{rig['ports_high']}",
            str(rig["imei_count"]),
            rig["operators"],
        )
    return table


def _print_largest(console: Console, rigs: pl.DataFrame, result: Scan) -> None:
    largest = rigs.sort("sim_count", "rig_id", descending=[True, False])["rig_id"][0]
    site = result.last.found.sites.filter((pl.col("rig_id") == largest) & (pl.col("place_rank") == 1))
    if site.is_empty() or site["lat"][0] is None:
        return
    row = site.to_dicts()[0]
    console.print(
        f"the largest, {largest}: radio within {row['radius_m']:.0f} m of {row['lat']:.5f}, {row['lon']:.5f}"
        f" (the cards may be kept elsewhere); most SIMs live {row['raid_windows']}"
    )
