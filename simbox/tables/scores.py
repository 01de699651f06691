"""What is known and thought of each SIM: FEATURES, SCORES, REASONS and their history over nights."""

import polars as pl

from simbox.tables.cdrs import INSTANT
from simbox.tables.declare import Column, Table

BAND = pl.Enum(["clear", "watch", "suspect", "strong"])

FEATURES_KEY = (
    Column("imsi", pl.Int64, "identity of the SIM"),
    Column(
        "window_nights",
        pl.Int16,
        "nights the row looks back on, the judged one last; of windows that hold every night so far only the shortest",
    ),
)

SCORES = Table(
    name="SCORES",
    one_row_for="SIM seen, as it stands after the last night",
    key=("imsi",),
    file="scores.parquet",
    columns=(
        Column("imsi", pl.Int64, "identity of the SIM"),
        Column("operator", pl.String, "network that recorded most of its legs"),
        Column("evidence_alone", pl.Int32, "points before rigs: BASE, strongest expert, SIMs around it, reports"),
        Column("evidence", pl.Int32, "points in all; ten of them double the odds, before these are calibrated"),
        Column("score", pl.Int16, "0 to 100 for the eye, monotone in evidence"),
        Column("probability", pl.Float64, "calibrated probability that the SIM works in a rig", decimals=6),
        Column("band", BAND, "clear, watch, suspect or strong"),
        Column("first_active_at", INSTANT, "its first event in the store's nights", True),
        Column("last_active_at", INSTANT, "its last event", True),
        Column("first_listed_night", pl.Date, "the night it came on the list; null: never", True),
        Column("peak_night", pl.Date, "the night its evidence was highest", True),
    ),
)

HISTORY = Table(
    name="HISTORY",
    one_row_for="SIM and night at watch or above",
    key=("night", "imsi"),
    file="history.parquet",
    columns=(
        Column("night", pl.Date, "the judged night"),
        Column("imsi", pl.Int64, "identity of the SIM"),
        Column("score", pl.Int16, "0 to 100"),
        Column("band", BAND, "its band that night"),
        Column("rig_id", pl.String, "the rig it belonged to that night", True),
        Column("listed", pl.Boolean, "whether it stood on that night's list"),
    ),
)

REASONS = Table(
    name="REASONS",
    one_row_for="reason given for or against a SIM",
    key=("imsi", "expert", "code", "window_nights"),
    file="reasons.parquet",
    columns=(
        Column("imsi", pl.Int64, "identity of the SIM"),
        Column("code", pl.String, "the reason's code"),
        Column("expert", pl.String, "the way of cheating it speaks of; base and rig stand beside the experts"),
        Column("window_nights", pl.Int16, "nights looked back on; 0 for base and rig"),
        Column("value", pl.Float64, "what was measured", True, decimals=4),
        Column("beside", pl.Float64, "what was measured beside it, of a reason for two things", True, decimals=4),
        Column("limit", pl.Float64, "the edge of the bin that the value passed", True, decimals=4),
        Column("percentile", pl.Float64, "share of its peers with a lower value, per cent", True, decimals=1),
        Column("peer_group", pl.String, "the peers it was compared with", True),
        Column("points", pl.Int32, "signed; ten of them double the odds"),
        Column("counted", pl.Boolean, "whether the points are part of evidence"),
    ),
)

USUAL = Table(
    name="USUAL",
    one_row_for="operator and feature by which a country's habits are told, as of the last night",
    key=("operator", "feature"),
    file="usual.parquet",
    columns=(
        Column("operator", pl.String, "recording network"),
        Column("feature", pl.String, "the feature, as FEATURES names it"),
        Column("nights", pl.Int16, "nights looked back on, a week at most"),
        Column("sims", pl.Int64, "SIMs that tell what is usual: drawn, neither new nor machines"),
        Column("usual", pl.Float64, "their mean between the median and the ninth decile; null: nobody has it", True),
        Column("usual_of_card", pl.Float64, "the same where the card was estimated; null: it does not say", True),
        Column("scale", pl.Float64, "how many times the card's edges are taken: 1 where both are much the same"),
    ),
)
