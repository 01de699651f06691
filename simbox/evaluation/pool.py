"""Runs beside their truths, several worlds in one: every table with the number of its run."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from simbox.config import Config, config_from
from simbox.errors import DamagedError, InputError
from simbox.evaluation.pairs import strong_pairs
from simbox.evaluation.truth import DETECTABLE_EVENTS, Truth, read_truth
from simbox.manifest import read_manifest
from simbox.nightly import read_run_table
from simbox.tables.listed import SEIZURE_LIST
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES

LEAST_KNOWN_SHARE = 0.5
SMS_FARM = "sms_farm"
EXPERTS_OWN = ("EVERYDAY_HABITS", "ORDINARY")


class Pool(NamedTuple):
    """All runs as one. Every frame has `run`; rigs, true (`rig`) and found (`found`), are named `run:name`.

    `dates`: run, night, and its number among those judged, from 1. `sims`: run, imsi, segment, rig, kind, level,
    modifiers; is_seen, evidence_alone, evidence, probability, band, first_listed_night; window (nights looked back on
    by the strongest expert); is_active, is_detectable, first_at, listed_at, records_end_at, events, events_listed (up
    to the night of its listing), calls (its part, by events, of the calls that its rig got through; for an sms_farm of
    its messages).
    """

    names: tuple[str, ...]
    nights: tuple[int, ...]
    configs: tuple[Config, ...]
    dates: pl.DataFrame
    sims: pl.DataFrame
    sim_nights: pl.DataFrame
    true_rigs: pl.DataFrame
    history: pl.DataFrame
    listed: pl.DataFrame
    rigs: pl.DataFrame
    sites: pl.DataFrame
    members: pl.DataFrame
    pairs: pl.DataFrame


def read_pool(runs: Sequence[Path], truths: Sequence[Path]) -> Pool:
    """Each run with the truth that stands at its place; DamagedError for a run, InputError for a truth of no use."""
    parts = [_read_one(number + 1, run, truth) for number, (run, truth) in enumerate(zip(runs, truths, strict=True))]
    frames = {
        name: pl.concat([part[name] for part in parts])
        for name in Pool._fields
        if name not in ("names", "nights", "configs")
    }
    return Pool(
        tuple(run.name or str(run) for run in runs),
        tuple(part["nights"] for part in parts),
        tuple(part["config"] for part in parts),
        **frames,
    )


def _read_one(number: int, run: Path, truth_folder: Path) -> dict[str, Any]:
    manifest = read_manifest(run)
    tables = {
        table.name: read_run_table(run, table) for table in (SCORES, HISTORY, REASONS, LINKS, RIGS, SITES, MEMBERS)
    }
    listed = _read_list(run)
    config = config_from(tomllib.loads(manifest["configuration"]), f"the configuration in {run}")
    nights = [date.fromisoformat(night) for night in manifest["nights"]]
    truth = read_truth(truth_folder)
    _refuse_foreign(truth, tables["SCORES"], nights, truth_folder, run)
    sim_nights = truth.sim_nights.filter(pl.col("night").is_in(nights))
    rigs = truth.rigs.with_columns(rig=_named(number, pl.col("rig")), run=pl.lit(number))
    sims = _join_sims(
        truth.sims.with_columns(rig=_named(number, pl.col("rig"))), sim_nights, rigs, tables, nights, config
    )
    found = {name: _with_found(number, tables[name]) for name in ("HISTORY", "RIGS", "SITES", "MEMBERS")}
    return {
        "nights": len(nights),
        "config": config,
        "dates": pl.DataFrame(
            {"night": nights, "number": range(1, len(nights) + 1)}, schema={"night": pl.Date, "number": pl.Int32}
        ).with_columns(run=pl.lit(number)),
        "sims": sims.with_columns(run=pl.lit(number)),
        "sim_nights": sim_nights.with_columns(run=pl.lit(number)),
        "true_rigs": rigs,
        "history": found["HISTORY"],
        "listed": listed.with_columns(run=pl.lit(number)),
        "rigs": found["RIGS"],
        "sites": found["SITES"],
        "members": found["MEMBERS"],
        # A large world has tens of millions of links; only the strong ones are asked for.
        "pairs": strong_pairs(tables["LINKS"], config.rigs.strong_link_points).with_columns(run=pl.lit(number)),
    }


def _named(number: int, name: pl.Expr) -> pl.Expr:
    return pl.when(name.is_not_null() & (name != "")).then(pl.concat_str(pl.lit(f"{number}:"), name))


def _with_found(number: int, table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(run=pl.lit(number), found=_named(number, pl.col("rig_id"))).drop("rig_id")


def _read_list(run: Path) -> pl.DataFrame:
    """(imsi, decision, probability) of the seizure list."""
    path = run / str(SEIZURE_LIST.file)
    schema = {"imsi": pl.Int64, "decision": pl.String, "probability": pl.Float64}
    try:
        return pl.read_csv(path, infer_schema=False).select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DamagedError(f"{run} is not a finished run: {path.name} is missing or broken") from error


def _refuse_foreign(truth: Truth, scores: pl.DataFrame, nights: list[date], folder: Path, run: Path) -> None:
    # Worlds draw their cards from the same number ranges: a few in common mean nothing.
    known = scores.join(truth.sims, on="imsi", how="semi").height
    if known < LEAST_KNOWN_SHARE * max(scores.height, 1):
        raise InputError(
            f"{folder} is the truth of another world: it knows {known} of the {scores.height} SIMs of {run}"
        )
    if not truth.sim_nights["night"].is_in(nights).any():
        raise InputError(f"{folder} is the truth of other nights: in those of {run} nobody was active")


def _join_sims(
    sims: pl.DataFrame,
    sim_nights: pl.DataFrame,
    rigs: pl.DataFrame,
    tables: dict[str, pl.DataFrame],
    nights: list[date],
    config: Config,
) -> pl.DataFrame:
    """The truth's SIMs with what the run thinks of each; SIMs that the run knows and the truth does not are dropped."""
    scores = tables["SCORES"]
    # Some reasons look at another window than their expert, what it says of everyday habits never does.
    looked_at = pl.col("window_nights")
    of_expert = looked_at.filter(pl.col("code").is_in(EXPERTS_OWN)).max()
    strongest = tables["REASONS"].filter(pl.col("counted") & (looked_at > 0))
    window = strongest.group_by("imsi").agg(window=pl.coalesce(of_expert, looked_at.min()))
    of_rig = pl.col("events").sum().over("rig")
    delivered = pl.when(pl.col("kind") == SMS_FARM).then("sms_delivered").otherwise("calls_delivered")
    joined = (
        sims.join(_did(sim_nights, scores), on="imsi", how="left")
        .join(_thought(scores, nights, config), on="imsi", how="left")
        .join(window, on="imsi", how="left")
        .join(rigs.group_by("rig").agg(delivered=delivered.first()), on="rig", how="left")
    )
    return joined.with_columns(
        pl.col("events", "events_listed").fill_null(0),
        pl.col("is_active", "is_detectable", "is_seen").fill_null(value=False),
        # The truth's own where it has it, else the first record that the run saw; a SIM it never saw is no less late.
        first_at=pl.coalesce("first_event_at", "first_active_at", "first_night_at"),
        records_end_at=pl.col("records_end_at").fill_null(pl.col("records_end_at").max()),
        calls=pl.when(pl.col("rig").is_not_null())
        .then(pl.coalesce(pl.col("delivered") * pl.col("events") / of_rig, pl.col("events")))
        .fill_null(0.0)
        .fill_nan(0.0),
    ).drop("delivered", "first_event_at", "first_active_at", "first_night_at")


def _did(sim_nights: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """(imsi, events, ...): what each SIM did in the judged nights. Detectable: five events or more in all of them."""
    listed = sim_nights.join(scores.select("imsi", "first_listed_night"), on="imsi", how="left")
    return listed.group_by("imsi").agg(
        events=pl.col("events").sum(),
        events_listed=pl.col("events").filter(pl.col("night") <= pl.col("first_listed_night")).sum(),
        first_event_at=pl.col("first_at").min(),
        first_night_at=pl.col("night").min().cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        is_active=pl.lit(value=True),
        is_detectable=pl.col("events").sum() >= DETECTABLE_EVENTS,
    )


def _thought(scores: pl.DataFrame, nights: list[date], config: Config) -> pl.DataFrame:
    """What the run thinks of each SIM, and when: a night's list is there at the end of that night."""
    zones = {key: operator.timezone or "UTC" for key, operator in config.operators.items()}
    ends = pl.DataFrame(
        [
            (operator, night, _end_of(night, zones.get(operator, "UTC")))
            for operator in scores["operator"].unique().sort()
            for night in nights
        ],
        schema={"operator": pl.String, "night": pl.Date, "end_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    last = ends.group_by("operator").agg(records_end_at=pl.col("end_at").max())
    return (
        scores.join(ends.rename({"night": "first_listed_night", "end_at": "listed_at"}),
                    on=["operator", "first_listed_night"], how="left")
        .join(last, on="operator", how="left")
        .select(
            "imsi", "evidence_alone", "evidence", "probability", "first_active_at", "first_listed_night",
            "listed_at", "records_end_at", pl.col("band").cast(pl.String), is_seen=pl.lit(value=True),
        )
    )  # fmt: skip


def _end_of(night: date, zone: str) -> datetime:
    return datetime.combine(night + timedelta(days=1), time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
