"""What people take away of a rig: the damage it did, whom it rang, and the source rows that each claim stands on."""

import polars as pl

from simbox.tables.cdrs import DIRECTION, INSTANT, OTHER_KIND, SERVICE
from simbox.tables.declare import Column, Table
from simbox.tables.rigs import RIG_KIND

DAMAGE = Table(
    name="DAMAGE",
    one_row_for="rig",
    key=("rig_id",),
    file="damage.parquet",
    columns=(
        Column("rig_id", pl.String, "the rig"),
        Column("kind", RIG_KIND, "what it is used for"),
        Column("minutes", pl.Float64, "minutes of calls its members made in the nights looked back on", decimals=1),
        Column("sms_count", pl.Int32, "SMS its members sent in them"),
        Column("loss", pl.Float64, "estimated loss; null: no rate is set for what the rig does", True, decimals=2),
        Column("currency", pl.String, "of the loss, from simbox.toml"),
        Column("method", pl.String, "how the loss was reckoned, in a sentence"),
    ),
)

VICTIMS = Table(
    name="VICTIMS",
    one_row_for="rig and number that its members called or wrote to",
    key=("rig_id", "other_party"),
    columns=(
        Column("rig_id", pl.String, "the rig"),
        Column("other_party", pl.Int64, "the number, E.164 without +"),
        Column("kind", OTHER_KIND, "what kind of number it is, as most of the records have it"),
        Column("serving_operator", pl.String, "who serves the number; null: not known", True),
        Column(
            "operator_from", pl.String, "records: its own network recorded it; prefix: it may have been ported", True
        ),
        Column("calls", pl.Int32, "calls that members made to it"),
        Column("answered_calls", pl.Int32, "those that were answered"),
        Column("minutes", pl.Float64, "minutes of them", decimals=1),
        Column("sms_count", pl.Int32, "SMS that members sent to it"),
        Column("first_at", INSTANT, "the first of these"),
        Column("last_at", INSTANT, "the last of these"),
        Column("called_back", pl.Boolean, "whether it called or wrote to a member afterwards"),
    ),
)

SOURCE_ROWS = Table(
    name="SOURCE_ROWS",
    one_row_for="record of a listed SIM, with where it stands in the operator's file",
    key=("row",),
    file="source_rows.csv",
    columns=(
        Column("row", pl.Int64, "number of this row, by SIM and time"),
        Column("file_sha256", pl.String, "SHA-256 of the operator's file as received"),
        Column("line", pl.Int64, "line in a text file (the header is line 1), row number from 1 in a Parquet file"),
        Column("file", pl.String, "path below the source folder"),
        Column("night", pl.Date, "local date of started_at in the operator's zone"),
        Column("utc_offset_min", pl.Int16, "offset of that local time from UTC in minutes", True),
        Column("operator", pl.String, "recording network"),
        Column("imsi", pl.Int64, "identity of the served SIM"),
        Column("msisdn", pl.Int64, "its number", True),
        Column("imei", pl.Int64, "first 14 digits of the handset's IMEI", True),
        Column("service", SERVICE, "voice, sms, data or signalling"),
        Column("direction", DIRECTION, "mo: the served SIM originates, mt: it receives, cf: a forwarding leg"),
        Column("started_at", INSTANT, "answer time, else seizure time; the cell was used at or before it"),
        Column("duration_s", pl.UInt32, "talk time in seconds"),
        Column("answered", pl.Boolean, "whether the call was answered; null: the feed can't tell", True),
        Column("other_party", pl.Int64, "the far end's number; null: withheld, or a sender with a name", True),
        Column("sender", pl.String, "the far end's name", True),
        Column("other_kind", OTHER_KIND, "what kind of number the far end is"),
        Column("cell", pl.Int64, "serving cell; null: the feed has none", True),
    ),
)

CLAIMS = Table(
    name="CLAIMS",
    one_row_for="thing that the case says of a SIM, of a pair of SIMs or of the rig",
    key=("claim",),
    file="claims.csv",
    columns=(
        Column("claim", pl.Int64, "number of the claim"),
        Column("about", pl.Enum(["sim", "pair", "rig"]), "what it is about"),
        Column("imsi_a", pl.Int64, "the SIM, or the first of the pair", True),
        Column("imsi_b", pl.Int64, "the second of the pair", True),
        Column("code", pl.String, "code of the reason or name of the comparison"),
        Column("sentence", pl.String, "the claim in words"),
        Column("night", pl.Date, "the judged night that the claim was made on", True),
        Column("window_nights", pl.Int16, "nights looked back on; 0: all", True),
        Column("value", pl.Float64, "what was measured", True, decimals=4),
        Column("limit", pl.Float64, "the edge that it passed", True, decimals=4),
        Column("percentile", pl.Float64, "share of its peers with a lower value, per cent", True, decimals=1),
        Column("peer_group", pl.String, "the peers", True),
        Column("points", pl.Float64, "for (+) or against (-); ten double the odds", True, decimals=2),
        Column("rows", pl.Int32, "how many source rows show it"),
        Column("shown_by", pl.String, "which of the source rows these are"),
    ),
)

CLAIM_ROWS = Table(
    name="CLAIM_ROWS",
    one_row_for="claim and source row that shows it",
    key=("claim", "row"),
    file="claim_rows.csv",
    columns=(
        Column("claim", pl.Int64, "number of the claim"),
        Column("row", pl.Int64, "row in source_rows.csv"),
        Column("file_sha256", pl.String, "SHA-256 of the operator's file as received"),
        Column("line", pl.Int64, "line in that file"),
    ),
)
