"""VERDICTS: what was found at the door, SIM by SIM, for the next list to learn from."""

import polars as pl

from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table

VERDICT = pl.Enum(["rig", "innocent"])

# Where the suffix is .csv, imsi is its digits and seized_at ISO 8601 in UTC, as in SEIZURE_LIST; else it is Parquet.
VERDICTS = Table(
    name="VERDICTS",
    one_row_for="SIM whose part was settled at the door or in court",
    key=("imsi",),
    file="verdicts",
    columns=(
        Column("imsi", pl.Int64, "identity of the SIM"),
        Column("verdict", VERDICT, "rig: the card was in a seized rig; innocent: it was found with a lawful user"),
        Column("rig_id", pl.String, "the rig of the run that it was taken for; null: the run had it in none", True),
        Column("seized_at", INSTANT, "when the card was read; labels hold as of this time"),
        Column("source", pl.String, "who says so: the protocol of the seizure, or the file that was matched"),
    ),
)
