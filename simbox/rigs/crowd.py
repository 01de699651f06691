"""How common things are among all SIMs, so that what everybody shares weighs nothing."""

from typing import NamedTuple

import polars as pl


class Crowd(NamedTuple):
    """How common things are among all SIMs: their number, SIMs by IMEI, SIMs a night by place, SIMs settled at each
    place, where places stand (place, place_lat, place_lon), sorted IMSIs in use; where each is at home (imsi, place)
    and its numbers (imsi, msisdn), numbers that everybody calls (other_party), busy lines that customers ring (imsi);
    how many SIMs are first heard at each place each night (place, night, new_sims), the calls from abroad to each
    number (night, msisdn, calls), and which cards were activated together (imsi, batch, batch_sims).
    """

    sims: int
    sims_on_imei: pl.DataFrame
    sims_at_place: pl.DataFrame
    settled: pl.DataFrame
    places: pl.DataFrame
    imsis: pl.Series
    homes: pl.DataFrame
    numbers: pl.DataFrame
    popular: pl.DataFrame
    lines: pl.DataFrame
    begun: pl.DataFrame
    from_abroad: pl.DataFrame = pl.DataFrame(schema={"night": pl.Date, "msisdn": pl.Int64, "calls": pl.Int32})
    batches: pl.DataFrame = pl.DataFrame(schema={"imsi": pl.Int64, "batch": pl.Int64, "batch_sims": pl.Int64})
