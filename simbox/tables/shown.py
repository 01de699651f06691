"""What people are shown of the records, which no other table tells: how full each night is, what each card did when."""

import polars as pl

from simbox.tables.declare import Column, Table

COVERAGE = Table(
    name="COVERAGE",
    one_row_for="night and operator",
    key=("night", "operator"),
    file="coverage.parquet",
    columns=(
        Column("night", pl.Date, "the night"),
        Column("operator", pl.String, "recording network"),
        Column("records", pl.Int64, "legs kept"),
        Column("with_imei", pl.Int64, "of them with an IMEI that is no placeholder"),
        Column("with_cell", pl.Int64, "of them with a cell"),
        Column("located", pl.Int64, "of them with a cell that can be located"),
        Column("sims", pl.Int64, "SIMs seen"),
        Column("active_sims", pl.Int64, "of them with a call or SMS of their own, or a code received"),
        Column("detectable_sims", pl.Int64, "of them with five or more of these; of the others too little is known"),
    ),
)

ACTIVITY = Table(
    name="ACTIVITY",
    one_row_for="rig, member and hour in which it left a record, of the nights looked back on",
    key=("rig_id", "imsi", "night", "hour"),
    file="activity.parquet",
    columns=(
        Column("rig_id", pl.String, "the rig"),
        Column("imsi", pl.Int64, "its member"),
        Column("night", pl.Date, "local date"),
        Column("hour", pl.Int8, "hour of that day, 0 to 23, in the operator's zone; UTC where it has none"),
        Column("imei", pl.Int64, "the IMEI of most of its records, 14 digits; null: none has one", True),
        Column("imei_count", pl.Int32, "IMEIs that it showed"),
        Column(
            "place_rank", pl.Int32, "the place of most of its records, among the rig's; null: none has a cell", True
        ),
        Column("legs", pl.Int32, "records of any kind"),
        Column("calls_made", pl.Int32, "calls of its own, answered or not"),
        Column("sms_sent", pl.Int32, "SMS of its own"),
        Column("received", pl.Int32, "calls and SMS received"),
    ),
)
