"""What the page is made from: a run's tables and its manifest, nothing else."""

import tomllib
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import config_from
from simbox.errors import DamagedError
from simbox.manifest import FILE, read_manifest
from simbox.tables.cdrs import FILES, REJECTS
from simbox.tables.evidence import DAMAGE
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reading import read_run_list, read_run_table
from simbox.tables.reference import PLACES
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES
from simbox.tables.shown import ACTIVITY, COVERAGE

UTC_ZONE = "UTC"


class RunTables(NamedTuple):
    """A finished run as the page reads it.

    `links` are those between members of one rig, with `rig_id`; `reasons` the counted ones of members and of listed
    SIMs, `scores` theirs. `bands` counts all SIMs seen by band. `zone` is the operators' zone where they share one,
    else UTC; times are shown in it.
    """

    rigs: pl.DataFrame
    sites: pl.DataFrame
    members: pl.DataFrame
    damage: pl.DataFrame
    activity: pl.DataFrame
    links: pl.DataFrame
    scores: pl.DataFrame
    reasons: pl.DataFrame
    history: pl.DataFrame
    seizure_list: pl.DataFrame
    review: pl.DataFrame
    coverage: pl.DataFrame
    places: pl.DataFrame
    files: pl.DataFrame
    rejects: pl.DataFrame
    bands: dict[str, int]
    nights: list[date]
    warnings: list[str]
    zone: str
    version: str


def read_run_tables(run: Path) -> RunTables:
    """The tables of a finished run that the page shows; DamagedError where one is missing or broken."""
    manifest = read_manifest(run)
    try:
        nights = [date.fromisoformat(night) for night in manifest["nights"]]
        warnings, version = list(manifest["warnings"]), manifest["versions"]["simbox"]
        config = config_from(tomllib.loads(manifest["configuration"]), FILE)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{run} is not a run of this version: {FILE} lacks what the report needs") from error
    zones = {operator.timezone for operator in config.operators.values()}
    members = read_run_table(run, MEMBERS)
    sims = members.select("imsi").unique()
    bands = pl.scan_parquet(run / str(SCORES.file), glob=False).group_by("band").agg(sims=pl.len())
    return RunTables(
        rigs=read_run_table(run, RIGS),
        sites=read_run_table(run, SITES),
        members=members,
        damage=read_run_table(run, DAMAGE),
        activity=read_run_table(run, ACTIVITY),
        links=_links_inside(run, members),
        scores=read_run_table(run, SCORES, sims),
        reasons=read_run_table(run, REASONS, sims.with_columns(counted=pl.lit(value=True))),
        history=read_run_table(run, HISTORY),
        seizure_list=read_run_list(run, SEIZURE_LIST),
        review=read_run_list(run, REVIEW),
        coverage=read_run_table(run, COVERAGE),
        places=read_run_table(run, PLACES),
        files=read_run_table(run, FILES),
        rejects=read_run_table(run, REJECTS),
        bands={str(band): int(sims) for band, sims in bands.collect().sort("band").iter_rows()},
        nights=nights,
        warnings=warnings,
        zone=next(iter(zones)) or UTC_ZONE if len(zones) == 1 else UTC_ZONE,
        version=version,
    )


def _links_inside(run: Path, members: pl.DataFrame) -> pl.DataFrame:
    """LINKS between members of one rig, with its rig_id, sorted by it and LINKS' key."""
    ends = [members.select("rig_id", pl.col("imsi").alias(end)) for end in ("imsi_a", "imsi_b")]
    pairs = read_run_table(run, LINKS, ends[0].select("imsi_a").unique())
    inside = pairs.join(ends[0], on="imsi_a").join(ends[1], on=["imsi_b", "rig_id"], how="inner")
    return inside.sort("rig_id", *LINKS.key)
