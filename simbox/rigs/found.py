"""What the search for rigs starts from and ends with."""

from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES


class Suspects(NamedTuple):
    """What rigs are sought in: placed CDRS of the SIMs involved, their evidence alone, and where the nights begin."""

    records: pl.DataFrame
    evidence: pl.DataFrame
    begins: datetime
    night: date


class Found(NamedTuple):
    """LINKS, RIGS, SITES, MEMBERS, what each member gains (imsi, points, value), which of them took a silent one's port
    over (imsi, relay_points, relay_gap_s), and pairs left out by the limit."""

    links: pl.DataFrame
    rigs: pl.DataFrame
    sites: pl.DataFrame
    members: pl.DataFrame
    points: pl.DataFrame
    replaced: pl.DataFrame
    pairs_dropped: int


NO_RIGS = Found(
    LINKS.empty(),
    RIGS.empty(),
    SITES.empty(),
    MEMBERS.empty(),
    pl.DataFrame(schema={"imsi": pl.Int64, "points": pl.Int32, "value": pl.Float64}),
    pl.DataFrame(schema={"imsi": pl.Int64, "relay_points": pl.Int32, "relay_gap_s": pl.Float64}),
    0,
)
