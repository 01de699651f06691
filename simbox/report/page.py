"""report.html: one plain, self-contained page, the same bytes from the same tables."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl
from jinja2 import Environment, PackageLoader, select_autoescape

from simbox.tables.writing import write_text


class FoundTables(Protocol):
    """The rigs' tables that the page shows."""

    @property
    def rigs(self) -> pl.DataFrame: ...
    @property
    def sites(self) -> pl.DataFrame: ...
    @property
    def members(self) -> pl.DataFrame: ...


class ListedTables(Protocol):
    """The lists that the page counts."""

    @property
    def seizure_list(self) -> pl.DataFrame: ...
    @property
    def review(self) -> pl.DataFrame: ...


def write_report(
    path: Path,
    nights: Sequence[date],
    found: FoundTables,
    listed: ListedTables,
    files: pl.DataFrame,
    warnings: Sequence[str],
) -> None:
    """Write the page: the night's numbers, rigs by listed SIMs with where and when, what could not be done."""
    listed_by_rig = listed.seizure_list.group_by("rig_id", "decision").agg(sims=pl.len())
    counts = listed_by_rig.pivot("decision", index="rig_id", values="sims", on_columns=["seize", "review", "watch"])
    ordered = (
        found.rigs.join(counts.fill_null(0), on="rig_id", how="inner")
        .with_columns(to_act_on=pl.col("seize") + pl.col("review"))
        .sort("to_act_on", "rig_id", descending=[True, False])
    )
    environment = Environment(loader=PackageLoader("simbox.report"), autoescape=select_autoescape(["html"]))
    page = environment.get_template("report.html").render(
        nights=[night.isoformat() for night in nights],
        rigs=[
            row | {"sites": found.sites.filter(pl.col("rig_id") == row["rig_id"]).to_dicts()}
            for row in ordered.to_dicts()
        ],
        rows_in=int(files["rows_in"].sum()),
        rows_rejected=int(files["rows_rejected"].sum()),
        file_count=files.height,
        listed=int(listed.seizure_list.filter(pl.col("decision") != "watch").height),
        to_review=listed.review.height,
        warnings=list(warnings),
    )
    write_text(page, path)
