"""Reads what a synthetic world knows: which SIM is in which rig, what it did each night, where the rigs stand."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.errors import InputError
from simbox.tables.cdrs import INSTANT

INNOCENT = "rig"
DETECTABLE_EVENTS = 5
Schema = dict[str, pl.DataType | type[pl.DataType]]

SIMS: Schema = {
    "imsi": pl.Int64, "rig": pl.String, "kind": pl.String, "level": pl.String, "modifiers": pl.String,
    "segment": pl.String,
}  # fmt: skip
SIM_NIGHTS: Schema = {"imsi": pl.Int64, "night": pl.Date, "events": pl.Int64}
SIM_NIGHTS_OPTIONAL: Schema = {"first_at": INSTANT}
RIGS: Schema = {
    "rig": pl.String, "kind": pl.String, "level": pl.String, "modifiers": pl.String, "lat": pl.Float64,
    "lon": pl.Float64, "site": pl.String, "ports": pl.Int64, "events": pl.Int64,
}  # fmt: skip
RIGS_OPTIONAL: Schema = {"calls_delivered": pl.Int64, "sms_delivered": pl.Int64, "throughput_share": pl.Float64}


class Truth(NamedTuple):
    """`sims` one row a SIM, `sim_nights` one a SIM and night with events, `rigs` one a rig and premises."""

    sims: pl.DataFrame
    sim_nights: pl.DataFrame
    rigs: pl.DataFrame


def read_truth(folder: Path) -> Truth:
    """The truth in OUT.truth, or beside a source that keeps its truth in truth.csv; InputError names all it lacks.

    Columns that not every world has (first_at, calls_delivered, sms_delivered, throughput_share) are null where absent.
    """
    if (folder / "sims.parquet").is_file():
        names = ("sims.parquet", "sim_nights.parquet", "rigs.parquet")
        sims, nights, rigs = (_read(folder / name) for name in names)
    elif (folder / "truth.csv").is_file():
        names = ("truth.csv", "truth.csv", "truth_rigs.csv")
        sims, rigs = _read(folder / names[0]), _read(folder / names[2])
        nights = _nights_of_columns(sims)
    else:
        raise InputError(f"{folder} holds no truth: there is neither sims.parquet nor truth.csv")
    # A world without rigs has a table of them without rows, and may leave out columns.
    if rigs.is_empty():
        rigs = pl.DataFrame(schema=RIGS | RIGS_OPTIONAL)
    schemas: list[tuple[Schema, Schema]] = [(SIMS, {}), (SIM_NIGHTS, SIM_NIGHTS_OPTIONAL), (RIGS, RIGS_OPTIONAL)]
    parts = list(zip(names, (sims, nights, rigs), schemas, strict=True))
    problems = [
        f"{name}: column {column} is missing"
        for name, frame, (needed, _) in parts
        for column in needed
        if column not in frame.columns
    ]
    if problems:
        raise InputError(f"the truth in {folder} can't be used:", sorted(set(problems)))
    sims, nights, rigs = (_conform(frame, name, needed | optional) for name, frame, (needed, optional) in parts)
    return Truth(sims, nights.filter(pl.col("events") > 0), rigs)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"the truth in {path.parent} can't be used: {path.name} is missing or broken") from error


def _nights_of_columns(sims: pl.DataFrame) -> pl.DataFrame:
    """The SIM-nights of a truth.csv, which has a column of events for each night."""
    columns = [name for name in sims.columns if name.startswith("events_")]
    return sims.unpivot(columns, index="imsi", variable_name="night", value_name="events").with_columns(
        pl.col("night").str.strip_prefix("events_")
    )


def _conform(frame: pl.DataFrame, name: str, schema: Schema) -> pl.DataFrame:
    columns = [
        pl.lit(None, dtype=dtype).alias(column)
        if column not in frame.columns
        else pl.col(column).str.to_date()
        if dtype == pl.Date and frame.schema[column] == pl.String
        else pl.col(column).cast(dtype)
        for column, dtype in schema.items()
    ]
    try:
        return frame.select(columns)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"the truth can't be used: a column of {name} holds something not of its type") from error
