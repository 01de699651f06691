"""LISTED: the cards to take and the ones to look at first."""

import polars as pl

from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table
from simbox.tables.reference import REGISTRATION

DECISION = pl.Enum(["seize", "review", "watch"])
STATE = pl.Enum(["live", "quiet", "silent"])

LISTED_COLUMNS = (
    Column("rank", pl.Int32, "1 is the first to act on"),
    Column("rig_id", pl.String, "the rig", True),
    Column("decision", DECISION, "seize; review: registered, the owner is checked first; watch: not sure enough"),
    Column("imsi", pl.Int64, "identity of the SIM"),
    Column("msisdn", pl.Int64, "its number", True),
    Column("iccid", pl.String, "number printed on the card", True),
    Column("operator", pl.String, "whose card it is"),
    Column("registration", REGISTRATION, "as of the night"),
    Column("activated_on", pl.Date, "date of activation", True),
    Column("dealer", pl.String, "who sold it", True),
    Column("probability", pl.Float64, "that the SIM works in a rig", decimals=4),
    Column("state", STATE, "live: used in the last night, quiet: silent for a night or two, silent: longer"),
    Column("first_at", INSTANT, "its first event"),
    Column("last_at", INSTANT, "its last event"),
    Column("imeis", pl.String, "IMEIs it showed, by number of legs, separated by spaces"),
    Column("place_rank", pl.Int32, "its place among the rig's", True),
    Column("cell", pl.String, "cell it used most", True),
    Column("lat", pl.Float64, "latitude of that cell's mast", True, decimals=6),
    Column("lon", pl.Float64, "longitude of it", True, decimals=6),
    Column("azimuth_deg", pl.Float64, "where that sector points", True, decimals=1),
    Column("raid_windows", pl.String, "local hours with most members live", True),
    Column("reasons", pl.String, "codes of the counted reasons, strongest first"),
)

SEIZURE_LIST = Table(
    name="SEIZURE_LIST",
    one_row_for="SIM to seize",
    key=("rank",),
    file="seizure_list.csv",
    columns=LISTED_COLUMNS,
)

REVIEW = Table(
    name="REVIEW",
    one_row_for="exempted or white-listed SIM that behaves like a rig's",
    key=("rank",),
    file="review.csv",
    columns=(
        *LISTED_COLUMNS,
        Column("list_entry", pl.String, "the entry that exempts it, or shows misuse"),
        Column("author", pl.String, "who made that entry", True),
    ),
)
