"""A finished run, read back: its tables as they were written, and the records of some of its SIMs."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from simbox.config import Config, config_from
from simbox.errors import DamagedError, UsageError
from simbox.manifest import read_manifest, sha256_of
from simbox.store import Store, open_store
from simbox.tables.cdrs import FILES, REJECTS
from simbox.tables.evidence import DAMAGE
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reading import read_run_list, read_run_table
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import REASONS, SCORES

LINE_BITS = 32


class Run(NamedTuple):
    """A run's tables, its manifest, its configuration, and the folder that they lie in."""

    folder: Path
    manifest: dict[str, Any]
    config: Config
    rigs: pl.DataFrame
    sites: pl.DataFrame
    members: pl.DataFrame
    links: pl.DataFrame
    scores: pl.DataFrame
    reasons: pl.DataFrame
    damage: pl.DataFrame
    listed: pl.DataFrame
    review: pl.DataFrame
    files: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def nights(self) -> list[date]:
        """The nights that were judged."""
        return [date.fromisoformat(night) for night in self.manifest["nights"]]

    def store(self) -> Store:
        """The store that the run used."""
        return open_store(self.folder / self.manifest["store"])


def read_run(folder: Path) -> Run:
    """A run, once its files have been compared with its manifest; DamagedError names every one that differs."""
    manifest = read_manifest(folder)
    try:
        outputs, text = dict(manifest["outputs"]), str(manifest["configuration"])
        manifest["files_held"], manifest["scorecard"], manifest["warnings"]
    except (KeyError, TypeError) as error:
        raise DamagedError(f"{folder} is no run of this version of simbox: scan again") from error
    changed = [name for name, sha256 in sorted(outputs.items()) if not _is_as_written(folder / name, sha256)]
    if changed:
        raise DamagedError(f"{folder} is not as the scan left it:", [f"{name} was changed" for name in changed])
    tables = {
        str(table.name).lower(): read_run_table(folder, table)
        for table in (RIGS, SITES, MEMBERS, LINKS, SCORES, REASONS, DAMAGE, FILES, REJECTS)
    }
    return Run(
        folder=folder,
        manifest=manifest,
        config=config_from(tomllib.loads(text), "the run's configuration"),
        listed=read_run_list(folder, SEIZURE_LIST),
        review=read_run_list(folder, REVIEW),
        **tables,
    )


def choose_rigs(run: Run, rig_ids: tuple[str, ...]) -> list[str]:
    """The rigs asked for, or all that have a SIM on the list, by the best rank of their SIMs."""
    by_rank = run.listed.filter(pl.col("rig_id").is_not_null()).group_by("rig_id").agg(pl.col("rank").min())
    on_list: list[str] = by_rank.sort("rank")["rig_id"].to_list()
    unknown = sorted(set(rig_ids) - set(run.rigs["rig_id"]))
    if unknown:
        raise UsageError(
            "the run has no such rig:", [one if _looks_like_rig(one) else "(not a rig)" for one in unknown]
        )
    return list(dict.fromkeys(rig_ids)) or on_list


def read_records(run: Run, imsis: pl.Series) -> pl.DataFrame:
    """The CDRS of these SIMs that the run could know: of nights up to its last, from files that its store had."""
    return run.store().read_sims(_held(run), imsis).filter(_known(run))


def count_outside(run: Run, imeis: pl.Series, inside: pl.Series) -> pl.DataFrame:
    """(imei, outside_sims): how many SIMs that are not `inside` showed each of these IMEIs."""
    seen = [
        frame.filter(
            pl.col("imei").is_in(imeis.implode()) & ~pl.col("imsi").is_in(inside.implode()) & _known(run)
        ).select("imei", "imsi").unique()
        for frame in run.store().stream(_held(run), ["record_id", "imei", "imsi"])
    ]  # fmt: skip
    pairs = pl.concat([pl.DataFrame(schema={"imei": pl.Int64, "imsi": pl.Int64}), *seen])
    counts = pairs.group_by("imei").agg(outside_sims=pl.col("imsi").n_unique().cast(pl.Int32))
    return (
        pl.DataFrame({"imei": imeis.drop_nulls().unique().sort()})
        .join(counts, on="imei", how="left", maintain_order="left")
        .with_columns(pl.col("outside_sims").fill_null(0))
    )


def known_files(run: Run) -> pl.DataFrame:
    """FILES of the store that the run could know, those of earlier scans among them."""
    return run.store().files().filter(pl.col("file_number") <= run.manifest["files_held"])


def last_scored(records: pl.DataFrame, judged: list[date]) -> pl.DataFrame:
    """(imsi, night): the last judged night on which each SIM was active, which its reasons are of; else the last."""
    spoken = pl.col("service").is_in(["voice", "sms"])
    coded = (pl.col("service") == "sms") & pl.col("other_kind").is_in(["short_code", "alphanumeric"])
    active = (spoken & (pl.col("direction") == "mo")) | (coded & (pl.col("direction") == "mt"))
    nights = (
        records.filter(active & pl.col("night").is_in(pl.Series(judged, dtype=pl.Date).implode()))
        .group_by("imsi")
        .agg(pl.col("night").max())
    )
    sims = records.select("imsi").unique(maintain_order=True)
    return sims.join(nights, on="imsi", how="left").with_columns(pl.col("night").fill_null(judged[-1])).sort("imsi")


def _held(run: Run) -> list[date]:
    return [night for night in run.store().nights() if night <= run.nights[-1]]


def _known(run: Run) -> pl.Expr:
    return pl.col("record_id") // (1 << LINE_BITS) <= int(run.manifest["files_held"])


def _is_as_written(path: Path, sha256: str) -> bool:
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


def _looks_like_rig(text: str) -> bool:
    """Whether a name may be repeated: an identifier given by mistake may not."""
    return re.fullmatch(r"R[0-9]{8}-[0-9a-f]{10}", text) is not None
