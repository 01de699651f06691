"""The tables beside the CDRs that an operator or an authority keeps: who, where, and which are lawful."""

import polars as pl

from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table

REGISTRATION = pl.Enum(["registered", "unregistered", "corporate", "m2m", "test", "roamer", "unknown"])
GATEWAY_LIST = pl.Enum(["white", "grey", "black"])
REPORT_KIND = pl.Enum(["complaint", "test_call", "antifraud_centre"])

SUBSCRIBERS = Table(
    name="SUBSCRIBERS",
    one_row_for="subscription while it is valid",
    key=(),
    file="subscribers",
    columns=(
        Column("imsi", pl.Int64, "identity of the SIM"),
        Column("msisdn", pl.Int64, "its number", True),
        Column("operator", pl.String, "home operator, a key of simbox.toml"),
        Column("registration", REGISTRATION, "as the registry has it"),
        Column("activated_on", pl.Date, "date of activation", True),
        Column("iccid", pl.String, "number printed on the card", True, optional=True),
        Column("dealer", pl.String, "who sold it", True, optional=True),
        Column("owner_code", pl.String, "pseudonym of the owner", True, optional=True),
        Column("unregistered_reason", pl.String, "why the registry calls it unregistered", True, optional=True),
        Column("valid_from", pl.Date, "first day of this row; null: since ever", True, optional=True),
        Column("valid_to", pl.Date, "last day of this row; null: still valid", True, optional=True),
        Column("snapshot_on", pl.Date, "day on which the registry was copied", True, optional=True),
    ),
)

CELLS = Table(
    name="CELLS",
    one_row_for="cell while it stands there",
    key=(),
    file="cells",
    columns=(
        Column("cell", pl.Int64, "the cell, packed"),
        Column("lat", pl.Float64, "latitude of the mast, degrees WGS84", True),
        Column("lon", pl.Float64, "longitude of the mast, degrees WGS84", True),
        Column("azimuth_deg", pl.Float64, "where the sector points; null: all round", True, optional=True),
        Column("site", pl.String, "name of the mast", True, optional=True),
        Column("range_m", pl.Float64, "how far the sector serves, metres", True, optional=True),
        Column("technology", pl.String, "2G, 3G, 4G or 5G", True, optional=True),
        Column("valid_from", pl.Date, "first day", True, optional=True),
        Column("valid_to", pl.Date, "last day", True, optional=True),
    ),
)

GATEWAYS = Table(
    name="GATEWAYS",
    one_row_for="lawful, unconfirmed or forbidden GSM gateway",
    key=(),
    file="gateways",
    columns=(
        Column("imei", pl.Int64, "its IMEI, 14 digits"),
        Column("list", GATEWAY_LIST, "white: lawful, grey: unconfirmed, black: forbidden"),
        Column("owner", pl.String, "who registered it", True, optional=True),
        Column("until", pl.Date, "last day of the entry", True, optional=True),
        Column("imsi", pl.Int64, "a SIM of the owner that may work in it", True, optional=True),
        Column("lat", pl.Float64, "latitude of its place", True, optional=True),
        Column("lon", pl.Float64, "longitude of its place", True, optional=True),
        Column("radius_m", pl.Float64, "how far from there it may work, metres", True, optional=True),
    ),
)

EXEMPTIONS = Table(
    name="EXEMPTIONS",
    one_row_for="identifier that is not to be listed",
    key=(),
    file="exemptions",
    columns=(
        Column("id_type", pl.Enum(["imsi", "msisdn", "imei"]), "what the identifier is"),
        Column("id", pl.Int64, "the identifier"),
        Column("reason", pl.String, "why it is exempt", True),
        Column("author", pl.String, "who exempted it", True),
        Column("until", pl.Date, "last day of the exemption", True),
    ),
)

PORTED = Table(
    name="PORTED",
    one_row_for="number that left its operator's range",
    key=(),
    file="ported",
    columns=(
        Column("msisdn", pl.Int64, "the number"),
        Column("operator", pl.String, "who serves it now"),
        Column("valid_from", pl.Date, "since when", True),
        Column("valid_to", pl.Date, "until when", True, optional=True),
    ),
)

REPORTS = Table(
    name="REPORTS",
    one_row_for="complaint, test call or notice about a SIM",
    key=(),
    file="reports",
    columns=(
        Column("msisdn", pl.Int64, "the number complained of", True, optional=True),
        Column("imsi", pl.Int64, "the SIM complained of", True, optional=True),
        Column("reported_at", INSTANT, "when it was reported"),
        Column("kind", REPORT_KIND, "complaint, test_call or antifraud_centre"),
        Column("source", pl.String, "who reported it", True),
    ),
)

REFERENCE_TABLES = (SUBSCRIBERS, CELLS, GATEWAYS, EXEMPTIONS, PORTED, REPORTS)

PLACES = Table(
    name="PLACES",
    one_row_for="cell that can be located",
    key=("cell",),
    file="places.parquet",
    columns=(
        Column("cell", pl.Int64, "the cell, packed"),
        Column("place", pl.Int64, "the place it belongs to: the smallest packed cell among those fused"),
        Column("place_lat", pl.Float64, "latitude of the place", decimals=6),
        Column("place_lon", pl.Float64, "longitude of the place", decimals=6),
        Column("lat", pl.Float64, "latitude of the mast", decimals=6),
        Column("lon", pl.Float64, "longitude of the mast", decimals=6),
        Column("azimuth_deg", pl.Float64, "where the sector points; null: all round", True, decimals=1),
        Column("site", pl.String, "name of the mast", True),
        Column("range_m", pl.Float64, "how far the sector serves, metres", True, decimals=0),
    ),
)
