"""The canonical call detail record, and what intake keeps beside it."""

import polars as pl

from simbox.tables.declare import Column, Table

SERVICE = pl.Enum(["voice", "sms", "data", "signalling"])
DIRECTION = pl.Enum(["mo", "mt", "cf"])
OTHER_KIND = pl.Enum(
    [
        "on_net",
        "off_net",
        "landline",
        "international",
        "short_code",
        "alphanumeric",
        "withheld",
        "mobile_unknown",
        "unknown",
    ]
)
# Whoever opens accounts sends codes by name or from a short number.
CODE_SENDERS = ("alphanumeric", "short_code")
INSTANT = pl.Datetime("us", "UTC")

CDRS = Table(
    name="CDRS",
    one_row_for="leg of a call, SMS or session, seen from one served SIM",
    key=("record_id",),
    columns=(
        Column("record_id", pl.Int64, "number of the input file << 32 | row in that file"),
        Column("night", pl.Date, "local date of started_at in the operator's zone"),
        Column("utc_offset_min", pl.Int16, "offset of that local time from UTC in minutes; null: no zone known", True),
        Column("operator", pl.Enum([]), "recording network, a key of simbox.toml", any_enum=True),
        Column("imsi", pl.Int64, "identity of the served SIM, 15 digits"),
        Column("msisdn", pl.Int64, "its number, E.164 without +", True),
        Column("imei", pl.Int64, "first 14 digits of the handset's IMEI; null: absent or junk", True),
        Column("service", SERVICE, "voice, sms, data or signalling"),
        Column("direction", DIRECTION, "mo: the served SIM originates, mt: it receives, cf: a forwarding leg"),
        Column("started_at", INSTANT, "answer time, else seizure time"),
        Column("duration_s", pl.UInt32, "talk time in seconds; 0 for SMS and unanswered attempts"),
        Column("answered", pl.Boolean, "whether the call was answered; null: the feed can't tell", True),
        Column(
            "other_party",
            pl.Int64,
            "the far end: E.164 digits or short code; bit 61 set: code of an alphanumeric sender; null: withheld, data",
            True,
        ),
        Column("other_kind", OTHER_KIND, "what kind of number the far end is"),
        Column("cell", pl.Int64, "serving cell, packed; null: the feed has none", True),
    ),
)

STORE_ORDER = (
    "imsi",
    "started_at",
    "direction",
    "service",
    "other_party",
    "cell",
    "imei",
    "duration_s",
    "record_id",
)

REJECTS = Table(
    name="REJECTS",
    one_row_for="row of an input file that can't be used",
    key=("file", "line"),
    file="rejects.parquet",
    columns=(
        Column("file", pl.String, "path below the source folder"),
        Column("line", pl.Int64, "line in a text file (the header is line 1), row number from 1 in a Parquet file"),
        Column("rule", pl.String, "the rule that it breaks"),
        Column("field", pl.String, "the column at fault"),
        Column(
            "raw", pl.String, "its first 512 bytes, others than printable ASCII escaped; null: past a million", True
        ),
    ),
)

FILES = Table(
    name="FILES",
    one_row_for="input file",
    key=("file",),
    file="files.parquet",
    columns=(
        Column("file", pl.String, "path below the source folder"),
        Column("sha256", pl.String, "SHA-256 of the bytes as received"),
        Column("file_number", pl.Int64, "the number that record_id carries"),
        Column("refused", pl.String, "why nothing of it was taken; null: it was taken", True),
        Column("feed", pl.String, "operator/feed of the profile that it was read by; null: interchange format", True),
        Column("profile", pl.String, "SHA-256 of that profile", True),
        Column("decoder", pl.Int64, "version of the rules by which files are read"),
        Column("format", pl.String, "csv or parquet, with the compression"),
        Column("bytes", pl.Int64, "size as received"),
        Column("node", pl.String, "the switch that its name tells", True),
        Column("sequence", pl.Int64, "the running number that its name tells", True),
        Column("named_on", pl.Date, "the date that its name tells", True),
        Column("columns_sha256", pl.String, "SHA-256 of the column names, one a line, in order"),
        Column("tail_bytes", pl.Int64, "bytes behind its compressed data that were left out; null: none", True),
        Column("lines", pl.Int64, "physical lines of a text file, rows of a Parquet file"),
        Column("header_lines", pl.Int64, "lines that are header"),
        Column("trailer_lines", pl.Int64, "lines that are trailer"),
        Column("blank_lines", pl.Int64, "lines with nothing in them"),
        Column("trailer_count", pl.Int64, "how many records its trailers say that it has", True),
        Column("rows_in", pl.Int64, "data rows in the file"),
        Column("rows_kept", pl.Int64, "rows that became records"),
        Column("rows_rejected", pl.Int64, "rows in rejects.parquet"),
        Column("rows_skipped", pl.Int64, "rows of types that the profile passes over"),
        Column("rows_merged", pl.Int64, "later parts of long calls, merged into the first"),
        Column("rows_repeated", pl.Int64, "rows that were there before, in another file or with the same call_ref"),
        Column(
            "rejects_share", pl.Float64, "rows that broke a rule, unresolved numbers aside, among rows_in", decimals=6
        ),
        Column(
            "unknown_cells_share", pl.Float64, "cells that are malformed or not in cells, among those given", True, 6
        ),
        Column("junk_imeis_share", pl.Float64, "IMEIs that are malformed or placeholders, among those given", True, 6),
        Column("hours", pl.List(pl.Int64), "records in each hour of local time, from midnight", True),
        Column("first_at", INSTANT, "earliest record kept", True),
        Column("last_at", INSTANT, "latest record kept", True),
    ),
)

SENDERS = Table(
    name="SENDERS",
    one_row_for="alphanumeric sender",
    key=("other_party",),
    columns=(
        Column("other_party", pl.Int64, "code of the sender, bit 61 set"),
        Column("sender", pl.String, "its text as received"),
    ),
)
