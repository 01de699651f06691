"""Rigs: the pairs that hold them together, the rigs, where they stand, and who belongs to them."""

import polars as pl

from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table

RIG_KIND = pl.Enum(["bypass", "vishing", "sms_farm", "unknown"])
RIG_STATUS = pl.Enum(["new", "growing", "steady", "quiet", "moved", "dissolved"])
LINK_DIRECTION = pl.Enum(["a_to_b", "b_to_a", "both", "none"])
ROLE = pl.Enum(["founder", "joined", "replacement"])

LINKS = Table(
    name="LINKS",
    one_row_for="pair of SIMs and comparison",
    key=("imsi_a", "imsi_b", "comparison"),
    file="links.parquet",
    columns=(
        Column("imsi_a", pl.Int64, "the SIM with the smaller IMSI"),
        Column("imsi_b", pl.Int64, "the other SIM"),
        Column("comparison", pl.String, "what the two agree in"),
        Column("weight", pl.Float64, "log-likelihood ratio, in points: ten double the odds", decimals=2),
        Column("direction", LINK_DIRECTION, "who hands over to or calls whom"),
        Column("events", pl.Int32, "how often"),
        Column("first_at", INSTANT, "first time", True),
        Column("last_at", INSTANT, "last time", True),
    ),
)

RIGS = Table(
    name="RIGS",
    one_row_for="rig",
    key=("rig_id",),
    file="rigs.parquet",
    columns=(
        Column("rig_id", pl.String, "from its founding SIMs and first night; holds no identifier"),
        Column("kind", RIG_KIND, "what it is used for"),
        Column("kind_probability", pl.Float64, "how sure that is", decimals=4),
        Column("probability", pl.Float64, "that this is a rig at all", decimals=4),
        Column("status", RIG_STATUS, "against the night before"),
        Column("operators", pl.String, "whose cards it holds, by name, separated by spaces"),
        Column("sim_count", pl.Int32, "members"),
        Column("live_count", pl.Int32, "members with an event in the last night"),
        Column("burnt_count", pl.Int32, "members silent for the last night"),
        Column("replaced_a_night", pl.Float64, "members that appear in a night after its first", True, decimals=1),
        Column("expected_unseen_count", pl.Int32, "cards it will have replaced its members with in a week", True),
        Column("ports_low", pl.Int32, "at least so many ports"),
        Column("ports", pl.Int32, "most members at work within one quarter of an hour"),
        Column("ports_high", pl.Int32, "at most so many ports"),
        Column("imei_count", pl.Int32, "IMEIs that its members showed"),
        Column("tac_count", pl.Int32, "handset models (TAC) of these"),
        Column("place_count", pl.Int32, "places that hold five per cent of its events or more"),
        Column("far_switches", pl.Int32, "legs that began farther from the card's last one than a road leads in time"),
        Column("shuttling_count", pl.Int32, "members that went from one far place to another and back, time and again"),
        Column(
            "lat",
            pl.Float64,
            "latitude of the mast that serves the main place best; the radio is near",
            True,
            decimals=6,
        ),
        Column("lon", pl.Float64, "longitude of it", True, decimals=6),
        Column("site", pl.String, "name of that mast", True),
        Column("first_at", INSTANT, "first event of a member"),
        Column("last_at", INSTANT, "last event of a member"),
        Column("minutes", pl.Float64, "minutes of calls its members made", decimals=1),
        Column("sms_count", pl.Int32, "SMS its members sent"),
    ),
)

SITES = Table(
    name="SITES",
    one_row_for="rig and place",
    key=("rig_id", "place_rank"),
    file="sites.parquet",
    columns=(
        Column("rig_id", pl.String, "the rig"),
        Column("place_rank", pl.Int32, "1 is the place with most of its events"),
        Column("lat", pl.Float64, "latitude of the region's middle", True, decimals=6),
        Column("lon", pl.Float64, "longitude of it", True, decimals=6),
        Column(
            "radius_m", pl.Float64, "the gateway's radio is within it with 90 % probability, metres", True, decimals=0
        ),
        Column("cells", pl.String, "main cells by operator with azimuth"),
        Column("event_share", pl.Float64, "share of the rig's located events", decimals=4),
        Column("first_at", INSTANT, "first event there"),
        Column("last_at", INSTANT, "last event there"),
        Column("live_now", pl.Boolean, "whether a member used it in the last night"),
        Column("raid_windows", pl.String, "local hours with most members live, with the zone"),
        Column("moved_from", pl.Int32, "rank of the place it moved from", True),
    ),
)

MEMBERS = Table(
    name="MEMBERS",
    one_row_for="rig and SIM",
    key=("rig_id", "imsi"),
    file="members.parquet",
    columns=(
        Column("rig_id", pl.String, "the rig"),
        Column("imsi", pl.Int64, "the SIM"),
        Column("probability", pl.Float64, "that it belongs to this rig", decimals=4),
        Column("role", ROLE, "founder, joined later, or replacement of a silent member"),
        Column("joined_at", INSTANT, "its first event with the rig"),
        Column("left_at", INSTANT, "its last event, once it has been silent for a night", True),
        Column("replaces_imsi", pl.Int64, "the member whose port it took over", True),
    ),
)
