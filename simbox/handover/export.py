"""A run to files for other programs and other desks."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox import exports
from simbox.errors import UsageError
from simbox.handover.run import Run, choose_rigs, count_outside, read_records
from simbox.tables.reading import read_run_table
from simbox.tables.reference import PLACES
from simbox.tables.shown import ACTIVITY, COVERAGE
from simbox.tables.writing import replacing

FORMATS = ("csv", "xlsx", "geojson", "kml", "graphml", "i2", "misp", "pdf")
WHATS = ("list", "blocking", "victims")


class ExportOptions(NamedTuple):
    """What is exported and how; `expire_days` counts from the last judged night."""

    what: str = "list"
    formats: tuple[str, ...] = ("csv",)
    rig_ids: tuple[str, ...] = ()
    redact: bool = False
    separator: str = ","
    byte_order_mark: bool = False
    with_imeis: bool = False
    expire_days: int = 90


def export_run(run: Run, out: Path, options: ExportOptions) -> list[Path]:
    """Write what was asked for into a folder, all made before the first is written, mode 0600; which files these are.

    UsageError for a rig that the run has not, or a blocking list that would show digits in part only.
    """
    chosen = _choose(run, options)
    if options.what == "blocking":
        files = _blocking(run, chosen, options)
    elif options.what == "victims":
        records = read_records(run, chosen.members["imsi"].unique())
        victims = exports.find_victims(records, chosen.members, run.config.numbers, run.config.operators)
        files = exports.export_victims(victims, redact=options.redact)
    else:
        files = {}
        for name in options.formats:
            files |= _export_list(name, run, chosen, options)
    for name, content in files.items():
        with replacing(out / name) as partial:
            partial.write_bytes(content)
    return [out / name for name in files]


def _export_list(name: str, run: Run, chosen: exports.Chosen, options: ExportOptions) -> dict[str, bytes]:
    if name == "csv":
        return exports.export_csv(chosen, options.separator, options.byte_order_mark)
    if name == "pdf":
        return exports.export_pdf(chosen, seen_of(run))
    by_format = {
        "xlsx": exports.export_xlsx,
        "geojson": exports.export_geojson,
        "kml": exports.export_kml,
        "graphml": exports.export_graphml,
        "i2": exports.export_i2,
        "misp": exports.export_misp,
    }
    return by_format[name](chosen)


def seen_of(run: Run) -> exports.Seen:
    """What pictures of the run's rigs are drawn from; DamagedError where a table is missing or broken."""
    activity = read_run_table(run.folder, ACTIVITY)
    last = run.nights[-1]
    begins = activity["night"].min() if activity.height else last
    nights = read_run_table(run.folder, COVERAGE)["night"].unique().sort()
    return exports.Seen(
        activity=activity,
        places=read_run_table(run.folder, PLACES),
        nights=nights.filter((nights >= begins) & (nights <= last)).to_list(),
    )


def _blocking(run: Run, chosen: exports.Chosen, options: ExportOptions) -> dict[str, bytes]:
    if options.redact:
        raise UsageError("a blocking list with digits in part blocks nothing: leave --redact out")
    outside = None
    if options.with_imeis:
        imeis = chosen.sims.select(pl.col("imeis").str.split(" ").explode(empty_as_null=False, keep_nulls=False))
        packed = imeis.to_series().cast(pl.Int64, strict=False).drop_nulls()
        outside = count_outside(run, packed.rename("imei"), run.members["imsi"])
    return exports.export_blocking(chosen, run.nights[-1] + timedelta(days=options.expire_days), outside)


def _choose(run: Run, options: ExportOptions) -> exports.Chosen:
    rig_ids = choose_rigs(run, options.rig_ids)
    wanted = pl.col("rig_id").is_in(rig_ids)
    members = run.members.filter(wanted).sort("rig_id", "imsi")
    rig_of = members.select("imsi", "rig_id")
    links = (
        run.links.join(rig_of.rename({"imsi": "imsi_a"}), on="imsi_a")
        .join(rig_of.rename({"imsi": "imsi_b"}), on=["imsi_b", "rig_id"])
        .select(run.links.columns)
        .sort("imsi_a", "imsi_b", "comparison")
    )
    sims = run.listed.filter(wanted).sort("rank")
    return exports.Chosen(
        rigs=run.rigs.filter(wanted).sort("rig_id"),
        sites=run.sites.filter(wanted).sort("rig_id", "place_rank"),
        members=members,
        damage=run.damage.filter(wanted).sort("rig_id"),
        links=links,
        sims=sims,
        reasons=run.reasons.filter(pl.col("imsi").is_in(sims["imsi"].implode())),
        night=run.nights[-1],
        redact=options.redact,
    )
